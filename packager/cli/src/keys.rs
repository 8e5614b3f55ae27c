//! The key set of `NADA_KEYS`.

use std::path::{Path, PathBuf};

use clap::Args;
use nada_token::KeySet;

use crate::exit::{Code, failure};

/// Where the keys are.
#[derive(Args, Clone)]
pub struct KeyFile {
    /// The JWK Set with the signing keys, as `nada token keygen` prints it
    #[arg(long = "keys", env = "NADA_KEYS", value_name = "FILE")]
    file: Option<PathBuf>,
}

impl KeyFile {
    /// Whether a file was named.
    pub fn named(&self) -> bool {
        self.file.is_some()
    }

    /// Reads the key set.
    pub fn read(&self) -> anyhow::Result<KeySet> {
        let file = self.file.as_deref().ok_or_else(|| {
            failure(Code::Input, "no keys: name a JWK Set with --keys FILE or NADA_KEYS (make one with 'nada token keygen > keys.json')")
        })?;
        read(file)
    }
}

/// Reads a key set from a file.
pub fn read(file: &Path) -> anyhow::Result<KeySet> {
    let text = std::fs::read_to_string(file)
        .map_err(|error| failure(Code::Input, format!("keys: {}: {error}", file.display())))?;
    KeySet::from_json(&text)
        .map_err(|error| failure(Code::Input, format!("keys: {}: {error}", file.display())))
}
