//! What a token says: its claims as values, to and from CBOR (RFC 8392 §3, CTA-5007).

use crate::cbor::{CborReader, CborWriter, TEXT};
use crate::network;
use crate::refusal::Reason;
use crate::uri::{Match, Part, UriRule};
use ipnet::IpNet;

/// Times a token may hold, in seconds since 1970: up to 2⁵³, the integers every implementation counts exactly.
pub(crate) const TIMES: std::ops::RangeInclusive<i64> = 0..=(1 << 53);

const MAX_CLAIMS: usize = 16;
/// iss, sub and each aud.
const MAX_TEXT_BYTES: usize = 256;
const MAX_CTI_BYTES: usize = 64;
const MAX_AUDIENCES: usize = 8;
const MAX_METHODS: usize = 8;
const MAX_METHOD_BYTES: usize = 16;
const MAX_COUNTRIES: usize = 256;
const MAX_NETWORKS: usize = 64;

const ISS: i64 = 1;
const SUB: i64 = 2;
const AUD: i64 = 3;
const EXP: i64 = 4;
const NBF: i64 = 5;
const IAT: i64 = 6;
const CTI: i64 = 7;
const CATV: i64 = 310;
const CATNIP: i64 = 311;
const CATU: i64 = 312;
const CATM: i64 = 313;
const CATGEOISO3166: i64 = 316;
/// Private use (RFC 8392 §9.1: below −65536).
const CEILING: i64 = -70_001;

/// The claim names, for people.
pub(crate) fn name(label: i64) -> Option<&'static str> {
    Some(match label {
        ISS => "iss",
        SUB => "sub",
        AUD => "aud",
        EXP => "exp",
        NBF => "nbf",
        IAT => "iat",
        CTI => "cti",
        308 => "catreplay",
        309 => "catpor",
        CATV => "catv",
        CATNIP => "catnip",
        CATU => "catu",
        CATM => "catm",
        314 => "catalpn",
        315 => "cath",
        CATGEOISO3166 => "catgeoiso3166",
        317 => "catgeocoord",
        318 => "catgeoalt",
        319 => "cattpk",
        320 => "catifdata",
        321 => "catdpop",
        322 => "catif",
        323 => "catr",
        CEILING => "ceiling",
        _ => return None,
    })
}

/// The claims of one token. Empty lists mean that the claim is absent, and so no limit. catv is always 1.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Claims {
    /// `exp`: when the token ends, in seconds since 1970. Mandatory.
    pub exp: i64,
    /// `nbf`: before this time, in seconds since 1970, it is not valid.
    pub nbf: Option<i64>,
    /// `iat`: when it was issued, in seconds since 1970; a token without it counts as older than any revocation.
    pub iat: Option<i64>,
    /// `iss`: its issuer; at most 256 bytes.
    pub iss: Option<String>,
    /// `sub`: the subject it is for, such as a listener; at most 256 bytes.
    pub sub: Option<String>,
    /// `aud`: for which edges; at most 8 of 256 bytes.
    pub aud: Vec<String>,
    /// `cti`: its id, 1 to 64 bytes.
    pub cti: Option<Vec<u8>>,
    /// `catu`: the rules its URLs must all keep. Mandatory.
    pub uri: Vec<UriRule>,
    /// `catm`: the methods it is for, in capitals; at most 8.
    pub methods: Vec<String>,
    /// `catgeoiso3166`: the countries it is for, ISO 3166-1 alpha-2 in capitals; at most 256.
    pub countries: Vec<String>,
    /// `catnip`: the networks it is for, no bits set beyond their prefix; at most 64.
    pub networks: Vec<IpNet>,
    /// Private claim −70001: highest nominal bit/s of a rendition.
    pub ceiling: Option<u64>,
}

impl Claims {
    /// Claims for everything of one track: path prefix `/t/{track}/`, ending at `exp` (seconds since 1970).
    pub fn for_track(track: &str, exp: i64) -> Claims {
        let uri = vec![UriRule { part: Part::Path, test: Match::Prefix(format!("/t/{track}/")) }];
        Claims { exp, uri, ..Claims::default() }
    }

