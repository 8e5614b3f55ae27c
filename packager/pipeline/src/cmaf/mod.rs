//! CMAF tracks (ISO/IEC 23000-19) of one rendition, written box by box with `mp4-atom`.

mod index;
mod init;
mod loudness;
mod protection;
mod segment;

pub use index::index;
pub use init::{Coding, TrackDescription, init};
pub use protection::TrackProtection;
pub use segment::{Samples, Segment, Unit};

/// The only track's id.
const TRACK_ID: u32 = 1;
