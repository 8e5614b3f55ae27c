//! Sharing: how much of a song its rights let into pictures and films, and the clips that were made of it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    id::{ClipId, LayerTag},
    manifest::Manifest,
    picture::PictureFormat,
    rights::Country,
};

/// The most lines that rights may let into one clip.
pub const MAX_LINES: u32 = 100;
/// The most seconds that rights may let into one clip.
pub const MAX_SECONDS: u32 = 600;
/// The most clips that one track may have.
pub const MAX_CLIPS: usize = 200;

/// How much of a song one clip may show: nothing, where nobody says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Share {
    /// Lines of lyrics, [`MAX_LINES`] at most.
    #[serde(default)]
    pub lines: u32,
    /// Seconds of the song, [`MAX_SECONDS`] at most.
    #[serde(default)]
    pub seconds: u32,
}

impl Share {
    /// Whether it is nothing at all.
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }

    /// Whether a clip may show so much: `lines` of lyrics and `ms` milliseconds of the song. What shows neither shares
    /// nothing, and still needs rights that share something.
    ///
    /// ```
    /// use nada_catalog::Share;
    ///
    /// let share = Share { lines: 5, seconds: 30 };
    /// assert!(share.allows(5, 30_000));
    /// assert!(!share.allows(6, 0) && !share.allows(0, 30_001));
    /// assert!(!Share::default().allows(0, 0));
    /// ```
    pub fn allows(&self, lines: u32, ms: u64) -> bool {
        !self.is_nothing() && lines <= self.lines && ms <= 1000 * u64::from(self.seconds)
    }

    /// The more of each that either allows.
    pub(crate) fn or(self, other: Self) -> Self {
        Self { lines: self.lines.max(other.lines), seconds: self.seconds.max(other.seconds) }
    }
}

/// What a clip is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum ClipKind {
    /// A still picture with lines: no second of the song.
    Card,
    /// A picture that moves, without sound.
    Picture,
    /// A film with sound.
    Film,
}

/// A clip of a track: `tracks/{track}/clips/{id}.{format}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Clip {
    /// The digest of what it shows and how.
    pub id: ClipId,
    /// What it is.
    pub kind: ClipKind,
    /// The format, and the extension of its name.
    pub format: PictureFormat,
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// Bytes of the object.
    pub bytes: u64,
    /// The first and the last line of the main layer that it shows, from 1; absent where it shows none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lines: Option<(u32, u32)>,
    /// The milliseconds of the song it covers, `[from, to)`, on the media timeline.
    pub ms: (u64, u64),
    /// The layers of lyrics that it shows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub layers: Vec<LayerTag>,
    /// When it was published (RFC 3339).
    #[serde(deserialize_with = "crate::rfc3339::instant")]
    pub created: Timestamp,
}

impl Clip {
    /// Whether rights that share so much allow it. A card takes no time of the song, whatever its lines span.
    pub fn is_allowed(&self, share: Share) -> bool {
        let lines = self.lines.map_or(0, |(first, last)| (last.saturating_sub(first)).saturating_add(1));
        let ms = self.ms.1.saturating_sub(self.ms.0);
        share.allows(lines, if self.kind == ClipKind::Card { 0 } else { ms })
    }
}

/// `/t/{track}/share.json`: what may be shared of a track in one country, and the clips of it that are there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ShareInfo {
    /// The most that one clip may show.
    pub share: Share,
    /// The clips that it allows, the oldest first, each at `clips/{id}.{format}` beside this file.
    pub clips: Vec<Clip>,
}

impl ShareInfo {
    /// What may be shared in `country` at `now`.
    pub fn of(manifest: &Manifest, country: Country, now: Timestamp) -> Self {
        let share = manifest.rights.share(country, now);
        let clips = manifest.clips.iter().filter(|clip| clip.is_allowed(share)).cloned().collect();
        Self { share, clips }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clip(kind: ClipKind, lines: Option<(u32, u32)>, ms: (u64, u64)) -> Clip {
        Clip {
            id: ClipId::from_input(&[b"a"]),
            kind,
            format: PictureFormat::Mp4,
            width: 1080,
            height: 1920,
            bytes: 1,
            lines,
            ms,
            layers: Vec::new(),
            created: Timestamp::UNIX_EPOCH,
        }
    }

    #[test]
    fn a_clip_is_measured_by_its_lines_and_its_time() {
        let share = Share { lines: 5, seconds: 30 };
        let allowed = |kind, lines, ms| clip(kind, lines, ms).is_allowed(share);
        assert!(allowed(ClipKind::Film, Some((3, 7)), (5_000, 35_000)));
        assert!(!allowed(ClipKind::Film, Some((3, 8)), (5_000, 35_000)));
        assert!(!allowed(ClipKind::Film, Some((3, 7)), (5_000, 35_001)));
        assert!(!allowed(ClipKind::Picture, None, (0, 30_001)));
        assert!(allowed(ClipKind::Picture, None, (0, 30_000)));
        // a card stands still, however long its lines are sung
        assert!(allowed(ClipKind::Card, Some((1, 5)), (0, 90_000)));
        assert!(!allowed(ClipKind::Card, Some((1, 6)), (0, 1)));
        assert!(!clip(ClipKind::Card, None, (0, 0)).is_allowed(Share::default()));
    }

    #[test]
    fn what_is_absurd_is_nothing_less() {
        let endless = clip(ClipKind::Film, Some((0, u32::MAX)), (0, u64::MAX));
        assert!(!endless.is_allowed(Share { lines: MAX_LINES, seconds: MAX_SECONDS }));
    }
}
