//! Files that are no supported audio: each is refused by what it is, with what to do.
#![allow(clippy::unwrap_used, clippy::panic)] // a test that cannot go on fails

mod support;

use std::{fs, path::Path};

use nada_pipeline::Refusal;
use support::{convert, ffmpeg, noise, refusal, wav};

/// Refuses bytes as a file; what is said of them.
fn refusal_text(folder: &Path, bytes: &[u8]) -> String {
    let path = folder.join("master.wav");
    fs::write(&path, bytes).unwrap();
    let refusal = refusal(&path);
    assert!(matches!(refusal, Refusal::Unsupported(_)), "{refusal}");
    refusal.to_string()
}

/// Bytes that mean nothing.
fn filler(length: usize) -> Vec<u8> {
    noise(length, 0.0).iter().map(|sample| (sample * 255.0) as i8 as u8).collect()
}

fn at(offset: usize, bytes: &[u8]) -> Vec<u8> {
    [&filler(offset)[..], bytes].concat()
}

#[test]
fn what_is_no_audio_is_named_by_its_first_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let cases: &[(&[u8], &str, &str)] = &[
        (b"MAC \x96\x0f\0\0", "Monkey's Audio", "FLAC"),
        (b"wvpk\x20\0\0\0", "WavPack", "FLAC"),
        (b"TTA1\x01\0", "True Audio", "FLAC"),
        (b"TTA2\x01\0", "True Audio", "FLAC"),
        (b"tBaK\0\0", "TAK", "FLAC"),
        (b"OFR \x0f\0", "OptimFROG", "FLAC"),
        (b"ajkg\x02", "Shorten", "FLAC"),
        (b"LA04", "LA", "FLAC"),
        (b"riff\x2e\x91\xcf\x11\xa5\xd6\x28\xdb", "Wave64", "FLAC"),
        (b"RIFX\0\0\x10\0WAVEfmt ", "RIFX", "FLAC"),
        (b".snd\0\0\0\x18", "AU", "FLAC"),
        (b"Creative Voice File\x1a\x1a\0", "VOC", "FLAC"),
        (b"FORM\0\0\x10\x008SVXVHDR", "8SVX", "FLAC"),
        (b"DSD \x1c\0\0\0", "DSF", "88200"),
        (b"FRM8\0\0\0\0", "DSDIFF", "88200"),
        (b"MP+\x07\0\0", "SV7", "master"),
        (b"MPCKSH", "SV8", "master"),
        (b"#!AMR\n\x3c", "AMR", "master"),
        (b"#!AMR-WB\n\x3c", "AMR-WB", "master"),
        (b"ADIF\0\0", "ADIF", "master"),
        (b".ra\xfd\0\x04", "RealAudio", "master"),
        (b".RMF\0\0", "RealMedia", "master"),
        (b"\x7f\xfe\x80\x01\xfc\x3c", "DTS", "master"),
        (b"\xfe\x7f\x01\x80\x3c\xfc", "DTS", "master"),
        (b"\x1f\xff\xe8\0\x07\xf1", "DTS", "master"),
        (b"\xff\x1f\0\xe8\xf1\x07", "DTS", "master"),
        (b"DTSHDHDR", "DTS-HD", "master"),
        (b"\x0b\x77\x12\x34\x14\x40\x00\x00", "AC-3", "master"),
        (b"\x0b\x77\x02\xff\x34\x80\0\0", "E-AC-3", "master"),
        (b"\x72\xf8\x1f\x4e\x01\0", "IEC 61937", "master"),
        (b"\x86\x1b\x3d\x50\xf8\x72\x6f\xba", "TrueHD", "FLAC"),
        (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "WMA", "-vn"),
        (b"\x1a\x45\xdf\xa3\x9f\x42\x86", "Matroska or WebM", "-vn"),
        (b"RIFF\x24\0\0\0AVI LIST", "AVI", "-vn"),
        (b"FLV\x01\x05", "Flash", "-vn"),
        (b"\0\0\x01\xba\x44", "program stream", "-vn"),
        (b"\0\0\0\x18styp", "segment", ""),
        (b"MThd\0\0\0\x06", "MIDI", "render"),
        (b"RIFF\x24\0\0\0RMIDdata", "MIDI", "render"),
        (b"Extended Module: x", "XM", "render"),
        (b"IMPMx", "IT", "render"),
        (b"\0\0\0\x20ftypaax \0\0\0\0", "Audible (AAX)", "key"),
        (b"\0\0\0\x20ftypaaxc\0\0\0\0", "Audible (AAXC)", "key"),
        (b"\0\x01\x02\x03\x57\x90\x75\x36", "Audible (AA)", "key"),
        (b"\0\0\0\x20ftypM4P \0\0\0\0", "FairPlay", "key"),
        (b"\0\0\0\x18ftypheic\0\0\0\0", "HEIC", ""),
        (b"\0\0\0\x18ftypavif\0\0\0\0", "AVIF", ""),
        (b"CTENFDAM\x01", "NetEase", "key"),
        (b"SQLite format 3\0", "Audacity", "export"),
        (b"FLhd\x06\0", "FL Studio", "export"),
        (b"<REAPER_PROJECT 0.1\n", "REAPER", "export"),
        (b"PK\x03\x04\x14\0", "ZIP", "unpack"),
        (b"Rar!\x1a\x07\x01\0", "RAR", "unpack"),
        (b"7z\xbc\xaf\x27\x1c\0\x04", "7-Zip", "unpack"),
        (b"\x1f\x8b\x08\0", "gzip", "unpack"),
        (b"\xfd7zXZ\0\0", "XZ", "unpack"),
        (b"\0\x05\x16\x07\0\x02\0\0Mac OS X", "AppleDouble", "hand that in"),
        (b"bplist00\xd4", "property list", "hand that in"),
        (b"%PDF-1.7\n%\xe2\xe3", "PDF", "hand in the song"),
        (b"II*\0\x08\0", "TIFF", "hand in the song"),
        (b"8BPS\0\x01", "Photoshop", "hand in the song"),
        (b"RIFF\x24\0\0\0WEBPVP8 ", "WebP", "hand in the song"),
        (b"MZ\x90\0\x03\0", "program", "hand in the song"),
        // texts
        (b"<!DOCTYPE html>\n<html><title>404", "HTML", "fetch the song again"),
        (b"\xef\xbb\xbf\n  <HTML lang=\"en\">", "HTML", "fetch the song again"),
        (b"<?xml version=\"1.0\"?>\n<Error><Code>AccessDenied", "XML", "fetch the song again"),
        (b"{\"error\": \"not found\"}", "JSON", "fetch the song again"),
        (b"[{\"id\": 1}]", "JSON", "fetch the song again"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:00", "git lfs pull", "hand that in"),
        (b"/annex/objects/SHA256E-s1--00.flac\n", "git annex get", "hand that in"),
        (b"[InternetShortcut]\r\nURL=https://example.com", "shortcut", "hand that in"),
        (b"REM DATE 2020\nFILE \"a.wav\" WAVE\n  TRACK 01 AUDIO\n", "cue sheet", "hand that in"),
        (b"[ti:A song]\n[00:01.00]la", "LRC", "hand in the song"),
        ("बुरा जो देखन मैं चला".as_bytes(), "text", "hand in the song"),
        (b"\xff\xfet\0e\0x\0t\0", "text", "hand in the song"),
        (b"RIFF", "text", "hand in the song"),
    ];
    for (bytes, name, advice) in cases {
        let text = refusal_text(folder.path(), bytes);
        assert!(text.contains(name) && text.contains(advice), "{name}, {advice}: {text}");
    }
    // further in, and behind a tag
    for (bytes, name) in [
        (at(44, b"SCRM"), "S3M"),
        (at(1080, b"M.K."), "MOD"),
        (at(257, b"ustar"), "TAR"),
        ([&b"ID3\x04\0\0\0\0\0\x0a0123456789"[..], b"MAC \x96\x0f"].concat(), "Monkey's Audio"),
        ([b'G'; 2000].to_vec(), "transport stream"),
        (vec![0; 100_000], "zeros"),
        (filler(100_000), "nothing in it is known"),
    ] {
        let text = refusal_text(folder.path(), &bytes);
        assert!(text.contains(name), "{name}: {text}");
    }
}

