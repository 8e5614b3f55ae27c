//! What is an orphan: decided from what lies below one track, what its manifest names and what releases spare.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use nada_catalog::{
    ArtworkDigest, ClipId, LyricsDigest, LyricsFile, Manifest, ObjectKey, PictureFormat, ReleaseRecord,
    ReleaseState, TrackId, Version, picture::ARTWORK_SEAL,
};

use crate::store::Listed;

/// How long a release in `uploading` is spared.
pub const UPLOADING_SPARED: SignedDuration = SignedDuration::from_hours(7 * 24);

/// One folder of immutable objects: it is whole or it is nothing.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Folder {
    /// `tracks/{track}/{version}/`.
    Version(TrackId, Version),
    /// `tracks/{track}/lyrics/{digest}/`.
    Lyrics(TrackId, LyricsDigest),
    /// `tracks/{track}/artwork/{digest}/`.
    Artwork(TrackId, ArtworkDigest),
    /// `tracks/{track}/clips/{id}.{format}`: one object, which is whole by itself.
    Clip(TrackId, ClipId, PictureFormat),
}

impl Folder {
    /// The folder of an immutable object; `None` for a mutable one.
    pub fn of(key: &ObjectKey) -> Option<Self> {
        match key {
            ObjectKey::Presentation(track, version)
            | ObjectKey::Loudness(track, version)
            | ObjectKey::Part(track, version, ..)
            | ObjectKey::Playlist(track, version, ..) => Some(Self::Version(track.clone(), version.clone())),
            ObjectKey::Lyrics(track, digest, _) => Some(Self::Lyrics(track.clone(), digest.clone())),
            ObjectKey::Artwork(track, digest, ..) => Some(Self::Artwork(track.clone(), digest.clone())),
            ObjectKey::Clip(track, id, format) => Some(Self::Clip(track.clone(), id.clone(), *format)),
            ObjectKey::Manifest(_) | ObjectKey::Release(_) | ObjectKey::Changes | ObjectKey::Revocations => {
                None
            }
        }
    }

    /// The track it belongs to.
    pub fn track(&self) -> &TrackId {
        match self {
            Self::Version(track, _)
            | Self::Lyrics(track, _)
            | Self::Artwork(track, _)
            | Self::Clip(track, ..) => track,
        }
    }

    /// The object that says that the folder is whole.
    pub fn seal(&self) -> ObjectKey {
        match self.clone() {
            Self::Version(track, version) => ObjectKey::Presentation(track, version),
            Self::Lyrics(track, digest) => ObjectKey::Lyrics(track, digest, LyricsFile::All),
            Self::Artwork(track, digest) => {
                let (size, format) = ARTWORK_SEAL;
                ObjectKey::Artwork(track, digest, size, format)
            }
            Self::Clip(track, id, format) => ObjectKey::Clip(track, id, format),
        }
    }
}

/// Every folder that a manifest names.
pub fn named(manifest: &Manifest) -> BTreeSet<Folder> {
    let track = &manifest.track;
    let versions = manifest.versions.iter().map(|kept| &kept.version);
    let versions = versions.chain([&manifest.presentation.version]);
    let lyrics = manifest.lyrics.iter().chain(&manifest.previous_lyrics);
    (versions.map(|version| Folder::Version(track.clone(), version.clone())))
        .chain(lyrics.map(|index| Folder::Lyrics(track.clone(), index.digest.clone())))
        .chain(manifest.artwork.iter().map(|artwork| Folder::Artwork(track.clone(), artwork.digest.clone())))
        .chain(manifest.clips.iter().map(|clip| Folder::Clip(track.clone(), clip.id.clone(), clip.format)))
        .collect()
}

