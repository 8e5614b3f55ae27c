//! What AWS Secrets Manager keeps, read once for an instance: the key to a store that takes no role of AWS, such as Cloudflare
//! R2, and the seed of content keys.

use aws_sdk_secretsmanager::Client;
use nada_protection::{Seed, SeedError};
use nada_publish::store::{Location, Retries, error_text, shared_config};
use serde::Deserialize;
use zeroize::Zeroizing;

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// Secrets Manager does not give it.
    #[error(
        "secret {name}: {why}: look at its name, and whether this function's role may secretsmanager:GetSecretValue"
    )]
    Withheld {
        /// The secret's name or ARN.
        name: String,
        /// What Secrets Manager says.
        why: String,
    },
    /// It is something else. What it holds is not repeated.
    #[error("secret {0} is no JSON object of two texts, access_key_id and secret_access_key")]
    Strange(String),
    /// It is no seed. What it holds is not repeated.
    #[error("secret {name}: {source}")]
    NoSeed {
        /// The secret's name or ARN.
        name: String,
        /// Why.
        source: SeedError,
    },
}

/// A key as the secret holds it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    access_key_id: String,
    secret_access_key: String,
}

/// The id and the secret of the key that a secret of the function's region holds:
/// `{"access_key_id": "…", "secret_access_key": "…"}`.
///
/// # Errors
/// It is withheld, or holds something else.
pub async fn key(name: &str) -> Result<(String, String), SecretError> {
    read(&text(name).await?).ok_or_else(|| SecretError::Strange(name.to_owned()))
}

/// The seed that a secret of the function's region holds: 64 hexadecimal digits.
///
/// # Errors
/// It is withheld, or holds something else.
pub async fn seed(name: &str) -> Result<Seed, SecretError> {
    let text = text(name).await?;
    Seed::parse(&text).map_err(|source| SecretError::NoSeed { name: name.to_owned(), source })
}

async fn text(name: &str) -> Result<Zeroizing<String>, SecretError> {
    let environment = Location { bucket: String::new(), endpoint_url: None, region: None, credentials: None };
    let client =
        Client::new(&shared_config(&environment, &Retries { attempts: 3, ..Retries::default() }).await);
    let answer = client.get_secret_value().secret_id(name).send().await;
    let answer =
        answer.map_err(|error| SecretError::Withheld { name: name.to_owned(), why: error_text(&error) })?;
    Ok(answer.secret_string().unwrap_or_default().to_owned().into())
}

fn read(text: &str) -> Option<(String, String)> {
    let Written { access_key_id, secret_access_key } = serde_json::from_str(text).ok()?;
    let whole = !access_key_id.is_empty() && !secret_access_key.is_empty();
    whole.then_some((access_key_id, secret_access_key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_texts_are_a_key_and_nothing_else_is() {
        let key = read(r#"{"access_key_id": "id", "secret_access_key": "hush"}"#);
        assert_eq!(key, Some(("id".to_owned(), "hush".to_owned())));
        for text in [
            "",
            "hush",
            r#"{"access_key_id": "id"}"#,
            r#"{"access_key_id": "", "secret_access_key": "hush"}"#,
            r#"{"access_key_id": "id", "secret_access_key": 7}"#,
            r#"{"access_key_id": "id", "secret_access_key": "hush", "token": "more"}"#,
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
