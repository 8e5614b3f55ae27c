//! One structured line per request, without token and query.

use nada_edge::Request;
use serde::Serialize;

use crate::answer::Answered;

#[derive(Serialize)]
struct Line<'a> {
    method: &'a str,
    path: &'a str,
    status: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    country: &'a str,
}

/// Writes it to the platform's log.
pub fn line(request: &Request<'_>, answered: &Answered) {
    let line = Line {
        method: request.method,
        path: without_token(request.path),
        status: answered.response.status(),
        code: answered.code.map(|code| code.name()),
        reason: answered.reason.as_deref(),
        country: request.country.code(),
    };
    worker::console_log!("{}", serde_json::to_string(&line).unwrap_or_default());
}

/// The path from its second segment on where the first is a token.
fn without_token(path: &str) -> &str {
    match path.strip_prefix("/~") {
        Some(rest) => rest.find('/').and_then(|at| rest.get(at..)).unwrap_or("/~"),
        None => path,
    }
}
