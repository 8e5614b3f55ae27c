//! Sources good and bad.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use std::{fs, path::Path};

use nada_packager::{Ladder, PackageError, Settings, SourceError};
use support::{convert, noise, package_in_memory, real_songs, wav};

/// One rung is enough where the source is the question.
fn settings() -> Settings {
    Settings { ladder: "aac-128".parse::<Ladder>().unwrap(), ..Settings::default() }
}

fn samples(path: &Path) -> u64 {
    package_in_memory(path, &settings()).unwrap().0.timeline.samples
}

fn refusal(path: &Path) -> SourceError {
    match package_in_memory(path, &settings()) {
        Err(PackageError::Source(error)) => {
            let text = error.to_string();
            assert!(text.contains(&*path.file_name().unwrap().to_string_lossy()), "{text} names no file");
            error
        }
        Err(other) => panic!("{}: {other}", path.display()),
        Ok(_) => panic!("{} was accepted", path.display()),
    }
}

#[test]
fn counts_are_exact_in_every_format() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name);
    wav(&file("a.wav"), 44_100, 2, &noise(100_001, 0.5));
    assert_eq!(samples(&file("a.wav")), 100_001);
    for (name, options) in [
        ("a.flac", &["-c:a", "flac"][..]),
        ("a.oga", &["-c:a", "flac"]),
        ("a.ogg", &["-c:a", "libvorbis"]),
        ("a.mp3", &["-c:a", "libmp3lame"]),
        ("vbr.mp3", &["-c:a", "libmp3lame", "-q:a", "2"]),
        ("24.wav", &["-c:a", "pcm_s24le"]),
        ("float.wav", &["-c:a", "pcm_f32le"]),
        ("8.wav", &["-c:a", "pcm_u8"]),
    ] {
        convert(&file("a.wav"), &file(name), options);
        assert_eq!(samples(&file(name)), 100_001, "{name}");
    }
}

#[test]
fn content_decides_and_not_the_name() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name);
    wav(&file("a.wav"), 44_100, 2, &noise(30_000, 0.5));
    convert(&file("a.wav"), &file("a.flac"), &[]);
    fs::rename(file("a.flac"), file("really-flac.mp3")).unwrap();
    assert_eq!(samples(&file("really-flac.mp3")), 30_000);
}

#[test]
fn other_rates_are_resampled_within_their_family() {
    let folder = tempfile::tempdir().unwrap();
    for (rate, aac, n) in [(96_000, 48_000, 40_001), (88_200, 44_100, 40_001), (22_050, 44_100, 160_002)] {
        let path = folder.path().join("a.wav");
        wav(&path, rate, 2, &noise(80_001, 0.5));
        let (packaged, _) = package_in_memory(&path, &settings()).unwrap();
        assert_eq!((packaged.timeline.rate, packaged.timeline.samples), (aac, n));
    }
}

#[test]
fn what_is_not_supported_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.wav");
    wav(&path, 44_100, 6, &noise(5_000, 0.5));
    assert!(matches!(refusal(&path), SourceError::Channels { channels: 6, .. }));
    wav(&path, 4_000, 2, &noise(5_000, 0.5));
    assert!(matches!(refusal(&path), SourceError::Rate { rate: 4_000, .. }));
    wav(&path, 44_100, 2, &noise(5_000, 0.5));
    let opus = folder.path().join("a.opus");
    convert(&path, &opus, &["-c:a", "libopus"]);
    assert!(matches!(refusal(&opus), SourceError::UnsupportedFormat { .. }));
    assert!(matches!(refusal(folder.path()), SourceError::NotAFile { .. }));
    assert!(matches!(refusal(&folder.path().join("absent.wav")), SourceError::Unreadable { .. }));
}

#[test]
fn files_without_audio_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.wav");
    fs::write(&path, b"").unwrap();
    assert!(matches!(refusal(&path), SourceError::NoAudio { .. }));
    wav(&path, 44_100, 2, &[]);
    assert!(matches!(refusal(&path), SourceError::NoAudio { .. }));
    for garbage in
        [vec![0], vec![0xff], vec![0; 100_000], b"RIFF".to_vec(), b"fLaC".to_vec(), b"ID3".to_vec()]
    {
        fs::write(&path, garbage).unwrap();
        refusal(&path);
    }
    // noise taken for bytes: no format at all
    fs::write(&path, noise(50_000, 0.0).iter().flat_map(|s| s.to_le_bytes()).collect::<Vec<_>>()).unwrap();
    refusal(&path);
}

