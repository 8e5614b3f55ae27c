//! Sources good and bad.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use std::fs;

use nada_pipeline::{Ladder, Refusal, Settings};
use support::{
    LOSSLESS, LOSSY, convert, decode, lag, noise, package_in_memory, read, real_recordings, refusal,
    stereo_noise, wav, write_wav,
};

/// One rung is enough where the source is the question.
fn settings() -> Settings {
    Settings { ladder: "aac-128".parse::<Ladder>().unwrap(), ..Settings::default() }
}

#[test]
fn lossless_formats_give_every_sample_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("a.wav");
    let samples = stereo_noise(100_001);
    write_wav(&source, 44_100, 2, &samples);
    for (name, options, depth) in LOSSLESS {
        let path = folder.path().join(name);
        convert(&source, &path, options);
        let (format, decoded, notices) = decode(&path);
        assert_eq!((format.rate, format.depth), (44_100, depth), "{name}");
        assert_eq!(notices, [""; 0], "{name}");
        assert_eq!(decoded.len(), samples.len(), "{name}");
        let step = if name.starts_with('8') { 1.0 / 128.0 } else { 0.5 / 32_768.0 };
        let wrong =
            decoded.iter().zip(&samples).position(|(decoded, sample)| (decoded - sample).abs() > step);
        assert_eq!(wrong, None, "{name}");
    }
}

#[test]
fn lossy_formats_begin_and_end_where_the_original_did() {
    let folder = tempfile::tempdir().unwrap();
    for rate in [44_100, 48_000] {
        let source = folder.path().join("a.wav");
        let mono = noise(100_001, 0.9);
        wav(&source, rate, 2, &mono);
        for (name, options, depth) in LOSSY {
            if rate == 44_100 && name.contains("opus") {
                continue;
            }
            let path = folder.path().join(name);
            convert(&source, &path, options);
            let (format, decoded, _) = decode(&path);
            assert_eq!((format.rate, format.depth), (rate, depth), "{name}");
            assert_eq!(decoded.len() / 2, mono.len(), "{name}");
            for side in 0..2 {
                let heard: Vec<f32> = decoded.iter().skip(side).step_by(2).copied().collect();
                assert_eq!(lag(&mono[40_000..], &heard[40_000..], 0), 0, "{name}");
            }
        }
    }
}

#[test]
fn what_states_no_delay_is_taken_whole() {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("a.wav");
    let mono = noise(100_001, 0.9);
    wav(&source, 44_100, 2, &mono);
    // (file, encoder's delay, whole frames)
    for (name, options, delay, n) in [
        ("a.aac", &["-c:a", "aac"][..], 1024, 99 * 1024),
        ("bare.mp3", &["-write_xing", "0"], 1105, 88 * 1152),
        ("fragments.m4a", &["-c:a", "aac", "-movflags", "frag_keyframe+empty_moov"], 1024, 100_001 + 1024),
    ] {
        let path = folder.path().join(name);
        convert(&source, &path, options);
        let (_, decoded, _) = decode(&path);
        let left: Vec<f32> = decoded.iter().step_by(2).copied().collect();
        assert_eq!((left.len(), lag(&mono, &left, delay)), (n, delay), "{name}");
    }
}

#[test]
fn he_aac_is_decoded_with_the_delay_that_its_encoder_states() {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("a.wav");
    let mono = noise(300_001, 0.97);
    wav(&source, 44_100, 2, &mono);
    let settings = Settings { ladder: "heaac2-32,heaac-64,aac-128".parse().unwrap(), ..Settings::default() };
    let (_, files) = package_in_memory(&source, &settings).unwrap();
    for rendition in ["heaac2-32", "heaac-64", "aac-128"] {
        let of = |name: &str| files.get(&format!("{rendition}/{name}"));
        let mut bytes = of("init.mp4").unwrap().clone();
        let segments = (1..).map_while(|index| of(&format!("{index:05}.m4s")));
        segments.for_each(|segment| bytes.extend(segment));
        let path = folder.path().join(rendition);
        fs::write(&path, bytes).unwrap();
        let (format, decoded, _) = decode(&path);
        assert_eq!(format.rate, 44_100, "{rendition}");
        let left: Vec<f32> = decoded.iter().step_by(2).copied().collect();
        // all renditions carry 2048 samples before the song, and end with it
        assert_eq!(left.len(), 2048 + mono.len(), "{rendition}");
        assert!((2047..=2049).contains(&lag(&mono, &left, 2048)), "{rendition}: {}", lag(&mono, &left, 2048));

        // the same as ADTS: whole frames, SBR and PS found in them
        let adts = folder.path().join(format!("{rendition}.aac"));
        convert(&path, &adts, &["-c:a", "copy"]);
        let (format, whole, _) = decode(&adts);
        assert_eq!(format.rate, 44_100, "{rendition}");
        let frame = if rendition == "aac-128" { 1024 } else { 2048 };
        assert_eq!(whole.len() / 2, (2048 + mono.len()).next_multiple_of(frame), "{rendition}");
        let left: Vec<f32> = whole.iter().step_by(2).copied().collect();
        assert!((2047..=2049).contains(&lag(&mono, &left, 2048)), "{rendition}: {}", lag(&mono, &left, 2048));
    }
}

