//! `nada decode-source FILE`: the child in which the other commands decode a master. Not for people.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;
use nada_pipeline::{Execution, Isolation, decode_child};

/// The command's name.
const NAME: &str = "decode-source";

/// Decode a master to standard output, under limits, for another nada.
#[derive(Args)]
pub struct DecodeSource {
    /// The master
    file: PathBuf,
}

impl DecodeSource {
    /// Decodes it.
    pub fn run(self) -> anyhow::Result<()> {
        Ok(decode_child(&self.file)?)
    }
}

/// How this program packages masters: each is decoded in a child of it.
pub fn execution() -> anyhow::Result<Execution> {
    let program = std::env::current_exe().context("cannot find this program to decode with")?;
    Ok(Execution { isolation: Isolation::child(program, vec![NAME.into()]), ..Execution::default() })
}
