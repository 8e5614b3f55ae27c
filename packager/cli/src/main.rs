//! `nada`: the command line. Parses, dispatches, and turns the outcome into an exit code.

mod clock;
mod commands;
mod exit;
mod keys;

use clap::{Parser, Subcommand};

/// Audio delivery and synced lyrics: package, publish, sign, serve.
#[derive(Parser)]
#[command(name = "nada", version, max_term_width = 100, after_help = exit::TABLE)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Sign(commands::sign::Sign),
    #[command(subcommand)]
    Token(commands::token::Token),
    Completions(commands::completions::Completions),
}

fn main() -> std::process::ExitCode {
    let outcome = match Cli::parse().command {
        Command::Sign(command) => command.run(),
        Command::Token(command) => command.run(),
        Command::Completions(command) => command.run::<Cli>(),
    };
    match outcome {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("nada: {error:#}");
            exit::code(&error).into()
        }
    }
}
