//! Objects as files, with what S3 promises and plain files do not: conditional writes are atomic, a body that
//! does not match its checksum changes nothing, a write is done wholly or not at all though its client hangs up,
//! and a read sees one state of an object.

use std::{collections::BTreeSet, path::PathBuf, sync::Arc};

use base64_simd::STANDARD as BASE64;
use bytes::{Bytes, BytesMut};
use futures_util::TryStreamExt as _;
use s3s::{
    Body, S3, S3ErrorCode, S3Request, S3Response, S3Result,
    access::{S3Access, S3AccessContext},
    dto::*,
    s3_error,
};
use s3s_fs::FileSystem;
use sha2::{Digest as _, Sha256};
use tokio::sync::RwLock;

use super::{
    key::{Key, Permission},
    place::{check_key, check_links, check_prefix},
};

/// The largest body of one request, in bytes: it is held in memory until its checksum is known.
const MAX_BODY: usize = 256 << 20;

/// The ids of keys that may only read.
#[derive(Clone)]
pub(super) struct ReadOnlyKeys(Arc<BTreeSet<String>>);

impl ReadOnlyKeys {
    pub(super) fn of(keys: &[Key]) -> Self {
        let ids = keys.iter().filter(|key| key.permission == Permission::ReadOnly).map(|key| key.id.clone());
        Self(Arc::new(ids.collect()))
    }

    fn has<T>(&self, request: &S3Request<T>) -> bool {
        request.credentials.as_ref().is_some_and(|key| self.0.contains(&key.access_key))
    }
}

#[async_trait::async_trait]
impl S3Access for ReadOnlyKeys {
    async fn check(&self, context: &mut S3AccessContext<'_>) -> S3Result<()> {
        let key = context.credentials().ok_or_else(|| s3_error!(AccessDenied, "Signature is required"))?;
        let reads = matches!(context.s3_op().name(), "GetObject" | "HeadObject");
        if reads || !self.0.contains(&key.access_key) {
            Ok(())
        } else {
            Err(s3_error!(AccessDenied, "This key may only read objects"))
        }
    }
}

/// The storage behind the endpoint.
pub(super) struct Storage {
    fs: Arc<FileSystem>,
    root: PathBuf,
    read_only: ReadOnlyKeys,
    /// Held for writing over a condition's check and the write, for reading while an object is opened.
    lock: Arc<RwLock<()>>,
}

impl Storage {
    pub(super) fn new(fs: FileSystem, root: PathBuf, read_only: ReadOnlyKeys) -> Self {
        Self { fs: Arc::new(fs), root, read_only, lock: Arc::default() }
    }

    /// Writing would make the folder, reading would miss the object instead of its bucket.
    fn check_bucket(&self, bucket: &str) -> S3Result<()> {
        if s3s::path::check_bucket_name(bucket) && self.root.join(bucket).is_dir() {
            Ok(())
        } else {
            Err(s3_error!(NoSuchBucket, "The specified bucket does not exist"))
        }
    }

    /// Whether the bucket is there, and the key's place within it.
    fn check_object(&self, bucket: &str, key: &str) -> S3Result<()> {
        self.check_bucket(bucket)?;
        check_key(bucket, key)?;
        check_links(&self.root, bucket, key)
    }
}

/// An absent object is denied to a key that may not list.
fn deny_absent<T>(result: S3Result<T>, read_only: bool) -> S3Result<T> {
    result.map_err(|e| {
        let denied = read_only && matches!(e.code(), S3ErrorCode::NoSuchKey);
        if denied { s3_error!(AccessDenied, "Access Denied") } else { e }
    })
}

async fn collect(mut body: StreamingBlob) -> S3Result<Bytes> {
    let mut bytes = BytesMut::new();
    while let Some(part) = body.try_next().await.map_err(|e| s3_error!(IncompleteBody, "{e}"))? {
        if bytes.len() + part.len() > MAX_BODY {
            return Err(s3_error!(EntityTooLarge, "The body is larger than {MAX_BODY} bytes"));
        }
        bytes.extend_from_slice(&part);
    }
    Ok(bytes.freeze())
}

