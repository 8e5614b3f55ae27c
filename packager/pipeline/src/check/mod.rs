//! `nada check`: HLS presentations, ours and others', against a numbered list of rules ([`RULES`]).
//!
//! Two stages, both pure: [`Inspected::of`] turns one resource's bytes into a few numbers, and when everything a
//! playlist names was given, [`Check::finish`] judges them together. Where bytes come from is a [`Fetch`];
//! publishing, which makes them, has an [`Observer`]. Playlists are read line by line by a reader of our own: a
//! validator has to go on where a parser would refuse.

mod attributes;
mod audio;
mod boxes;
mod delivery;
mod faults;
mod finding;
mod folder;
mod fragment;
mod gather;
mod init;
mod inspect;
mod judge;
mod line;
mod media;
mod multivariant;
mod observer;
mod playlist;
mod rule;
mod tags;
mod transport;
mod vtt;

pub use delivery::Delivery;
pub use finding::Finding;
pub use folder::{FolderSource, resolve};
pub use gather::{Check, Fault, Fetch, Fetched, Judgement, Resolve, Role, Wanted, judgement, run};
pub use inspect::Inspected;
pub use media::Range;
pub use observer::Observer;
pub use rule::{RULES, Rule, Severity};
