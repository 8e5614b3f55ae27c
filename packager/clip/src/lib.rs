#![doc = include_str!("../README.md")]

mod backdrop;
mod block;
mod canvas;
mod direction;
mod error;
mod excerpt;
mod film;
mod fonts;
mod ink;
mod picture;
mod scene;
mod shape;
mod size;
mod song;
mod sound;
mod theme;
mod timing;
mod video;

pub use backdrop::Artwork;
pub use canvas::{Canvas, Mask};
pub use error::ClipError;
pub use excerpt::{CARD_LINES, Excerpt, FILM_SECONDS, Form, LineNumbers, Wanted};
pub use film::film;
pub use picture::{PictureCodec, animated, encode, still};
pub use scene::{Moment, Scene, Style};
pub use shape::{SetGlyph, SetLine, Setting, Shaped, Typesetter};
pub use size::{Area, Areas, Size};
pub use song::{Credits, Line, LitWord, Row, Song};
pub use sound::{Sound, SoundPlan};
pub use theme::{Palette, Rgb, Theme, Tint};
