//! catu (CTA-5007): rules on the parts of a URL.

use crate::authority::plain_host;
use crate::cbor::{CborFault, CborReader, CborWriter};
use crate::refusal::Reason;
use crate::request::TokenRequest;
use sha2::{Digest, Sha256};
use std::borrow::Cow;

const MAX_VALUE_BYTES: usize = 512;
const PARTS: [Part; 6] = [Part::Scheme, Part::Host, Part::Port, Part::Path, Part::Filename, Part::Extension];

/// One rule: this part of the URL passes this test. A token's rules must all hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UriRule {
    /// The part looked at.
    pub part: Part,
    /// The test it must pass.
    pub test: Match,
}

/// The parts of a URL that are enforced. Query, parent-path and stem are not, so a token with them is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// `https`; letter case does not count.
    Scheme,
    /// The name without port; letter case does not count, a trailing dot does.
    Host,
    /// In decimal; the scheme's own where the URL has none.
    Port,
    /// The path as sent, with `/~{token}` already removed.
    Path,
    /// What follows the last `/` of the path.
    Filename,
    /// From the dot of the filename on, dot included; empty without a dot. Implementations disagree about
    /// several dots (first or last), so such a filename passes no rule on its extension.
    Extension,
}

/// The tests that are enforced. Contains, regular expressions and SHA-512/256 are not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Match {
    /// The part equals the value.
    Exact(String),
    /// The part begins with the value, which is not empty. On a path it ends at a boundary: a value without `/`
    /// at its end matches itself or itself followed by `/`. On a host likewise with `.`.
    Prefix(String),
    /// The part ends with the value, which is not empty. On a host it begins at a boundary: a value without `.`
    /// at its start matches itself or itself after `.`.
    Suffix(String),
    /// The part has this SHA-256.
    Sha256([u8; 32]),
}

impl Part {
    fn label(self) -> i64 {
        match self {
            Part::Scheme => 0,
            Part::Host => 1,
            Part::Port => 2,
            Part::Path => 3,
            Part::Filename => 6,
            Part::Extension => 8,
        }
    }

    fn folds_case(self) -> bool {
        matches!(self, Part::Scheme | Part::Host)
    }

    /// This part of the request's URL; `None` where it has no single reading.
    fn of<'a>(self, asked: &TokenRequest<'a>) -> Option<Cow<'a, str>> {
        let part = match self {
            Part::Scheme => asked.scheme.into(),
            Part::Host => plain_host(asked.host)?.into(),
            Part::Port => asked.port.or_else(|| default_port(asked.scheme))?.to_string().into(),
            Part::Path => plain_path(asked.path)?.into(),
            Part::Filename => filename(asked.path)?.into(),
            Part::Extension => {
                let filename = filename(asked.path)?;
                match filename.find('.') {
                    None => "".into(),
                    Some(dot) if filename.rfind('.') == Some(dot) => filename.get(dot..)?.into(),
                    Some(_) => return None,
                }
            }
        };
        Some(if self.folds_case() { fold(part) } else { part })
    }
}

impl UriRule {
    pub(crate) fn holds(&self, asked: &TokenRequest<'_>) -> bool {
        self.part.of(asked).is_some_and(|part| self.test.passes(self.part, &part))
    }

    /// A map of parts to maps of match types to values; neither may be empty.
    pub(crate) fn decode(r: &mut CborReader<'_>) -> Result<Vec<UriRule>, Reason> {
        const BAD: Reason = Reason::Claim("catu");
        let mut rules: Vec<UriRule> = Vec::new();
        let parts = r.map(PARTS.len())?;
        for _ in 0..parts {
            let label = r.int()?;
            let part = PARTS.into_iter().find(|part| part.label() == label).ok_or(BAD)?;
            if rules.iter().any(|rule| rule.part == part) {
                return Err(CborFault::Duplicate.into());
            }
            let tests = r.map(4)?;
            for _ in 0..tests {
                let test = Match::decode(r)?;
                let same = |rule: &&UriRule| rule.part == part && rule.test.label() == test.label();
                if rules.iter().find(same).is_some() {
                    return Err(CborFault::Duplicate.into());
                }
                rules.push(UriRule { part, test });
            }
            if tests == 0 {
                return Err(BAD);
            }
        }
        if parts == 0 { Err(BAD) } else { Ok(rules) }
    }

