//! Masters from the inbox to this machine, one master at a time, and only those that are packaged.

use std::{
    io,
    path::{Path, PathBuf},
};

use futures_util::future::BoxFuture;
use sha2::{Digest as _, Sha256};
use tokio::{fs, io::AsyncWriteExt as _};

use super::Inbox;
use crate::{
    publish::{Defect, LocalMaster, MasterInfo, MasterSource, PublishError},
    release_toml::Release,
    store::{MAX_PUT, Sha256Sum},
};

/// Bytes that stay free on the disk.
const RESERVE: u64 = 16 << 20;
/// How often one object is read on after its body broke off.
const READ_ATTEMPTS: u32 = 5;

/// The masters of one release, fetched to a folder of this machine when they are asked for.
#[derive(Debug, Clone)]
pub struct Download {
    inbox: Inbox,
    here: PathBuf,
}

/// What was read of an object.
struct ReadMaster {
    sha256: [u8; 32],
    bytes: u64,
}

/// Deletes a file when it is dropped.
struct Until(PathBuf);

impl Drop for Until {
    fn drop(&mut self) {
        // the folder it lies in is emptied by its creator
        let _ = std::fs::remove_file(&self.0);
    }
}

impl Download {
    /// The masters of a release whose paths lie below `here`.
    pub fn new(inbox: Inbox, here: &Path) -> Self {
        Self { inbox, here: here.to_owned() }
    }

    /// Fetches all lyrics, which publishing reads first.
    ///
    /// # Errors
    /// No room on this machine, and whatever the store says.
    pub async fn lyrics(&self, release: &Release) -> Result<(), PublishError> {
        for lyrics in release.tracks.iter().flat_map(|track| &track.lyrics) {
            let bytes = self.head(&lyrics.path).await?.bytes;
            self.write(&lyrics.path, bytes).await?;
        }
        Ok(())
    }

    fn name<'a>(&self, path: &'a Path) -> Result<&'a str, PublishError> {
        let name = path.strip_prefix(&self.here).ok().and_then(Path::to_str);
        Ok(name.ok_or_else(|| Defect::OutsideInbox(path.to_owned()))?)
    }

    async fn head(&self, path: &Path) -> Result<super::object::ObjectInfo, PublishError> {
        self.inbox.head(self.name(path)?).await?.ok_or_else(|| gone(path))
    }

    /// Writes an object of so many bytes to its path.
    async fn write(&self, path: &Path, bytes: u64) -> Result<ReadMaster, PublishError> {
        let disk = |source| PublishError::Disk { path: path.to_owned(), source };
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).await.map_err(disk)?;
        }
        let room = rustix::fs::statvfs(&self.here).map_err(|e| disk(e.into()))?;
        let (free, total) = (room.f_bavail * room.f_frsize, room.f_blocks * room.f_frsize);
        reserve(path, &self.here, bytes, free, total)?;
        let mut file = fs::File::create(path).await.map_err(disk)?;
        let read = self.read(path, Some(&mut file), bytes).await?;
        file.flush().await.map_err(disk)?;
        Ok(read)
    }

    /// Reads an object to its end, into `file` where there is one. A body that breaks off is read on from there, as long
    /// as it is the same object. One of more than `most` bytes is another.
    async fn read(
        &self,
        path: &Path,
        mut file: Option<&mut fs::File>,
        most: u64,
    ) -> Result<ReadMaster, PublishError> {
        let name = self.name(path)?;
        let mut object = self.inbox.open(name).await?.ok_or_else(|| gone(path))?;
        let etag = object.e_tag().map(str::to_owned);
        let mut hasher = Sha256::new();
        let (mut bytes, mut attempt) = (0, 1);
        loop {
            let broke_off = loop {
                match object.body.next().await {
                    None => return Ok(ReadMaster { sha256: hasher.finalize().into(), bytes }),
                    Some(Err(error)) => break error,
                    Some(Ok(part)) if bytes + part.len() as u64 > most => {
                        return Err(PublishError::Changed(path.to_owned()));
                    }
                    Some(Ok(part)) => {
                        if let Some(file) = file.as_mut() {
                            let written = file.write_all(&part).await;
                            written.map_err(|source| PublishError::Disk { path: path.to_owned(), source })?;
                        }
                        hasher.update(&part);
                        bytes += part.len() as u64;
                    }
                }
            };
            // without a tag nothing says that what follows belongs to what was read
            let Some(etag) = etag.as_deref().filter(|_| attempt < READ_ATTEMPTS) else {
                return Err(self.inbox.interrupted(name, broke_off).into());
            };
            attempt += 1;
            let rest = self.inbox.read_on(name, bytes, etag).await?;
            object = rest.ok_or_else(|| PublishError::Changed(path.to_owned()))?;
        }
    }
}

impl MasterSource for Download {
    fn stat<'a>(&'a self, master: &'a Path) -> BoxFuture<'a, Result<MasterInfo, PublishError>> {
        Box::pin(async move {
            let head = self.head(master).await?;
            // what `nada submit` wrote states its sum; anything else is read once more
            let ReadMaster { sha256, bytes } = match head.sha256 {
                Some(Sha256Sum(sha256)) => ReadMaster { sha256, bytes: head.bytes },
                None => self.read(master, None, MAX_PUT).await?,
            };
            Ok(MasterInfo { sha256, bytes, modified: None })
        })
    }

    fn fetch<'a>(
        &'a self,
        master: &'a Path,
        seen: &'a MasterInfo,
    ) -> BoxFuture<'a, Result<LocalMaster, PublishError>> {
        Box::pin(async move {
            let until = Until(master.to_owned());
            let read = self.write(master, seen.bytes).await?;
            if (read.sha256, read.bytes) != (seen.sha256, seen.bytes) {
                return Err(PublishError::Changed(master.to_owned()));
            }
            let failed = |source| PublishError::Disk { path: master.to_owned(), source };
            LocalMaster::with(master.to_owned(), Box::new(until)).map_err(failed)
        })
    }
}

/// Whether `bytes` more have room in `folder`, with a reserve left.
///
/// # Errors
/// [`PublishError::NoRoom`], which may be tried again where the whole file system would be large enough.
pub fn reserve(path: &Path, folder: &Path, bytes: u64, free: u64, total: u64) -> Result<(), PublishError> {
    let needed = bytes.saturating_add(RESERVE);
    if needed <= free {
        return Ok(());
    }
    Err(PublishError::NoRoom { path: path.to_owned(), folder: folder.to_owned(), needed, free, total })
}

fn gone(path: &Path) -> PublishError {
    PublishError::File { path: path.to_owned(), source: io::ErrorKind::NotFound.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_master_needs_room_and_the_error_says_how_much() {
        let at = |bytes, free, total| reserve(Path::new("01.wav"), Path::new("/tmp"), bytes, free, total);
        let mib = 1 << 20;
        assert!(at(100 * mib, 116 * mib, 512 * mib).is_ok());
        let later = at(100 * mib, 116 * mib - 1, 512 * mib).unwrap_err();
        assert!(later.is_retryable());
        let never = at(600 * mib, 512 * mib, 512 * mib).unwrap_err();
        assert!(!never.is_retryable());
        assert_eq!(never.class(), crate::ErrorClass::Output);
        let message = never.to_string();
        assert!(
            message.starts_with("01.wav: 645922816 bytes are needed") && message.contains("ephemeral"),
            "{message}"
        );
    }
}
