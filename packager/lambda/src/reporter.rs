//! The warnings and the work of one attempt, whether it succeeds or not.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use nada_publish::{
    publish::{Event, Reporter},
    store::Put,
};
use nada_quote::Visible;

/// What an attempt did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Work {
    /// Tracks that were encoded to their end.
    pub tracks: u64,
    /// How long they last, in milliseconds.
    pub audio_ms: u64,
    /// How long that took, from the first sample read to the last segment handed over; no download is in it, but
    /// where uploads are slower than the encoder, its waiting for them.
    pub encoding: Duration,
    /// Bytes of immutable objects that were written.
    pub uploaded_bytes: u64,
}

/// Keeps the warnings of an attempt and counts its work, and logs how far it comes.
#[derive(Debug, Default)]
pub(crate) struct AttemptReporter(Mutex<(Work, Vec<String>)>);

impl AttemptReporter {
    fn lock(&self) -> MutexGuard<'_, (Work, Vec<String>)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What was set right or left out.
    pub fn warnings(&self) -> Vec<String> {
        self.lock().1.clone()
    }

    /// What was done so far.
    pub fn work(&self) -> Work {
        self.lock().0
    }
}

impl Reporter for AttemptReporter {
    fn event(&self, event: Event<'_>) {
        match event {
            Event::Warning(text) => self.lock().1.push(Visible::new(text).to_string()),
            Event::Encoded { duration_ms, took, .. } => {
                let work = &mut self.lock().0;
                work.tracks += 1;
                work.audio_ms += duration_ms;
                work.encoding += took;
            }
            Event::Stored { bytes, put: Put::Written, .. } => self.lock().0.uploaded_bytes += bytes,
            Event::Track { track, version, present } => {
                tracing::info!(%track, %version, present, "track begun");
            }
            Event::MediaStored(track) => tracing::info!(%track, "track stored"),
            Event::State(state) => tracing::info!(?state, "release"),
            Event::Completing(release) => {
                tracing::info!(%release, "completing what a run left half switched")
            }
            Event::Settling(left) => tracing::info!(left_s = left.as_secs(), "waiting for sweeps"),
            Event::Decoded { .. } | Event::Stored { put: Put::Present, .. } | Event::TrackStored(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_and_encoded_counts_and_nothing_else() {
        let reporter = AttemptReporter::default();
        let (track, key) = ("one".parse().unwrap(), "changes.json".parse().unwrap());
        let took = Duration::from_secs(3);
        reporter.event(Event::Encoded { track: &track, duration_ms: 180_000, took });
        reporter.event(Event::Encoded { track: &track, duration_ms: 20_000, took });
        reporter.event(Event::Stored { key: &key, bytes: 70, put: Put::Written });
        reporter.event(Event::Stored { key: &key, bytes: 500, put: Put::Present });
        reporter.event(Event::MediaStored(&track));
        let work = Work { tracks: 2, audio_ms: 200_000, encoding: 2 * took, uploaded_bytes: 70 };
        assert_eq!(reporter.work(), work);
    }
}
