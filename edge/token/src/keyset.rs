//! A JWK Set (RFC 7517 §5) of the keys an edge trusts or a signer uses.

use crate::key::{Algorithm, Key, KeyError, Material};
use crate::refusal::Reason;
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};

/// Longest JWK Set, in bytes.
pub const MAX_KEY_SET_BYTES: usize = 65_536;
/// Most keys in one set.
pub const MAX_KEYS: usize = 16;

/// The keys, in the order of their file, with distinct ids.
#[derive(Debug, Clone)]
pub struct KeySet {
    keys: Vec<Key>,
}

impl KeySet {
    /// A set of 1 to [`MAX_KEYS`] keys.
    ///
    /// # Errors
    /// None or too many keys, or two of one id or of one material.
    pub fn new(keys: Vec<Key>) -> Result<KeySet, KeyError> {
        if keys.is_empty() || keys.len() > MAX_KEYS {
            return Err(KeyError::Count { found: keys.len(), max: MAX_KEYS });
        }
        for (i, key) in keys.iter().enumerate() {
            if keys.iter().skip(i + 1).any(|other| other.kid() == key.kid()) {
                return Err(KeyError::Duplicate { kid: key.kid().to_owned() });
            }
            if let Some(twin) = keys.iter().skip(i + 1).find(|other| other.is_twin_of(key)) {
                return Err(KeyError::Twin { kid: key.kid().to_owned(), other: twin.kid().to_owned() });
            }
        }
        Ok(KeySet { keys })
    }

    /// Reads a JWK Set. Each key needs `kid`, `alg` and `kty`: `oct` with `k` for HS256, `EC` with `crv` P-256,
    /// `x`, `y` and optionally `d` for ES256. `nbf` and `exp` (seconds since 1970), `use` (only `sig`) and
    /// `key_ops` (`verify`, and `sign` if and only if the key can) are optional. Other members, key types and
    /// algorithms are refused.
    ///
    /// # Errors
    /// Names the line or the key, never a value.
    pub fn from_json(text: &str) -> Result<KeySet, KeyError> {
        if text.len() > MAX_KEY_SET_BYTES {
            return Err(KeyError::TooLong(MAX_KEY_SET_BYTES));
        }
        let set: JwkSet = serde_json::from_slice(text.as_bytes()).map_err(json_error)?;
        let keys = set.keys.into_iter().enumerate().map(|(index, jwk)| {
            jwk.key().map_err(|e| match e {
                KeyError::Kid { .. } => KeyError::Kid { index },
                e @ (KeyError::Json { .. }
                | KeyError::TooLong(_)
                | KeyError::Count { .. }
                | KeyError::Duplicate { .. }
                | KeyError::Twin { .. }
                | KeyError::Key { .. }) => e,
            })
        });
        KeySet::new(keys.collect::<Result<_, _>>()?)
    }

    /// The set as a JWK Set, secrets included.
    pub fn to_json(&self) -> String {
        let set = JwkSet { keys: self.keys.iter().map(Jwk::of).collect() };
        // strings and integers alone always serialise
        serde_json::to_string_pretty(&set).unwrap_or_default()
    }

    /// The keys in the order of the set.
    pub fn keys(&self) -> &[Key] {
        &self.keys
    }

    /// The key to sign with at `now` (seconds since 1970): of those that can sign and are live, the one whose
    /// `nbf` is latest (none counts as earliest), the last of equals.
    pub fn signing_key(&self, now: i64) -> Option<&Key> {
        let live = self.keys.iter().filter(|key| key.can_sign() && key.is_live(now));
        live.max_by_key(|key| key.nbf())
    }

