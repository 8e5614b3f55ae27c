//! A release from `nada submit` to a player.

use std::{
    path::Path,
    process::{Child, Command, Stdio},
};

use serde_json::Value;

use crate::{
    platform::{Platform, Setup},
    sample_release::write_release,
    world::{World, address},
};

/// Ends a server with the test.
struct Serving(Child);

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// `nada serve` on the releases bucket, and its address.
fn serve(world: &World, at: &Path) -> (Serving, String) {
    let mut command = world.nada(at, &["serve", "--origin", "s3://releases", "--country", "IN"]);
    command.args(["--listen", "127.0.0.1:0", "--keys", "keys.json"]);
    let mut server = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let url = address(&mut server, "s3://releases on ");
    (Serving(server), url)
}

fn stdout(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_submitted_is_packaged_and_plays() {
    let Some(world) = World::start(3).await else { return };
    let platform = Platform::start(&world, &Setup::default());
    let at = world.release_folder("tones");
    write_release(&at, "tones", &[7.0]);
    std::fs::write(at.join("1.hi.lrc"), "[00:00.10]क\n").unwrap();
    let toml = std::fs::read_to_string(at.join("release.toml")).unwrap();
    std::fs::write(at.join("release.toml"), toml + "lyrics = [\"./1.hi.lrc\"]\n").unwrap();

    let output = world.submit(&at, &["--json"]).await;
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{stderr}");
    let printed: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&printed["state"], &printed["release"]), (&"live".into(), &"tones".into()));
    assert_eq!(printed["tracks"][0]["packaged"], true);
    assert!(stderr.contains("sending 1.wav") && stderr.contains("sending release.toml"), "{stderr}");
    let manifest = world.manifest("tones-1").await.unwrap();
    assert_eq!(manifest["presentation"]["timeline"]["samples"], 7 * 44_100);
    assert_eq!(manifest["lyrics"]["layers"][0]["lang"], "hi");
    let result = world.result("tones").await.unwrap();
    assert_eq!((&result["state"], &result["attempt"]), (&"published".into(), &1.into()));

    // through the edge, by a signed URL
    std::fs::write(at.join("keys.json"), stdout(&mut world.nada(&at, &["token", "keygen"]))).unwrap();
    let (_serving, base) = serve(&world, &at);
    let url = stdout(&mut world.nada(&at, &["sign", "tones-1", "--keys", "keys.json", "--base", &base]));
    let mut ffmpeg = Command::new("ffmpeg");
    ffmpeg.args([
        "-v",
        "error",
        "-nostdin",
        "-i",
        url.trim(),
        "-map",
        "0:a:0",
        "-ac",
        "1",
        "-f",
        "s16le",
        "-",
    ]);
    let decoded = tokio::task::spawn_blocking(move || ffmpeg.output().unwrap()).await.unwrap();
    let complaints = String::from_utf8_lossy(&decoded.stderr);
    assert!(decoded.status.success() && complaints.is_empty(), "{complaints}");
    let samples: Vec<f64> =
        decoded.stdout.chunks_exact(2).map(|s| f64::from(i16::from_le_bytes([s[0], s[1]]))).collect();
    assert!(samples.len() >= 7 * 44_100, "{} samples", samples.len());
    let middle = &samples[44_100..6 * 44_100];
    let rms = (middle.iter().map(|s| s * s).sum::<f64>() / middle.len() as f64).sqrt();
    assert!((4_500.0..7_000.0).contains(&rms), "a sine of 8,000 has an RMS of 5,657, not {rms}");

    // again: nothing is sent, nothing is written, and the result is of this submission
    let again = world.submit(&at, &["--json"]).await;
    let stderr = String::from_utf8(again.stderr).unwrap();
    assert!(
        stderr.contains("1.wav is there already") && stderr.contains("1.hi.lrc is there already"),
        "{stderr}"
    );
    let printed: Value = serde_json::from_slice(&again.stdout).unwrap();
    assert_eq!(printed["uploaded"], 0, "{printed}");
    world.settled(0).await;
    metrics_of_both_attempts(&platform);
}

/// The log is lines of JSON, among them one of metrics for each attempt.
fn metrics_of_both_attempts(platform: &Platform) {
    let log = platform.log();
    let lines: Vec<&Value> = log.iter().filter(|line| line["_aws"].is_object()).collect();
    assert_eq!(lines.len(), 2, "{log:?}");
    assert_eq!((&lines[0]["Published"], &lines[0]["Tracks"]), (&1.into(), &1.into()));
    assert!(lines[0]["EncodeSpeed"].as_f64().unwrap() > 0.0);
    assert!((7.0..7.1).contains(&lines[0]["AudioSeconds"].as_f64().unwrap()), "{}", lines[0]);
    assert_eq!((&lines[1]["Published"], &lines[1]["Tracks"]), (&1.into(), &0.into()));
    let published = log.iter().filter(|line| line["message"] == "release published");
    assert_eq!(published.count(), 2);
}
