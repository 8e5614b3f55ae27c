//! Players without a word on gapless playback: each plays both multivariant playlists through over HTTP, the whole of
//! the song, with the source at sample M from start to end.

use std::{fs, os::unix::fs::PermissionsExt as _, path::PathBuf};

use nada_tests::browser;
use serde_json::json;
use tokio::process::Command;

use crate::{
    ffmpeg::SYSTEM,
    master,
    packaged::Packaged,
    signal::{Pcm, lag, origin},
    site::Site,
};

const RATE: u32 = 44_100;
/// 14 s: three segments.
const SAMPLES: usize = 617_411;
const PRIMING: usize = 2048;
const PLAYLISTS: [&str; 2] = ["multivariant", "lossless"];

/// A 14 s song, packaged, and its source.
struct PackagedNoise {
    folder: tempfile::TempDir,
    packaged: Packaged,
    source: Vec<f32>,
}

impl PackagedNoise {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("source.wav");
        let source = master::wav(&file, RATE, &master::noise(SAMPLES)).middle();
        let packaged = Packaged::new(&file, folder.path(), "packaged", &[]);
        Self { folder, packaged, source }
    }

    /// A file for what a player makes, in a folder that any user may write.
    fn output(&self, name: &str) -> PathBuf {
        let folder = self.folder.path().join("heard");
        fs::create_dir_all(&folder).unwrap();
        for open in [self.folder.path(), &folder] {
            fs::set_permissions(open, fs::Permissions::from_mode(0o777)).unwrap();
        }
        folder.join(name)
    }

    /// Holds what a player made of the media from sample `from` on against the source.
    fn judge(&self, player: &str, playlist: &str, heard: &[f32], from: usize) {
        let excess = (from + heard.len()) as i64 - (PRIMING + SAMPLES) as i64;
        let (window, first) = (1 << 14, PRIMING as i64 - from as i64);
        let lags = [2048, SAMPLES - window - 64].map(|start| {
            lag(&self.source, start..start + window, heard, first - 40..first + 40) + from as f64
        });
        println!("| {player} | {playlist} | {from} | {:.2} {:.2} | {excess:+} |", lags[0], lags[1]);
        assert!((0..2048).contains(&excess), "{player}, {playlist}: {excess:+} samples");
        for lag in lags {
            assert!((lag.round() - PRIMING as f64).abs() <= 1.0, "{player}, {playlist}: {lags:?}");
        }
    }
}

/// Whether a player is there; a line says so where it is not.
pub fn there(program: &str) -> bool {
    let found = std::env::split_paths(&std::env::var_os("PATH").unwrap())
        .any(|folder| folder.join(program).is_file());
    if !found {
        eprintln!("SKIPPED: {program} is not installed: nothing is proven of it; tests/run says how");
    }
    found
}

/// Runs a player to its end and gives back what it said; a failure fails.
pub async fn run(command: &mut Command) -> String {
    let output = command.kill_on_drop(true).output().await.unwrap();
    let log =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{command:?}: {log}");
    log
}