/// Every folder that a release under way spares at `now`: in `committing` for as long as it takes, since a rerun
/// completes it, in `uploading` for [`UPLOADING_SPARED`].
pub fn spared(commit: &ReleaseRecord, now: Timestamp) -> BTreeSet<Folder> {
    let counts = match commit.state {
        ReleaseState::Live => false,
        ReleaseState::Committing => true,
        ReleaseState::Uploading => now.duration_since(commit.at) < UPLOADING_SPARED,
    };
    let mut folders = BTreeSet::new();
    for track in commit.tracks.iter().filter(|_| counts) {
        folders.insert(Folder::Version(track.track.clone(), track.version.clone()));
        folders.extend(track.lyrics.clone().map(|digest| Folder::Lyrics(track.track.clone(), digest)));
        folders.extend(track.artwork.clone().map(|digest| Folder::Artwork(track.track.clone(), digest)));
        if let Some(change) = &track.change {
            folders.insert(Folder::Version(track.track.clone(), change.presentation.version.clone()));
            let lyrics = change.lyrics.as_ref().map(|index| index.digest.clone());
            folders.extend(lyrics.map(|digest| Folder::Lyrics(track.track.clone(), digest)));
            let artwork = change.artwork.as_ref().map(|artwork| artwork.digest.clone());
            folders.extend(artwork.map(|digest| Folder::Artwork(track.track.clone(), digest)));
        }
    }
    folders
}

/// The objects of a track by folder, without those folders of which any object is younger than `age` at `now`.
pub fn old(
    listed: impl IntoIterator<Item = Listed>,
    age: SignedDuration,
    now: Timestamp,
) -> BTreeMap<Folder, Vec<Listed>> {
    let mut folders: BTreeMap<Folder, Vec<Listed>> = BTreeMap::new();
    for object in listed {
        if let Some(folder) = object.key.as_ref().ok().and_then(Folder::of) {
            folders.entry(folder).or_default().push(object);
        }
    }
    let is_old = |object: &Listed| now.duration_since(object.modified) >= age;
    folders.retain(|_, objects| objects.iter().all(is_old));
    folders
}

#[cfg(test)]
mod tests {
    use nada_catalog::{FORMAT, release_record::RecordedTrack};

    use super::*;

    fn at(hours: i64) -> Timestamp {
        Timestamp::from_second(1_790_000_000 + hours * 3600).unwrap()
    }

    fn listed(key: &str, hours: i64) -> Listed {
        Listed { key: key.parse().map_err(|_| key.to_owned()), bytes: 1, modified: at(hours), etag: None }
    }

    const OLD: &str = "tracks/t/0123456789abcdef0123456789abcdef/aac-64/1.mp4";
    const SEAL: &str = "tracks/t/0123456789abcdef0123456789abcdef/presentation.json";
    const LYRICS: &str = "tracks/t/lyrics/0123456789abcdef0123456789abcdef/hi.lrc";

    #[test]
    fn a_folder_is_as_old_as_its_youngest_object_and_what_is_unknown_or_mutable_is_in_none() {
        let day = SignedDuration::from_hours(24);
        let all = || {
            let mutable = listed("tracks/t/manifest.json", 0);
            [listed(OLD, 0), listed(SEAL, 2), listed(LYRICS, 1), mutable, listed("tracks/t/notes.txt", 0)]
        };
        let folders = |now| old(all(), day, at(now)).into_values().map(|o| o.len()).collect::<Vec<_>>();
        assert_eq!(folders(24), Vec::<usize>::new());
        assert_eq!(folders(25), [1], "the lyrics alone");
        assert_eq!(folders(26), [2, 1]);
        let seals: Vec<_> = old(all(), day, at(26)).keys().map(|f| f.seal().to_string()).collect();
        assert_eq!(seals[0], SEAL);
        assert!(seals[1].ends_with("lyrics.json"));
    }

    #[test]
    fn releases_spare_what_they_name_while_they_are_under_way() {
        let version: Version = "0123456789abcdef0123456789abcdef".parse().unwrap();
        let (track, digest) = ("t".parse::<TrackId>().unwrap(), LyricsDigest::from_input(&[]));
        let commit = |state| ReleaseRecord {
            format: FORMAT,
            release: "r".parse().unwrap(),
            state,
            at: at(0),
            tracks: vec![RecordedTrack {
                track: track.clone(),
                version: version.clone(),
                lyrics: Some(digest.clone()),
                artwork: Some(ArtworkDigest::from_input(&[])),
                change: None,
            }],
        };
        let count = |state, hours| spared(&commit(state), at(hours)).len();
        assert_eq!(count(ReleaseState::Uploading, 7 * 24 - 1), 3);
        assert_eq!(count(ReleaseState::Uploading, 7 * 24), 0);
        assert_eq!(count(ReleaseState::Committing, 1000 * 24), 3);
        assert_eq!(count(ReleaseState::Live, 0), 0);
    }
}
