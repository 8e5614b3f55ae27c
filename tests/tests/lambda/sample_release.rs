//! Small releases on disk.

use std::{f32::consts::TAU, fs, path::Path};

/// A tone of so many seconds, 16-bit stereo WAV at 44.1 kHz.
pub fn wav(hertz: f32, seconds: f32) -> Vec<u8> {
    let frames = (44_100.0 * seconds) as u32;
    let mut wav =
        [b"RIFF".as_slice(), &(36 + frames * 4).to_le_bytes(), b"WAVEfmt \x10\0\0\0\x01\0\x02\0"].concat();
    wav.extend([44_100_u32.to_le_bytes(), (44_100_u32 * 4).to_le_bytes()].concat());
    wav.extend([b"\x04\0\x10\0data".as_slice(), &(frames * 4).to_le_bytes()].concat());
    for i in 0..frames {
        let sample = ((i as f32 / 44_100.0 * hertz * TAU).sin() * 8_000.0) as i16;
        wav.extend([sample.to_le_bytes(), sample.to_le_bytes()].concat());
    }
    wav
}

/// The text of a `release.toml` with tracks `{id}-1`, `{id}-2` …, their audio `1.wav`, `2.wav` …
pub fn release_toml(id: &str, tracks: usize) -> String {
    let head = format!(
        "[release]\nid = \"{id}\"\ntitle = \"Album\"\nterritories = [\"IN\"]\n\
         [ladder]\nrenditions = [\"heaac2-32\", \"aac-128\"]\n"
    );
    let track = |n| {
        format!(
            "[[track]]\nid = \"{id}-{n}\"\ntitle = \"Track {n}\"\nartists = [\"Nada\"]\naudio = \"{n}.wav\"\n"
        )
    };
    (1..=tracks).map(track).fold(head, |text, track| text + &track)
}

/// A release whose tracks are as long as said.
pub fn write_release(folder: &Path, id: &str, seconds: &[f32]) {
    for (n, seconds) in seconds.iter().enumerate() {
        fs::write(folder.join(format!("{}.wav", n + 1)), wav(300.0 + 70.0 * n as f32, *seconds)).unwrap();
    }
    fs::write(folder.join("release.toml"), release_toml(id, seconds.len())).unwrap();
}
