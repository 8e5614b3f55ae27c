//! The object store: an S3 bucket, and the three ways in which Nada writes to it.
//!
//! Immutable objects are created and never replaced ([`Store::put_new`]); mutable ones change by
//! compare-and-swap on their ETag ([`Store::swap`], [`Store::update`]).

mod confirm;
mod connect;
mod error;
mod error_text;
mod listing;
mod retries;
mod sum;

use std::{fmt, ops::Range};

use aws_sdk_s3::{
    Client,
    error::{ProvideErrorMetadata, SdkError},
    operation::put_object::{PutObjectError, builders::PutObjectFluentBuilder},
    primitives::ByteStream,
    types::ChecksumMode,
};
use bytes::Bytes;
use nada_catalog::{ObjectKey, StoredError, from_json, stored::MAX_JSON, to_json};
use serde::{Serialize, de::DeserializeOwned};
use sha2::{Digest as _, Sha256};

pub(crate) use confirm::{PutConfirmation, collect, md5_of};
pub use connect::{Location, shared_config};
pub use error::{Act, StoreError};
pub use error_text::{causes, error_text};
pub use listing::Listed;
pub(crate) use listing::{PAGE, listed_bytes};
pub use retries::Retries;
pub use sum::Sha256Sum;

/// How often a write is begun anew: after a 409, which says that another is under way, or after the object
/// was changed between reading and writing.
const UPDATE_ATTEMPTS: u32 = 16;

/// What S3 takes in one request, in bytes: nothing that is stored has more.
pub(crate) const MAX_PUT: u64 = 5 << 30;

/// Requests for small objects under way at once.
pub(crate) const AT_ONCE: usize = 16;

/// An object's entity tag, as the store gave it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ETag(String);

/// An object that was read.
#[derive(Debug, Clone)]
pub struct Stored {
    /// Its bytes.
    pub bytes: Bytes,
    /// What [`Store::swap`] asks for to replace it.
    pub etag: ETag,
}

/// What became of an immutable object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Put {
    /// It was written.
    Written,
    /// It was there already, the same to the byte.
    Present,
}

/// A bucket.
#[derive(Clone)]
pub struct Store {
    client: Client,
    bucket: String,
    retries: Retries,
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Store(s3://{})", self.bucket)
    }
}

impl Store {
    /// Opens the bucket at `location`. Nothing is sent yet, except what the search for credentials and a
    /// region sends.
    ///
    /// # Errors
    /// [`StoreError::NoRegion`] where no region is known.
    pub async fn connect(location: &Location) -> Result<Self, StoreError> {
        Self::connect_with(location, Retries::default()).await
    }

    /// [`Store::connect`] with a patience of one's own.
    ///
    /// # Errors
    /// [`StoreError::NoRegion`] where no region is known.
    pub async fn connect_with(location: &Location, retries: Retries) -> Result<Self, StoreError> {
        let client = connect::client(location, &retries).await?;
        Ok(Self { client, bucket: location.bucket.clone(), retries })
    }

    /// The client, for buckets of others at the same endpoint.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Another bucket at the same endpoint.
    pub fn beside(&self, bucket: &str) -> Self {
        Self { bucket: bucket.to_owned(), ..self.clone() }
    }

    /// The bucket's name.
    pub fn bucket(&self) -> &str {
        &self.bucket
    }

