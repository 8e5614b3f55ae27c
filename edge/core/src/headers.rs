//! The header fields that every answer has.

use crate::plan::{Header, Response};

/// The methods there are.
pub(crate) const METHODS: &str = "GET, HEAD, OPTIONS";

/// Request fields a page may send (Fetch §3.3): what is read, and CMCD (CTA-5004), which is never keyed.
const ALLOWED: &str = "CTA-Common-Access-Token, If-None-Match, If-Range, Range, \
                       CMCD-Object, CMCD-Request, CMCD-Session, CMCD-Status";
/// Response fields a page may read beside the safelisted ones.
const EXPOSED: &str = "Accept-Ranges, Content-Length, Content-Location, Content-Range, Date, ETag, Retry-After, \
                       Server-Timing";

/// The fields of every answer. CORS is open and without credentials, since the token is the credential: no
/// `Origin` is ever compared or reflected.
pub(crate) fn always() -> Vec<Header> {
    [
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("access-control-allow-origin", "*"),
        ("access-control-expose-headers", EXPOSED),
        ("cross-origin-resource-policy", "cross-origin"),
        // Server-Timing is for the player of any page
        ("timing-allow-origin", "*"),
    ]
    .map(|(name, value)| (name, value.to_owned()))
    .to_vec()
}

impl Response {
    /// The same answer to a request of this scheme: one that came over TLS tells clients to use nothing else for a year
    /// (RFC 6797 §7.1), which in the clear nobody may say (§7.2).
    #[must_use]
    pub fn over(mut self, scheme: &str) -> Self {
        if scheme == "https" {
            self.headers.push(("strict-transport-security", "max-age=31536000".to_owned()));
        }
        self
    }
}

/// The fields of the answer to OPTIONS, which is one for every route.
pub(crate) fn preflight() -> Vec<Header> {
    preflight_of(METHODS, ALLOWED)
}

/// The same, for these methods and request fields.
pub(crate) fn preflight_of(methods: &str, allowed: &str) -> Vec<Header> {
    let mut all = always();
    all.push(("allow", methods.to_owned()));
    all.push(("access-control-allow-methods", methods.to_owned()));
    all.push(("access-control-allow-headers", allowed.to_owned()));
    all.push(("access-control-max-age", "3600".to_owned()));
    all.push(("cache-control", "no-store".to_owned()));
    all
}
