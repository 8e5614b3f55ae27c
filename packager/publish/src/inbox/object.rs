//! Single objects of the inbox.

use aws_sdk_s3::{
    operation::{get_object::GetObjectOutput, put_object::PutObjectOutput},
    types::ChecksumMode,
};
use bytes::Bytes;
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

use super::{Inbox, InboxError};
use crate::store::{
    Act, MAX_PUT, PutConfirmation, Sha256Sum, StoreError, collect, is_absent, md5_of, status,
};

/// A small object, read whole.
pub(super) struct Small {
    /// `Err` where it is larger than was asked for, with its size.
    pub bytes: Result<Bytes, u64>,
    /// Without quotes.
    pub etag: String,
    pub at: Timestamp,
}

/// What the store says of an object without sending it.
pub(super) struct ObjectInfo {
    pub bytes: u64,
    pub sha256: Option<Sha256Sum>,
}

impl Inbox {
    /// Reads an object, unless it has more than `limit` bytes; `None` where it is absent.
    pub(super) async fn get(&self, name: &str, limit: u64) -> Result<Option<Small>, InboxError> {
        let Some(object) = self.open(name).await? else { return Ok(None) };
        let length = object.content_length().and_then(|length| u64::try_from(length).ok());
        let larger = length.filter(|length| *length > limit);
        let etag = object.e_tag().unwrap_or_default().trim_matches('"').to_owned();
        let at = object.last_modified().and_then(|at| Timestamp::from_second(at.secs()).ok());
        let bytes = match larger {
            Some(length) => Err(length),
            None => collect(object.body, limit).await.map_err(|e| self.interrupted(name, e))?,
        };
        Ok(Some(Small { bytes, etag, at: at.unwrap_or_default() }))
    }

    /// Begins to read an object; `None` where it is absent.
    pub(super) async fn open(&self, name: &str) -> Result<Option<GetObjectOutput>, StoreError> {
        let get = self.masters.client().get_object().bucket(self.masters.bucket()).key(self.key(name));
        match get.send().await {
            Ok(object) => Ok(Some(object)),
            Err(error) if is_absent(&error) => Ok(None),
            Err(error) => Err(self.failed(Act::Read, name, error)),
        }
    }

    /// Reads an object on from byte `from`; `None` where it is no longer the one with that tag.
    pub(super) async fn read_on(
        &self,
        name: &str,
        from: u64,
        etag: &str,
    ) -> Result<Option<GetObjectOutput>, StoreError> {
        let get = self.masters.client().get_object().bucket(self.masters.bucket()).key(self.key(name));
        match get.range(format!("bytes={from}-")).if_match(etag).send().await {
            // not every store respects the condition, or the range
            Ok(object) => Ok(Some(object).filter(|object| {
                let begins = |range: &str| range.starts_with(&format!("bytes {from}-"));
                object.e_tag() == Some(etag) && object.content_range().is_some_and(begins)
            })),
            // 416: what lies there now ends before
            Err(error) if matches!(status(&error), Some(412 | 416)) || is_absent(&error) => Ok(None),
            Err(error) => Err(self.failed(Act::Read, name, error)),
        }
    }

    /// Asks for an object's size and sum; `None` where it is absent.
    pub(super) async fn head(&self, name: &str) -> Result<Option<ObjectInfo>, StoreError> {
        let head = self.masters.client().head_object().bucket(self.masters.bucket()).key(self.key(name));
        match head.checksum_mode(ChecksumMode::Enabled).send().await {
            Ok(head) => Ok(Some(ObjectInfo {
                bytes: head
                    .content_length()
                    .and_then(|length| u64::try_from(length).ok())
                    .unwrap_or_default(),
                sha256: head.checksum_sha256().and_then(Sha256Sum::from_base64),
            })),
            Err(error) if is_absent(&error) => Ok(None),
            Err(error) => Err(self.failed(Act::LookUp, name, error)),
        }
    }

    /// Writes a small object if it still has the tag `found`, or is still absent; whether it did.
    pub(super) async fn swap(
        &self,
        name: &str,
        found: Option<&str>,
        json: Vec<u8>,
    ) -> Result<bool, StoreError> {
        let sum = Sha256Sum::of(&json);
        let put = self.masters.client().put_object().bucket(self.masters.bucket()).key(self.key(name));
        let put = put.content_type("application/json").cache_control("no-store");
        let put = put.checksum_sha256(sum.to_base64()).body(json.clone().into());
        let put = match found {
            Some(etag) => put.if_match(format!("\"{etag}\"")),
            None => put.if_none_match("*"),
        };
        match put.send().await {
            Ok(answer) => {
                self.confirm(name, &answer, sum, || md5_of(&json)).await?;
                Ok(true)
            }
            Err(error) if matches!(status(&error), Some(409 | 412)) || is_absent(&error) => Ok(false),
            Err(error) => Err(self.failed(Act::Write, name, error)),
        }
    }

    /// Holds the answer to a write against what was written, and looks it up where the answer says nothing of it.
    ///
    /// # Errors
    /// It is not there, and whatever the store says.
    pub(super) async fn confirm(
        &self,
        name: &str,
        answer: &PutObjectOutput,
        ours: Sha256Sum,
        md5: impl FnOnce() -> Option<[u8; 16]>,
    ) -> Result<(), StoreError> {
        let confirmed = match PutConfirmation::of(answer, ours, md5) {
            PutConfirmation::Ours => true,
            PutConfirmation::Others(_) => false,
            PutConfirmation::Nothing => match self.head(name).await? {
                Some(ObjectInfo { sha256: Some(stored), .. }) => stored == ours,
                Some(_) => self.read_back(name).await? == Some(ours),
                None => false,
            },
        };
        if confirmed { Ok(()) } else { Err(self.masters.unconfirmed(self.key(name))) }
    }

    /// The SHA-256 of what is there.
    async fn read_back(&self, name: &str) -> Result<Option<Sha256Sum>, StoreError> {
        let Some(mut object) = self.open(name).await? else { return Ok(None) };
        let (mut hasher, mut read) = (Sha256::new(), 0_u64);
        while let Some(part) = object.body.next().await {
            let part = part.map_err(|e| self.interrupted(name, e))?;
            read += part.len() as u64;
            if read > MAX_PUT {
                return Ok(None);
            }
            hasher.update(&part);
        }
        Ok(Some(Sha256Sum(hasher.finalize().into())))
    }

    pub(super) fn interrupted(
        &self,
        name: &str,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> StoreError {
        StoreError::Interrupted { key: self.key(name), source: source.into() }
    }
}

/// The error of an object that has more bytes than are read.
pub(super) fn too_large(name: &str, bytes: u64, limit: u64) -> InboxError {
    let message = format!("{bytes} bytes, more than the {limit} that are read");
    InboxError::Master { name: name.to_owned(), message }
}
