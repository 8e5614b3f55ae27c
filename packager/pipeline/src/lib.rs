#![doc = include_str!("../README.md")]

mod aac;
mod budget;
mod chunk;
mod cmaf;
mod error;
mod flac;
mod folder;
mod geometry;
mod lane;
mod loudness;
mod overs;
mod package;
mod playlist;
pub mod regular;
mod rendition;
mod resample;
mod settings;
mod source;

pub use aac::AacError;
pub use error::PackageError;
pub use flac::FlacError;
pub use folder::Folder;
pub use geometry::{HE_FRAME, PRIMING, Schedule, ScheduleError};
pub use overs::{Overs, OversError};
pub use package::{Packaged, Sink, package};
pub use rendition::Produced;
pub use settings::{Execution, Ladder, LadderError, PIPELINE, Settings};
pub use source::sandbox;
pub use source::{
    Decoded, Format, Isolation, LONGEST, Progress, Refusal, SOURCE_RATES, Source, SourceError, decode_child,
};
