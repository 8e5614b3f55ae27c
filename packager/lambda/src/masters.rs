//! The masters bucket: a release's files, brought to this machine.

use std::path::Path;

use aws_sdk_s3::{Client, error::DisplayErrorContext};
use tokio::{fs::File, io::copy};

use crate::event::Inbox;

/// The most files one release's folder may hold.
pub const MAX_FILES: usize = 5_000;
/// The most bytes of one release: what Lambda's /tmp may be given.
pub const MAX_BYTES: u64 = 10 * 1024 * 1024 * 1024;

/// Why a release's files could not be brought here.
#[derive(Debug, thiserror::Error)]
pub enum MastersError {
    /// S3 did not give them.
    #[error("s3://{bucket}/{key}: {message}")]
    Storage {
        /// The masters bucket.
        bucket: String,
        /// The key or prefix.
        key: String,
        /// What S3 said.
        message: String,
    },
    /// They cannot be written here.
    #[error("{path}: {error}")]
    Disk {
        /// The file.
        path: String,
        /// Why.
        error: std::io::Error,
    },
    /// A name that would leave the folder.
    #[error("s3://{bucket}/{key}: a release's files lie in folders of plain names")]
    Name {
        /// The masters bucket.
        bucket: String,
        /// The key.
        key: String,
    },
    /// More than [`MAX_FILES`] or [`MAX_BYTES`].
    #[error("s3://{bucket}/{prefix}: more than {MAX_FILES} files or {MAX_BYTES} bytes")]
    TooLarge {
        /// The masters bucket.
        bucket: String,
        /// The prefix.
        prefix: String,
    },
}

/// Writes every file of the inbox below `folder`, as a stream.
///
/// # Errors
/// See [`MastersError`].
pub async fn bring(client: &Client, inbox: &Inbox, folder: &Path) -> Result<(), MastersError> {
    let storage = |key: &str, message: String| MastersError::Storage {
        bucket: inbox.bucket.clone(),
        key: key.to_owned(),
        message,
    };
    let too_large = || MastersError::TooLarge { bucket: inbox.bucket.clone(), prefix: inbox.prefix.clone() };
    let mut pages =
        client.list_objects_v2().bucket(&inbox.bucket).prefix(&inbox.prefix).into_paginator().send();
    let (mut files, mut bytes) = (0, 0);
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| storage(&inbox.prefix, DisplayErrorContext(error).to_string()))?;
        for object in page.contents() {
            let Some(key) = object.key().filter(|key| !key.ends_with('/')) else { continue };
            files += 1;
            bytes += u64::try_from(object.size().unwrap_or(0)).unwrap_or(0);
            if files > MAX_FILES || bytes > MAX_BYTES {
                return Err(too_large());
            }
            let name = key
                .strip_prefix(&inbox.prefix)
                .filter(|name| is_plain(name))
                .ok_or_else(|| MastersError::Name { bucket: inbox.bucket.clone(), key: key.to_owned() })?;
            let answer = client.get_object().bucket(&inbox.bucket).key(key).send().await;
            let body = answer.map_err(|error| storage(key, DisplayErrorContext(error).to_string()))?.body;
            let path = folder.join(name);
            let disk = |error| MastersError::Disk { path: path.display().to_string(), error };
            if let Some(parent) = path.parent() {
                tokio::fs::create_dir_all(parent).await.map_err(disk)?;
            }
            let mut file = File::create(&path).await.map_err(disk)?;
            copy(&mut body.into_async_read(), &mut file).await.map_err(disk)?;
            file.sync_data().await.map_err(disk)?;
        }
    }
    Ok(())
}

/// Whether a relative name stays below its folder.
fn is_plain(name: &str) -> bool {
    !name.contains('\\')
        && !name.contains('\0')
        && name.split('/').all(|part| !matches!(part, "" | "." | ".."))
}

#[cfg(test)]
mod tests {
    use super::is_plain;

    #[test]
    fn names_stay_below_their_folder() {
        for good in ["release.toml", "cd1/01.flac", "बुरा.flac", "-i", "$(x).lrc"] {
            assert!(is_plain(good), "{good}");
        }
        for bad in ["", "../x", "a/../b", "/etc/passwd", "a//b", "a\\b", "./a", "a\0b"] {
            assert!(!is_plain(bad), "{bad:?}");
        }
    }
}
