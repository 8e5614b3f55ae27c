#![doc = include_str!("../README.md")]
#![warn(clippy::wildcard_enum_match_arm)]

mod authority;
mod cbor;
mod claims;
mod cose;
mod inspect;
mod judge;
mod key;
mod keyset;
mod network;
mod refusal;
mod request;
mod token;
mod uri;

pub use authority::split_authority;
pub use cbor::CborFault;
pub use claims::Claims;
pub use inspect::{Inspection, inspect};
pub use ipnet::IpNet;
pub use judge::LEEWAY;
pub use key::{Algorithm, Key, KeyError, MAX_KID_BYTES, SECRET_BYTES};
pub use keyset::{KeySet, MAX_KEY_SET_BYTES, MAX_KEYS};
pub use refusal::{Reason, Refusal, Scope};
pub use request::TokenRequest;
pub use token::{MAX_TOKEN_CHARS, SignError, sign, verify};
pub use uri::{Match, Part, UriRule};

#[cfg(test)]
mod vectors;
