//! What the server keeps in memory: origins' answers and what is made of them, bounded by bytes, each for as long as its
//! read says, and asked for or made once however many wait for it. Failures are never kept.

use std::{
    future::Future,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use bytes::Bytes;
use moka::{Expiry, future::Cache};
use nada_edge::{Cache as CacheStatus, Country, Fetch, Parsed, Read, ReadSoFar, Ttl};
use sha2::{Digest as _, Sha256};

use crate::{
    gzip::Compressor,
    memory::Memory,
    metrics::Metrics,
    origin_answer::OriginAnswer,
    origins::{Origins, Unavailable},
};

/// What an entry weighs beside its body.
const OVERHEAD: usize = 512;
/// The part of the memory that mutable objects may take: one in this many bytes.
const MUTABLE_SHARE: u64 = 8;
/// The part that compressed bodies may take, likewise.
const CODED_SHARE: u64 = 8;
/// What objects may take beyond the memory that is given to them, while they are read or no longer kept and still being
/// sent: 128 MiB.
const SPARE: u64 = 128 * 1024 * 1024;

/// Origins behind their caches.
#[derive(Debug)]
pub struct ObjectCache {
    origins: Origins,
    objects: Cache<String, Kept<Arc<OriginAnswer>>>,
    mutable: Cache<String, Kept<Arc<ReadSoFar>>>,
    /// Bodies in gzip, under the names of their objects or the checksums of their texts.
    coded: Cache<String, Kept<Coded>>,
    compressor: Compressor,
    memory: Arc<Memory>,
    /// What bridges an outage: the last of `changes.json` and `revocations.json`.
    last: Mutex<ReadSoFar>,
}

/// A body in gzip.
#[derive(Debug, Clone)]
pub struct Coded {
    /// All of it.
    pub body: Bytes,
    /// How many bytes it was made of.
    pub of: u64,
}

/// Too many bodies are being compressed, or there is no room for one more.
#[derive(Debug)]
struct Busy;

#[derive(Debug, Clone)]
struct Kept<T> {
    value: T,
    bytes: usize,
    lifetime: Duration,
}

struct Lifetime;

impl<T> Expiry<String, Kept<T>> for Lifetime {
    fn expire_after_create(&self, _: &String, kept: &Kept<T>, _: Instant) -> Option<Duration> {
        Some(kept.lifetime)
    }
}

impl<T> Kept<T> {
    fn new(read: &Read, whole: &OriginAnswer, value: T) -> Self {
        let seconds = if whole.status == 200 { read.ttl.found } else { Ttl::ABSENT };
        Self { value, bytes: whole.body.len(), lifetime: Duration::from_secs(seconds.into()) }
    }
}

fn cache<T: Clone + Send + Sync + 'static>(bytes: u64) -> Cache<String, Kept<T>> {
    let weight =
        |key: &String, kept: &Kept<T>| u32::try_from(key.len() + kept.bytes + OVERHEAD).unwrap_or(u32::MAX);
    Cache::builder().max_capacity(bytes).weigher(weight).expire_after(Lifetime).build()
}

/// Lets a read go on when the client that began it goes away: others may wait for the same.
async fn detached<T: Send + 'static>(
    read: impl Future<Output = Result<T, Arc<Unavailable>>> + Send + 'static,
) -> Result<T, Arc<Unavailable>> {
    // it is cancelled by nobody, so that only a panic is left
    tokio::spawn(read).await.unwrap_or_else(|_| Err(Arc::new(Unavailable::panicked())))
}

/// What tells one read from another.
fn name(read: &Read) -> String {
    match &read.query {
        None => read.key.to_string(),
        Some(query) => format!("{}?{query}", read.key),
    }
}

impl ObjectCache {
    /// Keeps at most `bytes` of what `origins` answer and of what is made of it.
    pub fn new(origins: Origins, bytes: u64, metrics: Metrics) -> Self {
        let (mutable, coded) = (bytes / MUTABLE_SHARE, bytes / CODED_SHARE);
        Self {
            origins,
            objects: cache(bytes - mutable - coded),
            mutable: cache(mutable),
            coded: cache(coded),
            compressor: Compressor::new(metrics),
            memory: Memory::new(bytes.saturating_add(SPARE)),
            last: Mutex::default(),
        }
    }

