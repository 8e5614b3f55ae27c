//! Listing what lies below a prefix, and deleting much at once.

use aws_sdk_s3::types::{Delete, ObjectIdentifier};
use futures_util::{Stream, TryStreamExt as _, stream};
use jiff::Timestamp;
use nada_catalog::ObjectKey;

use super::{Act, Store, StoreError};

/// Keys in one page of a listing, and in one `DeleteObjects`: what S3 allows.
pub(crate) const PAGE: usize = 1_000;

/// An object as a listing shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its key; `Err` with the text where it is none of Nada's.
    pub key: Result<ObjectKey, String>,
    /// Its size in bytes.
    pub bytes: u64,
    /// When it was written, by the store's clock.
    pub modified: Timestamp,
    /// Its entity tag, where the store lists it.
    pub etag: Option<String>,
}

/// The bytes of all of them.
pub(crate) fn listed_bytes<'a>(listed: impl IntoIterator<Item = &'a Listed>) -> u64 {
    listed.into_iter().map(|object| object.bytes).sum()
}

impl Store {
    /// Lists all objects whose keys begin with `prefix`, in the order of their keys, page by page.
    pub fn list<'a>(&'a self, prefix: &'a str) -> impl Stream<Item = Result<Listed, StoreError>> + 'a {
        let pages = stream::try_unfold(Some(None::<String>), move |token| async move {
            let Some(token) = token else { return Ok(None) };
            let list = self.client.list_objects_v2().bucket(&self.bucket).prefix(prefix);
            let page = list.set_continuation_token(token).send().await;
            let page = page.map_err(|e| self.failed(Act::List, format_args!("{prefix:?}"), e))?;
            let next = page.next_continuation_token().map(str::to_owned);
            let next = next.filter(|_| page.is_truncated().unwrap_or(false)).map(Some);
            let listed: Vec<_> = page.contents().iter().map(|object| Ok(listed(object))).collect();
            Ok::<_, StoreError>(Some((stream::iter(listed), next)))
        });
        pages.try_flatten()
    }

    /// All of [`Store::list`].
    ///
    /// # Errors
    /// Whatever the store says.
    pub async fn list_all(&self, prefix: &str) -> Result<Vec<Listed>, StoreError> {
        self.list(prefix).try_collect().await
    }

    /// Deletes up to 1,000 objects with one request. Those that are gone already count as deleted.
    ///
    /// # Errors
    /// Whatever the store says, of the request or of the first object that it refused.
    pub async fn delete(&self, keys: &[ObjectKey]) -> Result<(), StoreError> {
        let failed = |object: &dyn std::fmt::Display, message: String| StoreError::Other {
            what: Act::Delete,
            object: object.to_string(),
            bucket: self.bucket.clone(),
            message,
        };
        let Some(first) = keys.first() else { return Ok(()) };
        let objects = keys.iter().map(|key| ObjectIdentifier::builder().key(key.to_string()).build());
        let objects = objects.collect::<Result<Vec<_>, _>>().map_err(|e| failed(first, e.to_string()))?;
        let delete = Delete::builder().set_objects(Some(objects)).quiet(true).build();
        let delete = delete.map_err(|e| failed(first, e.to_string()))?;
        let sent = self.client.delete_objects().bucket(&self.bucket).delete(delete).send().await;
        let answer = sent.map_err(|e| self.failed(Act::Delete, first, e))?;
        match answer.errors().first() {
            None => Ok(()),
            Some(error) if error.code() == Some("AccessDenied") => Err(StoreError::AccessDenied {
                what: Act::Delete,
                object: error.key().unwrap_or_default().to_owned(),
                bucket: self.bucket.clone(),
            }),
            Some(error) => Err(failed(
                &error.key().unwrap_or_default(),
                format!("{} {}", error.code().unwrap_or_default(), error.message().unwrap_or_default()),
            )),
        }
    }
}

/// A time that is absent or absurd counts as the latest there is: nobody may take the object for old.
fn listed(object: &aws_sdk_s3::types::Object) -> Listed {
    let key = object.key().unwrap_or_default();
    let modified = object.last_modified().and_then(|at| Timestamp::from_second(at.secs()).ok());
    Listed {
        key: key.parse().map_err(|_| key.to_owned()),
        bytes: object.size().and_then(|size| u64::try_from(size).ok()).unwrap_or_default(),
        modified: modified.unwrap_or(Timestamp::MAX),
        etag: object.e_tag().map(str::to_owned),
    }
}
