//! What a publish does, decided from the input and what is stored: [`publish`](super::publish) executes it,
//! [`preview`](super::preview) prints it. Pure.

use jiff::Timestamp;
use nada_catalog::{
    Loudness, LoudnessHistogram, Manifest, ManifestChange, Presentation, ReleaseRecord, ReleaseState, Rights,
    release_record::{Expected, RecordedTrack},
};
use serde::Serialize;

use super::{
    error::PublishError,
    input::Input,
    inventory::lyrics_keys,
    lyrics::RenderedLyrics,
    stored::{StoredLyrics, StoredTrack},
};
use crate::release_toml::Release;

/// What becomes of a track's audio.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AudioPlan {
    /// Its version is current and whole.
    Keep,
    /// Its version is stored whole; the manifest is switched to it.
    Switch,
    /// Its version is served and has lost objects: it is packaged again, and what is missing is sent.
    Repair,
    /// It is packaged. Objects that are there already are compared, not sent.
    Package,
}

/// What becomes of a track's lyrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LyricsPlan {
    /// There are none, and none were there.
    None,
    /// They are current and whole.
    Keep,
    /// They are new, or others than before.
    Write,
    /// They are current and have lost objects, which are sent again.
    Repair,
    /// There were some, and none are left.
    Remove,
    /// They are rendered when the length of the audio is known.
    Render,
}

/// What becomes of a track's rights.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RightsPlan {
    /// They are as they were.
    Keep,
    /// They are written: the track is new, or this release changes what it wrote itself.
    Write,
    /// Those of somebody else are replaced.
    Replace,
    /// Somebody else wrote others, and nobody said that they may be replaced: the publish is refused.
    Refuse,
}

/// What becomes of the rest of a track's manifest: title, artists, album, label and album loudness.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DetailsPlan {
    /// They are as they were.
    Keep,
    /// The track is new, or one of them changes.
    Write,
    /// All but the album loudness are as they were, which is known when every track is packaged.
    Measure,
}

/// What is done with one track.
pub(super) struct TrackPlan<'a> {
    pub input: &'a Input<'a>,
    pub stored: StoredTrack,
    pub audio: AudioPlan,
    pub lyrics: LyricsPlan,
    pub rights: RightsPlan,
    pub details: DetailsPlan,
}

/// What is done with a release.
pub(super) struct ReleasePlan<'a> {
    pub tracks: Vec<TrackPlan<'a>>,
    /// Whether the store has all of it, so that nothing is written.
    pub is_done: bool,
}

/// Decides what is done with each track. `stored` is in the order of `inputs`, and `last` is what the store says of the
/// release.
pub(super) fn plan<'a>(
    release: &Release,
    inputs: &'a [Input<'a>],
    stored: Vec<StoredTrack>,
    last: Option<&ReleaseRecord>,
    replace_rights: bool,
    now: Timestamp,
) -> ReleasePlan<'a> {
    let whole: Option<Vec<_>> =
        stored.iter().map(|track| track.whole().map(|(media, levels)| (media, levels))).collect();
    let album = whole.map(album_loudness);
    let tracks: Vec<_> = (inputs.iter().zip(stored))
        .map(|(input, stored)| TrackPlan::new(release, input, stored, album, replace_rights, now))
        .collect();
    let is_done = tracks.iter().all(TrackPlan::is_done) && last.is_some_and(|last| is_live(last, &tracks));
    ReleasePlan { tracks, is_done }
}

/// Whether the release's own record says that just these tracks are live.
fn is_live(last: &ReleaseRecord, tracks: &[TrackPlan<'_>]) -> bool {
    let same = |(record, track): (&RecordedTrack, &TrackPlan<'_>)| {
        let lyrics = track.stored.lyrics.as_ref().map(|lyrics| &lyrics.rendered.index.digest);
        (&record.track, &record.version, record.lyrics.as_ref())
            == (&track.input.track.id, &track.input.version, lyrics)
    };
    last.state == ReleaseState::Live
        && last.tracks.len() == tracks.len()
        && last.tracks.iter().zip(tracks).all(same)
}

/// The loudness of a release over all its tracks; `None` for silence.
pub(super) fn album_loudness<'t>(
    tracks: impl IntoIterator<Item = (&'t Presentation, &'t LoudnessHistogram)>,
) -> Option<Loudness> {
    let tracks: Vec<_> = tracks.into_iter().collect();
    match tracks.as_slice() {
        [(alone, _)] => alone.loudness,
        tracks => LoudnessHistogram::album(tracks.iter().map(|(_, levels)| *levels)),
    }
}

impl<'a> TrackPlan<'a> {
    /// `album` is the album loudness, where every track is stored whole.
    fn new(
        release: &Release,
        input: &'a Input<'a>,
        stored: StoredTrack,
        album: Option<Option<Loudness>>,
        replace_rights: bool,
        now: Timestamp,
    ) -> Self {
        let audio = audio(input, &stored);
        let lyrics = lyrics(input, &stored);
        let mut track =
            Self { input, stored, audio, lyrics, rights: RightsPlan::Keep, details: DetailsPlan::Keep };
        track.rights = match track.check_rights() {
            Ok(()) if track.rights_found() == Some(&input.track.rights) => RightsPlan::Keep,
            Ok(()) => RightsPlan::Write,
            Err(_) if replace_rights => RightsPlan::Replace,
            Err(_) => RightsPlan::Refuse,
        };
        track.details = track.details(release, album, now);
        track
    }

