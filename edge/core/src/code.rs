//! Every way an edge says no: one table of stable codes.

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
    /// More of the track than its rights share there.
    ShareNotAllowed,
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
    /// Plain `http`, where a token is needed.
    HttpsRequired,
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
pub(crate) type Row = (&'static str, u16, &'static str, &'static str);

impl Code {
    /// Every code.
    pub const ALL: [Self; 17] = [
        Self::TokenMissing,
        Self::TokenInvalid,
        Self::TokenExpired,
        Self::TokenScope,
        Self::NotYet,
        Self::RenditionNotAllowed,
        Self::ShareNotAllowed,
        Self::Territory,
        Self::Withdrawn,
        Self::Ended,
        Self::NotFound,
        Self::Method,
        Self::HttpsRequired,
        Self::BadRequest,
        Self::Range,
        Self::Internal,
        Self::OriginUnavailable,
    ];

    pub(crate) fn row(self) -> Row {
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
            Self::ShareNotAllowed => {
                ("share_not_allowed", 403, "Forbidden", "The track's rights do not share this much of it.")
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
            Self::HttpsRequired => ("https_required", 403, "Forbidden", "Use https: tokens are secret."),
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

#[cfg(test)]
mod tests {
    use super::*;

    /// The table in the README, row by row.
    #[test]
    fn the_table_is_the_contract() {
        let readme = include_str!("../README.md");
        let (_, table) = readme.split_once("| code | status | |\n|---|---|---|\n").unwrap();
        let rows = table.lines().take_while(|line| !line.is_empty()).map(|row| {
            let mut cells = row.split('|').map(str::trim).skip(1);
            (cells.next().unwrap().trim_matches('`'), cells.next().unwrap().parse::<u16>().unwrap())
        });
        let codes = Code::ALL.map(|code| (code.name(), code.status()));
        assert_eq!(rows.collect::<Vec<_>>(), codes);
    }
}
