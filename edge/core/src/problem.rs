//! Every way an edge says no: one table of stable codes, and the problem details made of it (RFC 9457).

use serde::Serialize;

use crate::{
    headers,
    plan::{Body, Coding, Response},
};

/// The stable code of a denial. Clients may rely on the name and the status, not on the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename_all = "snake_case"))]
pub enum Code {
    /// No token where one is needed.
    TokenMissing,
    /// Not authentic, not understood, revoked, or not valid yet.
    TokenInvalid,
    /// The token is over.
    TokenExpired,
    /// Authentic and live, but not for this request.
    TokenScope,
    /// The window of the rights has not opened.
    NotYet,
    /// Above the token's ceiling.
    RenditionNotAllowed,
    /// The country is not licensed, or unknown where one is asked for.
    Territory,
    /// Withdrawn by the publisher.
    Withdrawn,
    /// The window of the rights is over.
    Ended,
    /// No such thing, malformed paths included.
    NotFound,
    /// Not GET, HEAD or OPTIONS.
    Method,
    /// Two readings: tokens that differ, or a parameter twice.
    BadRequest,
    /// No byte of the range exists.
    Range,
    /// The edge itself failed.
    Internal,
    /// No origin gives what the decision or the answer needs, or the keys cannot be read.
    OriginUnavailable,
}

/// Name, status, the status's phrase, and a sentence for people. Nothing in it depends on the request.
type Row = (&'static str, u16, &'static str, &'static str);

impl Code {
    /// Every code.
    pub const ALL: [Self; 15] = [
        Self::TokenMissing,
        Self::TokenInvalid,
        Self::TokenExpired,
        Self::TokenScope,
        Self::NotYet,
        Self::RenditionNotAllowed,
        Self::Territory,
        Self::Withdrawn,
        Self::Ended,
        Self::NotFound,
        Self::Method,
        Self::BadRequest,
        Self::Range,
        Self::Internal,
        Self::OriginUnavailable,
    ];

    fn row(self) -> Row {
        match self {
            Self::TokenMissing => ("token_missing", 401, "Unauthorized", "This needs an access token."),
            Self::TokenInvalid => ("token_invalid", 403, "Forbidden", "The access token is not valid."),
            Self::TokenExpired => ("token_expired", 403, "Forbidden", "The access token has expired."),
            Self::TokenScope => {
                ("token_scope", 403, "Forbidden", "The access token does not cover this request.")
            }
            Self::NotYet => ("not_yet", 403, "Forbidden", "The track is not available yet."),
            Self::RenditionNotAllowed => {
                ("rendition_not_allowed", 403, "Forbidden", "The access token does not cover this quality.")
            }
            Self::Territory => (
                "territory",
                451,
                "Unavailable For Legal Reasons",
                "The track is not licensed where the request comes from.",
            ),
            Self::Withdrawn => ("withdrawn", 410, "Gone", "The track was withdrawn."),
            Self::Ended => ("ended", 410, "Gone", "The track is no longer available."),
            Self::NotFound => ("not_found", 404, "Not Found", "There is nothing here."),
            Self::Method => ("method", 405, "Method Not Allowed", "Use GET, HEAD or OPTIONS."),
            Self::BadRequest => ("bad_request", 400, "Bad Request", "The request has more than one reading."),
            Self::Range => ("range", 416, "Range Not Satisfiable", "No byte of the range exists."),
            Self::Internal => ("internal", 500, "Internal Server Error", "The edge failed."),
            Self::OriginUnavailable => {
                ("origin_unavailable", 503, "Service Unavailable", "The origin cannot be reached.")
            }
        }
    }

    /// The stable name.
    pub fn name(self) -> &'static str {
        self.row().0
    }

    /// The HTTP status.
    pub fn status(self) -> u16 {
        self.row().1
    }
}

/// Seconds after which an answer of 503 asks to be tried again.
const RETRY_AFTER: &str = "2";

/// Problem details (RFC 9457) as the edge sends them. A client tells problems apart by `code` alone, and takes
/// one that it does not know by `status`.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Problem {
    /// The status's phrase.
    title: &'static str,
    /// The HTTP status.
    #[cfg_attr(feature = "schema", schemars(range(min = 400, max = 599)))]
    status: u16,
    /// The stable code.
    #[cfg_attr(feature = "schema", schemars(with = "Code"))]
    code: &'static str,
    /// A sentence for people, the same for every request; it may change.
    detail: &'static str,
}

/// The answer that says no. Its `type` is `about:blank`, so it is left out (RFC 9457 §4.2.1).
pub fn problem(code: Code) -> Response {
    let (name, status, title, detail) = code.row();
    // strings and an integer always serialise
    let text = serde_json::to_string(&Problem { title, status, code: name, detail }).unwrap_or_default();
    let mut all = headers::always();
    all.push(("content-type", "application/problem+json".to_owned()));
    all.push(("content-length", text.len().to_string()));
    all.push(("cache-control", "no-store".to_owned()));
    match code {
        Code::TokenMissing => all.push(("www-authenticate", "CTA-Common-Access-Token".to_owned())),
        Code::Method => all.push(("allow", headers::METHODS.to_owned())),
        Code::OriginUnavailable => all.push(("retry-after", RETRY_AFTER.to_owned())),
        _ => {}
    }
    Response {
        status,
        headers: all,
        body: Body::Text(text),
        coding: Coding::Identity,
        code: Some(code),
        reason: None,
    }
}

/// The answer to what a host could not read as a request of its own: malformed (400), longer than it takes (414, 431) or
/// for another (421), for which there is no code.
pub fn unread(status: u16) -> Response {
    if status == Code::BadRequest.status() {
        return problem(Code::BadRequest);
    }
    let mut all = headers::always();
    all.push(("content-length", "0".to_owned()));
    all.push(("cache-control", "no-store".to_owned()));
    Response::empty(status, all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_the_contract() {
        let table: Vec<(&str, u16)> = Code::ALL.iter().map(|code| (code.name(), code.status())).collect();
        assert_eq!(
            table,
            [
                ("token_missing", 401),
                ("token_invalid", 403),
                ("token_expired", 403),
                ("token_scope", 403),
                ("not_yet", 403),
                ("rendition_not_allowed", 403),
                ("territory", 451),
                ("withdrawn", 410),
                ("ended", 410),
                ("not_found", 404),
                ("method", 405),
                ("bad_request", 400),
                ("range", 416),
                ("internal", 500),
                ("origin_unavailable", 503),
            ]
        );
    }

    #[test]
    fn a_problem_has_its_own_header_fields() {
        for code in Code::ALL {
            let response = problem(code);
            let has = |name| response.header(name).is_some();
            assert_eq!(response.header("cache-control"), Some("no-store"));
            assert_eq!(response.header("content-type"), Some("application/problem+json"));
            assert_eq!(has("www-authenticate"), code == Code::TokenMissing);
            assert_eq!(has("allow"), code == Code::Method);
            assert_eq!(has("retry-after"), code == Code::OriginUnavailable);
            let Body::Text(text) = &response.body else { panic!("no body") };
            assert_eq!(response.header("content-length"), Some(text.len().to_string().as_str()));
            let json: serde_json::Value = serde_json::from_str(text).unwrap();
            assert_eq!(
                (json["code"].as_str(), json["status"].as_u64()),
                (Some(code.name()), Some(code.status().into()))
            );
        }
    }
}