#[test]
fn what_other_programs_write_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("a.wav");
    wav(&source, 48_000, 2, &noise(100_000, 0.5));
    for (file, options, name) in [
        ("a.mp2", &[][..], "layer II"),
        ("low.mp2", &["-ar", "24000"], "layer II"),
        ("a.ac3", &[], "AC-3"),
        ("a.eac3", &[], "E-AC-3"),
        ("a.dts", &["-strict", "-2"], "DTS"),
        ("a.thd", &["-strict", "-2"], "TrueHD"),
        ("a.mlp", &["-strict", "-2"], "MLP"),
        ("a.latm", &["-c:a", "aac", "-f", "latm"], "LATM"),
        ("a.spdif", &["-c:a", "ac3", "-f", "spdif"], "IEC 61937"),
        ("a.tta", &[], "True Audio"),
        ("a.wv", &[], "WavPack"),
        ("a.w64", &[], "Wave64"),
        ("a.au", &[], "AU"),
        ("a.voc", &[], "VOC"),
        ("a.sf", &["-f", "ircam"], "IRCAM"),
        ("a.wma", &[], "Windows Media"),
        ("a.mka", &[], "Matroska"),
        ("a.webm", &["-c:a", "libopus"], "WebM"),
        ("a.ts", &["-c:a", "aac", "-f", "mpegts"], "transport stream"),
        ("a.m2ts", &["-c:a", "ac3", "-mpegts_m2ts_mode", "1", "-f", "mpegts"], "transport stream"),
        ("a.mpg", &["-c:a", "mp2", "-f", "mpeg"], "program stream"),
        ("a.avi", &["-c:a", "mp3"], "AVI"),
        ("a.flv", &["-c:a", "mp3", "-ar", "44100"], "Flash"),
    ] {
        let path = folder.path().join(file);
        convert(&source, &path, options);
        let text = refusal(&path).to_string();
        assert!(text.contains(name) && text.contains("ffmpeg -i FILE"), "{file}: {text}");
    }
    let video = folder.path().join("v.mkv");
    ffmpeg(&["-f", "lavfi", "-i", "color=s=16x16:d=1", "-c:v", "mpeg4"], &video);
    assert!(refusal(&video).to_string().contains("Matroska"));
}

#[test]
fn layer_1_and_free_format_are_named() {
    let folder = tempfile::tempdir().unwrap();
    // (header, length of a frame): layer I at 384 kbit/s and 44.1 kHz, layer III without a bit rate
    for (header, length, name) in [
        ([0xff, 0xff, 0xc0, 0], 416, "layer I (MP1)"),
        ([0xff, 0xfd, 0xa4, 0], 576, "layer II"),
        ([0xff, 0xfb, 0x00, 0], 800, "free format"),
    ] {
        let frame = [&header[..], &vec![0x55; length - 4]].concat();
        let text = refusal_text(folder.path(), &frame.repeat(20));
        assert!(text.contains(name), "{name}: {text}");
        // one alone proves nothing
        let alone = [frame, filler(10_000)].concat();
        assert!(refusal_text(folder.path(), &alone).contains("nothing in it is known"), "{name}");
    }
}
