//! Lyrics as HLS subtitles disturb nobody: players that know nothing of them play the whole song from its signed URL, and
//! those that do have every line in its place.

use std::{fs, os::unix::fs::PermissionsExt as _};

use nada_tests::demo::Demo;
use tokio::process::Command;

use crate::{
    ffmpeg::{self, SYSTEM},
    players::{run, there, unprivileged},
    signal::Pcm,
};

const TRACK: &str = "INNDA2600001";
/// M + n of the song.
const LENGTH: usize = 2048 + 1_719_900;
/// An access unit of HE-AAC, of which the last one's rest may follow.
const UNIT: usize = 2048;
/// The layers: main, pronunciation, translation.
const LAYERS: usize = 3;

async fn demo_track() -> (Demo, String) {
    let demo = Demo::start().await.unwrap();
    let url = format!("{}{}", demo.edge(), demo.path(TRACK).unwrap());
    (demo, url)
}

fn whole(player: &str, samples: usize) {
    assert!((LENGTH..LENGTH + UNIT).contains(&samples), "{player} plays {samples} samples of {LENGTH}");
}

/// What an older ffmpeg, and mpv with it, says of each layer; anything else is a disturbance.
fn only_cannot(player: &str, output: &str) {
    let (known, other): (Vec<_>, Vec<_>) =
        output.lines().partition(|line| line.contains("Can't support the subtitle(uri: lyrics/"));
    assert!(other.is_empty(), "{player}: {other:?}");
    assert!(known.len() == LAYERS || known.is_empty(), "{player}: {known:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn ffmpeg_decodes_the_track_and_a_current_one_its_lyrics() {
    let (_demo, url) = demo_track().await;
    for ffmpeg in ffmpeg::all() {
        let name = ffmpeg.name();
        let mut command = Command::new(ffmpeg.program());
        // at `warning`, a current ffmpeg calls what it read of renditions that it leaves «corrupt», lyrics or none
        command
            .args(["-v", "error", "-nostdin", "-i", &url, "-map", "0:a:0", "-ac", "2", "-f", "f32le", "-"]);
        let output = command.output().await.unwrap();
        assert!(output.status.success());
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{name}");
        whole(&name, output.stdout.len() / 8);
        if ffmpeg.program() == SYSTEM.program() {
            continue;
        }
        let mut command = Command::new(ffmpeg.program());
        let cues =
            run(command.args(["-v", "error", "-nostdin", "-i", &url, "-map", "0:s:0", "-f", "webvtt", "-"]))
                .await;
        // 1.96 s and 5.96 s of the source, M samples later
        assert!(cues.contains("00:02.006 --> 00:06.006\nबुरा जो देखन मैं चला,"), "{cues}");
        assert_eq!(cues.matches("-->").count(), 8, "{cues}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn mpv_gstreamer_and_vlc_play_the_track_with_lyrics() {
    let (_demo, url) = demo_track().await;
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o777)).unwrap();
    let file = |name: &str| folder.path().join(name);
    if there("mpv") {
        let mut mpv = Command::new("mpv");
        mpv.args(["--no-config", "--no-video", "--ao=pcm", "--untimed", "--msg-level=all=warn"]);
        let output = run(mpv.arg(format!("--ao-pcm-file={}", file("mpv.wav").display())).arg(&url)).await;
        only_cannot("mpv", &output);
        whole("mpv", SYSTEM.read(&file("mpv.wav")).len());
    }
    if there("gst-launch-1.0") {
        let sink = file("gstreamer.f32");
        let sink = format!(
            "audioconvert ! audio/x-raw,format=F32LE,channels=2 ! filesink location={}",
            sink.display()
        );
        let mut gstreamer = Command::new("gst-launch-1.0");
        gstreamer.args(["-q", "playbin3", "video-sink=fakesink"]).arg(format!("uri={url}"));
        let output = run(gstreamer.arg(format!("audio-sink={sink}"))).await;
        assert!(!output.contains("ERROR") && !output.contains("WARN"), "{output}");
        whole("GStreamer", Pcm::from_bytes(&fs::read(file("gstreamer.f32")).unwrap()).len());
    }
    if there("vlc") {
        let wav = file("vlc.wav");
        let mut vlc = unprivileged("vlc");
        vlc.args([
            "-I",
            "dummy",
            "--no-video",
            "--no-spu",
            "--play-and-exit",
            "-q",
            "--adaptive-logic=lowest",
        ]);
        vlc.arg(format!("--sout=#transcode{{acodec=s16l}}:std{{access=file,mux=wav,dst={}}}", wav.display()));
        let _ = run(vlc.arg(&url).arg("vlc://quit").env("HOME", folder.path())).await;
        // it never plays the first access unit, which lies before the source
        whole("VLC", SYSTEM.read(&wav).len() + UNIT);
    }
}
