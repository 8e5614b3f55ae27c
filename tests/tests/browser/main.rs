//! What a listener gets: Chromium with hls.js on the player page, from both hosts.
#![allow(clippy::unwrap_used)]

mod cues;
mod decode;
mod play;
mod scripts;
mod voices;
