//! Coded audio in the place of samples, as encoders write it, in every lossless container: refused by its name.
#![allow(clippy::unwrap_used, clippy::panic)] // a test that cannot go on fails

mod support;

use std::{fs, path::Path};

use nada_pipeline::Refusal;
use support::{convert, decode, ffmpeg, noise, read, real_recordings, try_decode, wav};

/// A 16-bit WAV file of two channels that holds these bytes.
fn wrap(path: &Path, bytes: &[u8]) {
    wav(path, 48_000, 2, &[]);
    let whole = bytes.len() / 4 * 4;
    let mut file = read(path);
    file[40..44].copy_from_slice(&(whole as u32).to_le_bytes());
    fs::write(path, [&file, &bytes[..whole]].concat()).unwrap();
}

/// Why a file is refused once it is decoded.
fn refused(path: &Path, what: &str) -> Refusal {
    match try_decode(path) {
        Err(refusal) => refusal,
        Ok(samples) => panic!("{what} was taken for {} samples", samples.len()),
    }
}

fn swapped(bytes: &[u8]) -> Vec<u8> {
    bytes.as_chunks().0.iter().flat_map(|&[a, b]| [b, a]).collect()
}

#[test]
fn streams_of_encoders_are_named_in_every_lossless_container() {
    let folder = tempfile::tempdir().unwrap();
    let (source, coded) = (folder.path().join("a.wav"), folder.path().join("coded"));
    for rate in [44_100, 48_000] {
        wav(&source, rate, 2, &noise(60_000, 0.5));
        for (options, name) in [
            (&["-c:a", "ac3", "-f", "ac3"][..], "AC-3"),
            (&["-c:a", "ac3", "-b:a", "448k", "-f", "ac3"], "AC-3"),
            (&["-c:a", "eac3", "-f", "eac3"], "E-AC-3"),
            (&["-c:a", "dca", "-strict", "-2", "-f", "dts"], "DTS"),
            (&["-c:a", "ac3", "-f", "spdif"], "AC-3 (IEC 61937)"),
            (&["-c:a", "eac3", "-f", "spdif"], "E-AC-3 (IEC 61937)"),
            // what is too large for a burst goes without one
            (&["-c:a", "dca", "-strict", "-2", "-f", "spdif"], "DTS"),
            (&["-c:a", "mp2", "-f", "spdif"], "MPEG-1 layer II or III (IEC 61937)"),
            (&["-c:a", "libmp3lame", "-f", "spdif"], "MPEG-1 layer II or III (IEC 61937)"),
        ] {
            convert(&source, &coded, options);
            let stream = read(&coded);
            let music: Vec<u8> =
                noise(700_000, 0.0).iter().map(|sample| (sample * 200.0) as i8 as u8).collect();
            let wrapped = folder.path().join("wrapped.wav");
            for (bytes, how) in [
                (stream.clone(), "as it is"),
                (swapped(&stream), "with its bytes exchanged"),
                ([&vec![0; 48_000][..], &stream].concat(), "after silence"),
                (stream[1234..].to_vec(), "from the middle of a frame"),
                (stream[1235..].to_vec(), "from the middle of a word"),
                ([&music[..], &stream].concat(), "after music"),
            ] {
                wrap(&wrapped, &bytes);
                let refusal = refused(&wrapped, &format!("{name} at {rate} Hz {how}"));
                let text = refusal.to_string();
                assert!(matches!(refusal, Refusal::Unsupported(_)), "{text}");
                assert!(text.contains(&format!("it holds {name}")), "{name} {how}: {text}");
            }
            for (file, options) in [
                ("a.flac", &[][..]),
                ("24.flac", &["-sample_fmt", "s32"]),
                ("a.aiff", &[]),
                ("a.caf", &[]),
                ("a.m4a", &["-c:a", "alac"]),
                ("24.wav", &["-c:a", "pcm_s24le"]),
                ("32.wav", &["-c:a", "pcm_s32le"]),
                ("float.wav", &["-c:a", "pcm_f32le"]),
                ("24.mov", &["-c:a", "pcm_s24be"]),
            ] {
                let path = folder.path().join(file);
                // from WAV, ffmpeg would decode it
                let raw = ["-f", "s16le", "-ar", "48000", "-ac", "2", "-i", coded.to_str().unwrap()];
                ffmpeg(&[&raw, options].concat(), &path);
                let text = refused(&path, &format!("{name} in {file}")).to_string();
                assert!(text.contains(&format!("it holds {name}")), "{name} in {file}: {text}");
            }
        }
    }
}

#[test]
fn real_recordings_are_music() {
    let Some(media) = real_recordings("real_recordings_are_music") else { return };
    let folder = tempfile::tempdir().unwrap();
    for entry in fs::read_dir(media).unwrap() {
        let path = entry.unwrap().path();
        if path
            .extension()
            .is_some_and(|extension| ["ogg", "mp3", "flac", "wav"].iter().any(|e| extension == *e))
        {
            let whole = folder.path().join("master.flac");
            convert(&path, &whole, &["-sample_fmt", "s32"]);
            decode(&whole);
        }
    }
}
