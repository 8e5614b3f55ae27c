//! Decode, encode, fragment and publish songs as HLS presentations.

pub mod publish;
pub mod release_toml;
pub mod store;
