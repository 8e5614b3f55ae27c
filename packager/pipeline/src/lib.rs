#![doc = include_str!("../README.md")]

mod aac;
mod cmaf;
mod cutter;
mod error;
mod folder;
pub mod gc;
mod geometry;
mod loudness;
mod package;
mod playlist;
pub mod publish;
pub mod release_toml;
mod rendition;
mod settings;
mod source;
pub mod store;

pub use aac::AacError;
pub use error::PackageError;
pub use folder::Folder;
pub use geometry::{HE_FRAME, PRIMING, Schedule, ScheduleError};
pub use package::{Packaged, Sink, package};
pub use rendition::Produced;
pub use settings::{Ladder, LadderError, PIPELINE, Settings};
pub use source::{Progress, SOURCE_RATES, SourceError};
