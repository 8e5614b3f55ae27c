//! Reading and writing the stored JSON: size first, then the format, then the content.

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{FORMAT, strict::Strict};

/// The largest stored JSON that is read, in bytes: `changes.json` with 5,000 entries takes a tenth of it.
pub const MAX_JSON: usize = 4 * 1024 * 1024;

/// A stored object that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum StoredError {
    /// More than [`MAX_JSON`] bytes.
    #[error("{0} bytes of JSON, more than the {MAX_JSON} that are read")]
    TooLarge(usize),
    /// Written by a version of Nada whose format this one does not know.
    #[error("format {0}, but this version of Nada reads format {FORMAT} only")]
    UnknownFormat(u64),
    /// Not the JSON that was expected.
    #[error("not the expected JSON: {0}")]
    Json(#[from] serde_json::Error),
}

#[derive(Deserialize)]
struct FormatField {
    format: u64,
}

/// Reads a stored object.
///
/// ```
/// use nada_catalog::{Revocations, StoredError, from_json, to_json};
///
/// let bytes = to_json(&Revocations::default())?;
/// assert_eq!(from_json::<Revocations>(&bytes)?, Revocations::default());
/// let newer = from_json::<Revocations>(br#"{"format":3}"#);
/// assert!(matches!(newer, Err(StoredError::UnknownFormat(3))));
/// # Ok::<(), StoredError>(())
/// ```
///
/// # Errors
/// Too large, of an unknown format, or not of the type's shape: unknown fields are errors too.
pub fn from_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, StoredError> {
    if bytes.len() > MAX_JSON {
        return Err(StoredError::TooLarge(bytes.len()));
    }
    let FormatField { format } = strict(bytes)?;
    if format != u64::from(FORMAT) {
        return Err(StoredError::UnknownFormat(format));
    }
    Ok(strict(bytes)?)
}

fn strict<T: DeserializeOwned>(bytes: &[u8]) -> serde_json::Result<T> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = T::deserialize(Strict(&mut reader))?;
    reader.end()?;
    Ok(value)
}

/// Writes a stored object: compact JSON, the same bytes for the same value.
///
/// # Errors
/// Larger than what [`from_json`] reads: nothing is to be stored that nobody can read.
pub fn to_json<T: Serialize>(value: &T) -> Result<Vec<u8>, StoredError> {
    let json = serde_json::to_vec(value)?;
    if json.len() > MAX_JSON { Err(StoredError::TooLarge(json.len())) } else { Ok(json) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_array_is_no_object() {
        let read = |text: &str| from_json::<crate::Changes>(text.as_bytes());
        assert!(
            read(
                r#"{"format":2,"floor":0,"entries":[{"track":"t","revision":2,"at":"2026-01-01T00:00:00Z"}]}"#
            )
            .is_ok()
        );
        for bad in [
            r#"[2,0,[]]"#,
            r#"{"format":2,"floor":0,"entries":[["t",2,"2026-01-01T00:00:00Z"]]}"#,
            r#"{"format":2,"floor":0,"entries":[]"#,
            r#"{"format":2,"floor":0,"entries":[]}x"#,
        ] {
            assert!(matches!(read(bad), Err(StoredError::Json(_))), "{bad}");
        }
    }

    #[test]
    fn nothing_is_written_that_could_not_be_read() {
        let text = |length: usize| to_json(&"a".repeat(length));
        assert_eq!(text(MAX_JSON - 2).unwrap().len(), MAX_JSON);
        assert!(matches!(text(MAX_JSON - 1), Err(StoredError::TooLarge(n)) if n == MAX_JSON + 1));
    }
}
