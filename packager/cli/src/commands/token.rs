//! `nada token inspect|keygen|revoke`.

use anyhow::Context as _;
use clap::{Args, Subcommand};
use nada_token::{Algorithm, Key, KeySet};

use super::revoke::Revoke;
use crate::{clock, keys::KeyFile, secret, terminal};

/// Make keys, look into tokens, revoke them.
#[derive(Subcommand)]
pub enum Token {
    Inspect(Inspect),
    Keygen(Keygen),
    Revoke(Revoke),
}

impl Token {
    /// Runs the one asked for.
    pub async fn run(self) -> anyhow::Result<()> {
        match self {
            Self::Inspect(command) => command.run(),
            Self::Keygen(command) => command.run(),
            Self::Revoke(command) => command.run().await,
        }
    }

    /// Whether a failure, too, is told to a machine.
    pub fn answers_in_json(&self) -> bool {
        matches!(self, Self::Revoke(Revoke { json: true, .. }))
    }
}

/// Show what a token says, and with keys whether its signature holds.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  nada token inspect 2D3R…\n  nada token inspect http://127.0.0.1:8080/~2D3R…/t/INNDA2600001/track.json"
)]
pub struct Inspect {
    /// The token, or a URL that carries it in its path
    token: String,
    #[command(flatten)]
    keys: KeyFile,
}

impl Inspect {
    fn run(self) -> anyhow::Result<()> {
        let after = self.token.split_once("/~").map_or(self.token.as_str(), |(_, after)| after);
        let token = after.split_once('/').map_or(after, |(token, _)| token);
        let inspection = nada_token::inspect(token)?;
        let mut shown = serde_json::to_value(&inspection)?;
        if let (Some(object), true) = (shown.as_object_mut(), self.keys.named()) {
            let refusal = nada_token::verify(token, &self.keys.read()?).err();
            // without keys it says false: nothing was verified
            object.insert("verified".to_owned(), refusal.is_none().into());
            let verdict = refusal.map_or("holds".to_owned(), |refusal| format!("refused: {refusal}"));
            object.insert("signature".to_owned(), verdict.into());
        }
        terminal::json(serde_json::to_string_pretty(&shown)?);
        Ok(())
    }
}

/// Print a new JWK Set with one signing key. Keep it secret; edge and backend share it.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  nada token keygen > keys.json\n  nada token keygen --add-to keys.json > rotated.json"
)]
pub struct Keygen {
    /// The key's id (default: key- and the date)
    #[arg(long, value_name = "ID")]
    kid: Option<String>,
    /// Print the keys of this file too, for rotation
    #[arg(long, value_name = "FILE")]
    add_to: Option<std::path::PathBuf>,
}

impl Keygen {
    fn run(self) -> anyhow::Result<()> {
        let now = clock::now();
        let kid = self.kid.unwrap_or_else(|| format!("key-{}", now.strftime("%Y%m%dT%H%M%SZ")));
        let key = Key::generate(Algorithm::Hs256, &kid, clock::random()?)?;
        // the newest signs: its window opens now
        let key = key.with_window(Some(now.as_second()), None)?;
        let mut keys = match &self.add_to {
            Some(file) => crate::keys::read(file)?.keys().to_vec(),
            None => Vec::new(),
        };
        keys.push(key);
        let keys = KeySet::new(keys).context("the keys do not go together")?.to_json();
        // the shell has made it for all to read
        secret::own_stdout()?;
        terminal::json(keys);
        Ok(())
    }
}
