//! The request that a token is judged for.

use std::net::IpAddr;

/// The request that is judged, and what this edge expects of a token.
#[derive(Debug, Clone, Copy, Default)]
pub struct TokenRequest<'a> {
    /// Seconds since 1970.
    pub now: i64,
    /// As sent; it is compared letter by letter, so a GET token does not allow HEAD.
    pub method: &'a str,
    /// `https` or `http`, as the client sees it.
    pub scheme: &'a str,
    /// Without port; see [`crate::split_authority`].
    pub host: &'a str,
    /// `None`: the scheme's own.
    pub port: Option<u16>,
    /// As sent (not decoded), with `/~{token}` removed, without query.
    pub path: &'a str,
    /// ISO 3166-1 alpha-2 in capitals; `None` if unknown.
    pub country: Option<&'a str>,
    /// The client's address; `None` if unknown.
    pub client: Option<IpAddr>,
    /// If set, `iss` must be there and be this.
    pub issuer: Option<&'a str>,
    /// If set, `aud` must be there and name this. If not, a token with `aud` is for someone else
    /// (RFC 7519 §4.1.3).
    pub audience: Option<&'a str>,
}