    pub(crate) fn encode(rules: &[UriRule], w: &mut CborWriter) {
        let of = |part| rules.iter().filter(move |rule: &&UriRule| rule.part == part);
        w.map(PARTS.into_iter().filter(|part| of(*part).next().is_some()).count());
        for part in PARTS {
            let tests = of(part).count();
            if tests > 0 {
                w.int(part.label()).map(tests);
                of(part).for_each(|rule| rule.test.encode(w));
            }
        }
    }
}

impl Match {
    fn label(&self) -> i64 {
        match self {
            Match::Exact(_) => 0,
            Match::Prefix(_) => 1,
            Match::Suffix(_) => 2,
            Match::Sha256(_) => -1,
        }
    }

    fn decode(r: &mut CborReader<'_>) -> Result<Match, Reason> {
        let label = r.int()?;
        Ok(match label {
            0 => Match::Exact(r.text(MAX_VALUE_BYTES)?.to_owned()),
            1 | 2 => match r.text(MAX_VALUE_BYTES)? {
                "" => return Err(Reason::Claim("catu")),
                value if label == 1 => Match::Prefix(value.to_owned()),
                value => Match::Suffix(value.to_owned()),
            },
            -1 => Match::Sha256(r.bytes(32)?.try_into().map_err(|_| Reason::Claim("catu"))?),
            _ => return Err(Reason::Claim("catu")),
        })
    }

    fn encode(&self, w: &mut CborWriter) {
        w.int(self.label());
        match self {
            Match::Exact(value) | Match::Prefix(value) | Match::Suffix(value) => w.text(value),
            Match::Sha256(hash) => w.bytes(hash),
        };
    }

    fn passes(&self, on: Part, part: &str) -> bool {
        let value = |value| if on.folds_case() { fold(Cow::Borrowed(value)) } else { Cow::Borrowed(value) };
        let boundary = match on {
            Part::Path => Some('/'),
            Part::Host => Some('.'),
            Part::Scheme | Part::Port | Part::Filename | Part::Extension => None,
        };
        match self {
            Match::Exact(exact) => part == value(exact),
            Match::Prefix(prefix) => {
                let prefix = value(prefix);
                part.strip_prefix(&*prefix).is_some_and(|rest| {
                    boundary.is_none_or(|b| prefix.ends_with(b) || rest.is_empty() || rest.starts_with(b))
                })
            }
            Match::Suffix(suffix) => {
                let suffix = value(suffix);
                part.strip_suffix(&*suffix).is_some_and(|rest| {
                    let at_boundary = suffix.starts_with('.') || rest.is_empty() || rest.ends_with('.');
                    on != Part::Host || at_boundary
                })
            }
            Match::Sha256(hash) => Sha256::digest(part.as_bytes()).as_slice() == hash,
        }
    }
}

