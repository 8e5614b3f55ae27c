#![doc = include_str!("../README.md")]

pub mod backoff;
pub mod dead_letters;
pub mod deadline;
pub mod event;
pub mod failure;
pub mod job;
pub mod metrics;
pub mod notes;
pub mod queue;
