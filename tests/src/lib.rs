#![doc = include_str!("../README.md")]

pub mod browser;
pub mod catalogue;
pub mod client;
pub mod demo;
pub mod host;
pub mod origin;
pub mod r2;
