//! How a presentation is protected, as ready text.

use serde::{Deserialize, Serialize};

use crate::multivariant::PresentationKind;

/// What is stored of a presentation's protection: nothing where it is not protected. No key is in it.
///
/// It is text that serving media passes on without reading it: first what a licence is decided by, such as
/// `cbcs,lead=2,keys=1,lossy=…,lossless=…` (scheme, segments in the clear, key version, key ids), then the lines of
/// EXT-X-SESSION-KEY for the AAC renditions, then those for FLAC.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct ProtectionText(Vec<String>);

impl ProtectionText {
    /// The text of a protection, with the lines of its lossy and its lossless key, each with its end.
    pub fn new(description: String, lossy: String, lossless: String) -> Self {
        Self(vec![description, lossy, lossless])
    }

    /// Whether the presentation is in the clear.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What a licence is decided by.
    pub fn description(&self) -> Option<&str> {
        self.0.first().map(String::as_str)
    }

    /// The lines of EXT-X-SESSION-KEY (RFC 8216 §4.3.4.5) of a multivariant playlist, each with its end.
    pub fn session_keys(&self, kind: PresentationKind) -> &str {
        let place = match kind {
            PresentationKind::Aac => 1,
            PresentationKind::Lossless => 2,
        };
        self.0.get(place).map_or("", String::as_str)
    }
}
