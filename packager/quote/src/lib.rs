#![doc = include_str!("../README.md")]

mod quoted;
mod visible;

pub use quoted::Quoted;
pub use visible::Visible;
