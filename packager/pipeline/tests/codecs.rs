//! Codecs that are not decoded, in containers that are read: each is refused by its name, with what to do.
#![allow(clippy::unwrap_used, clippy::panic)] // a test that cannot go on fails

mod support;

use std::{fs, path::Path};

use nada_pipeline::Refusal;
use support::{convert, m4a::M4a, noise, read, refusal, wav};

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

/// A file whose only `part` is replaced.
fn with(bytes: &[u8], part: &[u8], other: &[u8]) -> Vec<u8> {
    let place = bytes.windows(part.len()).position(|window| window == part).unwrap();
    let mut bytes = bytes.to_vec();
    bytes[place..place + other.len()].copy_from_slice(other);
    bytes
}

#[test]
fn codecs_in_wav_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.wav");
    wav(&path, 44_100, 2, &noise(20_000, 0.5));
    let plain = read(&path);
    let extensible = {
        let extra = [
            &22_u16.to_le_bytes()[..],
            &[16, 0, 3, 0, 0, 0, 1, 0],
            b"\0\0\0\0\x10\0\x80\0\0\xaa\0\x38\x9b\x71",
        ];
        let head = with(&plain[..36], b"fmt \x10\0\0\0\x01\0", b"fmt \x28\0\0\0\xfe\xff");
        [&head[..], &extra.concat(), &plain[36..]].concat()
    };
    fs::write(&path, &extensible).unwrap();
    assert_eq!(support::decode(&path).1.len(), 40_000);
    for (tag, name) in [
        (0x0002_u16, "Microsoft ADPCM"),
        (0x0008, "DTS"),
        (0x0011, "IMA ADPCM"),
        (0x0022, "TrueSpeech"),
        (0x0031, "GSM 6.10"),
        (0x0040, "G.721"),
        (0x0042, "G.723.1"),
        (0x0045, "G.726"),
        (0x0050, "MPEG layer I or II"),
        (0x0055, "MP3"),
        (0x0083, "G.729"),
        (0x0092, "AC-3"),
        (0x00ff, "AAC"),
        (0x0160, "Windows Media Audio 1"),
        (0x0161, "Windows Media Audio 2"),
        (0x0162, "Windows Media Audio Pro"),
        (0x0163, "Windows Media Audio Lossless"),
        (0x0270, "ATRAC3"),
        (0x1600, "AAC"),
        (0x1610, "AAC"),
        (0x2000, "AC-3"),
        (0x2001, "DTS"),
        (0x566f, "Vorbis"),
        (0x674f, "Vorbis"),
        (0x6771, "Vorbis"),
        (0x704f, "Opus"),
        (0xf1ac, "FLAC"),
        (0x0000, "not known (tag 0x0000)"),
        (0x4321, "not known (tag 0x4321)"),
    ] {
        let tag = tag.to_le_bytes();
        let cases = [
            with(&plain, b"fmt \x10\0\0\0\x01\0", &[b"fmt \x10\0\0\0", &tag[..]].concat()),
            with(&extensible, b"\x01\0\0\0\0\0\x10\0\x80", &tag),
        ];
        for bytes in cases {
            let text = refusal_text(folder.path(), &bytes);
            assert!(
                text.contains(&format!("WAV that holds {name}")) || text.contains(name),
                "{name}: {text}"
            );
            assert!(text.contains("master"), "{text}");
        }
    }
    for (guid, name) in [
        (&b"\x0a\0\0\0\xea\x0c\x10\0\x80"[..], "E-AC-3 (IEC 61937)"),
        (b"\x0b\0\0\0\xea\x0c\x10\0\x80", "DTS-HD (IEC 61937)"),
        (b"\x0c\0\0\0\xea\x0c\x10\0\x80", "TrueHD (IEC 61937)"),
        (b"\x01\0\x12\x34\x56\0\x10\0\x80", "not known (GUID"),
    ] {
        let text = refusal_text(folder.path(), &with(&extensible, b"\x01\0\0\0\0\0\x10\0\x80", guid));
        assert!(text.contains(name), "{name}: {text}");
    }
    for (options, name) in [
        (&["-c:a", "adpcm_ms"][..], "Microsoft ADPCM"),
        (&["-c:a", "adpcm_ima_wav"], "IMA ADPCM"),
        (&["-c:a", "mp2"], "MPEG layer"),
        (&["-c:a", "ac3"], "AC-3"),
        (&["-c:a", "wmav2"], "Windows Media Audio 2"),
    ] {
        let other = folder.path().join("b.wav");
        fs::write(&path, &plain).unwrap();
        convert(&path, &other, options);
        assert!(refusal(&other).to_string().contains(name), "{name}: {}", refusal(&other));
    }
}

