//! A release from this machine into the inbox: its files first, `release.toml` last.

use std::{
    cell::RefCell,
    collections::BTreeMap,
    io::Read as _,
    path::{Path, PathBuf},
    time::Duration,
};

use aws_config::timeout::TimeoutConfig;
use aws_sdk_s3::{primitives::ByteStream, types::ChecksumAlgorithm};
use jiff::Timestamp;
use md5::{Digest as _, Md5};

use super::{Inbox, InboxError, RELEASE, name};
use crate::{
    publish::{Defect, MasterInfo, PublishError},
    release_toml::{Release, confined},
    store::{Act, Sha256Sum, Store, StoreError, md5_of},
};
use nada_pipeline::regular;

/// The largest master in bytes: what S3 takes in one request.
const MAX_MASTER: u64 = 5 << 30;
/// How long sending one master may take; connections that stall end sooner.
const LONGEST: Duration = Duration::from_secs(6 * 3600);

/// A release that lies in the inbox.
#[derive(Debug, Clone)]
pub struct Submission {
    /// The release's folder.
    pub inbox: Inbox,
    /// The entity tag of its `release.toml`, without quotes.
    pub etag: String,
    /// When that was uploaded, by the store's clock, to the second.
    pub at: Timestamp,
    /// Files that were sent, `release.toml` included.
    pub sent: u64,
    /// Their bytes.
    pub sent_bytes: u64,
    /// Files that were there already.
    pub present: u64,
}

/// What a submission tells while it runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step<'a> {
    /// A file of so many bytes is being sent.
    Sending(&'a str, u64),
    /// A file is there already, the same to the byte.
    Present(&'a str),
}

/// Uploads a release to the inbox of the bucket `masters`, into a folder of the release's id. What is there with the
/// same SHA-256 is not sent again.
///
/// # Errors
/// What is wrong with the release, before anything is sent; and whatever the store says.
pub async fn submit(
    masters: &Store,
    release_toml: &Path,
    tell: &(dyn Fn(Step<'_>) + Sync),
) -> Result<Submission, InboxError> {
    let (release, bytes, files) = read(release_toml)?;
    let inbox = Inbox::new(masters.clone(), release.id.as_str());
    let mut submission = Submission {
        inbox,
        etag: String::new(),
        at: Timestamp::default(),
        sent: 1,
        sent_bytes: 0,
        present: 0,
    };
    submission.sent_bytes = bytes.len() as u64;
    for (name, path) in &files {
        match submission.inbox.send(name, path, tell).await? {
            Some(bytes) => {
                submission.sent += 1;
                submission.sent_bytes += bytes;
            }
            None => submission.present += 1,
        }
    }
    tell(Step::Sending(RELEASE, bytes.len() as u64));
    let inbox = &submission.inbox;
    let put = masters.client().put_object().bucket(masters.bucket()).key(inbox.key(RELEASE));
    let sum = Sha256Sum::of(&bytes);
    let put = put.content_type("application/toml").checksum_sha256(sum.to_base64());
    let answer = put.body(bytes.clone().into()).send().await;
    let answer = answer.map_err(|error| inbox.failed(Act::Write, RELEASE, error))?;
    inbox.confirm(RELEASE, &answer, sum, || md5_of(&bytes)).await?;
    // the time is the store's own, and the tag that of what is there now
    let there = inbox.release_file().await?;
    let there = there.ok_or_else(|| inbox.interrupted(RELEASE, "it was deleted at once"))?;
    Ok(Submission { etag: there.etag, at: there.at, ..submission })
}

type Files = BTreeMap<String, PathBuf>;

/// The release, the bytes of its file, and the files that it names, by their names in the inbox.
fn read(release_toml: &Path) -> Result<(Release, Vec<u8>, Files), InboxError> {
    let files = RefCell::new(Files::new());
    let find = |folder: &Path, stated: &str| {
        let name = name(stated)?;
        let path = confined(folder, stated)?;
        files.borrow_mut().insert(name, path.clone());
        Ok(path)
    };
    let (release, bytes) = Release::read_with(release_toml, &find)?;
    for (name, path) in files.borrow().iter() {
        let length = std::fs::metadata(path).map_or(0, |metadata| metadata.len());
        let wrong = |message: String| Err(InboxError::Master { name: name.clone(), message });
        match length {
            0 => return wrong("empty".to_owned()),
            length if length > MAX_MASTER => {
                return wrong(format!(
                    "{length} bytes, more than the {MAX_MASTER} that S3 takes at once: FLAC is smaller"
                ));
            }
            _ => {}
        }
    }
    Ok((release, bytes, files.into_inner()))
}

impl Inbox {
    /// Sends a file, unless it is there; its size if it was sent.
    async fn send(
        &self,
        name: &str,
        path: &Path,
        tell: &(dyn Fn(Step<'_>) + Sync),
    ) -> Result<Option<u64>, InboxError> {
        let file = path.to_owned();
        let master = tokio::task::spawn_blocking(move || MasterInfo::of_file(&file)).await;
        let master = master.map_err(|e| PublishError::from(Defect::Hashing(e)))??;
        let ours = Sha256Sum(master.sha256);
        if self.head(name).await?.is_some_and(|there| there.sha256 == Some(ours)) {
            tell(Step::Present(name));
            return Ok(None);
        }
        tell(Step::Sending(name, master.bytes));
        let body = ByteStream::from_path(path).await.map_err(|error| {
            let source = std::io::Error::other(error);
            PublishError::File { path: path.to_owned(), source }
        })?;
        // the limit is for the whole request, its body included
        let patience = TimeoutConfig::builder().read_timeout(LONGEST).build();
        let patience = aws_sdk_s3::config::Builder::new().timeout_config(patience);
        let put = self.masters.client().put_object().bucket(self.masters.bucket()).key(self.key(name));
        // named too, since there are stores that keep no sum otherwise
        let put =
            put.checksum_algorithm(ChecksumAlgorithm::Sha256).checksum_sha256(ours.to_base64()).body(body);
        match put.customize().config_override(patience).send().await {
            Ok(answer) => {
                self.confirm(name, &answer, ours, || md5_of_file(path)).await?;
                Ok(Some(master.bytes))
            }
            Err(error) => Err(bad_digest(name, &error).unwrap_or_else(|| {
                let error: StoreError = self.failed(Act::Write, name, error);
                error.into()
            })),
        }
    }
}

/// The MD5 of a file; `None` where it can no longer be read.
fn md5_of_file(path: &Path) -> Option<[u8; 16]> {
    let mut file = regular::open(path).ok()?;
    let mut hasher = Md5::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        match file.read(&mut buffer).ok()? {
            0 => return Some(hasher.finalize().into()),
            length => hasher.update(buffer.get(..length)?),
        }
    }
}

/// The store saw other bytes than were hashed: the file changed on its way.
fn bad_digest<E>(name: &str, error: &aws_sdk_s3::error::SdkError<E>) -> Option<InboxError>
where
    E: aws_sdk_s3::error::ProvideErrorMetadata,
{
    let code = error.as_service_error().and_then(aws_sdk_s3::error::ProvideErrorMetadata::code);
    matches!(code, Some("BadDigest" | "XAmzContentChecksumMismatch"))
        .then(|| PublishError::Changed(PathBuf::from(name)).into())
}
