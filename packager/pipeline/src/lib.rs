#![doc = include_str!("../README.md")]

mod aac;
mod budget;
pub mod check;
mod chunk;
mod class;
mod cmaf;
mod error;
mod flac;
mod folder;
pub mod gc;
mod geometry;
pub mod inbox;
mod lane;
mod loudness;
mod overs;
mod package;
mod playlist;
pub mod publish;
pub mod regular;
pub mod release_toml;
mod rendition;
mod resample;
mod settings;
mod source;
pub mod store;

pub use nada_lyrics::Visible;

pub use aac::AacError;
pub use class::ErrorClass;
pub use error::PackageError;
pub use flac::FlacError;
pub use folder::Folder;
pub use geometry::{HE_FRAME, PRIMING, Schedule, ScheduleError};
pub use package::{Packaged, Sink, package};
pub use rendition::Produced;
pub use settings::{Execution, Ladder, LadderError, PIPELINE, Settings};
pub use source::sandbox;
pub use source::{
    Decoded, Format, Isolation, LONGEST, Progress, Refusal, SOURCE_RATES, Source, SourceError, decode_child,
};
