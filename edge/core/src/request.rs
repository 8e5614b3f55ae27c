//! What an edge is given: one request as received, and what it knows of where it stands.

use std::net::IpAddr;

use jiff::Timestamp;
use nada_catalog::Country;
use nada_token::KeySet;

/// What does not change from request to request.
#[derive(Debug, Clone, Default)]
pub struct Config {
    /// The keys that tokens are verified with. `None` where they cannot be read: then every request that
    /// needs a token is answered `origin_unavailable`.
    pub keys: Option<KeySet>,
    /// If set, a token's `iss` must be this.
    pub issuer: Option<String>,
    /// If set, a token's `aud` must name this; if not, a token with an `aud` is for someone else.
    pub audience: Option<String>,
    /// Whether what came without TLS is answered, too: on one machine, where a token travels over no network.
    pub plain_http: bool,
    /// What `/version` answers: one line, such as `nada 0.1.0 (a2252d5)`.
    pub version: String,
}

/// One request. Nothing in it has been decoded or normalised.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// The method as sent (`GET`).
    pub method: &'a str,
    /// `https` or `http`, as the client sees it.
    pub scheme: &'a str,
    /// `Host` or `:authority` as sent, with its port if it has one. Never `X-Forwarded-Host`.
    pub host: &'a str,
    /// The path exactly as it stood in the request target, without query.
    pub path: &'a str,
    /// What followed the `?`, exactly as sent.
    pub query: Option<&'a str>,
    /// The header fields that matter.
    pub headers: RequestHeaders<'a>,
    /// The client's country, from the platform or a trusted proxy.
    pub country: Country,
    /// The client's address, from the platform or a trusted proxy.
    pub client: Option<IpAddr>,
    /// When the request came.
    pub now: Timestamp,
}

/// The header fields that a decision may depend on. Repeated lines are joined with `, ` in their order
/// (RFC 9110 §5.3), repeated `Cookie` lines with `; ` (RFC 6265bis §5.8.3); a value that is not visible ASCII
/// is handed over with each odd byte replaced, never left out.
#[derive(Debug, Clone, Copy, Default)]
pub struct RequestHeaders<'a> {
    /// `Range`
    pub range: Option<&'a str>,
    /// `If-Range`
    pub if_range: Option<&'a str>,
    /// `If-None-Match`
    pub if_none_match: Option<&'a str>,
    /// `Accept-Encoding`
    pub accept_encoding: Option<&'a str>,
    /// `CTA-Common-Access-Token`
    pub token: Option<&'a str>,
    /// `Cookie`
    pub cookie: Option<&'a str>,
    /// `CMCD-Request` (CTA-5004 §2.1); for the log alone.
    pub cmcd_request: Option<&'a str>,
    /// `CMCD-Status`; for the log alone.
    pub cmcd_status: Option<&'a str>,
}
