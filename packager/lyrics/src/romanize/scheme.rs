use serde::{Deserialize, Serialize};

/// How sounds are written in Latin letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scheme {
    /// As people type it, in ASCII: `zindagi`, `vanakkam`. Tagged `hi-Latn`.
    Readable,
    /// ISO 15919, letter by letter: `ziṁdagī`, `vaṇakkam`. Tagged `hi-Latn-t-hi-deva-m0-iso`.
    Iso15919,
}
