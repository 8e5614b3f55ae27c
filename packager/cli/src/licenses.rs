//! What licences of protected tracks are made of: a seed, and the licence servers of vendors.

use std::path::{Path, PathBuf};

use clap::Args;
use nada_edge::license::{DerivedKeys, LicenseServers, Licenses, Seed};
use nada_pipeline::regular;

use crate::{
    exit::{Code, failure},
    secret,
    terminal::print_notice,
};

/// A larger file is no seed, in bytes.
const MOST_SEED: u64 = 4096;
/// A larger file names no licence servers, in bytes: 64 KiB.
const MOST_SERVERS: u64 = 64 * 1024;

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
        let keys = self.seed.as_deref().map(|file| {
            let text = text("seed", file, MOST_SEED)?;
            let seed = Seed::parse(&text).map_err(|error| wrong("seed", file, &error))?;
            anyhow::Ok(DerivedKeys::new(seed))
        });
        let servers = self.license_servers.as_deref().map(|file| {
            let text = text("licence servers", file, MOST_SERVERS)?;
            LicenseServers::from_json(&text).map_err(|error| wrong("licence servers", file, &error))
        });
        Ok(Licenses { keys: keys.transpose()?, servers: servers.transpose()?.unwrap_or_default() })
    }

    /// Says so where others than the owner may read the files.
    pub fn warn_of_others(&self) {
        for file in [&self.seed, &self.license_servers].into_iter().flatten() {
            if secret::is_exposed(file) {
                print_notice!("nada: warning: {}: others may read or change it: chmod 600", file.display());
            }
        }
    }
}

fn text(what: &str, file: &Path, most: u64) -> anyhow::Result<String> {
    regular::read_text(file, most).map_err(|error| wrong(what, file, &error))
}

fn wrong(what: &str, file: &Path, error: &dyn std::error::Error) -> anyhow::Error {
    failure(Code::Input, format!("{what}: {}: {error}", file.display()))
}