fn fold(text: Cow<'_, str>) -> Cow<'_, str> {
    if text.bytes().any(|b| b.is_ascii_uppercase()) { text.to_ascii_lowercase().into() } else { text }
}

fn default_port(scheme: &str) -> Option<u16> {
    if scheme.eq_ignore_ascii_case("https") {
        Some(443)
    } else if scheme.eq_ignore_ascii_case("http") {
        Some(80)
    } else {
        None
    }
}

/// A path that every reader takes the same: absolute, without dot or empty segments, percent-encoding, backslash,
/// or anything after the path.
fn plain_path(path: &str) -> Option<&str> {
    let segments = path.strip_prefix('/')?;
    let odd = |b: u8| !b.is_ascii_graphic() || matches!(b, b'%' | b'\\' | b'?' | b'#' | b';');
    let last = segments.split('/').count() - 1;
    let ambiguous =
        segments.split('/').enumerate().any(|(i, s)| matches!(s, "." | "..") || (s.is_empty() && i != last));
    (!segments.bytes().any(odd) && !ambiguous).then_some(path)
}

fn filename(path: &str) -> Option<&str> {
    plain_path(path)?.rsplit('/').next()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(
        scheme: &'static str,
        host: &'static str,
        port: Option<u16>,
        path: &'static str,
    ) -> TokenRequest<'static> {
        TokenRequest { scheme, host, port, path, ..TokenRequest::default() }
    }

    fn path_holds(test: Match, path: &'static str) -> bool {
        UriRule { part: Part::Path, test }.holds(&asked("https", "cdn.example", None, path))
    }

    fn prefix(value: &str) -> Match {
        Match::Prefix(value.to_owned())
    }

    fn exact(value: &str) -> Match {
        Match::Exact(value.to_owned())
    }

    fn suffix(value: &str) -> Match {
        Match::Suffix(value.to_owned())
    }

    #[test]
    fn threat_15_a_path_prefix_ends_at_a_boundary() {
        assert!(path_holds(prefix("/a/track1"), "/a/track1"));
        assert!(path_holds(prefix("/a/track1"), "/a/track1/"));
        assert!(path_holds(prefix("/a/track1"), "/a/track1/x.m4s"));
        assert!(!path_holds(prefix("/a/track1"), "/a/track10"));
        assert!(!path_holds(prefix("/a/track1"), "/a/track1.m3u8"));
        assert!(path_holds(prefix("/a/track1/"), "/a/track1/x.m4s"));
        assert!(!path_holds(prefix("/a/track1/"), "/a/track1"));
        assert!(path_holds(prefix("/"), "/a"));
    }

    #[test]
    fn threat_22_paths_with_two_readings_match_nothing() {
        for path in [
            "/a/../b",
            "/a/./b",
            "/a/..",
            "/a//b",
            "//a/b",
            "/a/%2e%2e/b",
            "/a/%62",
            "/a\\..\\b",
            "/a/b;x",
            "/a/b?c",
            "/a/b#c",
            "/a/ b",
            "/a/\u{ff0e}\u{ff0e}/b",
            "/a/b\n",
            "a/b",
            "",
        ] {
            assert!(!path_holds(prefix("/"), path), "{path:?}");
            assert!(!path_holds(exact(path), path), "{path:?}");
        }
    }

    #[test]
    fn exact_suffix_and_hash() {
        assert!(path_holds(exact("/a/b"), "/a/b"));
        assert!(!path_holds(exact("/a/b"), "/a/b/"));
        assert!(!path_holds(exact("/a/b"), "/A/b"));
        assert!(path_holds(suffix("b.m3u8"), "/a/b.m3u8"));
        assert!(!path_holds(suffix("/b.m3u8"), "/a/bb.m3u8"));
        let hash = Sha256::digest(b"/a/b").into();
        assert!(path_holds(Match::Sha256(hash), "/a/b"));
        assert!(!path_holds(Match::Sha256(hash), "/a/c"));
    }

    #[test]
    fn threat_16_scheme_host_and_port() {
        let holds = |part, test: Match, scheme, host, port| {
            UriRule { part, test }.holds(&asked(scheme, host, port, "/"))
        };
        let host = |test: Match, host| holds(Part::Host, test, "https", host, None);
        assert!(host(exact("cdn.example"), "CDN.Example"));
        assert!(host(exact("CDN.EXAMPLE"), "cdn.example"));
        assert!(!host(exact("cdn.example"), "cdn.example."));
        assert!(!host(exact("cdn.example"), "cdn.example:443"));
        assert!(!host(exact("cdn.example"), "cdn.example@evil.test"));
        assert!(!host(exact("u@cdn.example"), "u@cdn.example"));
        assert!(host(exact("[2001:db8::1]"), "[2001:DB8::1]"));
        assert!(!host(exact(""), ""));
        assert!(host(suffix("example.com"), "a.example.com") && host(suffix("example.com"), "example.com"));
        assert!(host(suffix(".example.com"), "a.example.com"));
        assert!(!host(suffix("example.com"), "evil-example.com"));
        assert!(!host(suffix(".example.com"), "example.com"));
        assert!(host(prefix("cdn"), "cdn.example") && !host(prefix("cdn"), "cdn2.example"));
        assert!(holds(Part::Scheme, exact("https"), "HTTPS", "a", None));
        assert!(!holds(Part::Scheme, exact("https"), "http", "a", None));
        assert!(holds(Part::Port, exact("443"), "https", "a", None));
        assert!(holds(Part::Port, exact("80"), "http", "a", None));
        assert!(!holds(Part::Port, exact("443"), "http", "a", None));
        assert!(holds(Part::Port, exact("8443"), "https", "a", Some(8443)));
        assert!(!holds(Part::Port, exact("443"), "https", "a", Some(8443)));
        assert!(!holds(Part::Port, exact(""), "gopher", "a", None));
    }

    #[test]
    fn filename_and_extension() {
        let holds = |part, value: &str, path| {
            UriRule { part, test: exact(value) }.holds(&asked("https", "a", None, path))
        };
        assert!(holds(Part::Filename, "00001.m4s", "/t/a/00001.m4s"));
        assert!(holds(Part::Filename, "", "/t/a/"));
        assert!(holds(Part::Extension, ".m4s", "/t/a/00001.m4s"));
        assert!(!holds(Part::Extension, "m4s", "/t/a/00001.m4s"));
        assert!(holds(Part::Extension, "", "/t/a.b/c"));
        assert!(!holds(Part::Extension, ".gz", "/t/a.tar.gz"));
        assert!(!holds(Part::Extension, ".tar.gz", "/t/a.tar.gz"));
    }

    fn decode(write: impl FnOnce(&mut CborWriter) -> &mut CborWriter) -> Result<Vec<UriRule>, Reason> {
        let mut w = CborWriter::default();
        write(&mut w);
        UriRule::decode(&mut CborReader::new(&w.finish()))
    }

    #[test]
    fn threat_12_unknown_parts_and_matches_are_refused() {
        let bad = Err(Reason::Claim("catu"));
        for part in [4, 5, 7, 9, -1] {
            assert_eq!(decode(|w| w.map(1).int(part).map(1).int(0).text("a")), bad, "part {part}");
        }
        for test in [3, 4, 5, -2, -3] {
            assert_eq!(decode(|w| w.map(1).int(3).map(1).int(test).text("/")), bad, "match {test}");
        }
        assert_eq!(decode(|w| w.map(0)), bad);
        assert_eq!(decode(|w| w.map(1).int(3).map(0)), bad);
        assert_eq!(decode(|w| w.map(1).int(3).map(1).int(1).text("")), bad);
        assert_eq!(decode(|w| w.map(1).int(3).map(1).int(2).text("")), bad);
        assert_eq!(decode(|w| w.map(1).int(3).map(1).int(-1).bytes(&[0; 31])), bad);
        let hex = "0".repeat(64);
        assert_eq!(decode(|w| w.map(1).int(3).map(1).int(-1).text(&hex)), Err(Reason::Cbor(CborFault::Type)));
        let twice = Err(Reason::Cbor(CborFault::Duplicate));
        assert_eq!(decode(|w| w.map(1).int(3).map(2).int(0).text("a").int(0).text("b")), twice);
        assert_eq!(decode(|w| w.map(2).int(3).map(1).int(0).text("a").int(3).map(1).int(1).text("b")), twice);
        assert_eq!(
            decode(|w| w.map(1).int(3).map(1).int(0).text(&"a".repeat(513))),
            Err(Reason::Cbor(CborFault::Limit))
        );
    }
}
