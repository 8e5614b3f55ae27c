//! Masters: music, noise and tones as WAV files.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::{ffmpeg::SYSTEM, signal::Pcm};

/// A real recording: the first of `NADA_TEST_MEDIA`, else the one among the demo songs.
fn recording() -> PathBuf {
    let own =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../packager/cli/demo/releases/lets-go-fishin/01.ogg");
    let Some(folder) = std::env::var_os("NADA_TEST_MEDIA") else { return own };
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let recordings = files.filter(|file| {
        file.extension().is_some_and(|e| ["flac", "ogg", "mp3", "wav"].iter().any(|k| e == *k))
    });
    recordings.min().unwrap_or(own)
}

/// `samples` of a recording at `rate` hertz, as a WAV file of `codec` (an ffmpeg encoder of PCM).
pub fn music(file: &Path, rate: u32, samples: usize, codec: &str) {
    let filter = format!("aresample={rate},atrim=end_sample={samples}");
    let rate = rate.to_string();
    SYSTEM.run(
        &recording(),
        &["-map", "0:a:0", "-ac", "2", "-af", &filter, "-ar", &rate, "-c:a", codec],
        file,
    );
}

/// Noise that falls off towards the highs as music does and swells and fades, so that each stretch is like no other.
pub fn noise(samples: usize) -> Vec<f32> {
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    let mut value = 0.0;
    (0..samples)
        .map(|i| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            let white = (state >> 40) as f32 / (1_u64 << 24) as f32 - 0.5;
            value = 0.8 * value + 0.2 * white;
            value * (1.4 + 0.6 * (i as f32 / 3000.0).sin())
        })
        .collect()
}

/// A 16-bit WAV file at `rate` with the samples in both channels; what it holds.
pub fn wav(file: &Path, rate: u32, mono: &[f32]) -> Pcm {
    let values: Vec<i16> = mono.iter().map(|sample| (sample * 32_767.0) as i16).collect();
    let data: Vec<u8> = values.iter().flat_map(|v| [v.to_le_bytes(), v.to_le_bytes()].concat()).collect();
    let length = data.len() as u32;
    let mut bytes = Vec::with_capacity(44 + data.len());
    bytes.extend_from_slice(b"RIFF");
    bytes.extend_from_slice(&(36 + length).to_le_bytes());
    bytes.extend_from_slice(b"WAVEfmt \x10\0\0\0\x01\0\x02\0");
    bytes.extend_from_slice(&rate.to_le_bytes());
    bytes.extend_from_slice(&(4 * rate).to_le_bytes());
    bytes.extend_from_slice(b"\x04\0\x10\0data");
    bytes.extend_from_slice(&length.to_le_bytes());
    bytes.extend_from_slice(&data);
    fs::write(file, bytes).unwrap();
    Pcm(values.iter().flat_map(|&v| [f32::from(v) / 32_768.0; 2]).collect())
}