#[test]
fn the_tag_of_itunes_takes_the_place_of_an_edit_list() {
    let folder = tempfile::tempdir().unwrap();
    let (source, path) = (folder.path().join("a.wav"), folder.path().join("a.m4a"));
    let mono = noise(100_001, 0.9);
    wav(&source, 44_100, 2, &mono);
    convert(&source, &path, &["-c:a", "aac"]);
    let mut bytes = read(&path);
    let find = |bytes: &[u8], kind: &[u8]| bytes.windows(4).position(|window| window == kind).unwrap();
    let edits = find(&bytes, b"edts");
    bytes[edits..edits + 4].copy_from_slice(b"free");
    fs::write(&path, &bytes).unwrap();
    assert_eq!(decode(&path).1.len() / 2, 100_001 + 1024, "without its edit list");

    let boxed = |kind: &[u8], body: &[u8]| {
        let mut bytes = (body.len() as u32 + 8).to_be_bytes().to_vec();
        bytes.extend(kind);
        bytes.extend(body);
        bytes
    };
    let value = b" 00000000 00000400 000002DF 00000000000186A1 00000000 00000000";
    let tag = [
        boxed(b"mean", b"\0\0\0\0com.apple.iTunes"),
        boxed(b"name", b"\0\0\0\0iTunSMPB"),
        boxed(b"data", &[&[0, 0, 0, 1, 0, 0, 0, 0], &value[..]].concat()),
    ];
    let handler = boxed(b"hdlr", b"\0\0\0\0\0\0\0\0mdirappl\0\0\0\0\0\0\0\0\0");
    let list = boxed(b"ilst", &boxed(b"----", &tag.concat()));
    let meta = boxed(b"meta", &[vec![0; 4], handler, list].concat());
    let added = boxed(b"udta", &meta);
    // ffmpeg writes moov last, with tags of its own
    let tags = find(&bytes, b"udta");
    bytes[tags..tags + 4].copy_from_slice(b"free");
    let moov = find(&bytes, b"moov") - 4;
    let size = u32::from_be_bytes(*bytes[moov..].first_chunk().unwrap()) + added.len() as u32;
    bytes[moov..moov + 4].copy_from_slice(&size.to_be_bytes());
    bytes.extend(added);
    fs::write(&path, &bytes).unwrap();
    let (_, decoded, _) = decode(&path);
    let left: Vec<f32> = decoded.iter().step_by(2).copied().collect();
    assert_eq!((left.len(), lag(&mono, &left, 0)), (100_001, 0));
}

#[test]
fn more_than_two_channels_are_mixed_as_ffmpeg_mixes_them() {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("a.wav");
    for (layout, channels) in [("3.0", 3), ("quad", 4), ("5.0", 5), ("5.1", 6), ("7.1", 8)] {
        let mut samples = noise(20_000 * channels, 0.5);
        // one channel says nothing: decoders have exchanged the others then
        samples.iter_mut().skip(1).step_by(channels).for_each(|sample| *sample = 0.0);
        write_wav(&source, 48_000, channels as u16, &samples);
        for (name, options) in [
            ("a.wav", &[][..]),
            ("a.flac", &[]),
            ("a.aiff", &[]),
            ("a.caf", &[]),
            ("alac.m4a", &["-c:a", "alac"]),
            ("a.opus", &["-c:a", "libopus", "-mapping_family", "1"]),
            ("a.ogg", &["-c:a", "libvorbis", "-q:a", "5"]),
        ] {
            // ALAC's eight channels are others: centres between left and right
            if (layout, name) == ("7.1", "alac.m4a") {
                continue;
            }
            let path = folder.path().join(format!("{layout}-{name}"));
            let set = format!("channelmap=channel_layout={layout}");
            convert(&source, &path, &[&["-af", &set], options].concat());
            let mixed = folder.path().join("mixed.wav");
            let decoder: &[&str] = if name == "a.opus" { &["-c:a", "libopus"] } else { &[] };
            support::ffmpeg(
                &[decoder, &["-i", path.to_str().unwrap(), "-ac", "2", "-c:a", "pcm_s16le"]].concat(),
                &mixed,
            );
            let (_, ours, notices) = decode(&path);
            let (_, theirs, _) = decode(&mixed);
            assert!(notices[0].contains("channels are mixed down to two"), "{layout} {name}: {notices:?}");
            // ffmpeg 5.1 does not cut Vorbis at its end granule
            assert_eq!(ours.len(), 40_000, "{layout} {name}");
            assert!(
                theirs.len() == ours.len() || name == "a.ogg" && theirs.len() > ours.len(),
                "{layout} {name}"
            );
            let worst = ours.iter().zip(&theirs).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
            assert!(worst < 2e-4, "{layout} {name}: {worst}");
        }
    }
}

