//! PCM in AIFF, QuickTime and CAF: as recorders, pipes and other programs leave it.
#![allow(clippy::unwrap_used, clippy::panic)] // a test that cannot go on fails

mod support;

use std::{fs, path::PathBuf};

use nada_pipeline::Refusal;
use support::{convert, decode, noise, read, refusal, stereo_noise, wav, write_wav};
use tempfile::TempDir;

struct Files(TempDir);

impl Files {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn decode(&self, bytes: &[u8]) -> (Vec<f32>, Vec<String>) {
        fs::write(self.path("decoded"), bytes).unwrap();
        let (_, samples, notices) = decode(&self.path("decoded"));
        (samples, notices)
    }

    fn refusal(&self, bytes: &[u8]) -> Refusal {
        fs::write(self.path("refused"), bytes).unwrap();
        refusal(&self.path("refused"))
    }
}

/// An AIFF file of 16 bits and two channels: what its chunks state, and its samples.
struct Aiff {
    form: u32,
    frames: u32,
    sound: u32,
    samples: Vec<u8>,
    after: Vec<u8>,
}

impl Aiff {
    fn new(samples: Vec<u8>) -> Self {
        let (frames, sound) = (samples.len() as u32 / 4, samples.len() as u32 + 8);
        Self { form: sound + 46, frames, sound, samples, after: Vec::new() }
    }

    fn bytes(&self) -> Vec<u8> {
        let mut bytes = b"FORM".to_vec();
        bytes.extend(self.form.to_be_bytes());
        bytes.extend(b"AIFFCOMM\0\0\0\x12\0\x02");
        bytes.extend(self.frames.to_be_bytes());
        // 16 bits; 44,100 Hz
        bytes.extend(b"\0\x10\x40\x0e\xac\x44\0\0\0\0\0\0SSND");
        bytes.extend(self.sound.to_be_bytes());
        bytes.extend([0; 8]);
        bytes.extend(&self.samples);
        bytes.extend(&self.after);
        bytes
    }
}

fn pcm_16(frames: usize) -> Vec<u8> {
    noise(2 * frames, 0.5).iter().flat_map(|sample| ((sample * 32_767.0) as i16).to_be_bytes()).collect()
}

#[test]
fn an_aiff_whose_size_its_writer_could_not_know_is_taken_whole() {
    let files = Files::new();
    let samples = pcm_16(10_000);
    let (whole, notices) = files.decode(&Aiff::new(samples.clone()).bytes());
    assert_eq!((whole.len(), notices), (20_000, vec![]));
    for (form, frames, sound) in [
        (0, 0, 0),
        (0, 0, 8),
        (0xffff_ffff, 0, 0xffff_ffff),
        (0xffff_ffff, 0xffff_ffff, 0xffff_ffff),
        // SoX
        (0x7f00_002e, 0x1fc0_0000, 0x7f00_0008),
        (0x7fff_ffff, 0x1fff_ffff, 0x7fff_ffd9),
    ] {
        let (read, notices) =
            files.decode(&Aiff { form, frames, sound, ..Aiff::new(samples.clone()) }.bytes());
        assert!(read == whole && notices.len() == 1, "{form:x} {sound:x}: {} {notices:?}", read.len());
        assert!(notices[0].contains("never completed"), "{notices:?}");
    }
    // the one size is not known, the other is
    let file = Aiff { sound: 0, ..Aiff::new(samples.clone()) };
    assert_eq!(files.decode(&file.bytes()), (whole.clone(), vec![]));
    // the frames were never counted, the bytes were
    for frames in [0, 9_000] {
        let (read, notices) = files.decode(&Aiff { frames, ..Aiff::new(samples.clone()) }.bytes());
        assert!(read == whole && notices.len() == 1, "{notices:?}");
    }
    // a form that says it is shorter, or empty
    for form in [0, 4, 100, 0xffff_ffff] {
        assert_eq!(
            files.decode(&Aiff { form, ..Aiff::new(samples.clone()) }.bytes()),
            (whole.clone(), vec![])
        );
    }
    // a size that was known, of a file that was cut
    let frames = 10_000;
    for (frames, sound) in
        [(frames, 40_012), (frames + 1, 40_008), (frames, 0x7000_0000), (frames, 0x9000_0000)]
    {
        let refusal = files.refusal(&Aiff { frames, sound, ..Aiff::new(samples.clone()) }.bytes());
        assert!(refusal.to_string().contains("the file ends after 10000 of"), "{sound:x}: {refusal}");
    }
}

