//! What a presentation depends on besides its source, and the version that addresses both.

use std::{fmt, num::NonZeroUsize, str::FromStr};

use nada_catalog::{Codec, FORMAT, RenditionName, Version};
use nada_protection::{Protection, TrackKeys};

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
    /// How it is protected, if it is. The keys come with [`Execution`].
    pub protection: Option<Protection>,
}

impl Settings {
    /// Everything besides the source that the bytes depend on, as text: pipeline, stored format, target
    /// architecture (vector instructions round differently), ladder and schedule; overs where they are not clipped, the size of
    /// parts where it is not the default, and the protection with its key ids where there is one.
    pub fn fingerprint(&self) -> String {
        let overs = match self.overs {
            Overs::Clip => String::new(),
            overs => format!(";overs={overs}"),
        };
        let parts = match self.part_size {
            size if size == PartSize::default() => String::new(),
            size => format!(";parts={size}"),
        };
        let protection = match &self.protection {
            None => String::new(),
            Some(protection) => format!(";protection={protection}"),
        };
        format!(
            "pipeline={PIPELINE};format={FORMAT};arch={};ladder={};segments={}{overs}{parts}{protection}",
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

/// How a packaging is carried out. Nothing of it shows in the bytes that the settings do not say: a key id names its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Execution {
    /// Encoders at work at once.
    pub threads: NonZeroUsize,
    /// Where the source is decoded.
    pub isolation: Isolation,
    /// The keys that the settings' protection names. They are in no version id.
    pub keys: Option<TrackKeys>,
}

impl Default for Execution {
    /// As many threads as there are cores for this process, in which the source is decoded too.
    fn default() -> Self {
        let threads = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
        Self { threads, isolation: Isolation::default(), keys: None }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use nada_protection::{DerivedKeys, ProtectionTerms, Seed};

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
        let seed = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
        let source = DerivedKeys::new(Seed::parse(seed).unwrap());
        let protected = |terms: &str| {
            let terms: ProtectionTerms = terms.parse().unwrap();
            Settings { protection: Some(terms.protection("a", &source)), ..Settings::default() }
        };
        let versions = ["cbcs", "cbcs,clearkey", "cbcs,keys=2", "cbcs,lead=0"]
            .map(|terms| protected(terms).version(&[1; 32]));
        let different: BTreeSet<_> = versions.iter().chain([&version]).collect();
        assert_eq!(different.len(), 5);
        let text = protected("cbcs").fingerprint();
        assert!(text.contains(";protection=cbcs,lead=2,keys=1,lossy="), "{text}");
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
