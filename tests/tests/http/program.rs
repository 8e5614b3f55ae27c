//! `nada serve` and `nada sign`, the programs: several origins from one file, and a token with issuer and audience.

use std::{process::Stdio, time::Duration};

use anyhow::Context as _;
use jiff::Timestamp;
use nada_tests::{
    catalogue::{self, TRACK},
    client::Client,
    demo::nada,
    origin::{ACCESS_KEY, BUCKET, Origin, OriginFault, REGION, SECRET_KEY},
};
use serde_json::json;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
    process::Command,
    time::{sleep, timeout},
};

#[tokio::test(flavor = "multi_thread")]
async fn native_serves_several_origins_and_takes_what_sign_mints() -> anyhow::Result<()> {
    let (primary, replica) = (Origin::start().await?, Origin::start().await?);
    for origin in [&primary, &replica] {
        catalogue::publish(origin, Timestamp::now())?;
    }
    let folder = tempfile::tempdir()?;
    let (keys, origins) = (folder.path().join("keys.json"), folder.path().join("origins.json"));
    std::fs::write(&keys, Command::new(nada()?).args(["token", "keygen"]).output().await?.stdout)?;
    let place = |origin: &Origin| json!({ "endpoint": origin.endpoint(), "bucket": BUCKET, "region": REGION, "path_style": true });
    std::fs::write(&origins, json!([place(&primary), place(&replica)]).to_string())?;

    let mut program = Command::new(nada()?);
    program.args([
        "serve",
        "--country",
        "IN",
        "--listen",
        "127.0.0.1:0",
        "--issuer",
        "nada",
        "--audience",
        "edge",
    ]);
    program.arg("--origins").arg(&origins).arg("--keys").arg(&keys);
    program.envs([("AWS_ACCESS_KEY_ID", ACCESS_KEY), ("AWS_SECRET_ACCESS_KEY", SECRET_KEY)]);
    let mut program = program.stdout(Stdio::null()).stderr(Stdio::piped()).kill_on_drop(true).spawn()?;
    let mut lines = BufReader::new(program.stderr.take().context("no standard error")?).lines();
    let line = lines.next_line().await?.context("it says where it is")?;
    let edge = line.split(' ').find(|word| word.starts_with("http://")).context(line.clone())?;
    assert!(line.contains(&format!("s3://{BUCKET}, s3://{BUCKET} on ")), "{line}");

    let sign = async |more: &[&str]| -> anyhow::Result<String> {
        let mut sign = Command::new(nada()?);
        let output =
            sign.args(["sign", TRACK, "--base", edge, "--keys"]).arg(&keys).args(more).output().await?;
        Ok(String::from_utf8(output.stdout)?.trim().replace("multivariant.m3u8", ""))
    };
    let client = Client::default();
    let ask = async |base: &str, file: &str| client.send("GET", &format!("{base}{file}"), &[]).await;
    let base = sign(&["--issuer", "nada", "--audience", "edge"]).await?;
    assert_eq!(ask(&base, "multivariant.m3u8").await?.status, 200);
    assert_eq!(ask(&sign(&[]).await?, "multivariant.m3u8").await?.status, 403, "without issuer and audience");
    primary.set_fault(OriginFault::Unavailable);
    let segment = format!("{}/aac-128/00001.m4s", catalogue::version());
    assert_eq!(ask(&base, &segment).await?.status, 200, "from the replica");
    assert!(replica.take_seen().iter().any(|seen| seen.target.contains("/aac-128/1.mp4")));
    Ok(())
}

