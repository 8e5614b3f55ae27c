//! Clips as others see them: films, animated pictures and cards that `nada clip` makes, as ffmpeg decodes them.
#![allow(clippy::unwrap_used, clippy::panic)]

mod file;
mod lit;
mod make;
mod refused;
mod sound;
mod speed;
