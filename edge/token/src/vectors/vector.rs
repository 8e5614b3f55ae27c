//! A test vector as its file has it.

use crate::request::TokenRequest;
use crate::{KeySet, verify};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One token, one request, and what becomes of it.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Vector {
    pub name: String,
    pub token: String,
    /// What the token says, by claim names, as `nada token inspect` shows it; for people and for signers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claims: Option<Value>,
    pub request: VectorRequest,
    /// `allowed`, or the stable error code.
    pub outcome: String,
    /// Why it is refused: for logs, and so that a vector is refused for the reason it was made for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// What is asked with the token.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VectorRequest {
    pub now: i64,
    pub method: String,
    pub scheme: String,
    pub host: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub port: Option<u16>,
    pub path: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audience: Option<String>,
}

impl VectorRequest {
    /// Outcome and reason.
    pub fn with(&self, token: &str, keys: &KeySet) -> (String, Option<String>) {
        let judged = TokenRequest {
            now: self.now,
            method: &self.method,
            scheme: &self.scheme,
            host: &self.host,
            port: self.port,
            path: &self.path,
            country: self.country.as_deref(),
            client: self.client.as_ref().map(|client| client.parse().unwrap()),
            issuer: self.issuer.as_deref(),
            audience: self.audience.as_deref(),
        };
        match verify(token, keys).and_then(|claims| claims.judge(&judged)) {
            Ok(()) => ("allowed".to_owned(), None),
            Err(refusal) => (refusal.code().to_owned(), Some(refusal.to_string())),
        }
    }
}
