//! What a publish tells while it runs: bars on a terminal, warnings for everybody.

use std::{
    collections::BTreeMap,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use nada_publish::{
    publish::{Event, Reporter},
    release_toml::Release,
    store::Put,
};
use nada_quote::Visible;

use crate::progress::{Bar, Bars};

/// One bar for the release, and one for each track while it is packaged.
pub struct ProgressReporter {
    bars: Bars,
    all: Bar,
    titles: BTreeMap<String, String>,
    tracks: Mutex<BTreeMap<String, Bar>>,
    warnings: Mutex<Vec<String>>,
    sent: AtomicU64,
    bytes: AtomicU64,
    present: AtomicU64,
}

impl ProgressReporter {
    pub fn new(release: &Release, bars: Bars) -> Self {
        let titles = release.tracks.iter().map(|track| (track.id.to_string(), track.title.clone())).collect();
        let all = bars.all(&release.title, release.tracks.len() as u64);
        Self {
            bars,
            all,
            titles,
            tracks: Mutex::default(),
            warnings: Mutex::default(),
            sent: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
            present: AtomicU64::new(0),
        }
    }

    /// The warnings so far.
    pub fn warnings(&self) -> Vec<String> {
        self.warnings.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn with_bar(&self, track: &str, act: impl FnOnce(&Bar)) {
        let mut tracks = self.tracks.lock().unwrap_or_else(PoisonError::into_inner);
        let title = self.titles.get(track).map_or(track, String::as_str);
        act(tracks.entry(track.to_owned()).or_insert_with(|| self.bars.track(title)));
    }

    fn stored(&self, bytes: u64, put: Put) {
        match put {
            Put::Written => {
                self.sent.fetch_add(1, Ordering::Relaxed);
                self.bytes.fetch_add(bytes, Ordering::Relaxed);
            }
            Put::Present => {
                self.present.fetch_add(1, Ordering::Relaxed);
            }
        }
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let (sent, mb, present) = (read(&self.sent), read(&self.bytes) as f64 / 1e6, read(&self.present));
        self.all.say(&format!("{sent} objects sent, {mb:.1} MB; {present} there already"));
    }
}

impl Reporter for ProgressReporter {
    fn event(&self, event: Event<'_>) {
        match event {
            Event::Decoded { track, done, total } => {
                self.with_bar(track.as_str(), |bar| bar.samples(done, total));
            }
            Event::Stored { bytes, put, .. } => self.stored(bytes, put),
            Event::MediaStored(track) => {
                if let Some(bar) =
                    self.tracks.lock().unwrap_or_else(PoisonError::into_inner).remove(track.as_str())
                {
                    bar.done();
                }
                self.all.one_more();
            }
            Event::Settling(left) if !left.is_zero() => {
                self.bars.note(&format!(
                    "nada: waiting {} s: this release relies on old objects, which a sweep may be deleting",
                    left.as_secs()
                ));
            }
            Event::Warning(text) => {
                self.warnings
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .push(Visible::new(text).to_string());
                self.bars.note(&format!("nada: warning: {text}"));
            }
            Event::Completing(release) => {
                self.bars
                    .note(&format!("nada: completing release {release}, which a run left half switched"));
            }
            Event::Track { .. }
            | Event::Encoded { .. }
            | Event::TrackStored(_)
            | Event::Settling(_)
            | Event::State(_) => {}
        }
    }
}

impl Drop for ProgressReporter {
    fn drop(&mut self) {
        self.all.done();
    }
}