    /// Reads a payload strictly: every claim is known, well-formed and there once.
    pub(crate) fn decode(payload: &[u8]) -> Result<Claims, Reason> {
        let mut r = CborReader::new(payload);
        let mut claims = Claims::default();
        let (mut exp, mut version) = (None, None);
        for _ in 0..r.map(MAX_CLAIMS)? {
            match r.int()? {
                ISS => once(&mut claims.iss, text(&mut r, "iss")?)?,
                SUB => once(&mut claims.sub, text(&mut r, "sub")?)?,
                AUD if r.peek()? == TEXT => once_list(&mut claims.aud, vec![text(&mut r, "aud")?])?,
                AUD => once_list(&mut claims.aud, list(&mut r, MAX_AUDIENCES, "aud", text)?)?,
                EXP => once(&mut exp, time(&mut r, "exp")?)?,
                NBF => once(&mut claims.nbf, time(&mut r, "nbf")?)?,
                IAT => once(&mut claims.iat, time(&mut r, "iat")?)?,
                CTI => once(&mut claims.cti, id(&mut r)?)?,
                CATV => once(&mut version, r.uint()?)?,
                CATU => once_list(&mut claims.uri, UriRule::decode(&mut r)?)?,
                CATM => once_list(&mut claims.methods, list(&mut r, MAX_METHODS, "catm", method)?)?,
                CATGEOISO3166 => {
                    once_list(&mut claims.countries, list(&mut r, MAX_COUNTRIES, "catgeoiso3166", country)?)?;
                }
                CATNIP => {
                    once_list(&mut claims.networks, list(&mut r, MAX_NETWORKS, "catnip", network::read)?)?
                }
                CEILING => once(&mut claims.ceiling, r.uint()?)?,
                _ => return Err(Reason::Unknown),
            }
        }
        r.end()?;
        if version.is_some_and(|version| version != 1) {
            return Err(Reason::Claim("catv"));
        }
        if claims.uri.is_empty() {
            return Err(Reason::Missing("catu"));
        }
        claims.exp = exp.ok_or(Reason::Missing("exp"))?;
        Ok(claims)
    }

    /// Writes a payload, which [`Claims::decode`] may still refuse.
    pub(crate) fn encode(&self) -> Vec<u8> {
        // the head of the map comes first, but the number of claims is known last
        let (mut w, mut n) = (CborWriter::default(), 2);
        for (label, value) in [(ISS, &self.iss), (SUB, &self.sub)] {
            if let Some(value) = value {
                w.int(label).text(value);
                n += 1;
            }
        }
        match self.aud.as_slice() {
            [] => {}
            [one] => {
                w.int(AUD).text(one);
                n += 1;
            }
            many => {
                texts(w.int(AUD), many);
                n += 1;
            }
        }
        w.int(EXP).int(self.exp);
        for (label, value) in [(NBF, self.nbf), (IAT, self.iat)] {
            if let Some(value) = value {
                w.int(label).int(value);
                n += 1;
            }
        }
        if let Some(cti) = &self.cti {
            w.int(CTI).bytes(cti);
            n += 1;
        }
        w.int(CATV).uint(1);
        if !self.networks.is_empty() {
            w.int(CATNIP).array(self.networks.len());
            for network in &self.networks {
                network::write(&mut w, network);
            }
            n += 1;
        }
        if !self.uri.is_empty() {
            UriRule::encode(&self.uri, w.int(CATU));
            n += 1;
        }
        for (label, values) in [(CATM, &self.methods), (CATGEOISO3166, &self.countries)] {
            if !values.is_empty() {
                texts(w.int(label), values);
                n += 1;
            }
        }
        if let Some(ceiling) = self.ceiling {
            w.int(CEILING).uint(ceiling);
            n += 1;
        }
        let mut head = CborWriter::default();
        head.map(n);
        [head.finish(), w.finish()].concat()
    }
}

fn once<T>(slot: &mut Option<T>, value: T) -> Result<(), Reason> {
    match slot.replace(value) {
        None => Ok(()),
        Some(_) => Err(crate::CborFault::Duplicate.into()),
    }
}

