//! Content codings (RFC 9110 §12.5.3): gzip for text where the client takes it, else none.

use crate::plan::Coding;

impl Coding {
    /// The best coding for a client that sent this `Accept-Encoding`. Without the field nothing is coded;
    /// a client that refuses both gets the text as it is.
    pub fn negotiate(accept: Option<&str>) -> Self {
        let (mut gzip, mut identity, mut any) = (None, None, None);
        for item in accept.unwrap_or_default().split(',') {
            let mut parts = item.split(';').map(|part| part.trim_matches([' ', '\t']));
            let name = parts.next().unwrap_or_default();
            let quality = quality(parts);
            let slot = if name.eq_ignore_ascii_case("gzip") || name.eq_ignore_ascii_case("x-gzip") {
                &mut gzip
            } else if name.eq_ignore_ascii_case("identity") {
                &mut identity
            } else if name == "*" {
                &mut any
            } else {
                continue;
            };
            // of a coding named twice, the lower weight counts
            *slot = Some(slot.map_or(quality, |before: u16| before.min(quality)));
        }
        let gzip = gzip.or(any).unwrap_or(0);
        if gzip > 0 && gzip >= identity.unwrap_or(0) { Self::Gzip } else { Self::Identity }
    }

    /// The value of `Content-Encoding`, if there is one to send.
    pub fn content_encoding(self) -> Option<&'static str> {
        match self {
            Self::Identity => None,
            Self::Gzip => Some("gzip"),
        }
    }

    /// The entity tag of a representation in this coding, from that of its text.
    pub(crate) fn etag(self, plain: &str) -> String {
        match (self, plain.strip_suffix('"')) {
            (Self::Gzip, Some(open)) => format!("{open}-gzip\""),
            _ => plain.to_owned(),
        }
    }
}

/// The weight in thousandths: 1 without `q`, 0 for one that is not of the grammar (RFC 9110 §12.4.2).
fn quality<'a>(mut parameters: impl Iterator<Item = &'a str>) -> u16 {
    let value = parameters.find_map(|p| p.strip_prefix("q=").or_else(|| p.strip_prefix("Q=")));
    let Some(value) = value else { return 1000 };
    let (whole, fraction) = value.split_once('.').unwrap_or((value, ""));
    let digits = fraction.len() <= 3 && fraction.bytes().all(|b| b.is_ascii_digit());
    let thousandths = || format!("{fraction:0<3}").parse().unwrap_or(0);
    match whole {
        "0" if digits => thousandths(),
        "1" if digits && thousandths() == 0 => 1000,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threat_44_codings() {
        for accept in [
            "gzip",
            "GZIP",
            "x-gzip",
            "br, gzip",
            "br;q=0, gzip",
            "gzip;q=0.001",
            "gzip ; q=1.000",
            "*",
            "identity;q=0, *;q=0.5",
            "deflate,gzip;q=0.5,identity;q=0.5",
            "identity;q=0, gzip",
        ] {
            assert_eq!(Coding::negotiate(Some(accept)), Coding::Gzip, "{accept}");
        }
        for accept in [
            "",
            "identity",
            "br",
            "gzip;q=0",
            "gzip;q=0.000",
            "gzip;q=0, *",
            "*;q=0",
            "gzip;q=0.5, identity",
            "gzip;q=high",
            "gzip;q=1.001",
            "gzip;q=0.0001",
            "gzip;q=-1",
            "gzip, gzip;q=0",
            "gzipped",
            "br;q=0",
        ] {
            assert_eq!(Coding::negotiate(Some(accept)), Coding::Identity, "{accept}");
        }
        assert_eq!(Coding::negotiate(None), Coding::Identity);
    }

    #[test]
    fn each_coding_has_its_own_tag() {
        assert_eq!(Coding::Identity.etag("\"a\""), "\"a\"");
        assert_eq!(Coding::Gzip.etag("\"a\""), "\"a-gzip\"");
    }
}
