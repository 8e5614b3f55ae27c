//! The file itself: boxes, profiles, time stamps, sizes, the same bytes twice.

use serde_json::Value;

use crate::make::{Made, probe, quiet};

/// The kinds of a file's outermost boxes.
fn boxes(bytes: &[u8]) -> Vec<String> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(header) = bytes.get(at..at + 8) {
        found.push(String::from_utf8(header[4..].to_vec()).unwrap());
        at += u32::from_be_bytes(header[..4].try_into().unwrap()) as usize;
    }
    assert_eq!(at, bytes.len());
    found
}

fn number(value: &Value) -> f64 {
    value.as_str().unwrap().parse().unwrap()
}

#[test]
fn films_of_every_size_are_what_phones_play() {
    for (size, width, height) in [("story", 1080, 1920), ("square", 1080, 1080), ("wide", 1920, 1080)] {
        let film = Made::of_kabir("film.mp4", &["--lines", "1", "--size", size]);
        assert_eq!(boxes(&film.bytes()), ["ftyp", "moov", "mdat"], "what a player needs comes first");
        let said = probe(&film.file, &["-show_streams", "-show_format"]);
        let [video, audio] = said["streams"].as_array().unwrap().as_slice() else { panic!("{said}") };
        let text = |stream: &Value, name: &str| stream[name].as_str().unwrap_or_default().to_owned();
        for (name, expected) in [
            ("codec_name", "h264"),
            ("profile", "Constrained Baseline"),
            ("pix_fmt", "yuv420p"),
            ("color_range", "tv"),
            ("color_space", "bt709"),
            ("color_transfer", "bt709"),
            ("color_primaries", "bt709"),
            ("r_frame_rate", "30/1"),
            ("avg_frame_rate", "30/1"),
        ] {
            assert_eq!(text(video, name), expected, "{size} {name}");
        }
        assert_eq!((video["width"].as_i64(), video["height"].as_i64()), (Some(width), Some(height)));
        assert!(video["level"].as_i64().unwrap() <= 40, "{}", video["level"]);
        assert_eq!((text(audio, "codec_name"), text(audio, "profile")), ("aac".into(), "LC".into()));
        let length = (film.to_ms - film.from_ms) as f64 / 1000.0;
        for (what, stream) in [("video", video), ("audio", audio)] {
            let far = number(&stream["duration"]) - length;
            assert!((-0.001..=1.0 / 30.0).contains(&far), "{size} {what}: {far}");
            assert!(number(&stream["start_time"]).abs() < 1e-6, "{what} begins at {}", stream["start_time"]);
        }
        // every frame is decoded, without a word
        quiet("ffmpeg", &["-v", "warning", "-nostdin", "-xerror", "-i"], &film.file, &["-f", "null", "-"]);
    }
}

#[test]
fn time_stamps_go_on_and_keyframes_come_every_two_seconds() {
    let film = Made::of_kabir("film.mp4", &["--lines", "1-2"]);
    let said = probe(&film.file, &["-select_streams", "v", "-show_entries", "packet=pts,dts,duration,flags"]);
    let packets = said["packets"].as_array().unwrap();
    let count = ((film.to_ms - film.from_ms) as f64 * 30.0 / 1000.0).ceil() as usize;
    assert_eq!(packets.len(), count);
    for (index, packet) in (0..).zip(packets) {
        assert_eq!((packet["pts"].as_i64(), packet["dts"].as_i64()), (Some(index * 512), Some(index * 512)));
        assert_eq!(packet["duration"], 512);
        let key = packet["flags"].as_str().unwrap().starts_with('K');
        assert_eq!(key, index % 60 == 0, "frame {index}");
    }
    let said = probe(&film.file, &["-select_streams", "a", "-show_entries", "packet=pts"]);
    let stamps: Vec<i64> =
        said["packets"].as_array().unwrap().iter().map(|packet| packet["pts"].as_i64().unwrap()).collect();
    assert!(stamps[0] <= -1024, "an access unit comes before what is heard: {}", stamps[0]);
    assert!(stamps.windows(2).all(|pair| pair[1] - pair[0] == 1024), "{stamps:?}");
}

#[test]
fn the_same_clip_is_the_same_bytes() {
    for (name, args) in [
        ("film.mp4", ["--lines", "2", "--layer", "hi-Latn"].as_slice()),
        ("card.png", &["--lines", "1-3", "--layer", "en"]),
        ("card.webp", &["--lines", "1-2", "--still", "--theme", "light"]),
        ("moving.webp", &["--lines", "2", "--size", "square"]),
        ("moving.png", &["--lines", "2", "--size", "square", "--format", "apng"]),
    ] {
        let [one, two] = [(); 2].map(|()| Made::of_kabir(name, args).bytes());
        assert!(one == two, "{name}");
        assert!(one.len() < 4_000_000, "{name}: {}", one.len());
    }
}

#[test]
fn animated_pictures_last_as_long_as_their_lines() {
    let made = Made::of_kabir("moving.png", &["--lines", "2", "--size", "square", "--format", "apng"]);
    let said = probe(&made.file, &["-show_entries", "packet=duration_time", "-show_streams"]);
    assert_eq!(said["streams"][0]["codec_name"], "apng");
    let packets = said["packets"].as_array().unwrap();
    let total: f64 =
        packets.iter().filter_map(|packet| packet["duration_time"].as_str()?.parse::<f64>().ok()).sum();
    let length = (made.to_ms - made.from_ms) as f64 / 1000.0;
    // it stands for a while when all is sung; ffprobe does not count its last frame
    assert!(packets.len() > 20 && total > length - 0.2 && total < length + 2.0, "{total} {length}");
    quiet("ffmpeg", &["-v", "warning", "-nostdin", "-xerror", "-i"], &made.file, &["-f", "null", "-"]);
}
