//! Where content keys come from: the seed of `NADA_SEED`, or a key server.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use clap::Args;
use http::{HeaderName, HeaderValue};
use nada_protection::{DerivedKeys, KeySource, Seed, SpekeKeys};

use crate::{
    exit::{Code, failure},
    secret,
    speke::{Authentication, KeyServer, KeyServerUrl},
};

/// A larger file holds no header, in bytes.
const MOST: u64 = 4096;

/// Where the keys of protected tracks come from.
#[derive(Args, Clone)]
pub struct KeySourceArgs {
    /// The file with the seed that the keys of protected tracks are derived from: 64 hexadecimal digits
    #[arg(long, value_name = "FILE", env = "NADA_SEED")]
    seed: Option<PathBuf>,
    /// The key server that is asked for them instead, by SPEKE 2
    #[arg(long, value_name = "URL", env = "NADA_SPEKE_URL", conflicts_with = "seed")]
    speke_url: Option<KeyServerUrl>,
    /// The file with the header that the key server knows this by: Name: value
    #[arg(long, value_name = "FILE", env = "NADA_SPEKE_HEADER", requires = "speke_url")]
    speke_header: Option<PathBuf>,
    /// The region of a key server that knows this by AWS Signature Version 4, with the credentials of the SDK's own chain
    #[arg(long, value_name = "REGION", requires = "speke_url", conflicts_with = "speke_header")]
    speke_region: Option<String>,
    /// How long the key server may take
    #[arg(long, value_name = "TIME", default_value = "20s", value_parser = humantime::parse_duration)]
    speke_timeout: Duration,
}

impl KeySourceArgs {
    /// The source, where one is named.
    pub fn open(&self) -> anyhow::Result<Option<Arc<dyn KeySource>>> {
        if let Some(url) = &self.speke_url {
            let authentication = match (&self.speke_header, &self.speke_region) {
                (Some(file), _) => header(file)?,
                (None, Some(region)) => Authentication::Signature(region.clone()),
                (None, None) => Authentication::Nothing,
            };
            let server = KeyServer { url: url.clone(), authentication, patience: self.speke_timeout };
            return Ok(Some(Arc::new(SpekeKeys::new(server))));
        }
        let seed = self.seed.as_deref().map(seed).transpose()?;
        Ok(seed.map(|seed| Arc::new(DerivedKeys::new(seed)) as Arc<dyn KeySource>))
    }
}

fn seed(file: &Path) -> anyhow::Result<Seed> {
    let seed = secret::read_seed(file)?;
    secret::warn_of_others("seed", file);
    Ok(seed)
}

fn header(file: &Path) -> anyhow::Result<Authentication> {
    let text = secret::read_text("header", file, MOST)?;
    secret::warn_of_others("header", file);
    let header = text.trim().split_once(':').and_then(|(name, value)| {
        let name = HeaderName::from_bytes(name.trim().as_bytes()).ok()?;
        let mut value = HeaderValue::from_str(value.trim()).ok().filter(|value| !value.is_empty())?;
        value.set_sensitive(true);
        Some(Authentication::Header(name, value))
    });
    let wrong =
        || failure(Code::Input, format!("header: {}: expected one line, Name: value", file.display()));
    header.ok_or_else(wrong)
}
