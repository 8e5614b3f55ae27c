//! Changes of a single track: its status, its rights, its version.

use jiff::Timestamp;
use nada_catalog::{KeptVersion, Manifest, ObjectKey, Presentation, Rights, Status, TrackId, Version};

use super::{
    error::PublishError,
    switch::{Clock, ManifestEdit, Switcher},
    tally::Tally,
};
use crate::store::Store;

/// Withdraws a track or restores it, and returns once every edge is bound to notice (within a minute at
/// most). The revision of its manifest. With `revision`, only if that is the one there.
///
/// # Errors
/// [`PublishError::NoSuchTrack`], [`PublishError::Revision`], and whatever the store says.
pub async fn set_status(
    store: &Store,
    track: &TrackId,
    status: Status,
    revision: Option<u64>,
    clock: &Clock<'_>,
) -> Result<u64, PublishError> {
    let next = |found: &Manifest, _| Ok(Manifest { status, ..found.clone() });
    change(store, TrackEdit { track, revision, next: &next }, clock).await
}

/// Replaces the rights of a track, as [`set_status`] does its status. The next publish of a release that says
/// otherwise refuses, unless it is told to replace them.
///
/// # Errors
/// As [`set_status`].
pub async fn set_rights(
    store: &Store,
    track: &TrackId,
    rights: &Rights,
    revision: Option<u64>,
    clock: &Clock<'_>,
) -> Result<u64, PublishError> {
    let next = |found: &Manifest, _| Ok(Manifest { rights: rights.clone(), ..found.clone() });
    change(store, TrackEdit { track, revision, next: &next }, clock).await
}

/// Makes an earlier version current that the manifest still serves. The one current before stays served, and so
/// do the lyrics, status and rights there are.
///
/// # Errors
/// As [`set_status`]; [`PublishError::NoSuchVersion`] where the manifest does not keep it, or its
/// `presentation.json` is gone.
pub async fn roll_back(
    store: &Store,
    track: &TrackId,
    version: &Version,
    revision: Option<u64>,
    clock: &Clock<'_>,
) -> Result<u64, PublishError> {
    let key = ObjectKey::Presentation(track.clone(), version.clone());
    let presentation = store.read::<Presentation>(&key).await?.map(|(found, _)| found);
    let next = |found: &Manifest, now| {
        let kept = || found.versions.iter().map(|kept| kept.version.clone()).collect();
        let absent =
            || PublishError::NoSuchVersion { track: track.clone(), version: version.clone(), kept: kept() };
        let presentation = presentation.as_ref().ok_or_else(absent)?;
        rolled_back(found, presentation, now).ok_or_else(absent)
    };
    change(store, TrackEdit { track, revision, next: &next }, clock).await
}

/// The manifest with that presentation as its current one; `None` where it does not keep that version.
fn rolled_back(found: &Manifest, presentation: &Presentation, now: Timestamp) -> Option<Manifest> {
    let (position, kept) =
        found.versions.iter().enumerate().find(|(_, kept)| kept.version == presentation.version)?;
    let since = if position == 0 { kept.at } else { now };
    let others = found.versions.iter().filter(|other| other.version != kept.version).cloned();
    // a release of one track is as loud as that
    let alone = found.album_loudness == found.presentation.loudness;
    Some(Manifest {
        versions: std::iter::once(KeptVersion { at: since, ..kept.clone() }).chain(others).collect(),
        album_loudness: if alone { presentation.loudness } else { found.album_loudness },
        presentation: presentation.clone(),
        ..found.clone()
    })
}

pub(super) type Next<'a> = dyn Fn(&Manifest, Timestamp) -> Result<Manifest, PublishError> + Send + Sync + 'a;

/// A change of the track's manifest, which has to be there.
pub(super) struct TrackEdit<'a> {
    pub track: &'a TrackId,
    /// The revision that it has to have.
    pub revision: Option<u64>,
    pub next: &'a Next<'a>,
}

impl ManifestEdit for TrackEdit<'_> {
    fn track(&self) -> &TrackId {
        self.track
    }

    fn next(&self, found: Option<&Manifest>, now: Timestamp) -> Result<Option<Manifest>, PublishError> {
        let found = found.ok_or_else(|| PublishError::NoSuchTrack(self.track.clone()))?;
        if let Some(expected) = self.revision.filter(|expected| *expected != found.revision) {
            return Err(PublishError::Revision {
                track: self.track.clone(),
                expected,
                found: found.revision,
            });
        }
        let next = (self.next)(found, now)?;
        let next = Manifest { revision: found.revision + 1, updated: now, ..next };
        let same = Manifest { revision: found.revision, updated: found.updated, ..next.clone() } == *found;
        Ok((!same).then_some(next))
    }
}

/// Makes the change; the revision of the manifest then.
pub(super) async fn change(
    store: &Store,
    edit: TrackEdit<'_>,
    clock: &Clock<'_>,
) -> Result<u64, PublishError> {
    let switcher = Switcher { store, clock, tally: &Tally::default() };
    let done = switcher.switch(std::slice::from_ref(&edit)).await?;
    done.first().map(|(_, revision)| *revision).ok_or_else(|| PublishError::NoSuchTrack(edit.track.clone()))
}

#[cfg(test)]
mod tests {
    use nada_catalog::{FORMAT, Loudness, Timeline};

    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_790_000_000 + seconds).unwrap()
    }

    fn presentation(source: &str, integrated: f64) -> Presentation {
        Presentation {
            format: FORMAT,
            track: "t".parse().unwrap(),
            version: Version::from_input(&[source.as_bytes()]),
            timeline: Timeline { rate: 44_100, priming: 2048, samples: 441_000 },
            segment_samples: [131_072, 262_144],
            loudness: Some(Loudness { integrated, true_peak: -1.0, range: 3.0 }),
            renditions: Vec::new(),
        }
    }

    #[test]
    fn an_earlier_version_comes_first_and_nothing_is_dropped() {
        let [a, b, c] = [("a", -14.0), ("b", -12.0), ("c", -10.0)].map(|(s, l)| presentation(s, l));
        let found = Manifest {
            format: FORMAT,
            revision: 3,
            track: "t".parse().unwrap(),
            release: "r".parse().unwrap(),
            title: "T".into(),
            artists: vec!["A".into()],
            album: "R".into(),
            label: None,
            status: Status::Withdrawn,
            rights: Rights::default(),
            album_loudness: c.loudness,
            versions: [(&c, 3), (&b, 2), (&a, 1)]
                .map(|(p, s)| KeptVersion { version: p.version.clone(), at: at(s) })
                .to_vec(),
            presentation: c.clone(),
            lyrics: None,
            previous_lyrics: Vec::new(),
            artwork: None,
            clips: Vec::new(),
            updated: at(3),
        };
        let next = rolled_back(&found, &a, at(9)).unwrap();
        let order: Vec<_> = next.versions.iter().map(|kept| (&kept.version, kept.at)).collect();
        assert_eq!(order, [(&a.version, at(9)), (&c.version, at(3)), (&b.version, at(2))]);
        assert_eq!((&next.presentation, next.album_loudness), (&a, a.loudness));
        assert_eq!((next.status, &next.rights), (found.status, &found.rights));
        assert_eq!(rolled_back(&found, &c, at(9)).as_ref(), Some(&found), "to itself");
        assert_eq!(rolled_back(&found, &presentation("d", 0.0), at(9)), None);
    }
}
