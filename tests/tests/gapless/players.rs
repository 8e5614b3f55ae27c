//! Players without a word on gapless playback: each plays both multivariant playlists and track files through over HTTP,
//! the whole of the song, with the source at sample M from start to end, and knows how long a track file is before its end.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use nada_tests::browser;
use serde_json::json;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    process::Command,
};

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
const PLAYED: [&str; 5] = ["multivariant.m3u8", "lossless.m3u8", "heaac2-24.mp4", "aac-128.mp4", "flac.mp4"];

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
    fn judge(&self, player: &str, played: &str, heard: &[f32], from: usize) {
        let excess = (from + heard.len()) as i64 - (PRIMING + SAMPLES) as i64;
        let (window, first) = (1 << 14, PRIMING as i64 - from as i64);
        let lags = [2048, SAMPLES - window - 64].map(|start| {
            lag(&self.source, start..start + window, heard, first - 40..first + 40) + from as f64
        });
        println!("| {player} | {played} | {from} | {:.2} {:.2} | {excess:+} |", lags[0], lags[1]);
        // GStreamer ends a track file where `mehd` says, in nanoseconds that it rounds down
        let least = if player == "GStreamer" && played.ends_with(".mp4") { -1 } else { 0 };
        assert!((least..2048).contains(&excess), "{player}, {played}: {excess:+} samples");
        for lag in lags {
            assert!((lag.round() - PRIMING as f64).abs() <= 1.0, "{player}, {played}: {lags:?}");
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
    for played in PLAYED {
        let file = packaged_noise.output(&format!("mpv-{played}.wav"));
        let mut mpv = Command::new("mpv");
        mpv.args(["--no-config", "--no-video", "--ao=pcm", "--untimed", "--msg-level=all=warn"]);
        mpv.arg(format!("--ao-pcm-file={}", file.display())).arg(site.url(played));
        assert_eq!(run(&mut mpv).await, "", "mpv has nothing to say");
        packaged_noise.judge("mpv", played, &SYSTEM.read(&file).middle(), 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn gstreamer_plays_it_through() {
    if !there("gst-launch-1.0") {
        return;
    }
    let packaged_noise = PackagedNoise::new();
    let site = Site::of(packaged_noise.packaged.folder.clone()).await;
    for played in PLAYED {
        let file = packaged_noise.output(&format!("gstreamer-{played}.f32"));
        let sink = format!(
            "audioconvert ! audio/x-raw,format=F32LE,channels=2 ! filesink location={}",
            file.display()
        );
        let mut gstreamer = Command::new("gst-launch-1.0");
        gstreamer.args(["-q", "playbin3"]).arg(format!("uri={}", site.url(played)));
        let output = run(gstreamer.arg(format!("audio-sink={sink}"))).await;
        assert!(!output.contains("ERROR") && !output.contains("WARN"), "{output}");
        packaged_noise.judge("GStreamer", played, &Pcm::from_bytes(&fs::read(file).unwrap()).middle(), 0);
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
    for (played, logic, from) in [
        ("multivariant.m3u8", "lowest", 2048),
        ("multivariant.m3u8", "highest", 1024),
        ("lossless.m3u8", "highest", 0),
        ("heaac2-24.mp4", "lowest", 2048),
        ("aac-128.mp4", "lowest", 1024),
        ("flac.mp4", "lowest", 0),
    ] {
        let file = packaged_noise.output(&format!("vlc-{played}-{logic}.wav"));
        let mut vlc = unprivileged("vlc");
        vlc.args(["-I", "dummy", "--no-video", "--play-and-exit", "-q"])
            .arg(format!("--adaptive-logic={logic}"));
        vlc.arg(format!(
            "--sout=#transcode{{acodec=s16l}}:std{{access=file,mux=wav,dst={}}}",
            file.display()
        ));
        vlc.arg(site.url(played)).arg("vlc://quit").env("HOME", file.parent().unwrap());
        let output = run(&mut vlc).await;
        assert!(!output.contains("error"), "{output}");
        packaged_noise.judge(&format!("VLC, {logic}"), played, &SYSTEM.read(&file).middle(), from);
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
async fn browser_plays_it_through_in_an_audio_element() {
    let packaged_noise = PackagedNoise::new();
    let site = Site::of(packaged_noise.packaged.folder.clone()).await;
    let input = json!({ "site": site.url(""), "rate": RATE, "played": PLAYED });
    let reports = browser::run("native", &input).await.unwrap();
    for (played, report) in PLAYED.iter().zip(reports.as_array().unwrap()) {
        assert_eq!(report["error"], json!(null), "{report}");
        let seconds = (PRIMING + SAMPLES) as f64 / f64::from(RATE);
        assert!((report["duration"].as_f64().unwrap() - seconds).abs() < 2e-5, "{report}");
        assert_eq!(report["ended"], report["duration"], "{report}");
        let file = packaged_noise.packaged.folder.join(format!("{played}.f32"));
        let heard = Pcm::mono(&fs::read(file).unwrap());
        let sounds = |sample: &f32| *sample != 0.0;
        let onset = heard.iter().position(sounds).unwrap();
        let end = heard.iter().rposition(sounds).unwrap() + 1;
        // an element begins to sound at a multiple of what Web Audio renders at once
        let origin = origin(&packaged_noise.source, &heard, onset + 8192, onset as i64);
        let begun = (origin.round() as usize - PRIMING).next_multiple_of(128);
        packaged_noise.judge("Chromium", played, &heard[begun..end], 0);
    }
}

/// The seconds that VLC says a file has, asked again until it plays.
async fn vlc_length(url: &str, home: &Path) -> f64 {
    let mut vlc = unprivileged("vlc");
    vlc.args(["-I", "rc", "--rc-fake-tty", "--no-video", "-A", "dummy", "-q", url]).env("HOME", home);
    vlc.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true);
    let mut process = vlc.spawn().unwrap();
    let mut stdin = process.stdin.take().unwrap();
    let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
    let asking = async {
        while stdin.write_all(b"get_length\n").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
    };
    let answer = async {
        while let Some(line) = lines.next_line().await.unwrap() {
            match line.trim_start_matches(['>', ' ']).parse() {
                Ok(seconds) if seconds > 0.0 => return seconds,
                _ => {}
            }
        }
        0.0
    };
    tokio::select! {
        () = asking => 0.0,
        seconds = answer => seconds,
    }
}

/// What a player says the length of a track file is, in seconds, while it plays its beginning.
#[tokio::test(flavor = "multi_thread")]
async fn players_know_the_length_of_a_track_file() {
    let packaged_noise = PackagedNoise::new();
    let site = Site::of(packaged_noise.packaged.folder.clone()).await;
    let expected = (PRIMING + SAMPLES) as f64 / f64::from(RATE);
    let judge = |player: &str, played: &str, said: &str| {
        let seconds: f64 = said.trim().parse().unwrap_or_else(|_| panic!("{player}, {played}: {said:?}"));
        println!("| {player} | {played} | {seconds} |");
        // a player may count the last access unit whole
        assert!((0.0..0.05).contains(&(seconds - expected + 1e-3)), "{player}, {played}: {seconds}");
    };
    for played in PLAYED.into_iter().filter(|played| played.ends_with(".mp4")) {
        let url = site.url(played);
        let mut ffprobe = Command::new("ffprobe");
        ffprobe.args(["-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0"]).arg(&url);
        judge("ffmpeg", played, &run(&mut ffprobe).await);
        if there("mpv") {
            let mut mpv = Command::new("mpv");
            mpv.args(["--no-config", "--no-video", "--ao=null", "--untimed", "--end=1"])
                .arg("--term-playing-msg=length ${=duration}");
            let said = run(mpv.arg(&url)).await;
            judge("mpv", played, said.lines().find_map(|line| line.strip_prefix("length ")).unwrap_or(&said));
        }
        if there("gst-launch-1.0") {
            let mut gstreamer = Command::new("gst-launch-1.0");
            gstreamer.arg("playbin3").arg(format!("uri={url}"));
            // a line a second: `progressreport0 (00:00:01): 1 / 14 seconds ( 7.1 %)`
            gstreamer.arg("audio-sink=progressreport update-freq=1 ! fakesink sync=true num-buffers=100");
            let said = run(&mut gstreamer).await;
            assert!(
                said.contains(&format!(" / {} seconds", expected.floor())),
                "GStreamer, {played}: {said}"
            );
        }
        if there("vlc") {
            let home = packaged_noise.output("vlc").parent().unwrap().to_owned();
            assert_eq!(vlc_length(&url, &home).await, expected.floor(), "VLC, {played}");
        }
    }
}