    /// Creates an immutable object, unless it is there already with the same bytes. Its SHA-256 travels with
    /// it and is kept by the store.
    ///
    /// # Errors
    /// [`StoreError::Different`] where the object is there with other bytes, and whatever the store says.
    pub async fn put_new(&self, key: &ObjectKey, bytes: Bytes) -> Result<Put, StoreError> {
        let ours = Sha256Sum::of(&bytes);
        for attempt in 0..UPDATE_ATTEMPTS {
            let put = self.put(key, bytes.clone()).checksum_sha256(ours.to_base64()).if_none_match("*");
            let sent = match connect::patience(bytes.len()) {
                Some(patience) => put.customize().config_override(patience).send().await,
                None => put.send().await,
            };
            match sent {
                Ok(answer) => {
                    match PutConfirmation::of(&answer, ours, || md5_of(&bytes)) {
                        PutConfirmation::Ours => {}
                        PutConfirmation::Others(_) => return Err(self.unconfirmed(key)),
                        PutConfirmation::Nothing if self.sum(key).await? == Some(ours) => {}
                        PutConfirmation::Nothing => return Err(self.unconfirmed(key)),
                    }
                    return Ok(Put::Written);
                }
                Err(e) if is_under_way(&e) => self.retries.pause(attempt).await,
                Err(e) if is_refused(&e) => match self.verify(key, ours).await? {
                    true => return Ok(Put::Present),
                    // it was deleted in between
                    false => self.retries.pause(attempt).await,
                },
                Err(e) => return Err(self.failed(Act::Write, key, e)),
            }
        }
        Err(StoreError::Contended(key.clone()))
    }

    /// [`Store::put_new`] of an object that a listing showed: compared first, and sent only if it is gone.
    ///
    /// # Errors
    /// As [`Store::put_new`].
    pub async fn put_listed(&self, key: &ObjectKey, bytes: Bytes) -> Result<Put, StoreError> {
        if self.verify(key, Sha256Sum::of(&bytes)).await? {
            return Ok(Put::Present);
        }
        self.put_new(key, bytes).await
    }

    /// Whether the object is there with these bytes; `false` where it is absent.
    async fn verify(&self, key: &ObjectKey, ours: Sha256Sum) -> Result<bool, StoreError> {
        match self.sum(key).await? {
            Some(stored) if stored == ours => Ok(true),
            Some(stored) => Err(StoreError::Different { key: key.clone(), ours, stored }),
            None => Ok(false),
        }
    }

    /// Reads an object of at most [`MAX_JSON`] bytes; `None` where it is absent.
    ///
    /// # Errors
    /// Whatever the store says.
    pub async fn get(&self, key: &ObjectKey) -> Result<Option<Stored>, StoreError> {
        let get = self.client.get_object().bucket(&self.bucket).key(key.to_string());
        let object = match get.send().await {
            Ok(object) => object,
            Err(e) if is_absent(&e) => return Ok(None),
            Err(e) => return Err(self.failed(Act::Read, key, e)),
        };
        let length = object.content_length().unwrap_or(0);
        if usize::try_from(length).is_ok_and(|length| length > MAX_JSON) {
            return Err(unreadable(key, StoredError::TooLarge(length as usize)));
        }
        let etag = ETag(object.e_tag().unwrap_or_default().to_owned());
        let bytes = collect(object.body, MAX_JSON as u64)
            .await
            .map_err(|e| StoreError::Interrupted { key: key.to_string(), source: Box::new(e) })?;
        match bytes {
            Ok(bytes) => Ok(Some(Stored { bytes, etag })),
            Err(length) => Err(unreadable(key, StoredError::TooLarge(length as usize))),
        }
    }

    /// Reads a range of an object's bytes; `None` where the object is absent.
    ///
    /// # Errors
    /// [`StoreError::Unreadable`] where it has not that many bytes, and whatever the store says.
    pub async fn get_range(&self, key: &ObjectKey, range: Range<u64>) -> Result<Option<Bytes>, StoreError> {
        let asked = format!("bytes={}-{}", range.start, range.end.saturating_sub(1));
        let get = self.client.get_object().bucket(&self.bucket).key(key.to_string()).range(asked);
        let object = match get.send().await {
            Ok(object) => object,
            Err(e) if is_absent(&e) => return Ok(None),
            Err(e) => return Err(self.failed(Act::Read, key, e)),
        };
        let length = range.end - range.start;
        let bytes = collect(object.body, length)
            .await
            .map_err(|e| StoreError::Interrupted { key: key.to_string(), source: Box::new(e) })?;
        match bytes {
            Ok(bytes) if bytes.len() as u64 == length => Ok(Some(bytes)),
            Ok(bytes) => Err(unreadable(key, StoredError::TooLarge(bytes.len()))),
            Err(length) => Err(unreadable(key, StoredError::TooLarge(length as usize))),
        }
    }

