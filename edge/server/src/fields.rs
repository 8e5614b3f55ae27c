//! The header fields that a decision may depend on, as one text each.

use http::{HeaderMap, HeaderName, header};
use nada_edge::RequestHeaders;

/// Owned, since fields that came in several lines are joined.
#[derive(Debug)]
pub struct Fields {
    /// `Host`
    pub host: Option<String>,
    range: Option<String>,
    if_range: Option<String>,
    if_none_match: Option<String>,
    accept_encoding: Option<String>,
    token: Option<String>,
    cookie: Option<String>,
    cmcd_request: Option<String>,
    cmcd_status: Option<String>,
}

impl Fields {
    /// Reads the fields of a request.
    pub fn of(headers: &HeaderMap) -> Self {
        let read = |name| joined(headers, name, ", ");
        Self {
            host: read(header::HOST),
            range: read(header::RANGE),
            if_range: read(header::IF_RANGE),
            if_none_match: read(header::IF_NONE_MATCH),
            accept_encoding: read(header::ACCEPT_ENCODING),
            token: read(HeaderName::from_static("cta-common-access-token")),
            cookie: joined(headers, header::COOKIE, "; "),
            cmcd_request: read(HeaderName::from_static("cmcd-request")),
            cmcd_status: read(HeaderName::from_static("cmcd-status")),
        }
    }

    /// As the decision takes them.
    pub fn as_headers(&self) -> RequestHeaders<'_> {
        RequestHeaders {
            range: self.range.as_deref(),
            if_range: self.if_range.as_deref(),
            if_none_match: self.if_none_match.as_deref(),
            accept_encoding: self.accept_encoding.as_deref(),
            token: self.token.as_deref(),
            cookie: self.cookie.as_deref(),
            cmcd_request: self.cmcd_request.as_deref(),
            cmcd_status: self.cmcd_status.as_deref(),
        }
    }
}

/// All lines of one field; a byte that is not visible ASCII or a blank becomes `?`.
fn joined(headers: &HeaderMap, name: HeaderName, between: &str) -> Option<String> {
    let line = |bytes: &[u8]| -> String {
        let visible = |byte: &u8| if (b' '..=b'~').contains(byte) { char::from(*byte) } else { '?' };
        bytes.iter().map(visible).collect()
    };
    let lines: Vec<String> = headers.get_all(name).iter().map(|value| line(value.as_bytes())).collect();
    (!lines.is_empty()).then(|| lines.join(between))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_joined_and_odd_bytes_replaced() {
        let mut headers = HeaderMap::new();
        headers.append(header::RANGE, "bytes=0-1".parse().unwrap());
        headers.append(header::RANGE, "bytes=5-".parse().unwrap());
        headers.append(header::COOKIE, "a=1".parse().unwrap());
        headers.append(header::COOKIE, header::HeaderValue::from_bytes(b"b=\xff").unwrap());
        let fields = Fields::of(&headers);
        let headers = fields.as_headers();
        assert_eq!(headers.range, Some("bytes=0-1, bytes=5-"));
        assert_eq!(headers.cookie, Some("a=1; b=?"));
        assert_eq!(headers.if_range, None);
    }
}