#[tokio::test(flavor = "multi_thread")]
async fn mpv_plays_it_through() {
    if !there("mpv") {
        return;
    }
    let packaged_noise = PackagedNoise::new();
    let site = Site::of(packaged_noise.packaged.folder.clone()).await;
    for playlist in PLAYLISTS {
        let file = packaged_noise.output(&format!("mpv-{playlist}.wav"));
        let mut mpv = Command::new("mpv");
        mpv.args(["--no-config", "--no-video", "--ao=pcm", "--untimed", "--msg-level=all=warn"]);
        mpv.arg(format!("--ao-pcm-file={}", file.display())).arg(site.url(&format!("{playlist}.m3u8")));
        assert_eq!(run(&mut mpv).await, "", "mpv has nothing to say");
        packaged_noise.judge("mpv", playlist, &SYSTEM.read(&file).middle(), 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn gstreamer_plays_it_through() {
    if !there("gst-launch-1.0") {
        return;
    }
    let packaged_noise = PackagedNoise::new();
    let site = Site::of(packaged_noise.packaged.folder.clone()).await;
    for playlist in PLAYLISTS {
        let file = packaged_noise.output(&format!("gstreamer-{playlist}.f32"));
        let sink = format!(
            "audioconvert ! audio/x-raw,format=F32LE,channels=2 ! filesink location={}",
            file.display()
        );
        let mut gstreamer = Command::new("gst-launch-1.0");
        gstreamer.args(["-q", "playbin3"]).arg(format!("uri={}", site.url(&format!("{playlist}.m3u8"))));
        let output = run(gstreamer.arg(format!("audio-sink={sink}"))).await;
        assert!(!output.contains("ERROR") && !output.contains("WARN"), "{output}");
        packaged_noise.judge("GStreamer", playlist, &Pcm::from_bytes(&fs::read(file).unwrap()).middle(), 0);
    }
}

/// VLC writes one file for one stream, so that it is told to stay on a rendition: the lowest, then the highest. It never
/// plays an AAC track's first access unit, which here lies before the source.
#[tokio::test(flavor = "multi_thread")]
async fn vlc_plays_it_through() {
    if !there("vlc") {
        return;
    }
    let packaged_noise = PackagedNoise::new();
    let site = Site::of(packaged_noise.packaged.folder.clone()).await;
    for (playlist, logic, from) in
        [("multivariant", "lowest", 2048), ("multivariant", "highest", 1024), ("lossless", "highest", 0)]
    {
        let file = packaged_noise.output(&format!("vlc-{playlist}-{logic}.wav"));
        let mut vlc = unprivileged("vlc");
        vlc.args(["-I", "dummy", "--no-video", "--play-and-exit", "-q"])
            .arg(format!("--adaptive-logic={logic}"));
        vlc.arg(format!(
            "--sout=#transcode{{acodec=s16l}}:std{{access=file,mux=wav,dst={}}}",
            file.display()
        ));
        vlc.arg(site.url(&format!("{playlist}.m3u8"))).arg("vlc://quit").env("HOME", file.parent().unwrap());
        let output = run(&mut vlc).await;
        assert!(!output.contains("error"), "{output}");
        packaged_noise.judge(&format!("VLC, {logic}"), playlist, &SYSTEM.read(&file).middle(), from);
    }
}

/// A command as root's opposite: some programs refuse to run as root.
pub fn unprivileged(program: &str) -> Command {
    let root = fs::metadata("/proc/self").is_ok_and(|me| std::os::unix::fs::MetadataExt::uid(&me) == 0);
    if !root {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=65534", "--regid=65534", "--clear-groups", program]);
    command
}

#[tokio::test(flavor = "multi_thread")]
async fn browser_plays_it_through_with_its_own_hls() {
    let packaged_noise = PackagedNoise::new();
    let site = Site::of(packaged_noise.packaged.folder.clone()).await;
    let input = json!({ "site": site.url(""), "rate": RATE, "playlists": PLAYLISTS });
    let reports = browser::run("native", &input).await.unwrap();
    for (playlist, report) in PLAYLISTS.iter().zip(reports.as_array().unwrap()) {
        assert_eq!(report["error"], json!(null), "{report}");
        let seconds = (PRIMING + SAMPLES) as f64 / f64::from(RATE);
        assert!((report["duration"].as_f64().unwrap() - seconds).abs() < 2e-5, "{report}");
        assert_eq!(report["ended"], report["duration"], "{report}");
        let file = packaged_noise.packaged.folder.join(format!("{playlist}.f32"));
        let heard = Pcm::mono(&fs::read(file).unwrap());
        let sounds = |sample: &f32| *sample != 0.0;
        let onset = heard.iter().position(sounds).unwrap();
        let end = heard.iter().rposition(sounds).unwrap() + 1;
        // an element begins to sound at a multiple of what Web Audio renders at once
        let origin = origin(&packaged_noise.source, &heard, onset + 8192, onset as i64);
        let begun = (origin.round() as usize - PRIMING).next_multiple_of(128);
        packaged_noise.judge("Chromium", playlist, &heard[begun..end], 0);
    }
}
