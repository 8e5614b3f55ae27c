//! Shaka Packager (npm shaka-packager 3.4.2), fed by ffmpeg.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use super::{found, run};

/// The program that npm installed for this processor.
fn packager() -> PathBuf {
    let kind = if cfg!(target_arch = "aarch64") { "arm64" } else { "x64" };
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("node_modules/shaka-packager/bin")
        .join(format!("packager-linux-{kind}"))
}

/// Two renditions of 20 s, of 48 and 96 kbit/s, in segments of 6 s; `language` is that of the audio.
fn shaka(folder: &Path, language: &str) {
    for rate in ["48", "96"] {
        let encode = format!(
            "-v error -f lavfi -i anoisesrc=d=20:c=pink:a=0.5:s=1:r=44100 -ac 2 -c:a aac -b:a {rate}k {rate}.mp4"
        );
        run(folder, Path::new("ffmpeg"), &encode.split(' ').collect::<Vec<_>>());
    }
    let streams = ["48", "96"].map(|rate| {
        format!(
            "in={rate}.mp4,stream=audio,init_segment={rate}/init.mp4,segment_template={rate}/$Number$.m4s,\
             playlist_name={rate}.m3u8,hls_group_id=a{rate},hls_name=main{language}"
        )
    });
    let [low, high] = &streams;
    run(
        folder,
        &packager(),
        &[low, high, "--hls_master_playlist_output", "main.m3u8", "--segment_duration", "6"],
    );
}

#[test]
fn two_renditions() {
    let folder = tempfile::tempdir().unwrap();
    shaka(folder.path(), "");
    let expected = BTreeMap::from([
        // audio renditions without a language
        ("H211", 2),
        // segments of 6.014 s: it rounds the target duration up to 7
        ("H316", 2),
        // no loudness box
        ("H417", 2),
        // an edit list for the encoder's priming
        ("H418", 2),
    ]);
    assert_eq!(found(folder.path(), "main.m3u8"), expected);
}

/// The same, said to be of a language, and then broken by hand.
#[test]
fn a_missing_segment_and_a_wrong_bandwidth() {
    let folder = tempfile::tempdir().unwrap();
    shaka(folder.path(), ",lang=hi");
    fs::remove_file(folder.path().join("96/2.m4s")).unwrap();
    let path = folder.path().join("main.m3u8");
    let text = fs::read_to_string(&path).unwrap().replacen(":BANDWIDTH=", ":BANDWIDTH=9", 1);
    fs::write(path, text).unwrap();
    let expected = BTreeMap::from([("H215", 1), ("H316", 2), ("H401", 1), ("H417", 2), ("H418", 2)]);
    assert_eq!(found(folder.path(), "main.m3u8"), expected);
}
