#![doc = include_str!("../README.md")]

pub mod event;
pub mod job;
pub mod masters;