/// A reader of the log that stops reading costs lines, which are counted, and stops nothing: not the server, and not its
/// end. Standard output and error go into one pipe, as for a supervisor.
#[tokio::test(flavor = "multi_thread")]
async fn native_goes_on_when_nobody_reads_its_log() -> anyhow::Result<()> {
    // more than the pipe, and what waits for it, holds
    const REQUESTS: usize = 30_000;
    const TOGETHER: usize = 100;
    let origin = Origin::start().await?;
    catalogue::publish(&origin, Timestamp::now())?;
    let folder = tempfile::tempdir()?;
    let keys = folder.path().join("keys.json");
    std::fs::write(&keys, Command::new(nada()?).args(["token", "keygen"]).output().await?.stdout)?;
    let (edge, metrics) = (free_port().await?, free_port().await?);
    let (unread, pipe) = std::io::pipe()?;
    let mut program = Command::new(nada()?);
    program.args(["serve", "--country", "IN", "--origin", &format!("s3://{BUCKET}"), "--region", REGION]);
    program.args(["--endpoint-url", &origin.endpoint(), "--listen", &format!("127.0.0.1:{edge}")]);
    program.args(["--metrics", &format!("127.0.0.1:{metrics}")]).arg("--keys").arg(&keys);
    program.envs([("AWS_ACCESS_KEY_ID", ACCESS_KEY), ("AWS_SECRET_ACCESS_KEY", SECRET_KEY)]);
    let mut program = program.stdout(pipe.try_clone()?).stderr(pipe).kill_on_drop(true).spawn()?;
    let mut stream = timeout(PATIENCE, async {
        loop {
            match TcpStream::connect(("127.0.0.1", edge)).await {
                Ok(stream) => break stream,
                Err(_) => sleep(Duration::from_millis(50)).await,
            }
        }
    })
    .await
    .context("it does not start")?;

    // refusals are logged with a reason, so that lines are long
    let request = format!("GET /~{}/t/{TRACK}/track.json HTTP/1.1\r\nhost: a\r\n\r\n", "A".repeat(100));
    let mut buffer = vec![0; 1 << 20];
    for asked in (0..REQUESTS).step_by(TOGETHER) {
        stream.write_all(request.repeat(TOGETHER).as_bytes()).await?;
        let (mut answers, mut heard) = (0, Vec::new());
        while answers < TOGETHER {
            let read = timeout(PATIENCE, stream.read(&mut buffer)).await;
            let read = read.with_context(|| format!("silent after {} answers", asked + answers))??;
            anyhow::ensure!(read > 0, "ended after {} answers", asked + answers);
            heard.extend_from_slice(&buffer[..read]);
            answers = heard.windows(12).filter(|bytes| *bytes == b"HTTP/1.1 403").count();
        }
    }
    let shown =
        Client::default().send("GET", &format!("http://127.0.0.1:{metrics}/metrics"), &[]).await?.text();
    let dropped = shown.lines().find_map(|line| line.strip_prefix("nada_dropped_log_lines_total "));
    let dropped: usize = dropped.context(shown.clone())?.parse()?;
    assert!(dropped > 0 && dropped < REQUESTS, "{dropped}");

    let pid = program.id().context("it has ended")?.to_string();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().await?.success());
    let ended =
        timeout(Duration::from_secs(5), program.wait()).await.context("SIGTERM does not end it")??;
    assert!(ended.success(), "{ended}");
    drop(unread);
    Ok(())
}

/// What ends a test that would never end.
const PATIENCE: Duration = Duration::from_secs(30);

/// A port that was free a moment ago.
async fn free_port() -> anyhow::Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0").await?.local_addr()?.port())
}

#[tokio::test]
async fn native_refuses_a_list_without_sense() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    for (text, why) in [
        ("[]", "no origin in the list"),
        ("{}", "expected a sequence"),
        (r#"[{"endpoint":"x"}]"#, "is not https://host"),
        (r#"[{"endpoint":"https://x","bucket":"songs"}]"#, "region"),
        (r#"[{"bucket":"songs","region":"r"}]"#, "missing field"),
    ] {
        let file = folder.path().join("origins.json");
        std::fs::write(&file, text)?;
        let keys = folder.path().join("keys.json");
        std::fs::write(&keys, Command::new(nada()?).args(["token", "keygen"]).output().await?.stdout)?;
        let mut program = Command::new(nada()?);
        program.args(["serve", "--country", "IN", "--listen", "127.0.0.1:0"]);
        program.arg("--origins").arg(&file).arg("--keys").arg(&keys);
        program.envs([("AWS_ACCESS_KEY_ID", ACCESS_KEY), ("AWS_SECRET_ACCESS_KEY", SECRET_KEY)]);
        let output = program.output().await?;
        let error = String::from_utf8(output.stderr)?;
        assert!(
            output.status.code() == Some(65) && error.contains("origins.json") && error.contains(why),
            "{error}"
        );
    }
    Ok(())
}
