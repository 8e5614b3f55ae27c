//! Where a release's masters come from. On a developer's machine they lie beside `release.toml`; a function with a
//! small disk fetches each one only when it is packaged.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::SystemTime,
};

use futures_util::future::BoxFuture;
use nada_pipeline::regular;
use sha2::{Digest as _, Sha256};

use super::{defect::Defect, error::PublishError};

/// What is known of a master without having it here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MasterInfo {
    /// Its SHA-256.
    pub sha256: [u8; 32],
    /// Its size in bytes.
    pub bytes: u64,
    /// When it was last written, where that is known.
    pub modified: Option<SystemTime>,
}

/// A master's file on this machine.
pub struct LocalMaster {
    path: PathBuf,
    state: (u64, Option<SystemTime>),
    _until: Option<Box<dyn Send + Sync>>,
}

/// Where masters come from.
pub trait MasterSource: Send + Sync {
    /// Looks up size and sum of a master, which may be far away.
    fn stat<'a>(&'a self, master: &'a Path) -> BoxFuture<'a, Result<MasterInfo, PublishError>>;

    /// Fetches a master to this machine, with the bytes that `seen` describes.
    fn fetch<'a>(
        &'a self,
        master: &'a Path,
        seen: &'a MasterInfo,
    ) -> BoxFuture<'a, Result<LocalMaster, PublishError>>;
}

/// Masters that are on this machine already.
#[derive(Debug, Clone, Copy)]
pub struct LocalFiles;

impl MasterSource for LocalFiles {
    fn stat<'a>(&'a self, master: &'a Path) -> BoxFuture<'a, Result<MasterInfo, PublishError>> {
        let master = master.to_owned();
        Box::pin(async move {
            tokio::task::spawn_blocking(move || MasterInfo::of_file(&master))
                .await
                .map_err(Defect::Hashing)?
        })
    }

    fn fetch<'a>(
        &'a self,
        master: &'a Path,
        seen: &'a MasterInfo,
    ) -> BoxFuture<'a, Result<LocalMaster, PublishError>> {
        let local = LocalMaster { path: master.to_owned(), state: (seen.bytes, seen.modified), _until: None };
        Box::pin(std::future::ready(Ok(local)))
    }
}

impl MasterInfo {
    /// Reads a file of this machine once.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub fn of_file(path: &Path) -> Result<Self, PublishError> {
        let failed = |source| PublishError::File { path: path.to_owned(), source };
        let (bytes, modified) = state(path).map_err(failed)?;
        let mut hasher = Sha256::new();
        let mut file = regular::open(path).map_err(failed)?;
        let mut buffer = vec![0; 1 << 16];
        loop {
            match io::Read::read(&mut file, &mut buffer).map_err(failed)? {
                0 => break,
                length => hasher.update(buffer.get(..length).unwrap_or_default()),
            }
        }
        Ok(Self { sha256: hasher.finalize().into(), bytes, modified })
    }
}

impl LocalMaster {
    /// A file that was written here for this purpose, and goes when `until` is dropped.
    ///
    /// # Errors
    /// Where it is not there.
    pub fn with(path: PathBuf, until: Box<dyn Send + Sync>) -> io::Result<Self> {
        Ok(Self { state: state(&path)?, path, _until: Some(until) })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether the file is as it was, so that what was made of it is what its hash says. `master` is its name.
    pub(super) fn check(&self, master: &Path) -> Result<(), PublishError> {
        let now =
            state(&self.path).map_err(|source| PublishError::File { path: master.to_owned(), source })?;
        if now == self.state { Ok(()) } else { Err(PublishError::Changed(master.to_owned())) }
    }
}

fn state(path: &Path) -> io::Result<(u64, Option<SystemTime>)> {
    let metadata = fs::metadata(path)?;
    Ok((metadata.len(), metadata.modified().ok()))
}
