#![doc = include_str!("../README.md")]
#![warn(clippy::wildcard_enum_match_arm)]

mod class;
pub mod gc;
pub mod inbox;
pub mod publish;
pub mod release_toml;
pub mod store;

pub use class::ErrorClass;
