//! `nada`: the command line. Parses, dispatches, and turns the outcome into an exit code.
#![warn(clippy::print_stderr, clippy::print_stdout, clippy::wildcard_enum_match_arm)]

mod bucket;
mod clock;
mod commands;
mod download;
mod exit;
mod key_source;
mod keys;
mod licenses;
mod log;
mod progress;
mod secret;
mod signal;
mod speke;
mod terminal;
mod tls;

use clap::{Parser, Subcommand};
use terminal::print_notice;

/// Audio delivery and synced lyrics: package, publish, sign, serve.
#[derive(Parser)]
#[command(name = "nada", version, max_term_width = 100, after_help = exit::help())]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Demo(commands::demo::Demo),
    Publish(commands::publish::Publish),
    Submit(commands::submit::Submit),
    Package(commands::package::Package),
    Check(commands::check::Check),
    #[cfg(feature = "pictures")]
    Clip(commands::clip::Clip),
    #[cfg(not(feature = "pictures"))]
    #[command(hide = true)]
    Clip(commands::no_clip::Clip),
    Sign(commands::sign::Sign),
    #[command(subcommand)]
    Token(commands::token::Token),
    Status(commands::status::Status),
    Withdraw(commands::withdraw::Withdraw),
    Restore(commands::withdraw::Restore),
    Rights(commands::rights::Rights),
    Rollback(commands::rollback::Rollback),
    Gc(commands::gc::Gc),
    #[command(subcommand)]
    Lyrics(commands::lyrics::Lyrics),
    Serve(commands::serve::Serve),
    Completions(commands::completions::Completions),
    #[command(hide = true)]
    DecodeSource(commands::decode::DecodeSource),
    #[cfg(feature = "pictures")]
    #[command(hide = true)]
    DecodePicture(commands::decode::DecodePicture),
}

fn main() -> std::process::ExitCode {
    let command = Cli::parse().command;
    let json = command.answers_in_json();
    match run(command) {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            print_notice!("nada: {}", exit::message(&error));
            if json {
                terminal::json(exit::json(&error));
            }
            (exit::code(&error) as u8).into()
        }
    }
}

impl Command {
    /// Whether a failure, too, is written as JSON.
    fn answers_in_json(&self) -> bool {
        match self {
            Self::Publish(command) => command.json,
            Self::Submit(command) => command.json,
            Self::Status(command) => command.json,
            Self::Withdraw(command) => command.change.json,
            Self::Restore(command) => command.change.json,
            Self::Rights(command) => command.change.json,
            Self::Rollback(command) => command.change.json,
            Self::Gc(command) => command.json,
            Self::Package(command) => command.json,
            #[cfg(feature = "pictures")]
            Self::Clip(command) => command.json,
            Self::Token(command) => command.answers_in_json(),
            Self::Demo(_)
            | Self::Check(_)
            | Self::Sign(_)
            | Self::Lyrics(_)
            | Self::Serve(_)
            | Self::Completions(_)
            | Self::DecodeSource(_) => false,
            #[cfg(not(feature = "pictures"))]
            Self::Clip(_) => false,
            #[cfg(feature = "pictures")]
            Self::DecodePicture(_) => false,
        }
    }
}

fn run(command: Command) -> anyhow::Result<()> {
    match command {
        Command::Package(command) => command.run(),
        Command::Check(command) => command.run(),
        Command::Sign(command) => command.run(),
        Command::Lyrics(command) => command.run(),
        Command::Completions(command) => command.run::<Cli>(),
        Command::DecodeSource(command) => command.run(),
        #[cfg(feature = "pictures")]
        Command::DecodePicture(command) => command.run(),
        #[cfg(feature = "pictures")]
        Command::Clip(command) => block_on(command.run()),
        #[cfg(not(feature = "pictures"))]
        Command::Clip(command) => command.run(),
        Command::Demo(command) => block_on(command.run()),
        Command::Publish(command) => block_on(command.run()),
        Command::Submit(command) => block_on(command.run()),
        Command::Status(command) => block_on(command.run()),
        Command::Withdraw(command) => block_on(command.run()),
        Command::Restore(command) => block_on(command.run()),
        Command::Rights(command) => block_on(command.run()),
        Command::Rollback(command) => block_on(command.run()),
        Command::Gc(command) => block_on(command.run()),
        Command::Token(command) => block_on(command.run()),
        Command::Serve(command) => block_on(command.run()),
    }
}

/// Runs a command that talks to storage or to the network.
fn block_on(command: impl Future<Output = anyhow::Result<()>>) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Runtime::new()?;
    let outcome = runtime.block_on(command);
    // nobody waits any more for what other threads may be doing, such as resolving a name
    runtime.shutdown_background();
    outcome
}
