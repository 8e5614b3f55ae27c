//! The inbox of the masters bucket, through which releases reach the Lambda.
//!
//! ```text
//! inbox/{folder}/01.flac, 01.hi.lrc …    what release.toml names, uploaded first
//! inbox/{folder}/release.toml            uploaded last: its notification starts the job
//! inbox/{folder}/result.json             what became of it: a [`ReleaseResult`]
//! ```
//! `nada submit` writes the first two and waits for the third.

mod error;
mod masters;
mod object;
mod result;
mod submit;

use std::{
    collections::BTreeMap,
    fmt,
    path::{Component, Path, PathBuf},
};

use futures_util::TryStreamExt as _;
use jiff::Timestamp;
use nada_quote::Visible;

pub use error::InboxError;
pub use masters::{Download, reserve};
pub use result::{Ending, Failure, ReleaseResult};
pub use submit::{Step, Submission, submit};

use crate::{
    release_toml::{MAX_BYTES, Release, ReleaseTomlError},
    store::{Act, Store, StoreError},
};

/// The most objects one release's folder may hold.
pub const MAX_FILES: usize = 5_000;
/// The release file's name there.
pub const RELEASE: &str = "release.toml";
/// The result's name there.
pub const RESULT: &str = "result.json";

/// One release's folder in the masters bucket.
#[derive(Debug, Clone)]
pub struct Inbox {
    masters: Store,
    folder: String,
}

/// A `release.toml` as it lies in the inbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Uploaded {
    /// Its bytes; `Err` where it is larger than is read, with its size.
    pub bytes: Result<Vec<u8>, u64>,
    /// Its entity tag, without quotes.
    pub etag: String,
    /// When it was uploaded, by the store's clock, to the second.
    pub at: Timestamp,
}

impl fmt::Display for Inbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "s3://{}/inbox/{}", self.masters.bucket(), self.folder)
    }
}

impl Inbox {
    /// The folder of that name.
    pub fn new(masters: Store, folder: &str) -> Self {
        Self { masters, folder: folder.to_owned() }
    }

    /// Its name.
    pub fn folder(&self) -> &str {
        &self.folder
    }

    /// The folder of a release file's key; `None` for all other objects, and for names that mean another folder to
    /// somebody (`..`, a backslash) or that hold what is not seen.
    pub fn folder_of(key: &str) -> Option<&str> {
        let folder = key.strip_prefix("inbox/")?.strip_suffix(RELEASE)?.strip_suffix('/')?;
        let is_name = !matches!(folder, "" | "." | "..") && !folder.contains(['/', '\\']);
        (is_name && Visible::new(folder).is_seen()).then_some(folder)
    }

    fn key(&self, name: &str) -> String {
        format!("inbox/{}/{name}", self.folder)
    }

    /// The release file; `None` where it is absent or empty. One that is too large is there, so that its submission
    /// gets an answer, and refused by [`Inbox::release`].
    ///
    /// # Errors
    /// Whatever the store says.
    pub async fn release_file(&self) -> Result<Option<Uploaded>, InboxError> {
        let Some(object) = self.get(RELEASE, MAX_BYTES).await? else { return Ok(None) };
        let object::Small { bytes, etag, at } = object;
        let bytes = bytes.map(Vec::from);
        Ok((bytes != Ok(Vec::new())).then_some(Uploaded { bytes, etag, at }))
    }

    /// Reads the release. Its paths lie below `here`, where nothing is yet.
    ///
    /// # Errors
    /// What is wrong with the file, and whatever the store says.
    pub async fn release(&self, uploaded: &Uploaded, here: &Path) -> Result<Release, InboxError> {
        let bytes = uploaded.bytes.as_ref().map_err(|size| object::too_large(RELEASE, *size, MAX_BYTES))?;
        let files = self.files().await?;
        let find = |stated: &str| -> Result<PathBuf, String> {
            let name = name(stated)?;
            match files.get(&name) {
                None => Err(format!("{stated:?}: no such object below {self}/: upload it before {RELEASE}")),
                Some(0) => Err(format!("{stated:?} is empty")),
                Some(_) => Ok(here.join(name)),
            }
        };
        Ok(Release::parse(Path::new(RELEASE), bytes, &find)?)
    }

    /// The names of all files of the folder, and their sizes in bytes.
    async fn files(&self) -> Result<BTreeMap<String, u64>, InboxError> {
        let prefix = self.key("");
        let mut listed = std::pin::pin!(self.masters.list(&prefix));
        let mut files = BTreeMap::new();
        while let Some(object) = listed.try_next().await? {
            let key = object.key.map_or_else(|key| key, |key| key.to_string());
            let Some(name) =
                key.strip_prefix(&prefix).filter(|name| !name.is_empty() && !name.ends_with('/'))
            else {
                continue;
            };
            if files.len() == MAX_FILES {
                return Err(InboxError::TooMany { inbox: self.to_string() });
            }
            files.insert(name.to_owned(), object.bytes);
        }
        Ok(files)
    }

    fn failed<E>(&self, act: Act, name: &str, error: aws_sdk_s3::error::SdkError<E>) -> StoreError
    where
        E: aws_sdk_s3::error::ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    {
        self.masters.failed(act, self.key(name), error)
    }
}

/// A path of `release.toml` as the name of an object below the release's folder.
///
/// # Errors
/// Paths that leave the folder, and names that the inbox has a use for.
pub fn name(path: &str) -> Result<String, String> {
    let mut parts = Vec::new();
    for part in Path::new(path).components() {
        match part {
            Component::CurDir => {}
            Component::Normal(part) => parts.extend(part.to_str()),
            Component::Prefix(_) | Component::RootDir | Component::ParentDir => {
                return Err(format!("{path:?}: expected a path inside the folder of {RELEASE}"));
            }
        }
    }
    let name = parts.join("/");
    match name.as_str() {
        "" => Err(format!("{path:?}: expected a path inside the folder of {RELEASE}")),
        RELEASE | RESULT => {
            Err(format!("{path:?}: the inbox has a use for that name: call the file otherwise"))
        }
        name if name.contains(['\\', '\0']) => Err(format!("{path:?}: expected a plain name")),
        _ => Ok(name),
    }
}

impl From<ReleaseTomlError> for InboxError {
    fn from(error: ReleaseTomlError) -> Self {
        Self::Release(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_release_file_in_a_folder_of_the_inbox_names_it() {
        for (key, folder) in [
            ("inbox/kabir-dohe/release.toml", Some("kabir-dohe")),
            ("inbox/a b/release.toml", Some("a b")),
            ("inbox/कबीर/release.toml", Some("कबीर")),
            ("inbox/release.toml", None),
            ("inbox//release.toml", None),
            ("inbox/a/b/release.toml", None),
            ("inbox/a/", None),
            ("inbox/a/01.flac", None),
            ("x/a/release.toml", None),
            ("inbox/a/old-release.toml", None),
        ] {
            assert_eq!(Inbox::folder_of(key), folder, "{key}");
        }
    }

    #[test]
    fn names_stay_below_their_folder() {
        for (path, expected) in [
            ("./01.flac", "01.flac"),
            ("cd1/./01.flac", "cd1/01.flac"),
            ("बुरा.flac", "बुरा.flac"),
            ("-i", "-i"),
        ] {
            assert_eq!(name(path).unwrap(), expected);
        }
        for bad in ["", ".", "../x", "a/../b", "/etc/passwd", "a\\b", "a\0b", "release.toml", "./result.json"]
        {
            assert!(name(bad).is_err(), "{bad:?}");
        }
    }
}
