//! What a licence server is told, as configuration spells it: texts with words in braces that stand for facts of the request.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use nada_catalog::{Country, TrackId};
use nada_protection::KeyId;
use serde_json::{Map, Value};

use super::jwt::{self, JwtAlgorithm};

/// What the edge has decided, for a licence server to keep to. Who listens is not in it.
#[derive(Debug)]
pub struct Entitlement<'a> {
    /// The track.
    pub track: &'a TrackId,
    /// The keys that a licence may hold: those of the tiers that the token reaches.
    pub key_ids: Vec<KeyId>,
    /// Where the request comes from.
    pub country: Country,
    /// When it came, in seconds since 1970.
    pub now: i64,
    /// When the token ends, and a licence must at the latest, in seconds since 1970.
    pub expires: i64,
}

/// Why a text cannot be filled.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// A word in braces that stands for nothing.
    #[error(
        "{{{0}}} stands for nothing: there are {{track}}, {{key_id}}, {{key_ids}}, {{country}}, {{seconds}}, {{now}}, \
         {{expires}} and {{expires_at}}"
    )]
    Word(String),
    /// `{key_id}` where there may be several.
    #[error(
        "{{key_id}} stands in a list alone, whose one element is repeated for each key; {{key_ids}} are all of them"
    )]
    KeyId,
}

/// A text of JSON, Base64 or plain characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Template {
    /// This text.
    Text(String),
    /// This JSON, as Base64 with padding (RFC 4648 §4).
    Base64(Value),
    /// This payload, as a signed token.
    Jwt {
        /// How it is signed.
        algorithm: JwtAlgorithm,
        /// The key, in bytes.
        key: Vec<u8>,
        /// What it says.
        payload: Value,
    },
}

impl Template {
    /// The text for one request.
    ///
    /// # Errors
    /// See [`TemplateError`]; the same for every request.
    pub fn fill(&self, entitlement: &Entitlement<'_>) -> Result<String, TemplateError> {
        match self {
            Self::Text(text) => entitlement.text(text, None),
            Self::Base64(json) => entitlement.json(json, None).map(|json| STANDARD.encode(json.to_string())),
            Self::Jwt { algorithm, key, payload } => {
                entitlement.json(payload, None).map(|payload| jwt::sign(*algorithm, key, &payload))
            }
        }
    }
}

impl Entitlement<'_> {
    fn json(&self, value: &Value, key: Option<&KeyId>) -> Result<Value, TemplateError> {
        Ok(match value {
            Value::String(text) => match self.number(text) {
                Some(number) => number.into(),
                None => self.text(text, key)?.into(),
            },
            Value::Array(list) => match list.as_slice() {
                [only] if key.is_none() && only.to_string().contains("{key_id}") => {
                    let each = self.key_ids.iter().map(|id| self.json(only, Some(id)));
                    each.collect::<Result<_, _>>()?
                }
                all => all.iter().map(|value| self.json(value, key)).collect::<Result<_, _>>()?,
            },
            Value::Object(members) => {
                let filled = members.iter().map(|(name, value)| Ok((name.clone(), self.json(value, key)?)));
                filled.collect::<Result<Map<_, _>, _>>()?.into()
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
        })
    }

    /// A text that is one number alone is that number in JSON.
    fn number(&self, text: &str) -> Option<i64> {
        match text {
            "{seconds}" => Some(self.expires - self.now),
            "{now}" => Some(self.now),
            "{expires}" => Some(self.expires),
            _ => None,
        }
    }

    fn text(&self, text: &str, key: Option<&KeyId>) -> Result<String, TemplateError> {
        let mut filled = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            filled.push_str(before);
            // JSON within a text has braces too, with no word between them
            match after.split_once('}').filter(|(word, _)| is_word(word)) {
                Some((word, after)) => {
                    filled.push_str(&self.word(word, key)?);
                    rest = after;
                }
                None => {
                    filled.push('{');
                    rest = after;
                }
            }
        }
        filled.push_str(rest);
        Ok(filled)
    }

    fn word(&self, word: &str, key: Option<&KeyId>) -> Result<String, TemplateError> {
        Ok(match word {
            "track" => self.track.to_string(),
            "country" => self.country.code().to_owned(),
            "key_id" => key.ok_or(TemplateError::KeyId)?.to_string(),
            "key_ids" => self.key_ids.iter().map(KeyId::to_string).collect::<Vec<_>>().join(","),
            "expires_at" => Timestamp::from_second(self.expires).unwrap_or(Timestamp::MAX).to_string(),
            other => match self.number(&format!("{{{other}}}")) {
                Some(number) => number.to_string(),
                None => return Err(TemplateError::Word(other.to_owned())),
            },
        })
    }
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRACK: &str = "INNDA2600001";

    fn filled(template: &Template) -> Result<String, TemplateError> {
        let track = TRACK.parse().unwrap();
        template.fill(&Entitlement {
            track: &track,
            key_ids: vec![KeyId::from_bytes([1; 16]), KeyId::from_bytes([2; 16])],
            country: Country::from_code("ID"),
            now: 1_800_000_000,
            expires: 1_800_000_600,
        })
    }

    fn text(text: &str) -> Result<String, TemplateError> {
        filled(&Template::Text(text.to_owned()))
    }

    #[test]
    fn words_stand_for_facts() {
        assert_eq!(text("?a={track}&b={seconds}&c={country}").unwrap(), "?a=INNDA2600001&b=600&c=ID");
        assert_eq!(
            text("{now} {expires} {expires_at}").unwrap(),
            "1800000000 1800000600 2027-01-15T08:10:00Z"
        );
        let one = "01010101-0101-0101-0101-010101010101";
        assert_eq!(text("{key_ids}").unwrap(), format!("{one},{}", one.replace('1', "2")));
        // no word: JSON in a text, and what is not closed
        assert_eq!(text(r#"{"id":"{track}"} {} { {A} {"#).unwrap(), r#"{"id":"INNDA2600001"} {} { {A} {"#);
        assert_eq!(text("{trak}"), Err(TemplateError::Word("trak".to_owned())));
        assert_eq!(text("{key_id}"), Err(TemplateError::KeyId));
    }

    #[test]
    fn in_json_numbers_are_numbers_and_a_list_of_keys_is_as_long_as_there_are_keys() {
        let json = serde_json::json!({ "inline": [{ "id": "{key_id}", "n": [1, "{track}"] }], "duration": "{seconds}" });
        let decoded = STANDARD.decode(filled(&Template::Base64(json)).unwrap()).unwrap();
        let id = |digit: &str| "01010101-0101-0101-0101-010101010101".replace('1', digit);
        let element = |digit| serde_json::json!({ "id": id(digit), "n": [1, TRACK] });
        let expected = serde_json::json!({ "inline": [element("1"), element("2")], "duration": 600 });
        assert_eq!(serde_json::from_slice::<Value>(&decoded).unwrap(), expected);
        let alone = Template::Base64(serde_json::json!({ "id": "{key_id}" }));
        assert_eq!(filled(&alone), Err(TemplateError::KeyId));
    }

    #[test]
    fn a_token_says_what_is_filled_in() {
        let payload = serde_json::json!({ "sub": "{track}" });
        let jwt = Template::Jwt { algorithm: JwtAlgorithm::Hs256, key: b"key".to_vec(), payload };
        let filled = filled(&jwt).unwrap();
        let said = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(filled.split('.').nth(1).unwrap());
        assert_eq!(said.unwrap(), br#"{"sub":"INNDA2600001"}"#);
    }
}