#[test]
fn truncated_files_are_refused_with_an_offset() {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("a.wav");
    wav(&source, 44_100, 2, &noise(100_000, 0.5));
    for name in ["a.wav", "a.flac", "a.ogg", "a.mp3"] {
        let path = folder.path().join(name);
        if path != source {
            convert(&source, &path, &[]);
        }
        let whole = fs::read(&path).unwrap();
        let cut = folder.path().join(format!("cut-{name}"));
        for part in [3, 6, 9] {
            let end = whole.len() * part / 10;
            fs::write(&cut, &whole[..end]).unwrap();
            match refusal(&cut) {
                SourceError::Broken { offset, .. } => {
                    assert!(offset <= end as u64, "{name}: {offset} of {end}")
                }
                // the first page of an Ogg file holds seconds
                other => {
                    assert!(other.to_string().contains("ends before any audio begins"), "{name}: {other}")
                }
            }
        }
    }
}

#[test]
fn damaged_files_never_panic() {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("a.wav");
    wav(&source, 44_100, 2, &noise(20_000, 0.5));
    for name in ["a.wav", "a.flac", "a.ogg", "a.mp3"] {
        let path = folder.path().join(name);
        if path != source {
            convert(&source, &path, &[]);
        }
        let whole = fs::read(&path).unwrap();
        for seed in 0..40_usize {
            let mut bytes = whole.clone();
            // the first ones hit the headers
            for hit in 0..8 {
                let at = (seed * 7919 + hit * 104_729) % if seed < 20 { 200 } else { bytes.len() };
                bytes[at] ^= 1 << (seed % 8);
            }
            fs::write(&path, bytes).unwrap();
            if let Err(error) = package_in_memory(&path, &settings()) {
                assert!(matches!(error, PackageError::Source(_)), "{name}, {seed}: {error}");
            }
        }
    }
}

#[test]
fn a_flac_whose_samples_were_changed_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (source, path) = (folder.path().join("a.wav"), folder.path().join("a.flac"));
    wav(&source, 44_100, 2, &noise(20_000, 0.5));
    convert(&source, &path, &[]);
    let mut bytes = fs::read(&path).unwrap();
    // the MD5 of the samples: the last 16 bytes of STREAMINFO (RFC 9639 §8.2)
    bytes[8 + 18] ^= 1;
    fs::write(&path, bytes).unwrap();
    assert!(refusal(&path).to_string().contains("checksum"));
}

#[test]
fn a_sink_that_fails_ends_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.wav");
    wav(&path, 44_100, 2, &noise(1_000_000, 0.5));
    let mut left = 3;
    let mut sink = |_: nada_packager::Produced| {
        left -= 1;
        if left == 0 { Err("disk full") } else { Ok(()) }
    };
    let error = nada_packager::package(&path, &Settings::default(), &Default::default(), &mut sink, &|_| ())
        .unwrap_err();
    assert!(error.to_string().contains("disk full"), "{error}");
}

#[test]
fn real_songs_have_the_length_that_ffmpeg_finds() {
    let Some(media) = real_songs("real_songs_have_the_length_that_ffmpeg_finds") else { return };
    let mut songs = 0;
    for entry in fs::read_dir(media).unwrap() {
        let path = entry.unwrap().path();
        if !path.extension().is_some_and(|e| ["ogg", "mp3", "flac", "wav"].iter().any(|known| e == *known)) {
            continue;
        }
        let (packaged, _) = package_in_memory(&path, &Settings::default()).unwrap();
        let [left, _] = support::ffmpeg_decode(&path);
        assert_eq!(packaged.timeline.samples, left.len() as u64, "{}", path.display());
        let loudness = packaged.loudness.unwrap();
        assert!((-40.0..0.0).contains(&loudness.integrated), "{loudness:?}");
        songs += 1;
    }
    assert!(songs > 0, "NADA_TEST_MEDIA holds no songs");
}