/// As [`once`]: a list that was read is never empty.
fn once_list<T>(slot: &mut Vec<T>, value: Vec<T>) -> Result<(), Reason> {
    if !slot.is_empty() {
        return Err(crate::CborFault::Duplicate.into());
    }
    *slot = value;
    Ok(())
}

type ReadItem<T> = fn(&mut CborReader<'_>, &'static str) -> Result<T, Reason>;

/// An array of 1 to `max` items: an empty one would allow nothing, which is no token.
fn list<T>(
    r: &mut CborReader<'_>,
    max: usize,
    claim: &'static str,
    item: ReadItem<T>,
) -> Result<Vec<T>, Reason> {
    let n = r.array(max)?;
    if n == 0 {
        return Err(Reason::Claim(claim));
    }
    (0..n).map(|_| item(r, claim)).collect()
}

/// Not empty, and without control characters, since it may be logged.
fn text(r: &mut CborReader<'_>, claim: &'static str) -> Result<String, Reason> {
    let text = r.text(MAX_TEXT_BYTES)?;
    if text.is_empty() || text.chars().any(char::is_control) {
        return Err(Reason::Claim(claim));
    }
    Ok(text.to_owned())
}

/// A NumericDate (RFC 8392 §2) as an integer. Floats are refused, negative and absurd times too.
fn time(r: &mut CborReader<'_>, claim: &'static str) -> Result<i64, Reason> {
    r.int().ok().filter(|time| TIMES.contains(time)).ok_or(Reason::Claim(claim))
}

fn id(r: &mut CborReader<'_>) -> Result<Vec<u8>, Reason> {
    match r.bytes(MAX_CTI_BYTES)? {
        [] => Err(Reason::Claim("cti")),
        id => Ok(id.to_owned()),
    }
}

fn method(r: &mut CborReader<'_>, claim: &'static str) -> Result<String, Reason> {
    let method = r.text(MAX_METHOD_BYTES)?;
    if method.is_empty() || !method.bytes().all(|b| b.is_ascii_uppercase()) {
        return Err(Reason::Claim(claim));
    }
    Ok(method.to_owned())
}

/// Alpha-2 alone: subdivisions (ISO 3166-2) are not enforced, and XX is how platforms spell "unknown".
fn country(r: &mut CborReader<'_>, claim: &'static str) -> Result<String, Reason> {
    let country = r.text(2)?;
    if country.len() != 2 || !country.bytes().all(|b| b.is_ascii_uppercase()) || country == "XX" {
        return Err(Reason::Claim(claim));
    }
    Ok(country.to_owned())
}

