//! What the server keeps in memory: origins' answers, bounded by bytes, each for as long as its read says, and
//! asked for once however many wait for it. Failures are never kept.

use std::{
    future::Future,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use moka::{Expiry, future::Cache};
use nada_edge::{Cache as Outcome, Country, Fetch, Known, Read, Ttl};

use crate::{
    origins::{Origins, Unavailable},
    whole::Whole,
};

/// What an entry weighs beside its body.
const OVERHEAD: usize = 512;
/// The part of the memory that mutable objects may take: one in this many bytes.
const MUTABLE_SHARE: u64 = 8;

/// Origins behind their caches.
#[derive(Debug)]
pub struct Store {
    origins: Origins,
    objects: Cache<String, Kept<Arc<Whole>>>,
    mutable: Cache<String, Kept<Fact>>,
    /// What bridges an outage: the last of `changes.json` and `revocations.json`.
    last: Mutex<Known>,
}

/// One mutable object as it was understood.
#[derive(Debug, Clone)]
pub struct Fact(Arc<Known>);

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
    fn new(read: &Read, whole: &Whole, value: T) -> Self {
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
async fn unhurried<T: Send + 'static>(
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

impl Fact {
    /// What an origin's answer comes to.
    fn read(fetch: &Fetch, whole: &Whole) -> Self {
        let mut known = Known::default();
        known.put(fetch, whole.at, Some(whole.lent()));
        Self(Arc::new(known))
    }

    /// Adds it to what is known for a request.
    pub fn add_to(&self, known: &mut Known) {
        known.manifest.extend_from_slice(&self.0.manifest);
        known.changes.extend_from_slice(&self.0.changes);
        known.revocations.extend_from_slice(&self.0.revocations);
    }
}

impl Store {
    /// Keeps at most `bytes` of what `origins` answer.
    pub fn new(origins: Origins, bytes: u64) -> Self {
        let mutable = bytes / MUTABLE_SHARE;
        let last = Mutex::default();
        Self { origins, objects: cache(bytes - mutable), mutable: cache(mutable), last }
    }

    /// What a request starts with.
    pub fn remembered(&self) -> Known {
        self.last.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// A whole object, or that there is none, and whether it was here.
    pub async fn object(
        self: &Arc<Self>,
        read: &Read,
        country: Country,
    ) -> Result<(Arc<Whole>, Outcome), Arc<Unavailable>> {
        let name = name(read);
        if let Some(kept) = self.objects.get(&name).await {
            return Ok((kept.value, Outcome::Hit));
        }
        let (store, read) = (Arc::clone(self), read.clone());
        unhurried(async move {
            let fill = async {
                let whole = Arc::new(store.origins.read(&read, country, |_| true).await?);
                Ok(Kept::new(&read, &whole, Arc::clone(&whole)))
            };
            let entry = store.objects.entry(name).or_try_insert_with(fill).await?;
            let outcome = if entry.is_fresh() { Outcome::Miss } else { Outcome::Hit };
            Ok((entry.into_value().value, outcome))
        })
        .await
    }

    /// Reads an object that someone is going to ask for, where the budget allows it.
    pub async fn warm(self: &Arc<Self>, read: &Read, country: Country) {
        if !self.objects.contains_key(&name(read)) && self.origins.may_warm() {
            // whoever asks for it will ask again
            let _ = self.object(read, country).await;
        }
    }

    /// What a decision wants to know. `None` where no origin says anything that is understood.
    pub async fn fact(self: &Arc<Self>, fetch: &Fetch, country: Country) -> Option<Fact> {
        let name = name(&fetch.read);
        if let Some(kept) = self.mutable.get(&name).await {
            return Some(kept.value);
        }
        let (store, fetch) = (Arc::clone(self), fetch.clone());
        let filled = unhurried(async move {
            let fill = async {
                let understood = |answer: nada_edge::Answer<'_>| fetch.understands(answer);
                let whole = store.origins.read(&fetch.read, country, understood).await?;
                Ok(Kept::new(&fetch.read, &whole, Fact::read(&fetch, &whole)))
            };
            store.mutable.try_get_with_by_ref(&name, fill).await.inspect_err(|why: &Arc<Unavailable>| {
                tracing::warn!(object = name, %why, "nothing to decide from");
            })
        });
        filled.await.ok().map(|kept| kept.value)
    }

    /// Keeps what is worth it for the next request.
    pub fn remember(&self, known: &Known) {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = known.lasting();
    }
}
