//! The key set of `NADA_KEYS`.

use std::path::{Path, PathBuf};

use clap::Args;
use nada_token::KeySet;

use crate::{
    exit::{Code, failure},
    secret,
};

/// A larger file is no key set, in bytes: 1 MiB.
const MOST: u64 = 1 << 20;
/// What messages call them.
const KEYS: &str = "keys";

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

    /// Reads the key set, and warns where others may.
    pub fn read(&self) -> anyhow::Result<KeySet> {
        let keys = self.read_silently()?;
        self.warn_of_others();
        Ok(keys)
    }

    /// Says so where others than the owner may read the file.
    pub fn warn_of_others(&self) {
        self.file.iter().for_each(|file| secret::warn_of_others(KEYS, file));
    }

    /// Reads the key set.
    pub fn read_silently(&self) -> anyhow::Result<KeySet> {
        let file = self.file.as_deref().ok_or_else(|| {
            failure(Code::Input, "no keys: name a JWK Set with --keys FILE or NADA_KEYS (make one with 'nada token keygen > keys.json')")
        })?;
        parsed(file)
    }
}

/// Reads a key set from a file, and warns where others may.
pub fn read(file: &Path) -> anyhow::Result<KeySet> {
    let keys = parsed(file)?;
    secret::warn_of_others(KEYS, file);
    Ok(keys)
}

fn parsed(file: &Path) -> anyhow::Result<KeySet> {
    let text = secret::read_text(KEYS, file, MOST)?;
    KeySet::from_json(&text).map_err(|error| secret::wrong(KEYS, file, &error))
}
