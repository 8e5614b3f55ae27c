//! Immutable objects on their way to the store, as they are made: so many at once and no more in memory.

use std::{path::Path, sync::Arc};

use bytes::Bytes;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use nada_catalog::{LoudnessHistogram, ObjectKey, Presentation, TrackId, to_json};
use nada_pipeline::{Execution, OutputFile, StoredFile};
use nada_protection::{KeySource, TrackKeys};
use tokio::{sync::mpsc, task::JoinHandle};

use super::{
    background::{Finished, Packaging, PackagingOutcome},
    budget::Budget,
    defect::Defect,
    error::PublishError,
    input::Input,
    inventory::{Inventory, lyrics_keys},
    judged,
    lyrics::RenderedLyrics,
    masters::MasterSource,
    report::{Event, Reporter},
    tally::Tally,
};
use crate::store::Store;

/// Where the objects of one run go.
pub(super) struct Uploads<'a> {
    pub masters: &'a dyn MasterSource,
    pub store: &'a Store,
    pub reporter: &'a Arc<dyn Reporter>,
    pub tally: &'a Tally,
    /// What may be under way at once.
    pub budget: &'a Budget,
    pub execution: &'a Execution,
    /// Where keys come from.
    pub keys: Option<&'a Arc<dyn KeySource>>,
}

impl Uploads<'_> {
    /// Stores an object as soon as there is room for it.
    pub async fn put(
        &self,
        track: &TrackId,
        key: ObjectKey,
        bytes: Bytes,
        stored: &Inventory,
    ) -> Result<(), PublishError> {
        let _until_stored = self.budget.room(bytes.len()).await?;
        self.put_with_room(track, key, bytes, stored).await
    }

    /// Stores an object that has room; one that a listing showed is compared instead of sent.
    async fn put_with_room(
        &self,
        track: &TrackId,
        key: ObjectKey,
        bytes: Bytes,
        stored: &Inventory,
    ) -> Result<(), PublishError> {
        let _until_stored = self.budget.connection().await?;
        let length = bytes.len() as u64;
        let put = match stored.has(&key) {
            true => self.store.put_listed(&key, bytes).await?,
            false => self.store.put_new(&key, bytes).await?,
        };
        self.tally.put(track, put, length);
        self.reporter.event(Event::Stored { key: &key, bytes: length, put });
        Ok(())
    }

    /// Packages a master and stores its files as they are finished, `presentation.json` last: where that is stored, all
    /// that it names is. What is `stored` already is not sent.
    pub async fn media(
        &self,
        input: &Input<'_>,
        stored: &Inventory,
    ) -> Result<(Presentation, LoudnessHistogram), PublishError> {
        let execution = Execution { keys: self.track_keys(input).await?, ..self.execution.clone() };
        let master = self.masters.fetch(&input.track.audio, &input.master).await?;
        let (files, packaging) = self.package_in_background(input, master.path(), execution);
        let uploaded = self.put_files(input, files, stored).await;
        let PackagingOutcome { packaged, seen, took } = packaging.await.map_err(Defect::Packaging)?;
        // where an upload failed, packaging failed because of it
        uploaded?;
        let failed = |source| PublishError::Audio { path: input.track.audio.clone(), source };
        let packaged = packaged.map_err(failed)?;
        master.check(&input.track.audio)?;
        drop(master);
        for notice in &packaged.notices {
            let warning = format!("{}: {notice}", input.track.audio.display());
            self.reporter.event(Event::Warning(&warning));
        }
        let levels = packaged.levels.clone();
        let presentation = packaged.into_presentation(input.track.id.clone(), input.version.clone());
        let duration_ms = presentation.timeline.duration_ms();
        self.reporter.event(Event::Encoded { track: &input.track.id, duration_ms, took });
        judged::judge(&input.track.id, &seen, &presentation)?;
        self.put_summary(&presentation, &levels, stored).await?;
        Ok((presentation, levels))
    }

    /// The keys of a track that is to be protected.
    async fn track_keys(&self, input: &Input<'_>) -> Result<Option<TrackKeys>, PublishError> {
        let track = &input.track.id;
        let Some(protection) = &input.settings.protection else { return Ok(None) };
        let source = self.keys.ok_or_else(|| PublishError::NoKeySource(track.clone()))?;
        let (source, request) = (Arc::clone(source), protection.terms.request(track.as_str()));
        // it may wait for the network
        let keys = tokio::task::spawn_blocking(move || source.keys(&request)).await.map_err(Defect::Keys)?;
        keys.map(Some).map_err(|source| PublishError::Keys { track: track.clone(), source })
    }

    fn package_in_background(
        &self,
        input: &Input<'_>,
        master: &Path,
        execution: Execution,
    ) -> (mpsc::Receiver<Finished>, JoinHandle<PackagingOutcome>) {
        let packaging = Packaging {
            track: input.track.id.clone(),
            master: master.to_owned(),
            settings: input.settings.clone(),
            execution,
            budget: self.budget.clone(),
            reporter: Arc::clone(self.reporter),
        };
        packaging.start()
    }

    /// Stores the files of a track as they come.
    async fn put_files(
        &self,
        input: &Input<'_>,
        mut files: mpsc::Receiver<Finished>,
        stored: &Inventory,
    ) -> Result<(), PublishError> {
        let (track, version) = (&input.track.id, &input.version);
        stream::poll_fn(|context| files.poll_recv(context))
            .map(Ok)
            .try_for_each_concurrent(None, |Finished { file, room }| async move {
                let _until_stored = room;
                let OutputFile { rendition, file, bytes } = file;
                let (track_id, version) = (track.clone(), version.clone());
                let key = match file {
                    StoredFile::Part(part) => ObjectKey::Part(track_id, version, rendition, part.number),
                    StoredFile::Playlist(_) => ObjectKey::Playlist(track_id, version, rendition),
                };
                self.put_with_room(track, key, bytes.into(), stored).await
            })
            .await
    }

    /// Stores what is known of the whole of a version, `presentation.json` last.
    async fn put_summary(
        &self,
        presentation: &Presentation,
        levels: &LoudnessHistogram,
        stored: &Inventory,
    ) -> Result<(), PublishError> {
        let (track, version) = (&presentation.track, &presentation.version);
        let key = ObjectKey::Loudness(track.clone(), version.clone());
        let json = to_json(levels).map_err(Defect::Json)?;
        self.put(track, key, json.into(), stored).await?;
        let key = ObjectKey::Presentation(track.clone(), version.clone());
        let json = to_json(presentation).map_err(Defect::Json)?;
        self.put(track, key, json.into(), stored).await
    }

    /// Stores the files of lyrics, `lyrics.json` last, unless that is `stored` already, and all others.
    pub async fn lyrics(
        &self,
        track: &TrackId,
        rendered: &RenderedLyrics,
        stored: &Inventory,
    ) -> Result<(), PublishError> {
        let keys = || lyrics_keys(track, &rendered.index);
        if stored.lacks(keys()).is_none() {
            self.tally.found(track, keys().count() as u64);
            return Ok(());
        }
        let key = |file| ObjectKey::Lyrics(track.clone(), rendered.index.digest.clone(), file);
        let Some(((last, json), files)) = rendered.files.split_last() else { return Ok(()) };
        stream::iter(files)
            .map(Ok)
            .try_for_each_concurrent(None, |(file, bytes)| {
                self.put(track, key(file.clone()), bytes.clone(), stored)
            })
            .await?;
        self.put(track, key(last.clone()), json.clone(), stored).await
    }
}
