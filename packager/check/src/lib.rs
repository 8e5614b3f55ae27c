#![doc = include_str!("../README.md")]
#![warn(clippy::wildcard_enum_match_arm)]

mod attributes;
mod audio;
mod boxes;
mod delivery;
mod faults;
mod finding;
mod folder;
mod fragment;
mod gather;
mod gathered;
mod init;
mod inspect;
mod judge;
mod key;
mod line;
mod media;
mod multivariant;
mod observer;
mod playlist;
mod protection;
mod references;
mod rule;
mod tags;
mod transport;
mod vtt;

pub use delivery::Delivery;
pub use finding::Finding;
pub use folder::{FolderSource, resolve};
pub use gather::{Check, Fetch, FetchError, Fetched, Judgement, Role, Wanted, judgement, run};
pub use gathered::Resolve;
pub use inspect::Inspected;
pub use media::Range;
pub use observer::Observer;
pub use references::{References, references};
pub use rule::{RULES, Rule, Severity};