fn texts(w: &mut CborWriter, values: &[String]) {
    w.array(values.len());
    for value in values {
        w.text(value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cbor::CborFault;

    /// A payload of exp and catu, and whatever else.
    fn with(pairs: usize, more: &[u8]) -> Result<Claims, Reason> {
        let mut w = CborWriter::default();
        w.map(2 + pairs).int(EXP).int(100).int(CATU).map(1).int(3).map(1).int(1).text("/t/a/");
        Claims::decode(&[w.finish(), more.to_vec()].concat())
    }

    fn one(write: impl FnOnce(&mut CborWriter) -> &mut CborWriter) -> Result<Claims, Reason> {
        let mut w = CborWriter::default();
        write(&mut w);
        with(1, &w.finish())
    }

    #[test]
    fn the_least_there_is() {
        assert_eq!(with(0, &[]), Ok(Claims::for_track("a", 100)));
    }

    #[test]
    fn threat_13_times() {
        for (bytes, ok) in [
            (&[0x00][..], true),
            (&[0x1b, 0, 0x20, 0, 0, 0, 0, 0, 0], true),
            (&[0x1b, 0, 0x20, 0, 0, 0, 0, 0, 1], false),
            (&[0x1b, 0x80, 0, 0, 0, 0, 0, 0, 0], false),
            (&[0x20], false),
            (&[0xfb, 0x41, 0xd9, 0x54, 0xfc, 0x40, 0, 0, 0], false),
            (&[0xf9, 0x7e, 0x00], false),
            (&[0xf9, 0x7c, 0x00], false),
            (&[0xc1, 0x00], false),
            (&[0xf6], false),
            (&[0x61, 0x31], false),
        ] {
            for (label, name) in [(NBF, "nbf"), (IAT, "iat")] {
                let mut more = vec![label as u8];
                more.extend(bytes);
                let expected = if ok { None } else { Some(Reason::Claim(name)) };
                assert_eq!(with(1, &more).err(), expected, "{name} {bytes:02x?}");
            }
            let mut w = CborWriter::default();
            w.map(1).int(EXP);
            let payload = [w.finish(), bytes.to_vec()].concat();
            let expected = if ok { Reason::Missing("catu") } else { Reason::Claim("exp") };
            assert_eq!(Claims::decode(&payload), Err(expected), "exp {bytes:02x?}");
        }
        let mut w = CborWriter::default();
        w.map(1).int(CATU).map(1).int(3).map(1).int(0).text("/");
        assert_eq!(Claims::decode(&w.finish()), Err(Reason::Missing("exp")));
    }

    #[test]
    fn threat_10_duplicates_and_trailing_bytes() {
        let duplicate = Err(Reason::Cbor(CborFault::Duplicate));
        assert_eq!(one(|w| w.int(EXP).int(200)), duplicate);
        assert_eq!(one(|w| w.int(CATU).map(1).int(3).map(1).int(0).text("/")), duplicate);
        assert_eq!(with(0, &[0x00]), Err(Reason::Cbor(CborFault::Trailing)));
        assert_eq!(with(1, &[]), Err(Reason::Cbor(CborFault::Truncated)));
        let mut w = CborWriter::default();
        w.int(CATM).array(1).text("GET").int(CATM).array(1).text("PUT");
        assert_eq!(with(2, &w.finish()), duplicate);
    }

    #[test]
    fn threat_12_what_is_not_enforced_is_refused() {
        for label in [8, 282, 308, 309, 314, 315, 317, 318, 319, 320, 321, 322, 323, 0, -1, -70_000, -70_002]
        {
            assert_eq!(one(|w| w.int(label).uint(0)), Err(Reason::Unknown), "{label}");
        }
        assert_eq!(one(|w| w.text("exp").uint(0)), Err(Reason::Cbor(CborFault::Type)));
        assert_eq!(one(|w| w.int(CATV).uint(2)), Err(Reason::Claim("catv")));
        assert!(one(|w| w.int(CATV).uint(1)).is_ok());
    }

    #[test]
    fn threat_11_claims_are_bounded() {
        let limit = Err(Reason::Cbor(CborFault::Limit));
        assert_eq!(Claims::decode(&[0xbb, 0, 0, 0, 1, 0, 0, 0, 0]), limit);
        assert_eq!(Claims::decode(&[0xb8, 17 + 7]), limit);
        assert_eq!(one(|w| w.int(SUB).text(&"s".repeat(257))), limit);
        assert_eq!(one(|w| w.int(CTI).bytes(&[1; 65])), limit);
        assert_eq!(one(|w| w.int(AUD).array(9)), limit);
        let nested = [vec![0x19, 0x01, 0x37], vec![0x81; 3000]].concat();
        assert_eq!(with(1, &nested), Err(Reason::Claim("catnip")));
    }

    #[test]
    fn texts_that_mean_nothing_are_refused() {
        for (label, name) in [(ISS, "iss"), (SUB, "sub"), (AUD, "aud")] {
            assert_eq!(one(|w| w.int(label).text("")), Err(Reason::Claim(name)));
            assert_eq!(one(|w| w.int(label).text("a\nb")), Err(Reason::Claim(name)));
        }
        assert_eq!(one(|w| w.int(AUD).array(0)), Err(Reason::Claim("aud")));
        assert_eq!(one(|w| w.int(CTI).bytes(&[])), Err(Reason::Claim("cti")));
        for method in ["", "get", "G T", "*"] {
            assert_eq!(one(|w| w.int(CATM).array(1).text(method)), Err(Reason::Claim("catm")));
        }
        for country in ["in", "I", "XX", "T1", "*", "й"] {
            let read = one(|w| w.int(CATGEOISO3166).array(1).text(country));
            assert_eq!(read, Err(Reason::Claim("catgeoiso3166")), "{country}");
        }
        assert!(one(|w| w.int(CATGEOISO3166).array(1).text("US-CA")).is_err());
    }
}
