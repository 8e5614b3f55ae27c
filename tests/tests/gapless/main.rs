//! Gapless and aligned, in numbers: what real decoders and players make of a packaged song.
#![allow(clippy::unwrap_used, clippy::panic)]

mod browser_capture;
mod browser_decoders;
mod browser_protection;
mod browser_renewal;
mod browser_sync;
mod ffmpeg;
mod heard;
mod master;
mod packaged;
mod players;
mod signal;
mod site;
mod subtitles;
mod tone;
