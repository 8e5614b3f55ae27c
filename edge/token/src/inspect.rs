//! A readable view of a token for people. Nothing in it is authenticated.

use crate::cbor::{ARRAY, BYTES, CborFault, CborReader, MAP, NEGATIVE, OTHER, TAG, TEXT, UINT};
use crate::claims::{self, Claims};
use crate::cose::Envelope;
use crate::refusal::Reason;
use crate::token::decode_text;
use data_encoding::HEXLOWER;
use serde::Serialize;
use serde_json::{Map, Value, json};

const MAX_DEPTH: usize = 8;
const MAX_ITEMS: usize = 512;

/// What a token says, authentic or not.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Inspection {
    /// Always false: no key was asked.
    pub verified: bool,
    /// `HS256` or `ES256`.
    pub alg: &'static str,
    /// The key id it names, as text where it is UTF-8, else as `h'…'`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kid: Option<String>,
    /// The claims by name (by number where it has none), bytes as `h'…'`.
    pub claims: Value,
    /// Why [`crate::verify`] would refuse the claims, even if authentic.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
}

/// Decodes a token without authenticating it: also one whose claims [`crate::verify`] would refuse, within the
/// same limits.
///
/// ```
/// use nada_token::{Algorithm, Claims, Key, inspect, sign};
///
/// let key = Key::generate(Algorithm::Hs256, "2026-11", [7; 32])?;
/// let seen = inspect(&sign(&Claims::for_track("INNDA2600001", 1_800_003_600), &key)?)?;
/// assert_eq!((seen.alg, seen.claims["exp"].as_i64()), ("HS256", Some(1_800_003_600)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// If it is not a CWT in COSE_Mac0 or COSE_Sign1 with a payload in shortest-form CBOR.
pub fn inspect(token: &str) -> Result<Inspection, Reason> {
    let bytes = decode_text(token)?;
    let envelope = Envelope::read_cwt(&bytes)?;
    let mut reader = CborReader::new(envelope.payload);
    let mut claims = Map::new();
    for _ in 0..reader.map(MAX_ITEMS)? {
        let key = match reader.peek()? {
            TEXT => reader.text(usize::MAX)?.to_owned(),
            _ => {
                let label = reader.int()?;
                claims::name(label).map_or_else(|| label.to_string(), str::to_owned)
            }
        };
        if claims.insert(key, value(&mut reader, MAX_DEPTH)?).is_some() {
            return Err(CborFault::Duplicate.into());
        }
    }
    reader.end()?;
    Ok(Inspection {
        verified: false,
        alg: envelope.algorithm.name(),
        kid: envelope.kid.map(|kid| str::from_utf8(kid).map_or_else(|_| hex(kid), str::to_owned)),
        claims: Value::Object(claims),
        refused: Claims::decode(envelope.payload).err().map(|reason| reason.to_string()),
    })
}

fn hex(bytes: &[u8]) -> String {
    format!("h'{}'", HEXLOWER.encode(bytes))
}

/// Any CBOR item as JSON, to a bounded depth.
fn value(r: &mut CborReader<'_>, depth: usize) -> Result<Value, CborFault> {
    let depth = depth.checked_sub(1).ok_or(CborFault::Limit)?;
    Ok(match r.peek()? {
        UINT => r.uint()?.into(),
        NEGATIVE => r.int()?.into(),
        BYTES => hex(r.bytes(usize::MAX)?).into(),
        TEXT => r.text(usize::MAX)?.into(),
        ARRAY => (0..r.array(MAX_ITEMS)?).map(|_| value(r, depth)).collect::<Result<_, _>>()?,
        MAP => {
            let mut map = Map::new();
            for _ in 0..r.map(MAX_ITEMS)? {
                let key = match value(r, depth)? {
                    Value::String(text) => text,
                    other @ (Value::Null
                    | Value::Bool(_)
                    | Value::Number(_)
                    | Value::Array(_)
                    | Value::Object(_)) => other.to_string(),
                };
                if map.insert(key, value(r, depth)?).is_some() {
                    return Err(CborFault::Duplicate);
                }
            }
            Value::Object(map)
        }
        TAG => json!({ "tag": r.tag()?, "value": value(r, depth)? }),
        OTHER => {
            let head = r.head()?;
            match (head.width, head.value) {
                (0, 20) => false.into(),
                (0, 21) => true.into(),
                (0, 22) => Value::Null,
                (4, bits) => f32::from_bits(bits as u32).to_string().into(),
                (8, bits) => f64::from_bits(bits).to_string().into(),
                (_, bits) => format!("simple or float16 {bits}").into(),
            }
        }
        _ => return Err(CborFault::Reserved),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cbor::CborWriter;
    use crate::cose::seal_cwt;
    use crate::{Algorithm, Key, sign};
    use data_encoding::BASE64URL_NOPAD;

    fn key() -> Key {
        Key::generate(Algorithm::Hs256, "2026-11", [1; 32]).unwrap()
    }

    #[test]
    fn a_token_that_would_be_accepted() {
        let claims = Claims {
            countries: vec!["IN".into()],
            cti: Some(vec![0x0b, 0x71]),
            networks: vec!["192.0.2.0/24".parse().unwrap()],
            ceiling: Some(128_000),
            ..Claims::for_track("track1", 1_800_000_000)
        };
        let shown = inspect(&sign(&claims, &key()).unwrap()).unwrap();
        let expected = json!({
            "verified": false,
            "alg": "HS256",
            "kid": "2026-11",
            "claims": {
                "exp": 1_800_000_000,
                "cti": "h'0b71'",
                "catv": 1,
                "catnip": [{ "tag": 52, "value": [24, "h'c00002'"] }],
                "catu": { "3": { "1": "/t/track1/" } },
                "catgeoiso3166": ["IN"],
                "ceiling": 128_000,
            },
        });
        assert_eq!(serde_json::to_value(&shown).unwrap(), expected);
    }

    #[test]
    fn a_token_that_would_be_refused_says_why() {
        let mut w = CborWriter::default();
        w.map(3).int(4).head(OTHER, 22).int(323).map(0).text("x").array(1).head(OTHER, 21);
        let shown = inspect(&BASE64URL_NOPAD.encode(&seal_cwt(&w.finish(), &key()).unwrap())).unwrap();
        assert_eq!(shown.claims, json!({ "exp": null, "catr": {}, "x": [true] }));
        assert_eq!(shown.refused.as_deref(), Some("claim exp has a value that is not allowed"));
    }

    #[test]
    fn threat_11_depth_and_count_are_bounded() {
        let nested = |depth| {
            let payload = [vec![0xa1, 0x00], vec![0x81; depth], vec![0x00]].concat();
            inspect(&BASE64URL_NOPAD.encode(&seal_cwt(&payload, &key()).unwrap())).map(|_| ())
        };
        assert_eq!(nested(MAX_DEPTH - 1), Ok(()));
        assert_eq!(nested(MAX_DEPTH), Err(Reason::Cbor(CborFault::Limit)));
        assert_eq!(nested(2800), Err(Reason::Cbor(CborFault::Limit)));
    }
}
