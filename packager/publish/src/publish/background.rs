//! Packaging a master on a thread of its own, while what it makes is on its way to the store.

use std::{
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use nada_catalog::TrackId;
use nada_check::Observer;
use nada_pipeline::{Execution, OutputFile, PackageError, Packaged, Settings, package};
use tokio::{sync::mpsc, task::JoinHandle};

use super::report::{Event, Reporter};

/// Files of one track that are finished and wait to be sent, beside those under way.
const WAITING: usize = 4;

/// A master to be packaged.
pub(super) struct Packaging {
    pub track: TrackId,
    pub master: PathBuf,
    pub settings: Settings,
    pub execution: Execution,
    pub reporter: Arc<dyn Reporter>,
}

/// What came of packaging.
pub(super) struct PackagingOutcome {
    pub packaged: Result<Packaged, PackageError>,
    /// What was seen of all files.
    pub seen: Observer,
    /// How long it took, from the first sample read to the last file handed over.
    pub took: Duration,
}

impl Packaging {
    /// Packages in the background: the files as they are finished, and what comes of it at the end. Dropping the files
    /// ends the packaging.
    pub fn start(self) -> (mpsc::Receiver<OutputFile>, JoinHandle<PackagingOutcome>) {
        let (sender, files) = mpsc::channel(WAITING);
        (files, tokio::task::spawn_blocking(move || self.run(&sender)))
    }

    fn run(self, sender: &mpsc::Sender<OutputFile>) -> PackagingOutcome {
        let Self { track, master, settings, execution, reporter } = self;
        let progress = |p: nada_pipeline::Progress| {
            reporter.event(Event::Decoded { track: &track, done: p.done, total: p.total });
        };
        let mut seen = Observer::default();
        // a send that fails ends the packaging: the upload failed, or its run was dropped
        let mut sink = |file: OutputFile| {
            seen.see(&file.rendition.to_string(), &file.file.to_string(), &file.bytes);
            sender.blocking_send(file)
        };
        let began = Instant::now();
        let packaged = package(&master, &settings, &execution, &mut sink, &progress);
        PackagingOutcome { packaged, seen, took: began.elapsed() }
    }
}
