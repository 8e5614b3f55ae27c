//! Support of the black-box suites: an S3 origin that checks SigV4 and counts, a catalogue in it, the two hosts,
//! and a client that changes nothing on the way.

pub mod browser;
pub mod catalogue;
pub mod client;
pub mod demo;
pub mod host;
pub mod origin;