    /// Whether the object is there.
    ///
    /// # Errors
    /// Whatever the store says.
    pub async fn has(&self, key: &ObjectKey) -> Result<bool, StoreError> {
        match self.client.head_object().bucket(&self.bucket).key(key.to_string()).send().await {
            Ok(_) => Ok(true),
            Err(e) if is_absent(&e) => Ok(false),
            Err(e) => Err(self.failed(Act::LookUp, key, e)),
        }
    }

    /// Replaces a mutable object if it still has the tag `found`, or creates it if `found` is `None` and it is
    /// still absent. `None` where somebody else was first.
    ///
    /// # Errors
    /// Whatever the store says.
    pub async fn swap(
        &self,
        key: &ObjectKey,
        found: Option<&ETag>,
        bytes: Bytes,
    ) -> Result<Option<ETag>, StoreError> {
        for attempt in 0..UPDATE_ATTEMPTS {
            let ours = Sha256Sum::of(&bytes);
            let put = self.put(key, bytes.clone()).checksum_sha256(ours.to_base64());
            let put = match found {
                Some(ETag(tag)) => put.if_match(tag),
                None => put.if_none_match("*"),
            };
            match put.send().await {
                Ok(answer) => {
                    let tag = answer.e_tag().unwrap_or_default();
                    return match PutConfirmation::of(&answer, ours, || md5_of(&bytes)) {
                        PutConfirmation::Ours if !tag.is_empty() => Ok(Some(ETag(tag.to_owned()))),
                        PutConfirmation::Others(_) => Err(self.unconfirmed(key)),
                        PutConfirmation::Ours | PutConfirmation::Nothing => match self.get(key).await? {
                            Some(now) if now.bytes == bytes => Ok(Some(now.etag)),
                            _ => Err(self.unconfirmed(key)),
                        },
                    };
                }
                Err(e) if is_under_way(&e) => self.retries.pause(attempt).await,
                // absent although a tag is expected: someone deleted it
                Err(e) if is_refused(&e) || (found.is_some() && is_absent(&e)) => {
                    // an attempt whose answer was lost may have been the one that counted
                    let now = self.get(key).await?;
                    return Ok(now.filter(|now| now.bytes == bytes).map(|now| now.etag));
                }
                Err(e) => return Err(self.failed(Act::Write, key, e)),
            }
        }
        Err(StoreError::Contended(key.clone()))
    }

    /// Reads a mutable JSON object with its tag; `None` where it is absent.
    ///
    /// # Errors
    /// [`StoreError::Unreadable`] where it is not what `T` says, and whatever the store says.
    pub async fn read<T: DeserializeOwned>(&self, key: &ObjectKey) -> Result<Option<(T, ETag)>, StoreError> {
        let Some(Stored { bytes, etag }) = self.get(key).await? else { return Ok(None) };
        let value = from_json(&bytes).map_err(|e| unreadable(key, e))?;
        Ok(Some((value, etag)))
    }

    /// [`Store::swap`] of a value as JSON.
    ///
    /// # Errors
    /// Whatever the store says.
    pub async fn write<T: Serialize>(
        &self,
        key: &ObjectKey,
        found: Option<&ETag>,
        value: &T,
    ) -> Result<Option<ETag>, StoreError> {
        let bytes = to_json(value).map_err(|e| unreadable(key, e))?;
        self.swap(key, found, bytes.into()).await
    }