#[test]
fn codecs_in_mp4_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.m4a");
    let units: Vec<Vec<u8>> = (0..50).map(|_| filler(300)).collect();
    let plain = M4a::new(&[0x12, 0x10], &units, 44_100, 1024).bytes();
    for (letters, name) in [
        (b"ac-3", "AC-3"),
        (b"ec-3", "E-AC-3"),
        (b"ac-4", "AC-4"),
        (b"mlpa", "TrueHD"),
        (b"dtsc", "DTS"),
        (b"dtsh", "DTS-HD"),
        (b"dtsl", "DTS-HD Master Audio"),
        (b"dtse", "DTS Express"),
        (b"samr", "AMR"),
        (b"sawb", "AMR-WB"),
        (b"sevc", "EVRC"),
        (b"sqcp", "QCELP"),
        (b"ima4", "IMA ADPCM"),
        (b"MAC3", "MACE"),
        (b"QDM2", "QDesign"),
        (b"mha1", "MPEG-H"),
        (b"mhm1", "MPEG-H"),
        (b"iamf", "IAMF"),
        (b"usac", "USAC"),
        (b"wma ", "Windows Media"),
        (b"enca", "encrypted"),
        (b"drms", "encrypted"),
        (b"aavd", "Audible"),
        (b"ms\0\x02", "Microsoft ADPCM"),
        (b"ms\0\x11", "IMA ADPCM"),
        (b"zzzz", "not known (zzzz)"),
    ] {
        let text = refusal_text(folder.path(), &with(&plain, b"mp4a", letters));
        assert!(
            text.contains("MP4 that") && text.contains(name) && text.contains("master"),
            "{name}: {text}"
        );
    }
    for (object, name) in [
        (1_u16, "AAC Main"),
        (3, "AAC-SSR"),
        (4, "AAC-LTP"),
        (17, "error-resilient"),
        (22, "BSAC"),
        (23, "AAC-LD"),
        (34, "layer III"),
        (36, "ALS"),
        (37, "SLS"),
        (38, "SLS"),
        (39, "AAC-ELD"),
        (42, "USAC"),
    ] {
        // five bits, or all of them 1 and six more; then a rate of 44.1 kHz, two channels
        let config = match object {
            0..32 => object << 11 | 4 << 7 | 2 << 3,
            _ => 31 << 11 | (object - 32) << 5 | 4 << 1,
        };
        let bytes = M4a::new(&[&config.to_be_bytes()[..], &[0x40, 0]].concat(), &units, 44_100, 1024).bytes();
        let text = refusal_text(folder.path(), &bytes);
        assert!(text.contains(name) && text.contains(&format!("object type {object}")), "{name}: {text}");
    }
    for (indication, name) in
        [(0xa5, "AC-3"), (0xa6, "E-AC-3"), (0xa9, "DTS"), (0xdd, "Vorbis"), (0xe1, "QCELP")]
    {
        let text = refusal_text(folder.path(), &with(&plain, &[0x40, 0x15, 0, 0, 0], &[indication]));
        assert!(text.contains(name), "{name}: {text}");
    }
    // as others write them
    let source = folder.path().join("a.wav");
    wav(&source, 48_000, 2, &noise(60_000, 0.5));
    for (file, options, name) in [
        ("a.mp4", &["-c:a", "ac3"][..], "AC-3"),
        ("b.mp4", &["-c:a", "eac3"], "E-AC-3"),
        ("c.mov", &["-c:a", "adpcm_ima_qt"], "IMA ADPCM"),
        ("d.mov", &["-c:a", "adpcm_ms"], "Microsoft ADPCM"),
        ("e.mp4", &["-c:a", "libvorbis", "-strict", "-2"], "Vorbis"),
    ] {
        let path = folder.path().join(file);
        convert(&source, &path, options);
        let text = refusal(&path).to_string();
        assert!(text.contains(name), "{file}: {text}");
    }
    // a download that broke off
    convert(&source, &path, &["-movflags", "+faststart"]);
    let whole = read(&path);
    let index = whole.windows(4).position(|window| window == b"stsz").unwrap();
    for cut in [30, 60, 200, index, index + 30, whole.len() / 2, whole.len() - 1] {
        fs::write(&path, &whole[..cut]).unwrap();
        let text = refusal(&path).to_string();
        let is_named = ["ends", "broke off", "cut short"].iter().any(|word| text.contains(word));
        assert!(is_named && !text.contains("atom"), "{cut}: {text}");
    }
}

