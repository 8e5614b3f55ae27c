//! What is to be done: each track, its input, and what the store has of it.

use std::collections::BTreeMap;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use nada_lyrics::Lyrics;
use nada_release::{
    Commit, Loudness, Manifest, ManifestChange, ObjectKey, Presentation, Rights, TrackId, Version,
    commit::CommitTrack, commit::Expected,
};

use super::{
    error::PublishError,
    lyrics::{self, Ready},
    masters::{Master, Masters},
    report::{Event, Reporter},
};
use crate::{
    release_toml::{Recipe, Release, Track},
    store::Store,
};

/// Tracks looked up at once.
pub(super) const AT_ONCE: usize = 16;

/// One track.
pub(super) struct Plan<'a> {
    pub track: &'a Track,
    pub master: Master,
    pub lyrics: Option<Lyrics>,
    /// How it is packaged.
    pub settings: crate::Settings,
    pub version: Version,
    pub manifest: Option<Manifest>,
    pub presentation: Option<Presentation>,
    /// What this release last wrote.
    pub written: Option<ManifestChange>,
}

/// What a track is made of: its file's hash, and its lyrics.
pub(super) struct Input<'a> {
    track: &'a Track,
    master: Master,
    lyrics: Option<Lyrics>,
}

/// Reads all lyrics and hashes all sources, so that what is wrong with them is known first.
///
/// # Errors
/// If a file cannot be read, or lyrics have warnings and `strict` is set.
pub(super) async fn read_input<'a>(
    masters: &dyn Masters,
    release: &'a Release,
    strict: bool,
    reporter: &dyn Reporter,
) -> Result<Vec<Input<'a>>, PublishError> {
    let mut songs = Vec::with_capacity(release.tracks.len());
    let read = release.tracks.iter().map(lyrics::read).collect::<Result<Vec<_>, _>>()?;
    tell(read.iter().flat_map(|(_, warnings)| warnings), strict, reporter)?;
    for (track, (lyrics, _)) in release.tracks.iter().zip(read) {
        let master = masters.look(&track.audio).await?;
        songs.push(Input { track, master, lyrics });
    }
    Ok(songs)
}

/// Reports warnings about lyrics; all of them, before they are refused.
pub(super) fn tell<'w>(
    warnings: impl Iterator<Item = &'w String>,
    strict: bool,
    reporter: &dyn Reporter,
) -> Result<(), PublishError> {
    let told = warnings.inspect(|warning| reporter.event(Event::Warning(warning))).count();
    if strict && told > 0 { Err(PublishError::Warned(told)) } else { Ok(()) }
}

/// Looks up what the store has of each track. `said` goes before what the release says of the packaging.
pub(super) async fn plan<'a>(
    songs: Vec<Input<'a>>,
    said: &Recipe,
    last: Option<&Commit>,
    store: &Store,
) -> Result<Vec<Plan<'a>>, PublishError> {
    let mut written: BTreeMap<&TrackId, &ManifestChange> = BTreeMap::new();
    for track in last.iter().flat_map(|last| &last.tracks) {
        written.extend(track.change.as_ref().map(|change| (&track.track, change)));
    }
    let plans = songs.into_iter().map(|Input { track, master, lyrics }| {
        let written = written.get(&track.id).map(|change| (*change).clone());
        async move {
            let settings = said.or(&track.recipe).settings();
            let version = settings.version(&master.sha256);
            let key = ObjectKey::Presentation(track.id.clone(), version.clone());
            let presentation = store.read::<Presentation>(&key).await?.map(|(found, _)| found);
            let key = ObjectKey::Manifest(track.id.clone());
            let manifest = store.read::<Manifest>(&key).await?.map(|(found, _)| found);
            Ok(Plan { track, master, lyrics, settings, version, manifest, presentation, written })
        }
    });
    stream::iter(plans).buffered(AT_ONCE).try_collect().await
}

impl Plan<'_> {
    /// What the release's file says of the track before anything else is known.
    pub fn commit_track(&self) -> CommitTrack {
        CommitTrack {
            track: self.track.id.clone(),
            version: self.version.clone(),
            lyrics: None,
            change: self.written.clone(),
        }
    }

    /// Whether the version is served already, so that no sweep touches it.
    pub fn serves_version(&self) -> bool {
        let mut kept = self.manifest.iter().flat_map(|found| &found.versions);
        kept.any(|kept| kept.version == self.version)
    }

    /// Whether the lyrics are served already.
    pub fn serves_lyrics(&self, ready: &Ready) -> bool {
        let Some(found) = &self.manifest else { return false };
        let mut kept = found.lyrics.iter().chain(&found.previous_lyrics);
        kept.any(|kept| kept == &ready.index)
    }

    /// The lyrics' files, on the timeline of the presentation.
    pub fn render(&self, presentation: &Presentation) -> Result<Option<Ready>, PublishError> {
        self.lyrics.as_ref().map(|lyrics| lyrics::render(lyrics, presentation.timeline)).transpose()
    }

    /// The intended change of the track's manifest.
    pub fn change(
        &self,
        release: &Release,
        presentation: Presentation,
        ready: Option<&Ready>,
        album_loudness: Option<Loudness>,
    ) -> ManifestChange {
        let expected = self.manifest.as_ref().map(|found| Expected {
            version: found.presentation.version.clone(),
            rights: found.rights.clone(),
        });
        ManifestChange {
            expected,
            title: self.track.title.clone(),
            artists: self.track.artists.clone(),
            album: release.title.clone(),
            label: release.label.clone(),
            rights: self.track.rights.clone(),
            album_loudness,
            presentation,
            lyrics: ready.map(|ready| ready.index.clone()),
        }
    }

    /// Refuses where the manifest's rights are neither those wanted nor those this release wrote last.
    pub fn check_rights(&self) -> Result<(), PublishError> {
        let Some(found) = self.manifest.as_ref().map(|manifest| &manifest.rights) else { return Ok(()) };
        let (wanted, written) = (&self.track.rights, self.written.as_ref().map(|change| &change.rights));
        if found == wanted || Some(found) == written {
            return Ok(());
        }
        let json = |rights: &Rights| serde_json::to_string(rights).unwrap_or_default();
        Err(PublishError::Rights { track: self.track.id.clone(), found: json(found), wanted: json(wanted) })
    }
}
