#![doc = include_str!("../README.md")]
#![warn(clippy::wildcard_enum_match_arm)]

mod attempt;
pub mod backoff;
mod batch;
pub mod dead_letters;
pub mod deadline;
pub mod event;
pub mod failure;
pub mod job;
pub mod metrics;
pub mod queue;
pub mod reporter;
pub mod secret;
