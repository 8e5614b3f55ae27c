//! Conditional requests by entity tag (RFC 9110 §13). There are no dates: nothing here has a Last-Modified.

/// Whether `If-None-Match` holds this tag: `*`, or a list compared weakly (§13.1.2). A field that is not of the
/// grammar is ignored. The caller must know that the representation exists.
pub(crate) fn none_match_holds(field: &str, etag: &str) -> bool {
    if field.trim_matches([' ', '\t']) == "*" {
        return true;
    }
    let mut found = false;
    let mut rest = field;
    loop {
        rest = rest.trim_start_matches([' ', '\t', ',']);
        if rest.is_empty() {
            return found;
        }
        let Some(opaque) = rest.strip_prefix("W/").unwrap_or(rest).strip_prefix('"') else { return false };
        let Some((value, after)) = opaque.split_once('"') else { return false };
        let separated = after.is_empty() || after.trim_start_matches([' ', '\t']).starts_with(',');
        if !separated && !after.trim_matches([' ', '\t']).is_empty() {
            return false;
        }
        found |= etag.strip_prefix('"').and_then(|tag| tag.strip_suffix('"')) == Some(value);
        rest = after;
    }
}

/// Whether a range may be answered with a part: without `If-Range`, or where it is this strong tag (§13.1.5).
/// A weak tag and a date never are.
pub(crate) fn range_holds(field: Option<&str>, etag: &str) -> bool {
    field.is_none_or(|field| field.trim_matches([' ', '\t']) == etag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threat_53_if_none_match() {
        for field in [
            "*",
            " * ",
            "\"a\"",
            "W/\"a\"",
            "\"b\", \"a\"",
            "\"b\",\"a\" , \"c\"",
            ", ,\"a\",",
            "\"x,y\", \"a\"",
            "\"b\" ,W/\"a\"",
        ] {
            assert!(none_match_holds(field, "\"a\""), "{field}");
        }
        for field in [
            "",
            "a",
            "\"b\"",
            "\"a",
            "a\"",
            "\"b,\"a\"",
            "w/\"a\"",
            "W/a",
            "\"a\" \"b\"",
            "*, \"b\"",
            "\"A\"",
            "\"a-gzip\"",
            "Sun, 22 Nov 2026 10:00:00 GMT",
        ] {
            assert!(!none_match_holds(field, "\"a\""), "{field}");
        }
    }

    #[test]
    fn threat_51_if_range_is_strong() {
        assert!(range_holds(None, "\"a\"") && range_holds(Some("\"a\""), "\"a\""));
        for field in ["W/\"a\"", "\"b\"", "a", "*", "", "\"a\", \"b\"", "Sun, 22 Nov 2026 10:00:00 GMT"] {
            assert!(!range_holds(Some(field), "\"a\""), "{field}");
        }
    }
}
