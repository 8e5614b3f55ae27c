//! Publishing, against a real store over HTTP: what is served is the old release or the new one, never less,
//! whenever a publisher dies and whatever others publish.
#![allow(clippy::unwrap_used, clippy::panic)]

mod action;
mod announce;
mod catalogue;
mod clips;
mod crash;
mod endpoint;
mod fault;
mod liar;
mod lyrics_fix;
mod many;
mod messages;
mod r2;
mod race;
mod refusal;
mod repair;
mod resume;
mod retries;
mod revoke;
mod sweep;
mod tracks;
mod writers;
