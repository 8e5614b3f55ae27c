//! ClearKey: from a licence request in JSON to a JWK Set (W3C Encrypted Media Extensions §9.1.3 and §9.1.4).

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use nada_catalog::TrackId;
use nada_protection::{DerivedKeys, KeyId, KeyRequest, Protection, Tier};
use serde::{Deserialize, Serialize};

use super::system::LicenseSystem;
use crate::{
    code::Code,
    headers,
    plan::{Body, Response},
    problem::problem,
};

/// More key ids than a player asks for at once.
const MOST_KEYS: usize = 64;
/// The session type of all licences here.
const TEMPORARY: &str = "temporary";

/// The keys of one track that one token reaches.
#[derive(Debug)]
pub struct KeyGrant {
    keys: DerivedKeys,
    request: KeyRequest,
    protection: Protection,
    reached: Vec<Tier>,
}

/// A licence request (§9.1.3). Members that are not named here are ignored, as the specification has it.
#[derive(Deserialize)]
struct Asked {
    /// base64url without padding.
    kids: Vec<String>,
    /// The session type. Nothing but `temporary` is given: a key must not be stored.
    #[serde(rename = "type", default = "temporary")]
    session: String,
}

/// What old players mean that leave the type out.
fn temporary() -> String {
    TEMPORARY.to_owned()
}

/// A licence: a JWK Set (RFC 7517 §5) of symmetric keys (RFC 7518 §6.4).
#[derive(Serialize)]
struct Licence {
    keys: Vec<Jwk>,
    #[serde(rename = "type")]
    session: &'static str,
}

#[derive(Serialize)]
struct Jwk {
    kty: &'static str,
    kid: String,
    k: String,
}

impl KeyGrant {
    /// The keys of these tiers of a track that is protected so.
    pub fn new(track: &TrackId, protection: &Protection, reached: &[Tier], keys: &DerivedKeys) -> Self {
        Self {
            keys: keys.clone(),
            request: protection.terms.request(track.as_str()),
            protection: protection.clone(),
            reached: reached.to_vec(),
        }
    }

    /// The answer to a body: of the keys it asks for, those that the grant has. Where it has none of them, the code says why:
    /// `rendition_not_allowed` above the token's ceiling, `not_found` for what is no key of this track.
    pub fn answer(&self, body: &[u8]) -> Response {
        let Some(asked) = key_ids(body) else {
            return problem(Code::BadRequest).because("no ClearKey licence request".to_owned());
        };
        let mut keys = Vec::new();
        let (mut above, mut strange) = (false, false);
        for tier in Tier::ALL {
            let id = self.protection.key_ids.of(tier);
            if !asked.contains(&id) {
                continue;
            }
            if !self.reached.contains(&tier) {
                above = true;
                continue;
            }
            let (derived, key) = self.keys.of_tier(&self.request, tier);
            // packaged with a key server's keys, or with another seed
            strange |= derived != id;
            if derived == id {
                let [kid, k] = [id.as_bytes(), key.expose()].map(|bytes| URL_SAFE_NO_PAD.encode(bytes));
                keys.push(Jwk { kty: "oct", kid, k });
            }
        }
        match keys.is_empty() {
            false => licence(&Licence { keys, session: TEMPORARY }),
            true if strange => {
                problem(Code::NotFound).because("the track's keys are not of this seed".to_owned())
            }
            true if above => problem(Code::RenditionNotAllowed),
            true => problem(Code::NotFound).because("no key of this track".to_owned()),
        }
    }
}

/// The ids that a licence request asks for; `None` where it is none. What is no id of 16 bytes is nobody's here.
fn key_ids(body: &[u8]) -> Option<Vec<KeyId>> {
    let asked: Asked = serde_json::from_slice(body).ok()?;
    let fits = (1..=MOST_KEYS).contains(&asked.kids.len()) && asked.session == TEMPORARY;
    let id = |text: &String| {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        bytes.try_into().ok().map(KeyId::from_bytes)
    };
    fits.then(|| asked.kids.iter().filter_map(id).collect())
}

fn licence(licence: &Licence) -> Response {
    // strings always serialise
    let text = serde_json::to_string(licence).unwrap_or_default();
    let mut all = headers::always();
    all.push(("content-type", LicenseSystem::ClearKey.answered_type().to_owned()));
    all.push(("content-length", text.len().to_string()));
    all.push(("cache-control", "no-store".to_owned()));
    Response { body: Body::Text(text), ..Response::empty(200, all) }
}

#[cfg(test)]
mod tests {
    use nada_protection::{KeySource as _, Seed};

