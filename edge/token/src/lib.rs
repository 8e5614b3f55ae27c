//! Common Access Tokens (CTA-5007): sign, verify, keys.
