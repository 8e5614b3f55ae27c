//! Samples over full scale, and such as are no numbers: clipped and counted, or the song lowered where that is asked for.
#![allow(clippy::unwrap_used)] // a test that cannot go on fails

mod support;

use std::{fs, path::Path};

use nada_pipeline::{Overs, PackageError, Packaged, Settings};
use support::{Files, decode, noise, package_in_memory, read, wav};

/// A 32-bit floating-point WAV file of two equal channels.
fn float_wav(path: &Path, mono: &[f32]) {
    wav(path, 44_100, 2, &[]);
    let mut bytes = read(path);
    bytes[20..22].copy_from_slice(&3_u16.to_le_bytes());
    bytes[28..32].copy_from_slice(&(44_100_u32 * 8).to_le_bytes());
    bytes[32..36].copy_from_slice(&[8, 0, 32, 0]);
    let data: Vec<u8> = mono.iter().flat_map(|sample| [sample.to_le_bytes(); 2]).flatten().collect();
    bytes[40..44].copy_from_slice(&(data.len() as u32).to_le_bytes());
    fs::write(path, [bytes, data].concat()).unwrap();
}

fn packaged(mono: &[f32], overs: Overs) -> Result<(Packaged, Files), PackageError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("master.wav");
    float_wav(&path, mono);
    let settings = Settings { ladder: "aac-128,flac".parse().unwrap(), overs, ..Settings::default() };
    package_in_memory(&path, &settings)
}

fn times(samples: &[f32], factor: f32) -> Vec<f32> {
    samples.iter().map(|sample| sample * factor).collect()
}

#[test]
fn a_master_over_full_scale_is_lowered_as_a_whole() {
    let music = noise(3 * 44_100, 0.5);
    for factor in [3.1, 9.0, 40.0] {
        let loud = times(&music, factor);
        let highest = loud.iter().fold(0.0_f32, |highest, sample| highest.max(sample.abs()));
        assert!((1.0..15.8).contains(&highest), "{highest}");
        let fitting: Vec<f32> = loud.iter().map(|sample| sample / highest).collect();
        let (expected, files) = packaged(&fitting, Overs::Clip).unwrap();
        let (lowered, same) = packaged(&loud, Overs::Normalise).unwrap();
        assert!(files == same, "the bytes are not those of a master that fits");
        assert_eq!(lowered.loudness, expected.loudness);
        assert_eq!(expected.notices, [""; 0]);
        let gain = format!("lowered by {:.1} dB", 20.0 * highest.log10());
        assert!(lowered.notices.len() == 1 && lowered.notices[0].contains(&gain), "{:?}", lowered.notices);
        // by default it is clipped, which is told and sounds otherwise
        let (clipped, others) = packaged(&loud, Overs::Clip).unwrap();
        assert!(clipped.notices[0].contains("clipped") && others != same, "{:?}", clipped.notices);
    }
}

#[test]
fn what_fits_is_left_as_it_is() {
    for factor in [0.1, 1.0] {
        let mut music = times(&noise(44_100, 0.5), factor);
        music[1000] = factor;
        let (clip, files) = packaged(&music, Overs::Clip).unwrap();
        let (normalise, same) = packaged(&music, Overs::Normalise).unwrap();
        assert!(clip == normalise && files == same && clip.notices.is_empty(), "{:?}", normalise.notices);
    }
}

#[test]
fn a_lone_sample_does_not_silence_the_track() {
    let mut music = noise(3 * 44_100, 0.5);
    music[88_641] = -18_000.0;
    let error = packaged(&music, Overs::Normalise).unwrap_err().to_string();
    for part in ["master.wav", "sample 88641", "0:02.010", "+85.1 dBFS", "clip"] {
        assert!(error.contains(part), "{part}: {error}");
    }
    music[88_641] = 15.9;
    assert!(matches!(packaged(&music, Overs::Normalise), Err(PackageError::TooLoud { sample: 88_641, .. })));
    music[88_641] = 15.7;
    assert!(packaged(&music, Overs::Normalise).unwrap().0.notices[0].contains("lowered by 23.9 dB"));
    // lossless to 16 bits, it cannot be over
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.wav");
    wav(&path, 44_100, 2, &times(&noise(44_100, 0.5), 8.0));
    let settings =
        Settings { overs: Overs::Normalise, ladder: "aac-128".parse().unwrap(), ..Settings::default() };
    let (packaged, files) = package_in_memory(&path, &settings).unwrap();
    assert_eq!(packaged.notices, [""; 0]);
    assert_eq!(files, package_in_memory(&path, &Settings { overs: Overs::Clip, ..settings }).unwrap().1);
}

#[test]
fn samples_that_are_no_numbers_are_counted() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.wav");
    let music = noise(20_000, 0.5);
    // each stands in two channels
    for (nan, infinite, expected) in [
        (3, 0, "6 of its samples are no numbers (NaN): they"),
        (0, 2, "4 of its samples are infinite: they"),
        (1, 1, "2 of its samples are no numbers (NaN), and 2 are infinite: they"),
    ] {
        let mut bad = music.clone();
        bad[5_000..5_000 + nan].fill(f32::NAN);
        bad[6_000..6_000 + infinite].fill(f32::NEG_INFINITY);
        float_wav(&path, &bad);
        let (_, samples, notices) = decode(&path);
        assert!(notices.len() == 1 && notices[0].starts_with(expected), "{notices:?}");
        assert!(samples.iter().all(|sample| sample.is_finite()));
        assert!(samples[10_000..10_000 + 2 * nan].iter().all(|&sample| sample == 0.0));
        // and are no peak
        let (lowered, _) = packaged(&bad, Overs::Normalise).unwrap();
        assert!(lowered.notices.iter().all(|notice| !notice.contains("lowered")), "{:?}", lowered.notices);
    }
    float_wav(&path, &music);
    assert_eq!(decode(&path).2, [""; 0]);
}