    /// Changes a mutable JSON object: `change` is called with what is there, again after each lost race, until
    /// its answer was written. Where it answers `None`, nothing is written.
    ///
    /// # Errors
    /// Whatever `change` or the store says.
    pub async fn update<T, E>(
        &self,
        key: &ObjectKey,
        mut change: impl FnMut(Option<T>) -> Result<Option<T>, E>,
    ) -> Result<Option<T>, E>
    where
        T: Serialize + DeserializeOwned,
        E: From<StoreError>,
    {
        for attempt in 0..UPDATE_ATTEMPTS {
            let (found, etag) = self.read::<T>(key).await?.unzip();
            let Some(next) = change(found)? else { return Ok(None) };
            if self.write(key, etag.as_ref(), &next).await?.is_some() {
                return Ok(Some(next));
            }
            self.retries.pause(attempt).await;
        }
        Err(StoreError::Contended(key.clone()).into())
    }

    fn put(&self, key: &ObjectKey, bytes: Bytes) -> PutObjectFluentBuilder {
        self.client
            .put_object()
            .bucket(&self.bucket)
            .key(key.to_string())
            .content_type(key.content_type())
            .cache_control(key.stored_cache_control())
            .body(ByteStream::from(bytes))
    }

    /// The SHA-256 of the stored object: as the store keeps it, else by reading it all.
    async fn sum(&self, key: &ObjectKey) -> Result<Option<Sha256Sum>, StoreError> {
        let head = self.client.head_object().bucket(&self.bucket).key(key.to_string());
        match head.checksum_mode(ChecksumMode::Enabled).send().await {
            Ok(head) => {
                if let Some(sum) = head.checksum_sha256().and_then(Sha256Sum::from_base64) {
                    return Ok(Some(sum));
                }
            }
            Err(e) if is_absent(&e) => return Ok(None),
            Err(e) => return Err(self.failed(Act::LookUp, key, e)),
        }
        let get = self.client.get_object().bucket(&self.bucket).key(key.to_string());
        let mut body = match get.send().await {
            Ok(object) => object.body,
            Err(e) if is_absent(&e) => return Ok(None),
            Err(e) => return Err(self.failed(Act::Read, key, e)),
        };
        let broke_off = |source| StoreError::Interrupted { key: key.to_string(), source };
        let (mut hasher, mut read) = (Sha256::new(), 0_u64);
        while let Some(part) = body.next().await {
            let part = part.map_err(|e| broke_off(Box::new(e)))?;
            read += part.len() as u64;
            if read > MAX_PUT {
                return Err(broke_off(format!("it has more than {MAX_PUT} bytes").into()));
            }
            hasher.update(&part);
        }
        Ok(Some(Sha256Sum(hasher.finalize().into())))
    }

    /// Something answered that it wrote an object, and does not have it.
    pub(crate) fn unconfirmed(&self, object: impl fmt::Display) -> StoreError {
        StoreError::Unconfirmed { object: object.to_string(), bucket: self.bucket.clone() }
    }

    pub(crate) fn failed<E>(&self, what: Act, object: impl fmt::Display, error: SdkError<E>) -> StoreError
    where
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    {
        StoreError::of(what, &self.bucket, object, error)
    }
}

fn unreadable(key: &ObjectKey, source: StoredError) -> StoreError {
    StoreError::Unreadable { key: key.clone(), source }
}

pub(crate) fn status<E>(error: &SdkError<E>) -> Option<u16> {
    error.raw_response().map(|response| response.status().as_u16())
}

/// 412: the condition did not hold.
fn is_refused(error: &SdkError<PutObjectError>) -> bool {
    status(error) == Some(412)
}

/// 409: another write of this key is under way, so the condition could not be judged.
fn is_under_way(error: &SdkError<PutObjectError>) -> bool {
    status(error) == Some(409)
}

/// 404 of the object, not of the bucket.
pub(crate) fn is_absent<E: ProvideErrorMetadata>(error: &SdkError<E>) -> bool {
    status(error) == Some(404) && error.code() != Some("NoSuchBucket")
}