#[test]
fn what_follows_the_sound_of_an_aiff_is_left_out_only_where_it_is_none() {
    let files = Files::new();
    let samples = pcm_16(60_000);
    let whole = files.decode(&Aiff::new(samples.clone()).bytes()).0;
    let large = [&b"ID3 \0\x02\0\0"[..], &vec![7; 0x2_0000]].concat();
    for after in [
        b"ANNO\0\0\0\x03abc\0MARK\0\0\0\x02\0\0".to_vec(),
        b"ANNO\0\0\0\x03abcMARK\0\0\0\x02\0\0".to_vec(),
        vec![0; 9],
        large,
    ] {
        let (read, notices) = files.decode(&Aiff { after, ..Aiff::new(samples.clone()) }.bytes());
        assert!(read == whole, "{notices:?}");
    }
    let joined = Aiff { after: Aiff::new(samples.clone()).bytes(), ..Aiff::new(samples.clone()) };
    assert!(files.refusal(&joined.bytes()).to_string().contains("joined"));
    let short = Aiff { sound: 8 + 4000, frames: 1000, ..Aiff::new(samples) };
    assert!(files.refusal(&short.bytes()).to_string().contains("no chunks"));
    assert_eq!(files.refusal(&Aiff::new(Vec::new()).bytes()), Refusal::NoAudio);
}

#[test]
fn every_pcm_of_quicktime_and_aiff_c_gives_the_samples() {
    let files = Files::new();
    let source = files.path("stereo.wav");
    let samples = stereo_noise(30_001);
    write_wav(&source, 44_100, 2, &samples);
    let mono = noise(30_001, 0.5);
    write_wav(&files.path("mono.wav"), 44_100, 1, &mono);
    let doubled: Vec<f32> = mono.iter().flat_map(|&sample| [sample; 2]).collect();
    for (extension, codecs) in [
        (
            "mov",
            &[
                "pcm_s16le",
                "pcm_s16be",
                "pcm_s24le",
                "pcm_s24be",
                "pcm_s32le",
                "pcm_s32be",
                "pcm_f32le",
                "pcm_f32be",
                "pcm_f64le",
                "pcm_f64be",
                "pcm_s8",
                "pcm_u8",
                "pcm_alaw",
                "pcm_mulaw",
            ][..],
        ),
        ("aiff", &["pcm_s16be", "pcm_s24be", "pcm_s32be", "pcm_s8"]),
        ("aifc", &["pcm_s16le", "pcm_f32be", "pcm_f64be", "pcm_alaw", "pcm_mulaw"]),
        (
            "caf",
            &[
                "pcm_s16le",
                "pcm_s16be",
                "pcm_s24le",
                "pcm_s24be",
                "pcm_s32le",
                "pcm_s32be",
                "pcm_f32le",
                "pcm_f64be",
            ],
        ),
    ] {
        for codec in codecs {
            for (from, samples) in [("mono", &doubled), ("stereo", &samples)] {
                let path = files.path(&format!("{codec}.{extension}"));
                let format = if extension == "aifc" { "aiff" } else { extension };
                convert(&files.path(&format!("{from}.wav")), &path, &["-c:a", codec, "-f", format]);
                let (_, decoded, notices) = decode(&path);
                let what = format!("{codec} in {extension}, {from}");
                assert_eq!((decoded.len(), notices), (samples.len(), vec![]), "{what}");
                let step = match *codec {
                    "pcm_s8" | "pcm_u8" => 1.0 / 100.0,
                    "pcm_alaw" | "pcm_mulaw" => 0.05,
                    _ => 1.0 / 32_768.0,
                };
                let same = |(a, b): (&f32, &f32)| (a - b).abs() <= step;
                assert!(decoded.iter().zip(samples).all(same), "{what}");
            }
        }
    }
    // QuickTime's own writers state a size of 1 for samples of PCM
    let path = files.path("pcm_s24be.mov");
    convert(&source, &path, &["-c:a", "pcm_s24be"]);
    let expected = decode(&path).1;
    let mut bytes = read(&path);
    let table = bytes.windows(4).position(|window| window == b"stsz").unwrap();
    assert_eq!(bytes[table + 8..table + 12], [0, 0, 0, 6]);
    bytes[table + 11] = 1;
    assert!(files.decode(&bytes).0 == expected);
}

#[test]
fn samples_of_caf_that_do_not_fill_their_bytes_are_refused() {
    let files = Files::new();
    wav(&files.path("a.wav"), 44_100, 2, &noise(20_000, 0.5));
    convert(&files.path("a.wav"), &files.path("a.caf"), &["-c:a", "pcm_s24le"]);
    let whole = read(&files.path("a.caf"));
    let at = whole.windows(4).position(|window| window == b"lpcm").unwrap() + 8;
    assert_eq!(whole[at..at + 16], [0, 0, 0, 6, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 24]);
    for (bytes, bits) in [(8, 24), (6, 20), (6, 16), (4, 24), (6, 32), (6, 0), (0, 24)] {
        let mut caf = whole.clone();
        (caf[at + 3], caf[at + 15]) = (bytes, bits);
        let text = files.refusal(&caf).to_string();
        assert!(text.contains(&format!("{bits} bits in 2 channels in {bytes} bytes")), "{text}");
    }
}
