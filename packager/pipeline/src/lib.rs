#![doc = include_str!("../README.md")]

mod aac;
mod budget;
mod chunk;
mod cmaf;
mod encode;
mod error;
mod flac;
mod folder;
mod geometry;
mod loudness;
mod output;
mod overs;
mod package;
mod part_size;
mod playlist;
pub mod regular;
mod rendition;
mod resample;
mod settings;
mod source;
mod streams;
mod track_file;

pub use aac::AacError;
pub use error::PackageError;
pub use flac::FlacError;
pub use folder::Folder;
pub use geometry::{HE_FRAME, PRIMING, Schedule, ScheduleError};
pub use output::{OutputFile, Part, Sink, StoredFile};
pub use overs::{Overs, OversError};
pub use package::{Packaged, package};
pub use part_size::{PartSize, PartSizeError};
pub use playlist::MediaPlaylist;
pub use settings::{Execution, Ladder, LadderError, PIPELINE, Settings};
pub use source::{
    Decoded, Isolation, LONGEST, Progress, Refusal, SOURCE_RATES, SampleFormat, Source, SourceError,
    decode_child,
};
pub use source::{isolated, sandbox};
