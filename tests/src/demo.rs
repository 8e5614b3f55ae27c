//! `nada demo` as a script starts it: the real program, its storage, its edge and its player page.

use std::{path::PathBuf, process::Stdio, time::Duration};

use anyhow::{Context as _, ensure};
use serde_json::Value;
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, Command},
    time::timeout,
};

/// How long packaging the songs may take in a debug build on a busy machine.
const START: Duration = Duration::from_secs(240);

/// A running demo; it ends when dropped.
#[derive(Debug)]
pub struct Demo {
    ready: Value,
    keys: String,
    _program: Child,
    _data: TempDir,
}

/// The `nada` that was built with these tests, beside them.
///
/// # Errors
/// It is not built.
pub fn nada() -> anyhow::Result<PathBuf> {
    let test = std::env::current_exe()?;
    let folder = test.parent().and_then(|deps| deps.parent()).context("the test lies in no target folder")?;
    let program = folder.join("nada");
    ensure!(program.is_file(), "{} is not built: cargo build -p nada", program.display());
    Ok(program)
}

impl Demo {
    /// Starts it on ports of its own, and waits until it serves.
    ///
    /// # Errors
    /// It does not start, or ends.
    pub async fn start() -> anyhow::Result<Self> {
        let data = tempfile::tempdir()?;
        let mut program = Command::new(nada()?)
            .args(["demo", "--json", "--port", "0", "--dir"])
            .arg(data.path())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let stdout = program.stdout.take().context("the demo has no standard output")?;
        let mut lines = BufReader::new(stdout).lines();
        let line = timeout(START, lines.next_line()).await.context("the demo took too long to start")??;
        let ready: Value =
            serde_json::from_str(&line.context("the demo ended; its standard error says why")?)?;
        let keys = ready["keys"].as_str().context("the demo names no keys")?;
        let keys = std::fs::read_to_string(keys)?;
        Ok(Self { ready, keys, _program: program, _data: data })
    }

    /// `http://127.0.0.1:PORT` of its edge.
    pub fn edge(&self) -> &str {
        self.ready["edge"].as_str().unwrap_or_default()
    }

    /// The signed path of a track's multivariant playlist.
    ///
    /// # Errors
    /// There is no such track.
    pub fn path(&self, track: &str) -> anyhow::Result<&str> {
        let tracks = self.ready["songs"].as_array().context("no songs")?;
        let found = tracks
            .iter()
            .find(|listed| listed["track"] == track)
            .with_context(|| format!("no track {track}"))?;
        let url = found["url"].as_str().unwrap_or_default();
        url.strip_prefix(self.edge()).context("the URL is not the edge's")
    }

    /// What a worker on the demo's storage is configured with.
    pub fn bindings(&self) -> Value {
        let origin = &self.ready["origin"];
        let origins = serde_json::json!([{
            "endpoint": origin["endpoint"], "bucket": origin["bucket"], "region": origin["region"], "path_style": true,
        }]);
        serde_json::json!({
            "NADA_KEYS": self.keys,
            "NADA_ORIGINS": origins.to_string(),
            "NADA_PLAIN_HTTP": "answered",
            "NADA_S3_ACCESS_KEY_ID": origin["access_key_id"],
            "NADA_S3_SECRET_ACCESS_KEY": origin["secret_access_key"],
        })
    }
}