    use super::*;

    const DIGITS: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

    fn grant(reached: &[Tier]) -> KeyGrant {
        let keys = DerivedKeys::new(Seed::parse(DIGITS).unwrap());
        let terms: nada_protection::ProtectionTerms = "cbcs,clearkey".parse().unwrap();
        let protection = terms.protection("INNDA2600001", &keys);
        KeyGrant::new(&"INNDA2600001".parse().unwrap(), &protection, reached, &keys)
    }

    fn asked(ids: &[&[u8]]) -> Vec<u8> {
        let kids: Vec<String> = ids.iter().map(|id| URL_SAFE_NO_PAD.encode(id)).collect();
        serde_json::json!({ "kids": kids, "type": "temporary" }).to_string().into_bytes()
    }

    fn outcome(response: &Response) -> (u16, Option<&'static str>) {
        (response.status, response.code.map(Code::name))
    }

    #[test]
    fn the_keys_of_the_track_are_given_as_the_specification_spells_them() {
        // ids and keys as in packager/protection/src/derived.rs, where Python's hmac has made them
        let lossy = *b"\xcb\x38\x0f\x6c\x1c\xae\x80\x7e\xa0\x03\xbd\xd7\x62\xab\xad\xb5";
        let response = grant(&Tier::ALL).answer(&asked(&[&lossy, &[7; 16], &lossy, b"short"]));
        let Body::Text(text) = &response.body else { panic!("no text") };
        assert_eq!(
            text,
            "{\"keys\":[{\"kty\":\"oct\",\"kid\":\"yzgPbByugH6gA73XYquttQ\",\"k\":\"mvFz0KH8aZmsvXh-dLUq3w\"}],\
             \"type\":\"temporary\"}"
        );
        assert_eq!(response.header("cache-control"), Some("no-store"));
        assert_eq!(response.header("content-type"), Some("application/json"));
    }

    #[test]
    fn a_licence_stops_at_its_tier_and_at_its_track() {
        let grant_of = |reached: &[Tier], ids: &[&[u8]]| outcome(&grant(reached).answer(&asked(ids)));
        let ids = grant(&[]).protection.key_ids;
        let (lossy, lossless) = (ids.lossy, ids.lossless);
        assert_eq!(grant_of(&[Tier::Lossy], &[lossless.as_bytes()]), (403, Some("rendition_not_allowed")));
        assert_eq!(grant_of(&[Tier::Lossless], &[lossy.as_bytes()]), (403, Some("rendition_not_allowed")));
        let both = grant(&[Tier::Lossy]).answer(&asked(&[lossy.as_bytes(), lossless.as_bytes()]));
        let Body::Text(text) = &both.body else { panic!("no text") };
        assert_eq!(text.matches("\"kid\"").count(), 1, "{text}");
        let other = DerivedKeys::new(Seed::parse(DIGITS).unwrap())
            .key_ids(&KeyRequest { content: "INNDA2600002".into(), ..grant(&[]).request });
        assert_eq!(grant_of(&Tier::ALL, &[other.lossy.as_bytes()]), (404, Some("not_found")));
    }

    #[test]
    fn keys_of_another_seed_are_not_given() {
        let other = DerivedKeys::new(Seed::parse(&DIGITS.replace("1f", "2f")).unwrap());
        let grant = KeyGrant { keys: other, ..grant(&Tier::ALL) };
        let response = grant.answer(&asked(&[grant.protection.key_ids.lossy.as_bytes()]));
        assert_eq!(outcome(&response), (404, Some("not_found")));
        assert_eq!(response.reason.as_deref(), Some("the track's keys are not of this seed"));
    }

    #[test]
    fn what_is_no_licence_request_is_refused() {
        let many = vec!["AAAAAAAAAAAAAAAAAAAAAA"; MOST_KEYS + 1];
        for body in [
            String::new(),
            "{}".to_owned(),
            "[]".to_owned(),
            r#"{"kids":[],"type":"temporary"}"#.to_owned(),
            r#"{"kids":["AAAAAAAAAAAAAAAAAAAAAA"],"type":"persistent-license"}"#.to_owned(),
            r#"{"kids":"AAAAAAAAAAAAAAAAAAAAAA","type":"temporary"}"#.to_owned(),
            serde_json::json!({ "kids": many, "type": "temporary" }).to_string(),
        ] {
            let response = grant(&Tier::ALL).answer(body.as_bytes());
            assert_eq!(outcome(&response), (400, Some("bad_request")), "{body}");
        }
    }
}
