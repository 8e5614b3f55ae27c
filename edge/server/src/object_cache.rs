//! What the server keeps in memory: origins' answers and what is made of them, bounded by bytes, each for as long as its
//! read says, and asked for or made once however many wait for it. Failures are never kept.

use std::{
    collections::HashSet,
    future::Future,
    io,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use bytes::Bytes;
use moka::{Expiry, future::Cache};
use nada_edge::{Cache as CacheStatus, Country, Extent, Fetch, Read, ReadSoFar, Ttl};
use sha2::{Digest as _, Sha256};

use crate::{
    gzip::Compressor,
    joined::Piece,
    memory::Memory,
    metrics::Metrics,
    origin_answer::{Asked, OriginAnswer},
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

/// A part of at most so many bytes, 128 KiB, is read whole before a range of it is answered: at 20 MB/s that takes 6.5 ms
/// more than the range alone, and what is sent was verified.
const SMALL: u64 = 128 * 1024;

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
    /// Names of the parts that somebody reads a range of while they are not here.
    cold: Mutex<HashSet<String>>,
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

/// Bytes of a part of a track file.
#[derive(Debug)]
pub struct Found {
    /// The bytes; `None` where no origin has the part.
    pub piece: Option<Piece>,
    /// Whether they were here.
    pub outcome: CacheStatus,
    /// How they were come by, where they were not.
    pub asked: Option<Asked>,
}

/// That somebody reads a range of a part that is not here, until dropped.
struct Cold(Arc<ObjectCache>, String);

impl Drop for Cold {
    fn drop(&mut self) {
        self.0.cold.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.1);
    }
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

/// The bytes of the whole that a read names; `None` where there is none.
fn cut(whole: &OriginAnswer, read: &Read) -> Option<Bytes> {
    let Extent { range, .. } = read.bytes.as_ref().filter(|_| whole.status == 200)?;
    let (start, end) = (usize::try_from(range.start).ok()?, usize::try_from(range.end).ok()?);
    (start <= end && end <= whole.body.len()).then(|| whole.body.slice(start..end))
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
            cold: Mutex::default(),
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

    /// Bytes of a part. Whoever asks for one that is not here first is sent them as the origin sends them, and the part is
    /// read whole behind that; whoever asks meanwhile waits for the whole.
    pub async fn piece(self: &Arc<Self>, read: &Read, country: Country) -> Result<Found, Arc<Unavailable>> {
        let large = read.bytes.as_ref().is_some_and(|bytes| bytes.length > SMALL);
        let name = name(read);
        if large
            && !self.objects.contains_key(&name)
            && let Some(cold) = self.first(name)
            // it may have come meanwhile
            && !self.objects.contains_key(&cold.1)
            && let Some((body, asked)) = self.origins.open(read, country).await?
        {
            let whole = read.whole();
            tokio::spawn(async move {
                // whoever asks for it will ask again
                let _ = cold.0.object(&whole, country).await;
                drop(cold);
            });
            let length = read.bytes.as_ref().map_or(0, |Extent { range, .. }| range.end - range.start);
            let piece = Some(Piece::Streamed(Box::new(body), length));
            return Ok(Found { piece, outcome: CacheStatus::Miss, asked: Some(asked) });
        }
        let (whole, outcome) = self.object(&read.whole(), country).await?;
        let piece = cut(&whole, read).map(Piece::Held);
        let asked = (outcome == CacheStatus::Miss).then_some(whole.asked);
        Ok(Found { piece, outcome, asked })
    }

    /// Bytes of a part that is read whole, if it is not here.
    pub async fn held(self: &Arc<Self>, read: &Read, country: Country) -> io::Result<Bytes> {
        let (whole, _) = self.object(&read.whole(), country).await.map_err(io::Error::other)?;
        cut(&whole, read).ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    /// That nobody else reads a range of what has this name while it is not here.
    fn first(self: &Arc<Self>, name: String) -> Option<Cold> {
        let mut cold = self.cold.lock().unwrap_or_else(PoisonError::into_inner);
        cold.insert(name.clone()).then(|| Cold(Arc::clone(self), name))
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

    /// Whether an object is here.
    pub fn has(&self, read: &Read) -> bool {
        self.objects.contains_key(&name(read))
    }

    /// Reads an object that someone is going to ask for, where the budget allows it.
    pub async fn warm(self: &Arc<Self>, read: &Read, country: Country) {
        if !self.has(read) && self.origins.may_warm() {
            // whoever asks for it will ask again
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
                let understand = |whole: &OriginAnswer| fetch.understood(whole.as_answer());
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
