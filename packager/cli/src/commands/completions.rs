//! `nada completions SHELL`.

use clap::{Args, CommandFactory};
use clap_complete::Shell;

/// Print completions for a shell.
#[derive(Args)]
#[command(after_help = "Example:\n  nada completions bash > ~/.local/share/bash-completion/completions/nada")]
pub struct Completions {
    /// The shell.
    shell: Shell,
}

impl Completions {
    /// Prints them.
    pub fn run<C: CommandFactory>(self) -> anyhow::Result<()> {
        clap_complete::generate(self.shell, &mut C::command(), "nada", &mut std::io::stdout());
        Ok(())
    }
}
