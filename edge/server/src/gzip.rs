//! Compression: off the threads that answer, and a few bodies at once.

use std::{io::Write as _, num::NonZero, sync::Arc, thread::available_parallelism};

use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use tokio::{sync::Semaphore, task::spawn_blocking};

use crate::metrics::Metrics;

/// Makes gzip of bodies; half of the processors at most are busy with it.
#[derive(Debug)]
pub struct Compressor {
    free: Arc<Semaphore>,
    metrics: Metrics,
}

impl Compressor {
    /// For this machine; every body is counted in `metrics`.
    pub fn new(metrics: Metrics) -> Self {
        let processors = available_parallelism().map_or(1, NonZero::get);
        Self { free: Arc::new(Semaphore::new((processors / 2).max(1))), metrics }
    }

    /// The body in gzip; `None`, at once, where as many are being made as may be.
    pub async fn gzip(&self, body: Bytes) -> Option<Vec<u8>> {
        let free = Arc::clone(&self.free).try_acquire_owned();
        self.metrics.compression(free.is_ok());
        let free = free.ok()?;
        let compressed = spawn_blocking(move || {
            let compressed = gzip(&body);
            drop(free);
            compressed
        });
        // it is cancelled by nobody, so that only a panic is left
        compressed.await.ok()
    }
}

fn gzip(body: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(body.len() / 4), Compression::default());
    // writing to memory does not fail
    let _ = encoder.write_all(body);
    let mut compressed = encoder.finish().unwrap_or_default();
    compressed.shrink_to_fit();
    compressed
}
