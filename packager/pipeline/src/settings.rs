//! What a presentation depends on besides its source, and the version that addresses both.

use std::{fmt, num::NonZeroUsize, str::FromStr};

use nada_catalog::{Codec, FORMAT, RenditionName, Version};

use crate::{geometry::Schedule, overs::Overs, part_size::PartSize, source::Isolation};

/// Raised whenever the same source and settings would give other bytes than before.
pub const PIPELINE: u32 = 4;

/// The renditions to make, lowest nominal bit rate first.
///
/// ```
/// let ladder: nada_pipeline::Ladder = "flac,aac-256,aac-128,heaac2-24,heaac2-32,heaac-64".parse().unwrap();
/// assert_eq!(ladder, nada_pipeline::Ladder::default());
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ladder(Vec<RenditionName>);

/// A ladder that cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LadderError {
    /// No rung at all.
    #[error("the ladder has no rungs")]
    Empty,
    /// One rung named twice.
    #[error("the ladder names {0} twice")]
    Twice(RenditionName),
    /// A name that is no rendition.
    #[error(transparent)]
    Name(#[from] nada_catalog::IdError),
}

impl Ladder {
    /// A ladder of these rungs, in any order.
    ///
    /// # Errors
    /// Where there are none, or one stands twice.
    pub fn new(rungs: impl IntoIterator<Item = RenditionName>) -> Result<Self, LadderError> {
        let mut rungs: Vec<RenditionName> = rungs.into_iter().collect();
        rungs.sort();
        if rungs.is_empty() {
            return Err(LadderError::Empty);
        }
        for (a, b) in rungs.iter().zip(rungs.iter().skip(1)) {
            if a == b {
                return Err(LadderError::Twice(*a));
            }
        }
        Ok(Self(rungs))
    }

    /// The rungs, lowest first.
    pub fn rungs(&self) -> &[RenditionName] {
        &self.0
    }
}

impl Default for Ladder {
    /// HE-AAC v2 at 24 and 32 kbit/s, HE-AAC at 64, AAC-LC at 128 and 256, and FLAC, which is made of lossless
    /// sources alone.
    fn default() -> Self {
        let rungs = [
            (Codec::HeAacV2, 24),
            (Codec::HeAacV2, 32),
            (Codec::HeAac, 64),
            (Codec::AacLc, 128),
            (Codec::AacLc, 256),
        ];
        let aac = rungs.into_iter().filter_map(|(codec, kbit)| RenditionName::new(codec, kbit).ok());
        Self(aac.chain([RenditionName::FLAC]).collect())
    }
}

impl fmt::Display for Ladder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rungs: Vec<String> = self.0.iter().map(ToString::to_string).collect();
        f.write_str(&rungs.join(","))
    }
}

impl FromStr for Ladder {
    type Err = LadderError;

    fn from_str(text: &str) -> Result<Self, LadderError> {
        let rungs: Result<Vec<RenditionName>, _> = text.split(',').map(|name| name.trim().parse()).collect();
        Self::new(rungs?)
    }
}

/// The settings of one packaging.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Settings {
    /// The renditions to make.
    pub ladder: Ladder,
    /// Where they are cut.
    pub schedule: Schedule,
    /// What is done with samples over full scale.
    pub overs: Overs,
    /// How large the stored parts are.
    pub part_size: PartSize,
}

impl Settings {
    /// Everything besides the source that the bytes depend on, as text: pipeline, stored format, target
    /// architecture (vector instructions round differently), ladder and schedule; overs where they are not clipped, and the size
    /// of parts where it is not the default.
    pub fn fingerprint(&self) -> String {
        let overs = match self.overs {
            Overs::Clip => String::new(),
            overs => format!(";overs={overs}"),
        };
        let parts = match self.part_size {
            size if size == PartSize::default() => String::new(),
            size => format!(";parts={size}"),
        };
        format!(
            "pipeline={PIPELINE};format={FORMAT};arch={};ladder={};segments={}{overs}{parts}",
            std::env::consts::ARCH,
            self.ladder,
            self.schedule
        )
    }

    /// The version of a source with this SHA-256 under these settings.
    pub fn version(&self, source_sha256: &[u8; 32]) -> Version {
        Version::from_input(&[source_sha256, self.fingerprint().as_bytes()])
    }
}

/// How a packaging is carried out. Nothing of it shows in the bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Execution {
    /// Encoders at work at once.
    pub threads: NonZeroUsize,
    /// Where the source is decoded.
    pub isolation: Isolation,
}

impl Default for Execution {
    /// As many threads as there are cores for this process, in which the source is decoded too.
    fn default() -> Self {
        let threads = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
        Self { threads, isolation: Isolation::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ladders_are_sorted_and_checked() {
        assert_eq!(Ladder::default().to_string(), "heaac2-24,heaac2-32,heaac-64,aac-128,aac-256,flac");
        assert_eq!("aac-64, heaac2-24".parse::<Ladder>().unwrap().to_string(), "heaac2-24,aac-64");
        for (text, part) in [("", "rendition"), ("aac-64,aac-64", "twice"), ("opus-64", "opus-64")] {
            assert!(text.parse::<Ladder>().unwrap_err().to_string().contains(part), "{text}");
        }
        assert_eq!(Ladder::new([]), Err(LadderError::Empty));
    }

    #[test]
    fn versions_depend_on_source_ladder_and_schedule() {
        let default = Settings::default();
        let version = default.version(&[1; 32]);
        assert_eq!(version, Settings::default().version(&[1; 32]));
        assert_ne!(version, default.version(&[2; 32]));
        let other = Settings { schedule: Schedule::new(128, 128).unwrap(), ..Settings::default() };
        assert_ne!(version, other.version(&[1; 32]));
        let other = Settings { ladder: "aac-128".parse().unwrap(), ..Settings::default() };
        assert_ne!(version, other.version(&[1; 32]));
        let other = Settings { overs: Overs::Normalise, ..Settings::default() };
        assert_ne!(version, other.version(&[1; 32]));
        let other = Settings { part_size: PartSize::from_kib(512).unwrap(), ..Settings::default() };
        assert_ne!(version, other.version(&[1; 32]));
        // what clips has the version that it had before there was a choice
        let before = format!(
            "pipeline={PIPELINE};format={FORMAT};arch={};ladder={};segments={}",
            std::env::consts::ARCH,
            Ladder::default(),
            Schedule::default()
        );
        assert_eq!(default.fingerprint(), before);
    }
}