#[test]
fn codecs_in_aiff_caf_and_ogg_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let (source, path) = (folder.path().join("a.wav"), folder.path().join("b"));
    wav(&source, 44_100, 2, &noise(20_000, 0.5));
    convert(&source, &path, &["-f", "aiff", "-c:a", "pcm_s16le"]);
    let aifc = read(&path);
    convert(&source, &path, &["-f", "caf"]);
    let caf = read(&path);
    for (letters, name) in [
        (b"ima4", "IMA ADPCM"),
        (b"MAC3", "MACE 3:1"),
        (b"MAC6", "MACE 6:1"),
        (b"GSM ", "GSM"),
        (b"QDMC", "QDesign"),
        (b"Qclp", "QCELP"),
        (b"G722", "G.722"),
        (b"ms\0\x02", "Microsoft ADPCM"),
        (b"zzzz", "not known (zzzz)"),
    ] {
        for (container, bytes) in
            [("AIFF-C", with(&aifc, b"sowt", letters)), ("CAF", with(&caf, b"lpcm", letters))]
        {
            let text = refusal_text(folder.path(), &bytes);
            assert!(
                text.contains(container) && text.contains(name) && text.contains("master"),
                "{name}: {text}"
            );
        }
    }
    for (letters, name) in [
        (b"ilbc", "iLBC"),
        (b"aace", "AAC-ELD"),
        (b"aacl", "AAC-LD"),
        (b".mp1", "layer I"),
        (b"ac-3", "AC-3"),
    ] {
        let text = refusal_text(folder.path(), &with(&caf, b"lpcm", letters));
        assert!(text.contains("CAF") && text.contains(name), "{name}: {text}");
    }
    convert(&source, &path, &["-f", "aiff", "-c:a", "adpcm_ima_qt"]);
    assert!(refusal(&path).to_string().contains("IMA ADPCM"), "{}", refusal(&path));

    // one page for each stream: flags, a serial number, one packet
    let page = |serial: u8, packet: &[u8]| {
        let head =
            [&b"OggS\0\x02"[..], &[0; 8], &[serial, 0, 0, 0], &[0; 8], &[1, packet.len() as u8]].concat();
        [&head[..], packet].concat()
    };
    let speex = [&b"Speex   1.2"[..], &[0; 69]].concat();
    let theora = [&b"\x80theora\x03\x02\x01"[..], &[0; 32]].concat();
    let index = [&b"fishead\0\x03\0"[..], &[0; 54]].concat();
    for (pages, name) in [
        (vec![&speex], "Speex"),
        (vec![&index, &speex], "Speex"),
        (vec![&theora, &speex], "Speex"),
        (vec![&theora], "pictures (Theora)"),
        (vec![&index, &theora], "pictures (Theora)"),
        (vec![&b"CELT    x".to_vec()], "CELT"),
        (vec![&b"PCM     x".to_vec()], "OggPCM"),
        (vec![&b"\x80kate\0\0\0\0".to_vec()], "Kate"),
        (vec![&b"whatever".to_vec()], "not known"),
    ] {
        let bytes: Vec<u8> =
            pages.iter().zip(1..).flat_map(|(packet, serial)| page(serial, packet)).collect();
        let text = refusal_text(folder.path(), &[bytes, filler(20_000)].concat());
        assert!(text.contains("Ogg that holds") && text.contains(name), "{name}: {text}");
    }
}
