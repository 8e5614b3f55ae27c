//! `nada serve` and `nada sign`, the programs: several origins from one file, and a token with issuer and audience.

use std::process::Stdio;

use anyhow::Context as _;
use jiff::Timestamp;
use nada_tests::{
    catalogue::{self, SONG},
    client::Client,
    demo::nada,
    origin::{ACCESS_KEY, BUCKET, Mood, Origin, REGION, SECRET_KEY},
};
use serde_json::json;
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::Command,
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
        let said = sign.args(["sign", SONG, "--base", edge, "--keys"]).arg(&keys).args(more).output().await?;
        Ok(String::from_utf8(said.stdout)?.trim().replace("multivariant.m3u8", ""))
    };
    let client = Client::default();
    let ask = async |base: &str, file: &str| client.send("GET", &format!("{base}{file}"), &[]).await;
    let base = sign(&["--issuer", "nada", "--audience", "edge"]).await?;
    assert_eq!(ask(&base, "multivariant.m3u8").await?.status, 200);
    assert_eq!(ask(&sign(&[]).await?, "multivariant.m3u8").await?.status, 403, "without issuer and audience");
    primary.set_mood(Mood::Down);
    let segment = format!("{}/aac-128/00001.m4s", catalogue::version());
    assert_eq!(ask(&base, &segment).await?.status, 200, "from the replica");
    assert!(replica.take_seen().iter().any(|seen| seen.target.contains("00001.m4s")));
    Ok(())
}

#[tokio::test]
async fn native_refuses_a_list_without_sense() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    for (text, why) in [
        ("[]", "no origin in the list"),
        ("{}", "expected a sequence"),
        (r#"[{"endpoint":"x"}]"#, "missing field"),
    ] {
        let file = folder.path().join("origins.json");
        std::fs::write(&file, text)?;
        let keys = folder.path().join("keys.json");
        std::fs::write(&keys, Command::new(nada()?).args(["token", "keygen"]).output().await?.stdout)?;
        let mut program = Command::new(nada()?);
        program.args(["serve", "--country", "IN", "--listen", "127.0.0.1:0"]);
        program.arg("--origins").arg(&file).arg("--keys").arg(&keys);
        program.envs([("AWS_ACCESS_KEY_ID", ACCESS_KEY), ("AWS_SECRET_ACCESS_KEY", SECRET_KEY)]);
        let said = program.output().await?;
        let error = String::from_utf8(said.stderr)?;
        assert!(
            said.status.code() == Some(65) && error.contains("origins.json") && error.contains(why),
            "{error}"
        );
    }
    Ok(())
}
