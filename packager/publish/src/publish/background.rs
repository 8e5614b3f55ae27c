//! Packaging a master on a thread of its own, while what it makes is on its way to the store.

use std::{
    error::Error,
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use nada_catalog::TrackId;
use nada_check::Observer;
use nada_pipeline::{Execution, OutputFile, PackageError, Packaged, Settings, package};
use tokio::{runtime::Handle, sync::mpsc, task::JoinHandle};

use super::{
    budget::{Budget, Room},
    report::{Event, Reporter},
};

/// Files of one track that are finished and wait for a connection: those that have room in the budget.
const WAITING: usize = 16;

/// A master to be packaged.
pub(super) struct Packaging {
    pub track: TrackId,
    pub master: PathBuf,
    pub settings: Settings,
    pub execution: Execution,
    pub budget: Budget,
    pub reporter: Arc<dyn Reporter>,
}

/// A finished file, and the room in memory that it takes until it is stored.
pub(super) struct Finished {
    pub file: OutputFile,
    pub room: Room,
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
    pub fn start(self) -> (mpsc::Receiver<Finished>, JoinHandle<PackagingOutcome>) {
        let (sender, files) = mpsc::channel(WAITING);
        (files, tokio::task::spawn_blocking(move || self.run(&sender)))
    }

    fn run(self, sender: &mpsc::Sender<Finished>) -> PackagingOutcome {
        let Self { track, master, settings, execution, budget, reporter } = self;
        let progress = |p: nada_pipeline::Progress| {
            reporter.event(Event::Decoded { track: &track, done: p.done, total: p.total });
        };
        let mut seen = Observer::default();
        // a send that fails ends the packaging: the upload failed, or its run was dropped
        let runtime = Handle::current();
        let mut sink = |file: OutputFile| -> Result<(), Box<dyn Error + Send + Sync>> {
            let rendition = file.rendition.to_string();
            for (name, bytes) in file.served() {
                seen.see(&rendition, &name.to_string(), bytes);
            }
            let room = runtime.block_on(budget.room(file.bytes.len()))?;
            Ok(sender.blocking_send(Finished { file, room }).map_err(|_| "nobody stores it")?)
        };
        let began = Instant::now();
        let packaged = package(&master, &settings, &execution, &mut sink, &progress);
        PackagingOutcome { packaged, seen, took: began.elapsed() }
    }
}
