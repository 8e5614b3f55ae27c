//! From `nada submit` to a song that plays, by way of the masters bucket, its notification in a queue, and the real
//! `bootstrap`: buckets and queues are moto's, the Lambda service is `platform`.
#![allow(clippy::unwrap_used, clippy::panic)]

mod backoff;
mod deadline;
mod delivery;
mod other_store;
mod platform;
mod proxy;
mod regions;
mod release;
mod sample_release;
mod world;
