#![doc = include_str!("../README.md")]

pub mod backoff;
pub mod deadline;
pub mod event;
pub mod job;
pub mod metrics;
pub mod queue;
