//! `nada clip` in a build without pictures: says what builds it.

use std::ffi::OsString;

use clap::Args;

use crate::exit::{Code, failure};

/// Make a card, an animated picture or a film from a song and its words (in a build with `--features pictures`).
#[derive(Args)]
#[command(disable_help_flag = true)]
pub struct Clip {
    /// Whatever is asked for
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    asked: Vec<OsString>,
}

impl Clip {
    /// Fails.
    ///
    /// # Errors
    /// Always.
    pub fn run(self) -> anyhow::Result<()> {
        drop(self.asked);
        Err(failure(
            Code::Usage,
            "this build of Nada makes no pictures: build it with `cargo build --release --features pictures`",
        ))
    }
}