#[async_trait::async_trait]
impl S3 for Storage {
    async fn put_object(&self, mut req: S3Request<PutObjectInput>) -> S3Result<S3Response<PutObjectOutput>> {
        self.check_object(&req.input.bucket, &req.input.key)?;
        let body = req.input.body.take().ok_or_else(|| s3_error!(IncompleteBody))?;
        // all of it before the lock is taken, so that a slow client holds up nobody
        let bytes = collect(body).await?;
        if let Some(expected) = &req.input.checksum_sha256
            && *expected != BASE64.encode_to_string(Sha256::digest(&bytes))
        {
            return Err(s3_error!(
                BadDigest,
                "The SHA256 you specified did not match the calculated checksum."
            ));
        }
        req.input.body = Some(StreamingBlob::from(Body::from(bytes)));
        let (fs, lock) = (Arc::clone(&self.fs), Arc::clone(&self.lock));
        // on its own, so that a client that leaves in between cannot tear bytes and checksum apart
        let written = tokio::spawn(async move {
            let _exclusive = lock.write_owned().await;
            fs.put_object(req).await
        });
        written.await.map_err(|_| s3_error!(InternalError, "Writing ended early"))?
    }

    async fn get_object(&self, mut req: S3Request<GetObjectInput>) -> S3Result<S3Response<GetObjectOutput>> {
        let _shared = self.lock.read().await;
        self.check_object(&req.input.bucket, &req.input.key)?;
        // a suffix longer than the object is all of it; s3s-fs 0.14.1 fails
        if let Some(Range::Suffix { length }) = &mut req.input.range {
            let object = self.root.join(&req.input.bucket).join(&req.input.key);
            *length = std::fs::metadata(object).map_or(*length, |file| file.len().min(*length));
        }
        let read_only = self.read_only.has(&req);
        deny_absent(self.fs.get_object(req).await, read_only)
    }

    async fn head_object(&self, req: S3Request<HeadObjectInput>) -> S3Result<S3Response<HeadObjectOutput>> {
        let _shared = self.lock.read().await;
        self.check_object(&req.input.bucket, &req.input.key)?;
        let read_only = self.read_only.has(&req);
        deny_absent(self.fs.head_object(req).await, read_only)
    }

    async fn delete_object(
        &self,
        req: S3Request<DeleteObjectInput>,
    ) -> S3Result<S3Response<DeleteObjectOutput>> {
        let _exclusive = self.lock.write().await;
        self.check_object(&req.input.bucket, &req.input.key)?;
        self.fs.delete_object(req).await
    }

    async fn delete_objects(
        &self,
        req: S3Request<DeleteObjectsInput>,
    ) -> S3Result<S3Response<DeleteObjectsOutput>> {
        let _exclusive = self.lock.write().await;
        self.check_bucket(&req.input.bucket)?;
        for object in &req.input.delete.objects {
            self.check_object(&req.input.bucket, &object.key)?;
        }
        self.fs.delete_objects(req).await
    }

    async fn list_objects_v2(
        &self,
        req: S3Request<ListObjectsV2Input>,
    ) -> S3Result<S3Response<ListObjectsV2Output>> {
        let _shared = self.lock.read().await;
        self.check_bucket(&req.input.bucket)?;
        check_prefix(req.input.prefix.as_deref().unwrap_or_default())?;
        self.fs.list_objects_v2(req).await
    }

    async fn list_buckets(
        &self,
        req: S3Request<ListBucketsInput>,
    ) -> S3Result<S3Response<ListBucketsOutput>> {
        self.fs.list_buckets(req).await
    }

    async fn head_bucket(&self, req: S3Request<HeadBucketInput>) -> S3Result<S3Response<HeadBucketOutput>> {
        self.fs.head_bucket(req).await
    }

    async fn create_bucket(
        &self,
        req: S3Request<CreateBucketInput>,
    ) -> S3Result<S3Response<CreateBucketOutput>> {
        let _exclusive = self.lock.write().await;
        self.fs.create_bucket(req).await
    }
}
