//! The licence servers of vendors: their addresses, and how they know who asks.

use std::collections::BTreeMap;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use nada_catalog::{Country, TrackId};
use nada_protection::KeyId;
use serde_json::Value;

use super::{
    jwt::JwtAlgorithm,
    system::LicenseSystem,
    template::{Entitlement, Template, TemplateError},
};

/// Where licences of each system come from. Its `Debug` shows no header field, since those are secrets.
#[derive(Clone, Default)]
pub struct LicenseServers {
    servers: BTreeMap<LicenseSystem, LicenseServer>,
    certificate: Option<Vec<u8>>,
}

/// One licence server.
#[derive(Clone)]
pub struct LicenseServer {
    /// Its address, with words to fill.
    pub(super) url: Template,
    /// The header fields of a request to it, by their lowercase names.
    pub(super) headers: Vec<(String, Template)>,
}

/// Why a text names no licence servers. No message repeats a value, since those may be secrets.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LicenseServersError {
    /// It is not JSON, or not an object of objects.
    #[error(
        "licence servers are JSON such as {{\"widevine\": {{\"url\": \"https://…\", \"headers\": {{}}}}}}: {0}"
    )]
    Json(String),
    /// A system that has no licence server.
    #[error("{0:?} is none of widevine, playready and fairplay (the edge answers clearkey itself)")]
    System(String),
    /// A member that is not known.
    #[error("{0}: {1:?} is none of url and headers, and of fairplay certificate")]
    Member(&'static str, String),
    /// An address that cannot be asked.
    #[error("{0}: url must begin with https://, or with http:// on this machine alone (127.0.0.1)")]
    Url(&'static str),
    /// A header field that cannot be sent.
    #[error(
        "{0}: {1:?} cannot be a header field: names are lowercase and not host, content-length, connection or \
         transfer-encoding; values are texts, {{\"base64\": …}}, or {{\"jwt\": …, \"key\": \"Base64\", \"alg\": \"HS256\"}}"
    )]
    Header(&'static str, String),
    /// A text that cannot be filled.
    #[error("{0}: {1}")]
    Template(&'static str, TemplateError),
    /// A certificate that is none.
    #[error("fairplay: certificate must be the Base64 of the certificate that Apple gave, in DER")]
    Certificate,
}

/// More is no certificate, in bytes.
const MOST_CERTIFICATE: usize = 8192;

impl LicenseServers {
    /// Reads the servers of each system from JSON.
    ///
    /// # Errors
    /// See [`LicenseServersError`].
    pub fn from_json(text: &str) -> Result<Self, LicenseServersError> {
        let json: BTreeMap<String, BTreeMap<String, Value>> =
            serde_json::from_str(text).map_err(|error| LicenseServersError::Json(place(&error)))?;
        let mut all = Self::default();
        for (name, members) in json {
            let system = name.parse().ok().filter(|system| *system != LicenseSystem::ClearKey);
            let system: LicenseSystem = system.ok_or(LicenseServersError::System(name))?;
            if let Some(server) = all.server(system, members)? {
                all.servers.insert(system, server);
            }
        }
        Ok(all)
    }

    /// The certificate that FairPlay encrypts licence requests for, in DER.
    pub fn certificate(&self) -> Option<&[u8]> {
        self.certificate.as_deref()
    }

    /// Whether no system has a server.
    pub fn is_empty(&self) -> bool {
        self.servers.is_empty()
    }

    pub(super) fn of(&self, system: LicenseSystem) -> Option<&LicenseServer> {
        self.servers.get(&system)
    }

    fn server(
        &mut self,
        system: LicenseSystem,
        members: BTreeMap<String, Value>,
    ) -> Result<Option<LicenseServer>, LicenseServersError> {
        let name = system.name();
        let (mut url, mut headers) = (None, Vec::new());
        for (member, value) in members {
            match (member.as_str(), value) {
                ("url", Value::String(text)) => {
                    url = Some(address(text).ok_or(LicenseServersError::Url(name))?);
                }
                ("headers", Value::Object(fields)) => {
                    for (field, value) in fields {
                        let template = header(&field, value);
                        headers
                            .push((field.clone(), template.ok_or(LicenseServersError::Header(name, field))?));
                    }
                }
                ("certificate", Value::String(text)) if system == LicenseSystem::FairPlay => {
                    let bytes = STANDARD.decode(text).ok().filter(|bytes| is_certificate(bytes));
                    self.certificate = Some(bytes.ok_or(LicenseServersError::Certificate)?);
                }
                _ => return Err(LicenseServersError::Member(name, member)),
            }
        }
        // a certificate may stand alone, where players ask the vendor themselves
        let Some(url) = url else {
            let alone = headers.is_empty() && self.certificate.is_some() && system == LicenseSystem::FairPlay;
            return if alone { Ok(None) } else { Err(LicenseServersError::Url(name)) };
        };
        let server = LicenseServer { url, headers };
        server.is_fillable().map_err(|error| LicenseServersError::Template(name, error))?;
        Ok(Some(server))
    }
}

impl LicenseServer {
    /// Whether every word in braces stands for something: found when the server starts, and not at the first request.
    fn is_fillable(&self) -> Result<(), TemplateError> {
        let Ok(track) = "a".parse::<TrackId>() else { return Ok(()) };
        let key_ids = vec![KeyId::from_bytes([0; 16])];
        let sample = Entitlement { track: &track, key_ids, country: Country::Unknown, now: 0, expires: 1 };
        for (_, template) in &self.headers {
            template.fill(&sample)?;
        }
        self.url.fill(&sample).map(|_| ())
    }
}

/// Where JSON is wrong, without the text there.
fn place(error: &serde_json::Error) -> String {
    format!("line {}, column {}", error.line(), error.column())
}

fn address(text: String) -> Option<Template> {
    let visible = text.bytes().all(|byte| byte.is_ascii_graphic());
    let rest = text.strip_prefix("https://").or_else(|| {
        let rest = text.strip_prefix("http://")?;
        (rest.starts_with("127.0.0.1:") || rest.starts_with("127.0.0.1/")).then_some(rest)
    });
    // a word must not choose the host
    let host = rest?.split(['/', '?', '#']).next()?;
    (visible && !host.is_empty() && !host.contains(['{', '@'])).then_some(Template::Text(text))
}

fn header(name: &str, value: Value) -> Option<Template> {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_".contains(&byte);
    let ours = ["host", "content-length", "connection", "transfer-encoding"].contains(&name);
    if name.is_empty() || !name.bytes().all(plain) || ours {
        return None;
    }
    match value {
        Value::String(text) => {
            let sendable = text.bytes().all(|byte| (b' '..=b'~').contains(&byte));
            sendable.then_some(Template::Text(text))
        }
        Value::Object(mut members) => {
            let key = members.remove("key");
            let alg = members.remove("alg");
            let [(kind, json)] = <[_; 1]>::try_from(members.into_iter().collect::<Vec<_>>()).ok()?;
            match (kind.as_str(), key, alg) {
                ("base64", None, None) => Some(Template::Base64(json)),
                ("jwt", Some(Value::String(key)), Some(Value::String(alg))) => Some(Template::Jwt {
                    algorithm: JwtAlgorithm::from_name(&alg)?,
                    key: STANDARD.decode(key).ok().filter(|key| !key.is_empty())?,
                    payload: json,
                }),
                _ => None,
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => None,
    }
}

/// DER: a SEQUENCE (X.690 §8.9).
fn is_certificate(bytes: &[u8]) -> bool {
    bytes.first() == Some(&0x30) && bytes.len() <= MOST_CERTIFICATE
}

impl std::fmt::Debug for LicenseServers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.servers.keys()).finish()
    }
}

