//! Sources made on the spot, packaged in memory, decoded by ffmpeg.
#![allow(dead_code, clippy::panic, reason = "each suite uses its own part, and ends with it")]

pub mod m4a;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::Mutex,
};

use nada_pipeline::{
    Execution, Isolation, OutputFile, PackageError, Packaged, Refusal, SampleFormat, Settings, Source,
    package,
};

/// The files of a packaging by `rendition/file`, as players name them.
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
    let (packaged, stored) = package_to_store(source, settings, execution)?;
    let mut files = Files::new();
    for stored in &stored {
        for (file, bytes) in stored.served() {
            let name = format!("{}/{file}", stored.rendition);
            assert!(files.insert(name, bytes.to_vec()).is_none(), "a file came twice");
        }
    }
    Ok((packaged, files))
}

/// The same, as it is stored: in the order in which it came.
pub fn package_to_store(
    source: &Path,
    settings: &Settings,
    execution: &Execution,
) -> Result<(Packaged, Vec<OutputFile>), PackageError> {
    let mut files = Vec::new();
    let mut sink = |produced: OutputFile| {
        files.push(produced);
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
    bytes.extend_from_slice(&(rate.wrapping_mul(u32::from(block))).to_le_bytes());
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
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && stderr.is_empty(), "{}: {stderr}", input.display());
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
pub fn real_recordings(test: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("NADA_TEST_MEDIA").map(PathBuf::from);
    if folder.is_none() {
        eprintln!("SKIPPED {test}: NADA_TEST_MEDIA names no folder with real songs");
    }
    folder
}

/// A whole file.
pub fn read(path: &Path) -> Vec<u8> {
    fs::read(path).unwrap()
}

/// What a source decodes to in this process: its format, interleaved stereo samples, notices.
pub fn decode(path: &Path) -> (SampleFormat, Vec<f32>, Vec<String>) {
    decode_in(path, &Isolation::InProcess).unwrap_or_else(|refusal| panic!("{}: {refusal}", path.display()))
}

/// The samples of a source that may be bad.
pub fn try_decode(path: &Path) -> Result<Vec<f32>, Refusal> {
    decode_in(path, &Isolation::InProcess).map(|(_, samples, _)| samples)
}

/// Why a source is refused; the error names the file.
pub fn refusal(path: &Path) -> Refusal {
    match try_decode(path) {
        Err(refusal) => refusal,
        Ok(_) => panic!("{} was accepted", path.display()),
    }
}

/// See [`decode`], wherever it is decoded.
pub fn decode_in(
    path: &Path,
    isolation: &Isolation,
) -> Result<(SampleFormat, Vec<f32>, Vec<String>), Refusal> {
    let mut samples = Vec::new();
    let refused = |error: nada_pipeline::SourceError| {
        assert!(error.to_string().starts_with(&*path.to_string_lossy()), "{error} names no file");
        error.refusal
    };
    let source = Source::open(path, isolation).map_err(refused)?;
    let format = source.format();
    let decoded = source.decode(&|_| (), &mut |block| {
        samples.extend_from_slice(block);
        true
    });
    Ok((format, samples, decoded.map_err(refused)?.notices))
}

/// A reproducible sequence of numbers (xorshift).
pub fn random(seed: u64) -> impl FnMut() -> u64 {
    let mut state = 0x2545_F491_4F6C_DD1D ^ (seed + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state >> 16
    }
}

/// Interleaved stereo noise, different in both channels, of values that 16 bits hold.
pub fn stereo_noise(frames: usize) -> Vec<f32> {
    noise(2 * frames, 0.3).iter().map(|sample| (sample * 32_767.0).trunc() / 32_768.0).collect()
}

/// A 16-bit WAV file of interleaved samples.
pub fn write_wav(path: &Path, rate: u32, channels: u16, samples: &[f32]) {
    wav(path, rate, 1, samples);
    let mut bytes = fs::read(path).unwrap();
    let block = 2 * channels;
    bytes[22..24].copy_from_slice(&channels.to_le_bytes());
    bytes[28..32].copy_from_slice(&(rate.wrapping_mul(u32::from(block))).to_le_bytes());
    bytes[32..34].copy_from_slice(&block.to_le_bytes());
    for (sample, bytes) in samples.iter().zip(bytes[44..].as_chunks_mut().0) {
        *bytes = ((sample * 32_768.0) as i16).to_le_bytes();
    }
    fs::write(path, bytes).unwrap();
}

/// Runs ffmpeg to write a file.
pub fn ffmpeg(arguments: &[&str], to: &Path) {
    let status = Command::new("ffmpeg")
        .args(["-v", "error", "-y"])
        .args(arguments)
        .arg(to)
        .status()
        .expect("these tests need ffmpeg");
    assert!(status.success(), "{arguments:?}");
}

/// A format: the file's name, what ffmpeg is told, and the bits kept where it is lossless.
pub type Case = (&'static str, &'static [&'static str], Option<u8>);

/// Formats of either kind.
pub const LOSSLESS: [Case; 20] = [
    ("16.wav", &[], Some(16)),
    ("8.wav", &["-c:a", "pcm_u8"], Some(16)),
    ("24.wav", &["-c:a", "pcm_s24le"], Some(24)),
    ("32.wav", &["-c:a", "pcm_s32le"], Some(24)),
    ("float.wav", &["-c:a", "pcm_f32le"], Some(24)),
    ("double.wav", &["-c:a", "pcm_f64le"], Some(24)),
    ("rf64.wav", &["-rf64", "always"], Some(16)),
    ("a.w64.wav", &["-f", "wav", "-bitexact"], Some(16)),
    ("a.aiff", &[], Some(16)),
    ("24.aiff", &["-c:a", "pcm_s24be"], Some(24)),
    ("float.aifc", &["-c:a", "pcm_f32be", "-f", "aiff"], Some(24)),
    ("little.aifc", &["-c:a", "pcm_s16le", "-f", "aiff"], Some(16)),
    ("a.caf", &[], Some(16)),
    ("24.caf", &["-c:a", "pcm_s24be"], Some(24)),
    ("alac.caf", &["-c:a", "alac"], Some(16)),
    ("a.flac", &[], Some(16)),
    ("24.flac", &["-sample_fmt", "s32"], Some(24)),
    ("a.oga", &["-c:a", "flac"], Some(16)),
    ("alac.m4a", &["-c:a", "alac"], Some(16)),
    ("alac24.m4a", &["-c:a", "alac", "-sample_fmt", "s32p"], Some(24)),
];

/// Formats of either kind.
pub const LOSSY: [Case; 12] = [
    ("a.mp3", &[], None),
    ("vbr.mp3", &["-q:a", "2"], None),
    ("mono.mp3", &["-ac", "1"], None),
    ("tags.mp3", &["-write_id3v1", "1", "-metadata", "title=A tag", "-id3v2_version", "4"], None),
    ("a.ogg", &["-c:a", "libvorbis"], None),
    ("mono.ogg", &["-c:a", "libvorbis", "-ac", "1"], None),
    ("a.m4a", &["-c:a", "aac"], None),
    ("mono.m4a", &["-c:a", "aac", "-ac", "1"], None),
    ("start.m4a", &["-c:a", "aac", "-movflags", "+faststart"], None),
    ("a.mov", &["-c:a", "aac"], None),
    ("a.opus", &["-c:a", "libopus", "-ar", "48000"], None),
    ("opus.mp4", &["-c:a", "libopus", "-ar", "48000"], None),
];
