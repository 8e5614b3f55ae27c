#![doc = include_str!("../README.md")]

mod class;
pub mod gc;
pub mod inbox;
pub mod publish;
pub mod release_toml;
pub mod store;

pub use class::ErrorClass;