impl std::fmt::Debug for LicenseServer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("LicenseServer(hidden)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As vendors are known to want it: an entitlement in a signed token, custom data in Base64, a word in the address.
    const THREE: &str = r#"{
        "widevine": { "url": "https://drm.example/AcquireLicense", "headers": { "x-axdrm-message": {
            "jwt": { "version": 1, "com_key_id": "7", "message": { "type": "entitlement_message", "version": 2,
                "license": { "expiration_datetime": "{expires_at}" },
                "content_keys_source": { "inline": [{ "id": "{key_id}" }] } } },
            "key": "c2VjcmV0", "alg": "HS256" } } },
        "playready": { "url": "https://lic.example/rightsmanager.asmx?assetId={track}",
            "headers": { "dt-custom-data": { "base64": { "merchant": "acme", "userId": "listener" } } } },
        "fairplay": { "url": "http://127.0.0.1:9/ckc?p1={seconds}", "certificate": "MAA=" }
    }"#;

    #[test]
    fn what_vendors_want_can_be_said() {
        let servers = LicenseServers::from_json(THREE).unwrap();
        assert_eq!(format!("{servers:?}"), "{Widevine, PlayReady, FairPlay}");
        assert_eq!(servers.certificate(), Some(&[0x30, 0][..]));
        let alone = LicenseServers::from_json(r#"{"fairplay":{"certificate":"MAA="}}"#).unwrap();
        assert!(alone.is_empty() && alone.certificate().is_some());
    }

    #[test]
    fn what_cannot_work_is_refused_without_a_word_of_its_secrets() {
        let with = |member: &str| format!(r#"{{"widevine":{{"url":"https://a.example/",{member}}}}}"#);
        let url = |url: &str| format!(r#"{{"widevine":{{"url":"{url}"}}}}"#);
        for (text, part) in [
            ("[]".to_owned(), "licence servers are JSON"),
            (r#"{"widevine":"secret"}"#.to_owned(), "line 1, column"),
            (r#"{"clearkey":{}}"#.to_owned(), "answers clearkey itself"),
            (r#"{"widevine":{}}"#.to_owned(), "url must begin"),
            (url("http://secret.example/"), "url must begin"),
            (url("http://127.0.0.1.secret.example/"), "url must begin"),
            (url("https://{track}.secret.example/"), "url must begin"),
            (url("https://127.0.0.1@secret.example/"), "url must begin"),
            (url("https:///secret"), "url must begin"),
            (url("https://a.example/{secret}"), "{secret} stands for nothing"),
            (with(r#""certificate":"MAA=""#), "\"certificate\" is none of"),
            (with(r#""headers":{"Host":"secret"}"#), "\"Host\" cannot be"),
            (with(r#""headers":{"host":"secret"}"#), "\"host\" cannot be"),
            (with(r#""headers":{"x":7}"#), "\"x\" cannot be"),
            (with(r#""headers":{"x":"secret\n"}"#), "\"x\" cannot be"),
            (with(r#""headers":{"x":{"jwt":{},"alg":"none","key":"c2VjcmV0"}}"#), "\"x\" cannot be"),
            (with(r#""headers":{"x":{"jwt":{},"alg":"HS256","key":"sec ret"}}"#), "\"x\" cannot be"),
            (with(r#""headers":{"x":{"jwt":{},"base64":{}}}"#), "\"x\" cannot be"),
            (with(r#""headers":{"x":{"base64":{"id":"{key_id}"}}}"#), "{key_ids} are all"),
        ] {
            let message = LicenseServers::from_json(&text).unwrap_err().to_string();
            assert!(message.contains(part), "{text}: {message}");
            assert!(part.contains("secret") || !message.contains("secret"), "{message}");
        }
        let fairplay = r#"{"fairplay":{"certificate":"secret"}}"#;
        assert_eq!(LicenseServers::from_json(fairplay).unwrap_err(), LicenseServersError::Certificate);
    }
}
