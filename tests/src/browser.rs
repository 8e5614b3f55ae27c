//! Chromium, driven by the scripts in `browser/`: JSON in, JSON out.

use std::{path::PathBuf, process::Stdio, time::Duration};

use anyhow::{Context as _, ensure};
use serde_json::Value;
use tokio::{io::AsyncWriteExt as _, process::Command, time::timeout};

/// How long a script may take on a busy machine.
const LIMIT: Duration = Duration::from_secs(180);

/// Runs `browser/{script}.mjs` with `input` and reads its answer.
///
/// # Errors
/// Node or Chromium are missing, the script fails, or takes too long.
pub async fn run(script: &str, input: &Value) -> anyhow::Result<Value> {
    let tests = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let mut node = Command::new(tests.join("node_modules/.bin/node"))
        .arg(tests.join(format!("browser/{script}.mjs")))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .context("tests/node_modules/.bin/node does not start; tests/run installs it")?;
    let mut stdin = node.stdin.take().context("the script has no standard input")?;
    stdin.write_all(input.to_string().as_bytes()).await?;
    drop(stdin);
    let output = timeout(LIMIT, node.wait_with_output())
        .await
        .with_context(|| format!("{script} took too long"))??;
    ensure!(output.status.success(), "{script} failed; its standard error says why");
    Ok(serde_json::from_slice(&output.stdout)?)
}