    /// What a request starts with.
    pub fn remembered(&self) -> ReadSoFar {
        self.last.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// A whole object, or that there is none, and whether it was here.
    pub async fn object(
        self: &Arc<Self>,
        read: &Read,
        country: Country,
    ) -> Result<(Arc<OriginAnswer>, CacheStatus), Arc<Unavailable>> {
        let name = name(read);
        if let Some(kept) = self.objects.get(&name).await {
            return Ok((kept.value, CacheStatus::Hit));
        }
        let (cache, read) = (Arc::clone(self), read.clone());
        detached(async move {
            let fill = async {
                let memory = Some(&cache.memory);
                let (whole, ()) = cache.origins.read(&read, country, memory, |_| Some(())).await?;
                let whole = Arc::new(whole);
                Ok(Kept::new(&read, &whole, Arc::clone(&whole)))
            };
            let entry = cache.objects.entry(name).or_try_insert_with(fill).await?;
            let outcome = if entry.is_fresh() { CacheStatus::Miss } else { CacheStatus::Hit };
            Ok((entry.into_value().value, outcome))
        })
        .await
    }

    /// An object in gzip, where it is kept so.
    pub async fn kept_coded(&self, read: &Read) -> Option<Coded> {
        self.coded.get(&name(read)).await.map(|kept| kept.value)
    }

    /// An object in gzip, made of it where it is not kept. `None` where too many are being made: it is there plain.
    pub async fn coded(self: &Arc<Self>, read: &Read, whole: &OriginAnswer) -> Option<Coded> {
        self.code(name(read), whole.body.clone(), read.ttl).await
    }

    /// A text in gzip, likewise.
    pub async fn coded_text(self: &Arc<Self>, text: &str) -> Option<Coded> {
        let sum: String = Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect();
        if let Some(kept) = self.coded.get(&sum).await {
            return Some(kept.value);
        }
        self.code(sum, Bytes::copy_from_slice(text.as_bytes()), Ttl::IMMUTABLE).await
    }

    async fn code(self: &Arc<Self>, name: String, plain: Bytes, ttl: Ttl) -> Option<Coded> {
        let cache = Arc::clone(self);
        // other clients that wait for it must get it, though the client that began it goes away
        let made = tokio::spawn(async move {
            let make = async {
                let of = plain.len() as u64;
                let coded = cache.compressor.gzip(plain).await.ok_or(Busy)?;
                let taken = cache.memory.take(coded.len() as u64).ok_or(Busy)?;
                let (bytes, body) = (coded.len(), taken.hold(coded));
                let lifetime = Duration::from_secs(ttl.found.into());
                Ok(Kept { value: Coded { body, of }, bytes, lifetime })
            };
            cache.coded.try_get_with::<_, Busy>(name, make).await
        });
        made.await.ok()?.ok().map(|kept: Kept<Coded>| kept.value)
    }

    /// Reads an object that someone is going to ask for, where the budget allows it.
    pub async fn warm(self: &Arc<Self>, read: &Read, country: Country) {
        if !self.objects.contains_key(&name(read)) && self.origins.may_warm() {
            // a client that wants it will ask again
            let _ = self.object(read, country).await;
        }
    }

    /// A mutable object as it is understood. `None` where no origin gives one.
    pub async fn understood(self: &Arc<Self>, fetch: &Fetch, country: Country) -> Option<Arc<ReadSoFar>> {
        let name = name(&fetch.read);
        if let Some(kept) = self.mutable.get(&name).await {
            return Some(kept.value);
        }
        let (cache, fetch) = (Arc::clone(self), fetch.clone());
        let filled = detached(async move {
            let fill = async {
                let understand =
                    |whole: &OriginAnswer| fetch.understood(whole.as_answer(), &mut Parsed::default());
                // without these, nothing at all is answered: they are small, and not held for long
                let (whole, understood) = cache.origins.read(&fetch.read, country, None, understand).await?;
                Ok(Kept::new(&fetch.read, &whole, Arc::new(understood)))
            };
            cache.mutable.try_get_with_by_ref(&name, fill).await.inspect_err(|why: &Arc<Unavailable>| {
                tracing::warn!(object = name, %why, "nothing to decide from");
            })
        });
        filled.await.ok().map(|kept| kept.value)
    }

    /// Keeps what is worth it for the next request.
    pub fn remember(&self, known: &ReadSoFar) {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = known.lasting();
    }
}