#[test]
fn every_rate_from_8_to_384_khz_is_taken() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.wav");
    for rate in [
        8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 64_000, 96_000, 176_400, 192_000, 352_800,
        384_000,
    ] {
        wav(&path, rate, 1, &noise(5_000, 0.5));
        let (format, decoded, _) = decode(&path);
        assert_eq!((format.rate, decoded.len()), (rate, 10_000));
    }
    for rate in [384_000, 352_800, 8_000] {
        wav(&path, rate, 1, &noise(rate as usize / 10, 0.5));
        let (packaged, _) = package_in_memory(&path, &settings()).unwrap();
        let timeline = packaged.timeline;
        assert_eq!(timeline.samples, u64::from(timeline.rate) / 10, "{rate}");
    }
    for rate in [0, 1, 7_999, 384_001, 4_000_000_000] {
        wav(&path, rate, 1, &noise(5_000, 0.5));
        assert!(matches!(refusal(&path), Refusal::Rate(_) | Refusal::Unsupported(_)), "{rate}");
    }
}

#[test]
fn content_decides_and_not_the_name() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name);
    wav(&file("a.wav"), 44_100, 2, &noise(30_000, 0.5));
    convert(&file("a.wav"), &file("a.flac"), &[]);
    fs::rename(file("a.flac"), file("really-flac.mp3")).unwrap();
    assert_eq!(decode(&file("really-flac.mp3")).1.len(), 60_000);
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
fn what_it_is_instead_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("master.wav");
    let noise: Vec<u8> = noise(50_000, 0.0).iter().flat_map(|sample| sample.to_le_bytes()).collect();
    for (bytes, expected) in [
        (&b"#EXTM3U\n#EXTINF:6,\nsong.aac\n"[..], "playlist"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR", "PNG"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF\0", "JPEG"),
        (b"PK\x03\x04\x14\0\0\0", "ZIP"),
        (b"%PDF-1.7\n", "PDF"),
        (b"\x1a\x45\xdf\xa3\x9f\x42\x86", "WebM"),
        (b"These are the lyrics.\n", "text"),
        (b"RIFF\x24\0\0\0AVI LIST", "RIFF"),
        (b"\0\0\0\x18moof", "segment"),
        (&[0; 100_000], "zeros"),
        (&noise, "nothing in it is known"),
        (b"\0", "zeros"),
        (b"RIFF", "text"),
        (b"ID3\x04\0\0\0\0\0\x0a0123456789", "ends at byte 20"),
        (b"ID3\x04\0\0\x7f\x7f\x7f\x7f", "before any audio"),
        (b"fLaC", "before any audio"),
        (b"OggS", "before any audio"),
        (b"RIFF\x24\0\0\0WAVE", "before any audio"),
        (b"\0\0\0\x14ftypM4A \0\0\0\0M4A ", "not a supported"),
    ] {
        fs::write(&path, bytes).unwrap();
        let refusal = refusal(&path);
        let text = refusal.to_string();
        assert!(matches!(refusal, Refusal::Unsupported(_)) && text.contains(expected), "{expected}: {text}");
    }
    // a video without sound
    let video = folder.path().join("a.mp4");
    support::ffmpeg(&["-f", "lavfi", "-i", "color=s=16x16:d=1", "-c:v", "mpeg4"], &video);
    assert_eq!(refusal(&video), Refusal::NoAudio);
    assert_eq!(refusal(folder.path()), Refusal::NotAFile);
    assert!(matches!(refusal(&folder.path().join("absent.wav")), Refusal::Unreadable(_)));
    fs::write(&path, b"").unwrap();
    assert_eq!(refusal(&path), Refusal::NoAudio);
    wav(&path, 44_100, 2, &[]);
    assert_eq!(refusal(&path), Refusal::NoAudio);
    wav(&path, 44_100, 40, &support::noise(100, 0.0));
    assert!(matches!(refusal(&path), Refusal::Channels(_) | Refusal::Unsupported(_)));
}