    fn details(&self, release: &Release, album: Option<Option<Loudness>>, now: Timestamp) -> DetailsPlan {
        let Some(found) = &self.stored.manifest else { return DetailsPlan::Write };
        let rendered = self.stored.lyrics.as_ref().map(|lyrics| &lyrics.rendered);
        // what the other plans speak of is held to be as it was
        let mut change =
            self.change(release, found.presentation.clone(), rendered, album.unwrap_or(found.album_loudness));
        change.lyrics.clone_from(&found.lyrics);
        change.rights.clone_from(&found.rights);
        match (change.apply(&release.id, Some(found), now), album) {
            (Ok(None), Some(_)) => DetailsPlan::Keep,
            (Ok(None), None) => DetailsPlan::Measure,
            _ => DetailsPlan::Write,
        }
    }

    /// Whether nothing is written for the track.
    fn is_done(&self) -> bool {
        self.audio == AudioPlan::Keep
            && matches!(self.lyrics, LyricsPlan::None | LyricsPlan::Keep)
            && self.rights == RightsPlan::Keep
            && self.details == DetailsPlan::Keep
    }

    /// What the release says of the track before its lyrics are rendered.
    pub fn recorded_track(&self) -> RecordedTrack {
        RecordedTrack {
            track: self.input.track.id.clone(),
            version: self.input.version.clone(),
            lyrics: None,
            artwork: None,
            change: self.stored.written.clone(),
        }
    }

    /// Whether a manifest names the version already, so that no sweep touches it.
    pub fn serves_version(&self) -> bool {
        serves_version(self.input, self.stored.manifest.as_ref())
    }

    /// Whether a manifest names the lyrics already.
    pub fn serves_lyrics(&self, rendered: &RenderedLyrics) -> bool {
        let Some(found) = &self.stored.manifest else { return false };
        found.lyrics.iter().chain(&found.previous_lyrics).any(|kept| kept == &rendered.index)
    }

    /// The intended change of the track's manifest.
    pub fn change(
        &self,
        release: &Release,
        presentation: Presentation,
        rendered: Option<&RenderedLyrics>,
        album_loudness: Option<Loudness>,
    ) -> ManifestChange {
        let track = self.input.track;
        let expected = self.stored.manifest.as_ref().map(|found| Expected {
            version: found.presentation.version.clone(),
            rights: found.rights.clone(),
        });
        ManifestChange {
            expected,
            title: track.title.clone(),
            artists: track.artists.clone(),
            album: release.title.clone(),
            label: release.label.clone(),
            rights: track.rights.clone(),
            album_loudness,
            presentation,
            lyrics: rendered.map(|rendered| rendered.index.clone()),
            artwork: None,
        }
    }

    /// The rights in the store.
    pub fn rights_found(&self) -> Option<&Rights> {
        self.stored.manifest.as_ref().map(|manifest| &manifest.rights)
    }

    /// Refuses where the manifest's rights are neither those wanted nor those this release wrote last.
    pub fn check_rights(&self) -> Result<(), PublishError> {
        let Some(found) = self.rights_found() else { return Ok(()) };
        let wanted = &self.input.track.rights;
        let written = self.stored.written.as_ref().map(|change| &change.rights);
        if found == wanted || Some(found) == written {
            return Ok(());
        }
        let json = |rights: &Rights| serde_json::to_string(rights).unwrap_or_default();
        let track = self.input.track.id.clone();
        Err(PublishError::Rights { track, found: json(found), wanted: json(wanted) })
    }
}

fn serves_version(input: &Input<'_>, manifest: Option<&Manifest>) -> bool {
    manifest.into_iter().flat_map(|found| &found.versions).any(|kept| kept.version == input.version)
}

fn audio(input: &Input<'_>, stored: &StoredTrack) -> AudioPlan {
    let current = stored.manifest.as_ref().map(|found| &found.presentation);
    match stored.whole() {
        Some((presentation, _)) if current == Some(presentation) => AudioPlan::Keep,
        Some(_) => AudioPlan::Switch,
        None if serves_version(input, stored.manifest.as_ref()) => AudioPlan::Repair,
        None => AudioPlan::Package,
    }
}

fn lyrics(input: &Input<'_>, stored: &StoredTrack) -> LyricsPlan {
    let found = stored.manifest.as_ref().and_then(|found| found.lyrics.as_ref());
    match (&input.lyrics, &stored.lyrics, found) {
        (None, _, None) => LyricsPlan::None,
        (None, _, Some(_)) => LyricsPlan::Remove,
        (Some(_), None, _) => LyricsPlan::Render,
        (Some(_), Some(StoredLyrics { rendered, objects }), Some(found)) if rendered.index == *found => {
            match objects.lacks(lyrics_keys(&input.track.id, &rendered.index)) {
                None => LyricsPlan::Keep,
                Some(_) => LyricsPlan::Repair,
            }
        }
        (Some(_), Some(_), _) => LyricsPlan::Write,
    }
}
