//! Sources made on the spot, packaged in memory, decoded by ffmpeg.
#![allow(dead_code, reason = "each suite uses its own part")]

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::Mutex,
};

use nada_packager::{Execution, PackageError, Packaged, Produced, Settings, package};

/// The files of a packaging by `rendition/file`.
pub type Files = BTreeMap<String, Vec<u8>>;

/// Packages a file into memory.
pub fn package_in_memory(source: &Path, settings: &Settings) -> Result<(Packaged, Files), PackageError> {
    package_on(source, settings, &Execution::default())
}

/// The same, carried out in a given way.
pub fn package_on(
    source: &Path,
    settings: &Settings,
    execution: &Execution,
) -> Result<(Packaged, Files), PackageError> {
    let mut files = Files::new();
    let mut sink = |produced: Produced| {
        let name = format!("{}/{}", produced.rendition, produced.file);
        assert!(files.insert(name, produced.bytes).is_none(), "a file came twice");
        Ok::<(), std::io::Error>(())
    };
    let last = Mutex::new(0);
    let packaged = package(source, settings, execution, &mut sink, &|progress| {
        let mut last = last.lock().unwrap();
        assert!(progress.done >= *last);
        *last = progress.done;
    })?;
    Ok((packaged, files))
}

/// A folder with the presentation in it, as files.
pub fn write(files: &Files, folder: &Path) {
    for (name, bytes) in files {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
}

/// Reproducible noise within ±0.5, the same in both channels, made duller by `smooth` (0 white, below 1).
pub fn noise(frames: usize, smooth: f32) -> Vec<f32> {
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    let mut value = 0.0;
    (0..frames)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            let white = (state >> 40) as f32 / (1u64 << 24) as f32 - 0.5;
            value = smooth * value + (1.0 - smooth) * white;
            value / (1.0 - smooth).sqrt() * 0.5
        })
        .collect()
}

/// A 16-bit WAV file of `channels` equal channels.
pub fn wav(path: &Path, rate: u32, channels: u16, mono: &[f32]) {
    let data: Vec<u8> = mono
        .iter()
        .flat_map(|sample| {
            let bytes = ((sample * 32_767.0) as i16).to_le_bytes();
            std::iter::repeat_n(bytes, channels.into()).flatten()
        })
        .collect();
    let block = 2 * channels;
    let mut bytes = Vec::new();
    bytes.extend_from_slice(b"RIFF");
    bytes.extend_from_slice(&(36 + data.len() as u32).to_le_bytes());
    bytes.extend_from_slice(b"WAVEfmt \x10\0\0\0\x01\0");
    bytes.extend_from_slice(&channels.to_le_bytes());
    bytes.extend_from_slice(&rate.to_le_bytes());
    bytes.extend_from_slice(&(rate * u32::from(block)).to_le_bytes());
    bytes.extend_from_slice(&block.to_le_bytes());
    bytes.extend_from_slice(b"\x10\0data");
    bytes.extend_from_slice(&(data.len() as u32).to_le_bytes());
    bytes.extend_from_slice(&data);
    fs::write(path, bytes).unwrap();
}

/// Converts `from` to the file `to` (its extension says to what) with ffmpeg.
pub fn convert(from: &Path, to: &Path, options: &[&str]) {
    let status = Command::new("ffmpeg")
        .args(["-v", "error", "-y", "-i"])
        .arg(from)
        .args(options)
        .arg(to)
        .status()
        .expect("these tests need ffmpeg");
    assert!(status.success());
}

/// What ffmpeg decodes of a playlist or file: the first channel and the second. It must not complain.
pub fn ffmpeg_decode(input: &Path) -> [Vec<f32>; 2] {
    let output = Command::new("ffmpeg")
        .args(["-v", "warning", "-i"])
        .arg(input)
        .args(["-map", "0:a:0", "-f", "f32le", "-"])
        .output()
        .expect("these tests need ffmpeg");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.is_empty(), "{}: {said}", input.display());
    let samples: Vec<f32> =
        output.stdout.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect();
    [0, 1].map(|channel| samples.iter().skip(channel).step_by(2).copied().collect())
}

/// The shift of `heard` against `source` in samples, by cross-correlation around `expected`.
pub fn lag(source: &[f32], heard: &[f32], expected: i64) -> i64 {
    let window = 10_000.min(source.len());
    (expected - 100..=expected + 100)
        .max_by(|&a, &b| {
            let correlate = |lag: i64| -> f64 {
                (0..window)
                    .filter_map(|i| {
                        let heard = heard.get(usize::try_from(i as i64 + lag).ok()?)?;
                        Some(f64::from(source[i]) * f64::from(*heard))
                    })
                    .sum()
            };
            correlate(a).total_cmp(&correlate(b))
        })
        .unwrap()
}

/// Real songs to test with, or a line that says that there are none.
pub fn real_songs(test: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("NADA_TEST_MEDIA").map(PathBuf::from);
    if folder.is_none() {
        eprintln!("SKIPPED {test}: NADA_TEST_MEDIA names no folder with real songs");
    }
    folder
}
