//! Immutable objects on their way to the store, as they are made: so many at once and no more in memory.

use std::{sync::Arc, time::Instant};

use bytes::Bytes;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use nada_catalog::{Levels, ObjectKey, Presentation, TrackId, to_json};
use nada_check::Observer;
use nada_pipeline::{Execution, OutputFile, PackageError, package};
use tokio::sync::{Semaphore, SemaphorePermit, mpsc};

use super::{
    error::PublishError,
    input::Input,
    inventory::{Inventory, lyrics_keys},
    judged,
    lyrics::Ready,
    masters::Masters,
    report::{Event, Reporter},
    tally::Tally,
};
use crate::store::Store;

/// Objects of one track that are finished and wait for their turn, beside those under way.
const WAITING: usize = 4;

/// Where the objects of one run go.
pub(super) struct Uploads<'a> {
    pub masters: &'a dyn Masters,
    pub store: &'a Store,
    pub reporter: &'a Arc<dyn Reporter>,
    pub tally: &'a Tally,
    /// One for each object under way, over all tracks of the run: they bound memory and connections.
    pub permits: &'a Semaphore,
    pub execution: &'a Execution,
}

impl Uploads<'_> {
    async fn permit(&self) -> Result<SemaphorePermit<'_>, PublishError> {
        self.permits.acquire().await.map_err(|e| PublishError::Defect(e.to_string()))
    }

    /// Stores an object; one that a listing showed is compared instead of sent.
    async fn put(
        &self,
        track: &TrackId,
        key: ObjectKey,
        bytes: Bytes,
        stored: &Inventory,
    ) -> Result<(), PublishError> {
        let length = bytes.len() as u64;
        let put = match stored.has(&key) {
            true => self.store.put_listed(&key, bytes).await?,
            false => self.store.put_new(&key, bytes).await?,
        };
        self.tally.put(track, put, length);
        self.reporter.event(Event::Stored { key: &key, bytes: length, put });
        Ok(())
    }

    /// Packages a song and stores its files as they are finished, `presentation.json` last: who finds that
    /// finds all it names. What is `stored` already is not sent.
    pub async fn media(
        &self,
        input: &Input<'_>,
        stored: &Inventory,
    ) -> Result<(Presentation, Levels), PublishError> {
        let Input { track, master, settings, version, .. } = input;
        let brought = self.masters.bring(&track.audio, master).await?;
        let (sender, mut produced) = mpsc::channel::<OutputFile>(WAITING);
        let (audio, settings) = (brought.path().to_owned(), settings.clone());
        let reporter = Arc::clone(self.reporter);
        let (id, execution) = (track.id.clone(), self.execution.clone());
        let packaging = tokio::task::spawn_blocking(move || {
            let progress = |p: nada_pipeline::Progress| {
                reporter.event(Event::Decoded { track: &id, done: p.done, total: p.total });
            };
            let mut seen = Observer::default();
            // a send that fails ends the packaging: the upload failed, or its run was dropped
            let mut sink = |file: OutputFile| {
                seen.see(&file.rendition.to_string(), &file.file.to_string(), &file.bytes);
                sender.blocking_send(file)
            };
            let began = Instant::now();
            let packaged = package(&audio, &settings, &execution, &mut sink, &progress);
            (packaged, seen, began.elapsed())
        });
        let files = stream::poll_fn(|context| produced.poll_recv(context));
        let uploaded = files
            .then(|file| async { Ok((self.permit().await?, file)) })
            .try_for_each_concurrent(None, |(permit, OutputFile { rendition, file, bytes })| async move {
                let _until_stored = permit;
                let key = ObjectKey::Rendition(track.id.clone(), version.clone(), rendition, file);
                self.put(&track.id, key, bytes.into(), stored).await
            })
            .await;
        produced.close();
        let (packaged, seen, took) =
            packaging.await.map_err(|e| PublishError::Defect(format!("packaging ended: {e}")))?;
        // where an upload failed, packaging failed because of it
        uploaded?;
        let failed = |source: PackageError| PublishError::Audio { path: track.audio.clone(), source };
        let packaged = packaged.map_err(failed)?;
        brought.check(&track.audio)?;
        drop(brought);
        for notice in &packaged.notices {
            self.reporter.event(Event::Warning(&format!("{}: {notice}", track.audio.display())));
        }
        let defect = |e: nada_catalog::StoredError| PublishError::Defect(e.to_string());
        let levels = packaged.levels.clone();
        let presentation = packaged.into_presentation(track.id.clone(), version.clone());
        let duration_ms = presentation.timeline.duration_ms();
        self.reporter.event(Event::Encoded { track: &track.id, duration_ms, took });
        judged::judge(&track.id, &seen, &presentation)?;
        let _until_stored = self.permit().await?;
        let key = ObjectKey::Levels(track.id.clone(), version.clone());
        let json = to_json(&levels).map_err(defect)?;
        self.put(&track.id, key, json.into(), stored).await?;
        let key = ObjectKey::Presentation(track.id.clone(), version.clone());
        let json = to_json(&presentation).map_err(defect)?;
        self.put(&track.id, key, json.into(), stored).await?;
        Ok((presentation, levels))
    }

    /// Stores the files of lyrics, `lyrics.json` last, unless that is `stored` already, and all others.
    pub async fn lyrics(
        &self,
        track: &TrackId,
        ready: &Ready,
        stored: &Inventory,
    ) -> Result<(), PublishError> {
        let keys = || lyrics_keys(track, &ready.index);
        if stored.lacks(keys()).is_none() {
            self.tally.found(track, keys().count() as u64);
            return Ok(());
        }
        let key = |file| ObjectKey::Lyrics(track.clone(), ready.index.digest.clone(), file);
        let Some(((last, json), files)) = ready.files.split_last() else { return Ok(()) };
        stream::iter(files)
            .then(|file| async move { Ok::<_, PublishError>((self.permit().await?, file)) })
            .try_for_each_concurrent(None, |(permit, (file, bytes))| async move {
                let _until_stored = permit;
                self.put(track, key(file.clone()), bytes.clone(), stored).await
            })
            .await?;
        let _until_stored = self.permit().await?;
        self.put(track, key(last.clone()), json.clone(), stored).await
    }
}
