#![doc = include_str!("../README.md")]

mod avif;
mod child;
mod decode;
mod encode;
mod error;
mod generated;
mod judge;
mod light;
mod nclx;
mod palette;
mod profile;

pub use child::{LIMITS, read, read_child};
pub use decode::Decoded;
pub use encode::{EncodeError, File, Made, file, make};
pub use error::{ArtworkError, ArtworkRefusal};
pub use generated::generated;
pub use judge::{FEWEST, MOST, MOST_BYTES};
pub use light::Square;
pub use palette::{CONTRAST, Colour, Palette};

/// How artwork is made, as a number that changes with its bytes: part of what a digest is over.
pub const RECIPE: u32 = 1;
