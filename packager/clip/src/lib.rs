//! Cards, animated pictures and films.
mod backdrop;
mod block;
mod canvas;
mod direction;
mod error;
mod excerpt;
mod fonts;
mod ink;
mod picture;
mod scene;
mod shape;
mod size;
mod song;
mod theme;
mod timing;

pub use backdrop::Artwork;
pub use canvas::{Canvas, Mask};
pub use error::ClipError;
pub use excerpt::{CARD_LINES, Excerpt, FILM_SECONDS, Form, LineNumbers, Wanted};
pub use picture::{PictureFormat, animated, encode, still};
pub use scene::{Moment, Scene, Style};
pub use shape::Typesetter;
pub use size::{Area, Areas, Size};
pub use song::{Credits, Line, LitWord, Row, Song};
pub use theme::{Palette, Rgb, Theme, Tint};
