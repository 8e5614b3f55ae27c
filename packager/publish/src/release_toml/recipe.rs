//! How a master is to be packaged, as far as it is stated.

use std::fmt;

use nada_pipeline::{Ladder, Overs, PartSize, Schedule, Settings};
use nada_protection::ProtectionTerms;
use serde::{
    Deserialize, Deserializer,
    de::{Error, SeqAccess, Visitor},
};

use super::ProtectionChoice;

/// What was said of the packaging: on the command line, in `[ladder]`, or in the `ladder` of a track.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Recipe {
    /// The renditions to make.
    pub ladder: Option<Ladder>,
    /// Where they are cut.
    pub schedule: Option<Schedule>,
    /// What is done with samples over full scale.
    pub overs: Option<Overs>,
    /// How large the stored parts are.
    pub part_size: Option<PartSize>,
    /// Whether and how it is protected.
    pub protection: Option<ProtectionChoice>,
}

impl Recipe {
    /// This recipe, and `other` where this one says nothing.
    #[must_use]
    pub fn or(&self, other: &Self) -> Self {
        Self {
            ladder: self.ladder.clone().or_else(|| other.ladder.clone()),
            schedule: self.schedule.or(other.schedule),
            overs: self.overs.or(other.overs),
            part_size: self.part_size.or(other.part_size),
            protection: self.protection.or(other.protection),
        }
    }

    /// The terms of protection, where it is to be protected.
    pub fn terms(&self) -> Option<ProtectionTerms> {
        self.protection.and_then(ProtectionChoice::terms)
    }

    /// The settings: what was said, and the default where nothing was. Protection is not among them: that depends on the track
    /// and its keys.
    pub fn settings(&self) -> Settings {
        let mut settings = Settings::default();
        if let Some(ladder) = &self.ladder {
            settings.ladder = ladder.clone();
        }
        if let Some(schedule) = self.schedule {
            settings.schedule = schedule;
        }
        if let Some(overs) = self.overs {
            settings.overs = overs;
        }
        if let Some(part_size) = self.part_size {
            settings.part_size = part_size;
        }
        settings
    }
}

/// `{ renditions = ["heaac2-32", …], segments = "64,128", overs = "clip" }`.
impl<'de> Deserialize<'de> for Recipe {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Table {
            renditions: Option<Renditions>,
            segments: Option<Segments>,
            overs: Option<OversWord>,
        }
        let Table { renditions, segments, overs } = Table::deserialize(deserializer)?;
        Ok(Self {
            ladder: renditions.map(|r| r.0),
            schedule: segments.map(|s| s.0),
            overs: overs.map(|o| o.0),
            // of the store, not of the song: said on the command line alone
            part_size: None,
            // beside the ladder, not in it
            protection: None,
        })
    }
}

struct Renditions(Ladder);

impl<'de> Deserialize<'de> for Renditions {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct List;
        impl<'de> Visitor<'de> for List {
            type Value = Renditions;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("renditions such as [\"heaac2-32\", \"aac-128\"]")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
                let mut rungs = Vec::new();
                while let Some(name) = list.next_element::<String>()? {
                    rungs.push(name.parse().map_err(A::Error::custom)?);
                }
                Ladder::new(rungs).map(Renditions).map_err(A::Error::custom)
            }
        }
        deserializer.deserialize_seq(List)
    }
}

struct Segments(Schedule);

impl<'de> Deserialize<'de> for Segments {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map(Segments).map_err(D::Error::custom)
    }
}

struct OversWord(Overs);

impl<'de> Deserialize<'de> for OversWord {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map(OversWord).map_err(D::Error::custom)
    }
}
