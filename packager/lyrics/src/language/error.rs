//! Why a text is no language tag.

/// Not a language tag that can name a layer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("language tag {tag}: {reason}")]
pub struct LanguageError {
    /// What was given: quoted, escaped and shortened.
    pub tag: String,
    /// What is wrong with it.
    pub reason: String,
}