#[test]
fn tags_of_any_size_and_junk_before_the_first_frame_are_skipped() {
    let folder = tempfile::tempdir().unwrap();
    let (source, path) = (folder.path().join("a.wav"), folder.path().join("a.mp3"));
    wav(&source, 44_100, 2, &noise(30_000, 0.5));
    convert(&source, &path, &["-id3v2_version", "0"]);
    let bare = read(&path);
    // 64 MiB of tag, which nobody reads; then a second tag; then what somebody's editor left
    let size = |size: u32| [size >> 21, size >> 14 & 127, size >> 7 & 127, size & 127].map(|byte| byte as u8);
    let tag = |length: u32| [&b"ID3\x03\0\0"[..], &size(length), &vec![b'x'; length as usize]].concat();
    fs::write(&path, [tag(64 << 20), tag(100), bare.clone()].concat()).unwrap();
    let (_, decoded, notices) = decode(&path);
    assert_eq!((decoded.len() / 2, notices), (30_000, vec![]));
    fs::write(&path, [&[0; 5_000][..], &bare].concat()).unwrap();
    let (_, decoded, notices) = decode(&path);
    assert_eq!(decoded.len() / 2, 30_000);
    assert_eq!(notices, ["5000 bytes before the first frame are left out"]);
    // and tags after the last
    let ape = [&b"APETAGEX\xd0\x07\0\0\x20\0\0\0\0\0\0\0\0\0\0\x80\0\0\0\0\0\0\0\0"[..], &[0; 100]].concat();
    let id3v1 = [&b"TAG"[..], &[0xff; 125]].concat();
    fs::write(&path, [bare, ape, id3v1].concat()).unwrap();
    assert_eq!(decode(&path).1.len() / 2, 30_000);
}

#[test]
fn samples_that_are_no_numbers_become_silence() {
    let folder = tempfile::tempdir().unwrap();
    let (source, path) = (folder.path().join("a.wav"), folder.path().join("f.wav"));
    wav(&source, 44_100, 2, &noise(10_000, 0.5));
    convert(&source, &path, &["-c:a", "pcm_f32le"]);
    let mut bytes = read(&path);
    let from = bytes.len() - 4_000;
    for (sample, bad) in bytes[from..]
        .as_chunks_mut()
        .0
        .iter_mut()
        .zip([f32::NAN, f32::INFINITY, -f32::INFINITY].iter().cycle())
    {
        *sample = bad.to_le_bytes();
    }
    fs::write(&path, bytes).unwrap();
    let (_, decoded, _) = decode(&path);
    assert!(decoded.iter().all(|sample| sample.is_finite()));
    assert!(decoded[decoded.len() - 1_000..].iter().all(|&sample| sample == 0.0));
}

#[test]
fn an_ogg_file_without_one_of_its_pages_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (source, cut) = (folder.path().join("a.wav"), folder.path().join("cut"));
    wav(&source, 48_000, 2, &noise(400_000, 0.5));
    for (name, options) in
        [("a.ogg", &["-c:a", "libvorbis"][..]), ("a.opus", &[]), ("a.oga", &["-c:a", "flac"])]
    {
        let path = folder.path().join(name);
        convert(&source, &path, options);
        assert_eq!(decode(&path).1.len() / 2, 400_000, "{name}");
        let whole = read(&path);
        let pages: Vec<usize> =
            (0..whole.len() - 4).filter(|&at| whole[at..].starts_with(b"OggS\0")).collect();
        let (from, to) = (pages[pages.len() / 2], pages[pages.len() / 2 + 1]);
        fs::write(&cut, [&whole[..from], &whole[to..]].concat()).unwrap();
        assert!(matches!(refusal(&cut), Refusal::Broken { .. }), "{name}");
    }
}

#[test]
fn a_stream_without_a_stated_length_is_taken_to_its_last_whole_frame() {
    let folder = tempfile::tempdir().unwrap();
    let (source, path) = (folder.path().join("a.wav"), folder.path().join("a.mp3"));
    wav(&source, 44_100, 2, &noise(30_000, 0.5));
    convert(&source, &path, &["-write_xing", "0", "-id3v2_version", "0"]);
    let whole = read(&path);
    fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    let frames = decode(&path).1.len() / 2 / 1152;
    assert!((10..20).contains(&frames), "{frames}");
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
    let mut sink = |_: nada_pipeline::OutputFile| {
        left -= 1;
        if left == 0 { Err("disk full") } else { Ok(()) }
    };
    let error = nada_pipeline::package(&path, &Settings::default(), &Default::default(), &mut sink, &|_| ())
        .unwrap_err();
    assert!(error.to_string().contains("disk full"), "{error}");
}

#[test]
fn real_recordings_have_the_length_that_ffmpeg_finds() {
    let Some(media) = real_recordings("real_recordings_have_the_length_that_ffmpeg_finds") else { return };
    let mut recordings = 0;
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
        recordings += 1;
    }
    assert!(recordings > 0, "NADA_TEST_MEDIA holds no songs");
}
