//! What licences of protected tracks are made of: a seed, and the licence servers of vendors.

use std::path::PathBuf;

use clap::Args;
use nada_edge::license::{DerivedKeys, LicenseServers, Licenses};

use crate::secret;

/// A larger file names no licence servers, in bytes: 64 KiB.
const MOST_SERVERS: u64 = 64 * 1024;
/// What messages call them.
const SERVERS: &str = "licence servers";

/// Where licences come from.
#[derive(Args, Clone)]
pub struct LicenseArgs {
    /// The file with the seed that the keys of protected tracks are derived from: ClearKey licences are made of it
    #[arg(long, value_name = "FILE", env = "NADA_SEED")]
    seed: Option<PathBuf>,
    /// The licence servers of Widevine, PlayReady and FairPlay: a JSON file as the worker's NADA_LICENSE_SERVERS, with url
    /// and headers of each
    #[arg(long, value_name = "FILE", env = "NADA_LICENSE_SERVERS")]
    license_servers: Option<PathBuf>,
}

impl LicenseArgs {
    /// Reads the files.
    pub fn open(&self) -> anyhow::Result<Licenses> {
        let keys = self.seed.as_deref().map(|file| secret::read_seed(file).map(DerivedKeys::new));
        let servers = self.license_servers.as_deref().map(|file| {
            let text = secret::read_text(SERVERS, file, MOST_SERVERS)?;
            LicenseServers::from_json(&text).map_err(|error| secret::wrong(SERVERS, file, &error))
        });
        Ok(Licenses { keys: keys.transpose()?, servers: servers.transpose()?.unwrap_or_default() })
    }

    /// Says so where others than the owner may read the files.
    pub fn warn_of_others(&self) {
        self.seed.iter().for_each(|file| secret::warn_of_others("seed", file));
        self.license_servers.iter().for_each(|file| secret::warn_of_others(SERVERS, file));
    }
}