    /// The key a token names. One that names none is tried only where the choice is forced: exactly one key of
    /// its algorithm in the set.
    pub(crate) fn find(&self, kid: Option<&[u8]>, algorithm: Algorithm) -> Result<&Key, Reason> {
        let Some(kid) = kid else {
            let mut fitting = self.keys.iter().filter(|key| key.algorithm() == algorithm);
            return match (fitting.next(), fitting.next()) {
                (Some(key), None) => Ok(key),
                _ => Err(Reason::Key),
            };
        };
        let key = self.keys.iter().find(|key| key.kid().as_bytes() == kid).ok_or(Reason::Key)?;
        if key.algorithm() == algorithm { Ok(key) } else { Err(Reason::Algorithm) }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct JwkSet {
    keys: Vec<Jwk>,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Jwk {
    kty: String,
    kid: String,
    alg: String,
    #[serde(rename = "use", default, skip_serializing_if = "Option::is_none")]
    purpose: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    key_ops: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    k: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    crv: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    x: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    y: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    d: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    nbf: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    exp: Option<i64>,
}

impl Jwk {
    fn key(self) -> Result<Key, KeyError> {
        let bad = |what| KeyError::Key { kid: self.kid.clone(), what };
        let decode = |value: &str, what| BASE64_URL_SAFE_NO_PAD.decode(value).map_err(|_| bad(what));
        if self.purpose.as_deref().is_some_and(|purpose| purpose != "sig") {
            return Err(bad("use must be sig"));
        }
        let key = match (self.kty.as_str(), self.alg.as_str()) {
            ("oct", "HS256") => match (&self.k, &self.crv, &self.x, &self.y, &self.d) {
                (Some(k), None, None, None, None) => {
                    Key::hmac(&self.kid, &decode(k, "k is not base64url without padding")?)?
                }
                _ => return Err(bad("kty oct takes k, and no member of another key type")),
            },
            ("EC", "ES256") => match (&self.k, self.crv.as_deref(), &self.x, &self.y) {
                (None, Some("P-256"), Some(x), Some(y)) => {
                    let x = decode(x, "x is not base64url without padding")?;
                    let y = decode(y, "y is not base64url without padding")?;
                    let public = Key::ec_public(&self.kid, &x, &y)?;
                    match &self.d {
                        None => public,
                        Some(d) => {
                            let d = decode(d, "d is not base64url without padding")?;
                            let private = Key::ec_private(&self.kid, &d)?;
                            if point(&private) != point(&public) {
                                return Err(bad("d does not go with x and y"));
                            }
                            private
                        }
                    }
                }
                _ => return Err(bad("kty EC takes crv P-256, x, y and optionally d")),
            },
            ("oct" | "EC", _) => return Err(bad("alg must be HS256 for kty oct, ES256 for kty EC")),
            _ => return Err(bad("kty must be oct or EC")),
        };
        if self.key_ops.as_deref().is_some_and(|ops| !is_purpose(ops, key.can_sign())) {
            return Err(bad("key_ops must be verify, and sign where the key can"));
        }
        key.with_window(self.nbf, self.exp)
    }

    fn of(key: &Key) -> Jwk {
        let encode = |bytes: &[u8]| Some(BASE64_URL_SAFE_NO_PAD.encode(bytes));
        let mut jwk = Jwk {
            kid: key.kid().to_owned(),
            alg: key.algorithm().name().to_owned(),
            nbf: key.nbf(),
            exp: key.exp(),
            ..Jwk::default()
        };
        match &key.material {
            Material::Hmac { secret, .. } => {
                jwk.kty = "oct".to_owned();
                jwk.k = encode(secret);
            }
            Material::Ec { private, .. } => {
                let [x, y] = point(key);
                jwk.kty = "EC".to_owned();
                jwk.crv = Some("P-256".to_owned());
                jwk.x = encode(&x);
                jwk.y = encode(&y);
                jwk.d = private.as_ref().and_then(|private| encode(&private.to_bytes()));
            }
        }
        jwk
    }
}

/// Whether operations (RFC 7517 §4.3) are just those that the key is used for here: narrower ones would not be
/// enforced.
fn is_purpose(ops: &[String], can_sign: bool) -> bool {
    let has = |op: &str| ops.iter().any(|other| other == op);
    has("verify") && has("sign") == can_sign && ops.len() == 1 + usize::from(can_sign)
}

/// The affine coordinates of an EC key; empty for another.
fn point(key: &Key) -> [Vec<u8>; 2] {
    let Material::Ec { public, .. } = &key.material else { return Default::default() };
    let point = public.to_sec1_point(false);
    [point.x(), point.y()].map(|c| c.map(|c| c.to_vec()).unwrap_or_default())
}

/// Line and column; the message only where serde names a member, since others quote the offending value.
fn json_error(error: serde_json::Error) -> KeyError {
    let message = error.to_string();
    let named = ["unknown field", "missing field", "duplicate field"].iter().any(|m| message.starts_with(m));
    let place = format!(" at line {} column {}", error.line(), error.column());
    let what = match message.strip_suffix(&place) {
        Some(what) if named => what.to_owned(),
        _ if error.is_data() => "a value of the wrong type".to_owned(),
        _ => "not JSON".to_owned(),
    };
    KeyError::Json { line: error.line(), column: error.column(), what }
}

#[cfg(test)]
mod tests {
    use sha2::{Digest as _, Sha256};

    use super::*;

    // RFC 7515 Appendix A.1.1 (without its alg) and A.3.1
    const OCT: &str = r#"{"kty":"oct","kid":"one","alg":"HS256","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"}"#;
    const EC: &str = r#"{"kty":"EC","kid":"two","alg":"ES256","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0","d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"}"#;

    fn set(keys: &[&str]) -> Result<KeySet, KeyError> {
        KeySet::from_json(&format!(r#"{{"keys":[{}]}}"#, keys.join(",")))
    }

    #[test]
    fn reads_and_writes_both_key_types() {
        let keys = set(&[OCT, EC]).unwrap();
        assert_eq!(keys.keys()[0].algorithm(), Algorithm::Hs256);
        assert_eq!(keys.keys()[1].algorithm(), Algorithm::Es256);
        assert!(keys.keys()[1].can_sign());
        let again = KeySet::from_json(&keys.to_json()).unwrap();
        assert_eq!(again.to_json(), keys.to_json());
        for member in OCT.split(['{', ',', '}']).chain(EC.split(['{', ',', '}'])) {
            assert!(keys.to_json().replace(": ", ":").contains(member), "{member}");
        }
    }

    #[test]
    fn the_verifying_half_has_no_private_member() {
        let keys = set(&[EC]).unwrap();
        let public = KeySet::new(vec![keys.keys()[0].verifying_half()]).unwrap();
        assert!(!public.to_json().contains("\"d\""));
        assert!(KeySet::from_json(&public.to_json()).is_ok());
        assert!(public.signing_key(0).is_none());
    }

    #[test]
    fn bad_keys_are_named_without_their_material() {
        for (from, to, expected) in [
            (OCT, [r#""alg":"HS256","#, ""], "missing field `alg`"),
            (OCT, [r#""HS256""#, r#""HS512""#], "key one: alg must be HS256"),
            (OCT, [r#""HS256""#, r#""none""#], "key one: alg must be HS256"),
            (OCT, [r#""oct""#, r#""RSA""#], "key one: kty must be oct or EC"),
            (OCT, [r#"_T-1"#, r#"/T+1"#], "key one: k is not base64url"),
            (
                OCT,
                [r#"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0i"#, ""],
                "32 to 128 bytes",
            ),
            (OCT, [r#""alg""#, r#""exq":1,"alg""#], "unknown field `exq`"),
            (OCT, [r#""alg""#, r#""exp":"AyM1Sys","alg""#], "a value of the wrong type"),
            (OCT, [r#""alg""#, r#""nbf":2,"exp":1,"alg""#], "nbf before exp"),
            (OCT, [r#""alg""#, r#""use":"enc","alg""#], "use must be sig"),
            (OCT, [r#""alg""#, r#""key_ops":["encrypt"],"alg""#], "key_ops must be verify"),
            (OCT, [r#""alg""#, r#""key_ops":["verify"],"alg""#], "key_ops must be verify, and sign"),
            (OCT, [r#""alg""#, r#""key_ops":["sign","verify","verify"],"alg""#], "key_ops must be verify"),
            (EC, [r#""alg""#, r#""key_ops":["sign"],"alg""#], "key_ops must be verify"),
            (EC, [r#""alg""#, r#""key_ops":[],"alg""#], "key_ops must be verify"),
            (OCT, [r#""one""#, r#""o\ne""#], "key 0: kid"),
            (OCT, [r#""one""#, r#""two""#], "key two: the kid appears twice"),
            (EC, [r#""P-256""#, r#""P-384""#], "key two: kty EC takes crv P-256"),
            (EC, [r#""jpsQ"#, r#""jpsR"#], "key two: d does not go with x and y"),
            (EC, [r#""f83O"#, r#""f83P"#], "key two: x and y are not a point"),
            (EC, [r#""}"#, r#"""#], "not JSON"),
        ] {
            let changed = from.replacen(to[0], to[1], 1);
            assert_ne!(changed, from, "{}", to[0]);
            let shown = set(&[&changed, EC]).unwrap_err().to_string();
            assert!(shown.contains(expected), "{shown}");
            assert!(!shown.contains("AyM1Sys") && !shown.contains("jpsQ"), "{shown}");
        }
        for ops in [r#"["sign","verify"]"#, r#"["verify","sign"]"#] {
            assert!(set(&[&OCT.replace(r#""alg""#, &format!(r#""key_ops":{ops},"alg""#))]).is_ok(), "{ops}");
        }
        assert_eq!(set(&[]).unwrap_err(), KeyError::Count { found: 0, max: MAX_KEYS });
        assert!(matches!(KeySet::from_json(&" ".repeat(65_537)), Err(KeyError::TooLong(_))));
    }

    #[test]
    fn threat_5_one_key_has_one_window() {
        // the id may stand outside of what is authenticated: under a second one a retired key would live on
        let retired = OCT.replace(r#""alg""#, r#""exp":1,"alg""#);
        let twin = set(&[&retired, &OCT.replace("one", "again")]).unwrap_err();
        assert_eq!(twin, KeyError::Twin { kid: "one".into(), other: "again".into() });
        // what HMAC takes for one key (RFC 2104 §2)
        let then = |secret: &[u8], more: &[u8]| [secret, more].concat();
        let hashed = Sha256::digest([7; 65]).to_vec();
        let pair = |one: &[u8], other: &[u8]| {
            let keys = vec![Key::hmac("a", one).unwrap(), Key::hmac("b", other).unwrap()];
            let same = keys[0].prove(b"message") == keys[1].prove(b"message");
            (same, KeySet::new(keys).err())
        };
        for (one, other) in [
            (vec![7; 32], then(&[7; 32], &[0])),
            (vec![7; 32], then(&[7; 32], &[0; 32])),
            (then(&[7; 32], &[0; 8]), then(&[7; 32], &[0; 32])),
            (vec![7; 65], hashed.clone()),
            (then(&hashed, &[0; 20]), vec![7; 65]),
        ] {
            let twin = KeyError::Twin { kid: "a".into(), other: "b".into() };
            assert_eq!(pair(&one, &other), (true, Some(twin)), "{one:?} {other:?}");
        }
        for (one, other) in [
            (vec![7; 32], then(&[7; 32], &[1])),
            (vec![7; 32], then(&[0], &[7; 32])),
            (vec![7; 64], then(&[7; 64], &[0])),
            (vec![7; 65], vec![7; 66]),
        ] {
            assert_eq!(pair(&one, &other), (false, None), "{one:?} {other:?}");
        }
        let private = EC.replace("two", "again");
        let public = KeySet::new(vec![set(&[EC]).unwrap().keys()[0].verifying_half()]).unwrap();
        let both = KeySet::new(vec![public.keys()[0].clone(), set(&[&private]).unwrap().keys()[0].clone()]);
        assert!(matches!(both, Err(KeyError::Twin { .. })), "{both:?}");
    }

    #[test]
    fn threat_5_the_newest_live_key_signs() {
        let key =
            |kid, secret, nbf, exp| Key::hmac(kid, &[secret; 32]).unwrap().with_window(nbf, exp).unwrap();
        let keys = KeySet::new(vec![
            key("old", 1, None, Some(300)),
            key("next", 2, Some(200), Some(400)),
            key("later", 3, Some(350), None),
        ])
        .unwrap();
        let signing = |now| keys.signing_key(now).map(Key::kid);
        assert_eq!(signing(199), Some("old"));
        assert_eq!(signing(200), Some("next"));
        assert_eq!(signing(349), Some("next"));
        assert_eq!(signing(350), Some("later"));
    }

    #[test]
    fn threat_4_a_token_without_kid_needs_a_forced_choice() {
        let keys = set(&[OCT, EC]).unwrap();
        assert_eq!(keys.find(None, Algorithm::Hs256).unwrap().kid(), "one");
        assert_eq!(keys.find(None, Algorithm::Es256).unwrap().kid(), "two");
        let keys = set(&[OCT, &OCT.replace("one", "three").replace("AyM1", "AyM2")]).unwrap();
        assert_eq!(keys.find(None, Algorithm::Hs256).unwrap_err(), Reason::Key);
        assert_eq!(keys.find(None, Algorithm::Es256).unwrap_err(), Reason::Key);
        for kid in ["../../one", "one' or 1=1", "", "One", &"k".repeat(10_240)] {
            assert_eq!(keys.find(Some(kid.as_bytes()), Algorithm::Hs256).unwrap_err(), Reason::Key);
        }
        assert_eq!(keys.find(Some(b"one"), Algorithm::Es256).unwrap_err(), Reason::Algorithm);
    }
}
