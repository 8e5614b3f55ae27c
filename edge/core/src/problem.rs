//! The answer that says no: problem details (RFC 9457), made of the table of codes.

use serde::Serialize;

use crate::{
    code::Code,
    headers,
    plan::{Body, Coding, Response},
};

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
        Code::TokenInvalid
        | Code::TokenExpired
        | Code::TokenScope
        | Code::NotYet
        | Code::RenditionNotAllowed
        | Code::ShareNotAllowed
        | Code::Territory
        | Code::Withdrawn
        | Code::Ended
        | Code::NotFound
        | Code::HttpsRequired
        | Code::BadRequest
        | Code::Range
        | Code::Internal => {}
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
