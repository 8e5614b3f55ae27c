//! Tokens of others: another implementation, both ways, and the examples of minting in other languages.

// clippy.toml spares functions marked as tests alone
#![allow(clippy::unwrap_used, clippy::panic)]

mod interop;
mod mint;

use std::{
    path::{Path, PathBuf},
    time::{SystemTime, UNIX_EPOCH},
};

use nada_token::{Algorithm, Key, KeySet};

const SECRET: [u8; 32] = [0x42; 32];

fn key() -> Key {
    Key::generate(Algorithm::Hs256, "shared", SECRET).unwrap()
}

fn keys() -> KeySet {
    KeySet::new(vec![key()]).unwrap()
}

/// Seconds since 1970.
fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() as i64
}

fn tests() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Node 22, as `tests/run` installs it.
fn node() -> PathBuf {
    tests().join("node_modules/.bin/node")
}
