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

/// The name of the command that decodes a picture.
#[cfg(feature = "pictures")]
const PICTURE: &str = "decode-picture";

/// Decode a picture to standard output, under limits, for another nada.
#[cfg(feature = "pictures")]
#[derive(Args)]
pub struct DecodePicture {
    /// The picture
    file: PathBuf,
}

#[cfg(feature = "pictures")]
impl DecodePicture {
    /// Decodes it.
    pub fn run(self) -> anyhow::Result<()> {
        Ok(nada_artwork::read_child(&self.file)?)
    }
}

/// Where this program decodes pictures: in children of it. `None` where it was built without pictures.
pub fn pictures() -> anyhow::Result<Option<Isolation>> {
    #[cfg(feature = "pictures")]
    return Ok(Some(Isolation::child(program()?, vec![PICTURE.into()])));
    #[cfg(not(feature = "pictures"))]
    Ok(None)
}

fn program() -> anyhow::Result<PathBuf> {
    std::env::current_exe().context("cannot find this program to decode with")
}

/// How this program packages masters: each is decoded in a child of it.
pub fn execution() -> anyhow::Result<Execution> {
    Ok(Execution { isolation: Isolation::child(program()?, vec![NAME.into()]), ..Execution::default() })
}
