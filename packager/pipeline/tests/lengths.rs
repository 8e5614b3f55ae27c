//! Nothing of a song is lost in silence: what was decoded is held against all that a file states, and a file that is
//! two is refused by that name.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use std::{
    fs,
    path::{Path, PathBuf},
};

use nada_pipeline::{Isolation, Refusal, Settings};
use support::{
    LOSSLESS, LOSSY, convert, decode, decode_in, lag,
    m4a::{Base, M4a, adts_units, boxed, fragment},
    noise, package_in_memory, read, refusal, stereo_noise, wav, write_wav,
};

/// A folder with a song in it, whose second half is nearly silent: encoders of variable rate spare bits there.
struct Recording {
    folder: tempfile::TempDir,
    mono: Vec<f32>,
}

impl Recording {
    fn new(frames: usize, rate: u32) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut mono = noise(frames, 0.9);
        mono.iter_mut().skip(frames / 2).for_each(|sample| *sample *= 0.002);
        wav(&folder.path().join("master.wav"), rate, 2, &mono);
        Self { folder, mono }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The song in another format.
    fn as_format(&self, name: &str, options: &[&str]) -> Vec<u8> {
        let path = self.file(name);
        convert(&self.file("master.wav"), &path, options);
        read(&path)
    }

    /// The samples per channel and the notices of a file with these bytes.
    fn decode(&self, bytes: &[u8]) -> (usize, Vec<String>) {
        let (samples, notices) = decoded(&self.file("decoded"), bytes);
        (samples.len() / 2, notices)
    }

    fn refusal(&self, bytes: &[u8]) -> Refusal {
        let path = self.file("refused");
        fs::write(&path, bytes).unwrap();
        refusal(&path)
    }
}

fn decoded(path: &Path, bytes: &[u8]) -> (Vec<f32>, Vec<String>) {
    fs::write(path, bytes).unwrap();
    let (_, samples, notices) = decode(path);
    (samples, notices)
}

fn find(bytes: &[u8], part: &[u8]) -> usize {
    bytes.windows(part.len()).position(|window| window == part).unwrap()
}

fn with(bytes: &[u8], at: usize, part: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    bytes[at..at + part.len()].copy_from_slice(part);
    bytes
}

/// ID3v1, which closes a file, and ID3v2, which opens one.
fn id3v1() -> Vec<u8> {
    [&b"TAG"[..], &[b'x'; 125]].concat()
}

const ID3V2: &[u8] = b"ID3\x04\0\0\0\0\0\x0a0123456789";

/// The length of an MPEG-1 frame of layer III at 44.1 kHz.
fn mp3_frame(bytes: &[u8]) -> usize {
    const RATES: [usize; 15] = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];
    let rate = bytes[2];
    144_000 * RATES[usize::from(rate >> 4)] / 44_100 + usize::from(rate >> 1 & 1)
}

/// How many of them a file has.
fn mp3_frames(bytes: &[u8]) -> usize {
    let (mut at, mut frames) = (0, 0);
    while at + 4 <= bytes.len() && bytes[at] == 0xff {
        at += mp3_frame(&bytes[at..]);
        frames += 1;
    }
    frames
}

#[test]
fn an_mp3_without_a_tag_is_taken_to_its_last_frame() {
    let recording = Recording::new(700_000, 44_100);
    for options in [&["-q:a", "2"][..], &["-q:a", "7"], &["-abr", "1", "-b:a", "128k"], &["-b:a", "128k"]] {
        let options = [options, &["-write_xing", "0", "-id3v2_version", "0"]].concat();
        let bare = recording.as_format("bare.mp3", &options);
        let frames = mp3_frames(&bare);
        assert!(frames * 1152 > 700_000, "{options:?}");
        assert_eq!(recording.decode(&bare), (frames * 1152, vec![]), "{options:?}");
        // and a second one behind it is more of the same
        assert_eq!(
            recording.decode(&[&bare[..], &bare].concat()),
            (2 * frames * 1152, vec![]),
            "{options:?}"
        );
        // a frame that was never finished is told
        let (samples, notices) = recording.decode(&bare[..bare.len() - 10]);
        assert_eq!((samples, notices.len()), ((frames - 1) * 1152, 1), "{options:?}");
        // what is no frame is not skipped
        let broken = [&bare[..bare.len() / 2], &[0; 4000], &bare[bare.len() / 2..]].concat();
        assert!(matches!(recording.refusal(&broken), Refusal::Broken { .. }), "{options:?}");
    }
    let other = Recording::new(300_000, 22_050);
    let bare = other.as_format("bare.mp3", &["-q:a", "4", "-write_xing", "0", "-id3v2_version", "0"]);
    let (samples, notices) = other.decode(&bare);
    assert!((300_000..302_500).contains(&samples) && notices.is_empty(), "{samples} {notices:?}");
}

#[test]
fn a_tag_that_counts_too_few_frames_cuts_nothing_and_one_that_counts_too_many_refuses() {
    let recording = Recording::new(300_000, 44_100);
    let whole = recording.as_format("recording.mp3", &["-q:a", "2", "-id3v2_version", "0"]);
    assert_eq!(recording.decode(&whole), (300_000, vec![]));
    let tag = find(&whole, b"Xing");
    // all but the delay, since the padding is that of another length
    let all = (mp3_frames(&whole) - 1) * 1152 - 1105;
    let frames = mp3_frames(&whole) as u32 - 1;
    let counting = |frames: u32| with(&whole, tag + 8, &frames.to_be_bytes());
    for few in [1, 100, frames - 2] {
        let (samples, notices) = recording.decode(&counting(few));
        assert_eq!(samples, all, "{few}");
        assert!(notices.len() == 1 && notices[0].contains("all of its"), "{few}: {notices:?}");
    }
    // a count that is none, and no count at all
    for none in [counting(0), counting(u32::MAX), with(&whole, tag + 4, &[0; 4])] {
        let (samples, notices) = recording.decode(&none);
        assert!(samples >= all && notices.is_empty(), "{samples} of {all}: {notices:?}");
    }
    // some encoders count the tag itself
    let (samples, notices) = recording.decode(&counting(frames + 1));
    assert!((300_000..=all).contains(&samples) && notices.is_empty(), "{samples} {notices:?}");
    for many in [frames + 3, 1 << 20] {
        assert!(matches!(recording.refusal(&counting(many)), Refusal::Broken { .. }), "{many}");
    }
    // the same of VBRI
    let first = &whole[..mp3_frame(&whole)];
    let vbri = |frames: u32| {
        let head = [&whole[..4], &[0; 32], b"VBRI\0\x01\0\0\0\0\0\0\0\0", &frames.to_be_bytes()].concat();
        [&head[..], &vec![0; first.len() - head.len()], &whole[first.len()..]].concat()
    };
    assert_eq!(mp3_frames(&vbri(frames)), frames as usize + 1);
    let all = frames as usize * 1152;
    assert_eq!(recording.decode(&vbri(frames)), (all, vec![]));
    let (samples, notices) = recording.decode(&vbri(20));
    assert_eq!((samples, notices.len()), (all, 1));
    assert!(matches!(recording.refusal(&vbri(frames * 2)), Refusal::Broken { .. }));
}

#[test]
fn two_files_joined_are_refused_by_that_name() {
    let recording = Recording::new(60_000, 44_100);
    let bare = ["-write_xing", "0", "-id3v2_version", "0"];
    let (mp3, adts) =
        (recording.as_format("bare.mp3", &bare), recording.as_format("a.aac", &["-c:a", "aac"]));
    let tagged = recording.as_format("tagged.mp3", &["-id3v2_version", "0"]);
    let mono = recording.as_format("mono.mp3", &[&bare[..], &["-ac", "1"]].concat());
    let slow = recording.as_format("slow.mp3", &[&bare[..], &["-ar", "48000"]].concat());
    let flac = recording.as_format("a.flac", &[]);
    let unsure = |total: bool| {
        // neither MD5 nor, unless asked for, the number of samples
        let flac = with(&flac, 26, &[0; 16]);
        if total { flac } else { with(&flac, 21, &[flac[21] & 0xf0, 0, 0, 0, 0]) }
    };
    let mut pairs = vec![
        ("tagged MP3", tagged.clone(), tagged.clone()),
        ("bare MP3, then tagged", mp3.clone(), tagged.clone()),
        ("ID3v2 between", mp3.clone(), [ID3V2, &mp3].concat()),
        ("ID3v1 between", [&tagged[..], &id3v1()].concat(), tagged),
        ("ID3v1 between bare", [&mp3[..], &id3v1()].concat(), mp3.clone()),
        ("mono MP3 behind", mp3.clone(), mono),
        ("MP3 of another rate", mp3, slow),
        ("ID3v2 between ADTS", adts.clone(), [ID3V2, &adts].concat()),
        ("FLAC", flac.clone(), flac.clone()),
        ("FLAC without MD5", unsure(true), unsure(true)),
        ("FLAC without anything", unsure(false), unsure(false)),
        ("FLAC with a tag between", unsure(false), [ID3V2, &unsure(false)].concat()),
    ];
    let listed =
        LOSSLESS.iter().chain(&LOSSY).filter(|(name, ..)| !name.ends_with("mp3") && *name != "a.flac");
    for (name, options, _) in listed {
        let bytes = recording.as_format(name, options);
        pairs.push((name, bytes.clone(), bytes));
    }
    for (name, first, second) in pairs {
        assert!(recording.decode(&first).0 > 0, "{name}");
        let refusal = recording.refusal(&[&first[..], &second].concat());
        let text = refusal.to_string();
        assert!(matches!(refusal, Refusal::Broken { .. }), "{name}: {text}");
        let named = ["joined", "another MP3", "a second stream", "channels change"];
        assert!(named.iter().any(|part| text.contains(part)), "{name}: {text}");
    }
    // ADTS says nothing of an end: all of both
    let (samples, _) = recording.decode(&adts);
    assert_eq!(recording.decode(&[&adts[..], &adts].concat()), (2 * samples, vec![]));
}

#[test]
fn he_aac_in_m4a_is_whole_in_whatever_units_it_is_counted() {
    const N: usize = 300_000;
    let recording = Recording::new(N, 44_100);
    let settings = Settings { ladder: "heaac2-32,heaac-64,aac-128".parse().unwrap(), ..Settings::default() };
    let (_, files) = package_in_memory(&recording.file("master.wav"), &settings).unwrap();
    // the rendition, its configurations: explicit; implicit, with or without a hint for decoders that know of it
    let cases: [(&str, usize, &[&[u8]]); 3] = [
        ("aac-128", 1024, &[&[0x12, 0x10]]),
        ("heaac-64", 2048, &[&[0x2b, 0x92, 0x08, 0x00], &[0x13, 0x90], &[0x13, 0x90, 0x56, 0xe5, 0xa0]]),
        ("heaac2-32", 2048, &[&[0xeb, 0x8a, 0x08, 0x00], &[0x13, 0x88]]),
    ];
    for (rendition, frame, configs) in cases {
        let of = |name: &str| files.get(&format!("{rendition}/{name}"));
        let mut bytes = of("init.mp4").unwrap().clone();
        (1..).map_while(|index| of(&format!("{index:05}.m4s"))).for_each(|segment| bytes.extend(segment));
        fs::write(recording.file("a.mp4"), bytes).unwrap();
        convert(&recording.file("a.mp4"), &recording.file("a.aac"), &["-c:a", "copy"]);
        let units = adts_units(&read(&recording.file("a.aac")));
        let whole = units.len() * frame;
        // ticks a second, ticks of an access unit: of the output, of the core, of the core under the output's name
        let clocks: &[(u32, u32)] =
            if frame == 1024 { &[(44_100, 1024)] } else { &[(44_100, 2048), (22_050, 1024), (44_100, 1024)] };
        for (config, &(scale, step)) in
            configs.iter().flat_map(|config| clocks.iter().map(move |clock| (config, clock)))
        {
            let ticks = |samples: usize| (samples * step as usize / frame) as u32;
            let plain = M4a::new(config, &units, scale, step);
            let tag = Some([ticks(2048), ticks(whole - 2048 - N), ticks(N)]);
            let edit = Some((ticks(N), ticks(2048)));
            let milliseconds = M4a { movie_scale: 1000, ..plain.clone() };
            let edited = (N as u64 * 1000 * u64::from(step) / frame as u64 / u64::from(scale)) as u32;
            let cases = [
                ("nothing", plain.clone(), 0, whole),
                ("tag", M4a { tag, ..plain.clone() }, 2048, N),
                ("edit list", M4a { edit, ..plain.clone() }, 2048, N),
                ("tag and edit list", M4a { edit, tag, movie_scale: 600, ..plain.clone() }, 2048, N),
                // to the millisecond
                ("movie's own clock", M4a { edit: Some((edited, ticks(2048))), ..milliseconds }, 2048, N),
                ("tag of another", M4a { tag: Some([2112, 0, 1000]), ..plain.clone() }, 0, whole),
                ("stale mdhd", M4a { length: ticks(N / 2), ..plain.clone() }, 0, whole),
                ("stale stts", M4a { times: vec![(20, step)], ..plain.clone() }, 0, whole),
                (
                    "short stts",
                    M4a { times: vec![(units.len() as u32, step / 4)], ..plain.clone() },
                    0,
                    whole,
                ),
            ];
            for (name, file, delay, n) in cases {
                let name = format!("{rendition} {config:x?} {scale} {step}: {name}");
                fs::write(recording.file("a.m4a"), file.bytes()).unwrap();
                let (format, samples, notices) = decode(&recording.file("a.m4a"));
                assert_eq!(format.rate, 44_100, "{name}");
                assert!(
                    (samples.len() / 2).abs_diff(n) <= if name.ends_with("clock") { 45 } else { 0 },
                    "{name}: {}",
                    samples.len() / 2
                );
                let noticed =
                    name.contains("stale mdhd") || name.contains("another") || name.contains("short");
                assert_eq!(!notices.is_empty(), noticed, "{name}: {notices:?}");
                let left: Vec<f32> = samples.iter().step_by(2).copied().collect();
                let delay = 2048 - delay as i64;
                assert!(lag(&recording.mono, &left, delay).abs_diff(delay) <= 1, "{name}");
            }
            let longer = [
                M4a { length: ticks(2 * N), ..plain.clone() },
                M4a { edit: Some((ticks(2 * N), ticks(2048))), ..plain.clone() },
                M4a { times: vec![(units.len() as u32 + 5, step)], ..plain.clone() },
                M4a { times: vec![(units.len() as u32, step + step / 4)], ..plain.clone() },
            ];
            // at another's clock, the last of them are short
            let right = u64::from(scale) * frame as u64 == 44_100 * u64::from(step);
            for file in longer.into_iter().take(if right { 4 } else { 3 }) {
                assert!(
                    matches!(recording.refusal(&file.bytes()), Refusal::Broken { .. }),
                    "{rendition} {scale}"
                );
            }
        }
    }
}

#[test]
fn fragments_are_taken_all_wherever_they_begin() {
    let recording = Recording::new(400_000, 44_100);
    for (name, options) in [("aac", "aac"), ("alac", "alac"), ("flac", "flac")] {
        let plain =
            recording.as_format("plain.mp4", &["-c:a", options, "-strict", "-2", "-use_editlist", "0"]);
        let (n, _) = recording.decode(&plain);
        for flags in [
            "+frag_keyframe",
            "+frag_keyframe+default_base_moof",
            "+frag_keyframe+empty_moov",
            "+frag_keyframe+empty_moov+default_base_moof",
            "+frag_keyframe+empty_moov+omit_tfhd_offset",
            "+dash+global_sidx+frag_keyframe+empty_moov",
        ] {
            let frag = ["-c:a", options, "-strict", "-2", "-frag_duration", "1000000", "-movflags", flags];
            let bytes = recording.as_format("frag.mp4", &frag);
            assert_eq!(recording.decode(&bytes), (n, vec![]), "{name} {flags}");
            // without its last fragment, or one midway, or cut in the last
            let boxes = top_level(&bytes);
            let moofs: Vec<usize> =
                (0..boxes.len()).filter(|&index| &boxes[index][4..8] == b"moof").collect();
            assert!(moofs.len() > 3, "{name} {flags}");
            let midway = moofs[moofs.len() / 2];
            let gap: Vec<u8> = boxes
                .iter()
                .enumerate()
                .filter(|&(index, _)| index != midway && index != midway + 1)
                .flat_map(|(_, bytes)| bytes.to_vec())
                .collect();
            assert!(matches!(recording.refusal(&gap), Refusal::Broken { .. }), "{name} {flags}: a gap");
            let last = boxes[..=moofs[moofs.len() - 1]].concat();
            for end in [last.len() - 20, last.len() + 100] {
                let cut = &bytes[..end];
                assert!(
                    matches!(recording.refusal(cut), Refusal::Broken { .. }),
                    "{name} {flags}: cut at {end}"
                );
            }
            if flags.contains("sidx") {
                let fewer = boxes[..moofs[moofs.len() - 1]].concat();
                assert!(
                    matches!(recording.refusal(&fewer), Refusal::Broken { .. }),
                    "{name}: the index knows better"
                );
            }
        }
    }
}

fn top_level(bytes: &[u8]) -> Vec<&[u8]> {
    let (mut boxes, mut rest) = (Vec::new(), bytes);
    while rest.len() >= 8 {
        let size = u32::from_be_bytes(*rest.first_chunk().unwrap()) as usize;
        let (first, others) = rest.split_at(size);
        boxes.push(first);
        rest = others;
    }
    boxes
}

#[test]
fn fragments_are_placed_as_their_heads_say() {
    let recording = Recording::new(100_000, 44_100);
    let units = adts_units(&recording.as_format("a.aac", &["-c:a", "aac"]));
    let expected = {
        let bytes = M4a::new(&[0x12, 0x10], &units, 44_100, 1024).bytes();
        decoded(&recording.file("plain"), &bytes).0
    };
    let half = units.len() / 2;
    for (tabled, base) in
        [0, half].into_iter().flat_map(|n| [Base::Moof, Base::Absolute, Base::Follows].map(|base| (n, base)))
    {
        // mehd knows of all
        let length = units.len() as u32 * 1024;
        let head = M4a {
            tabled,
            fragments: Some(length),
            length: tabled as u32 * 1024,
            ..M4a::new(&[0x12, 0x10], &units, 44_100, 1024)
        };
        let file = |until: usize| {
            let mut bytes = head.bytes();
            let rest = &units[tabled..until];
            let (first, second) = rest.split_at(rest.len() / 2);
            let (a, b) = first.split_at(first.len() / 3);
            let time = |units: usize| Some(units as u32 * 1024);
            // one track in two parts, of which the first has two runs
            let parts = [vec![a, &b[..4]], vec![&b[4..]]];
            bytes.extend(fragment(bytes.len(), time(tabled), base, &parts));
            bytes.extend(boxed(b"free", &[0; 20]));
            bytes.extend(fragment(bytes.len(), time(tabled + first.len()), base, &[vec![second]]));
            bytes.extend(boxed(b"mfra", &boxed(b"mfro", &[0, 0, 0, 0, 0, 0, 0, 24])));
            bytes
        };
        let (samples, notices) = decoded(&recording.file("frag"), &file(units.len()));
        assert_eq!(notices, [""; 0], "{tabled} {base:?}");
        assert!(samples == expected, "{tabled} {base:?}: {} of {}", samples.len(), expected.len());
        assert!(
            matches!(recording.refusal(&file(units.len() - 3)), Refusal::Broken { .. }),
            "{tabled} {base:?}"
        );
        // an index of the whole behind the fragments is a second one
        let twice = [file(units.len()), M4a::new(&[0x12, 0x10], &units, 44_100, 1024).bytes()].concat();
        assert!(recording.refusal(&twice).to_string().contains("joined"), "{tabled} {base:?}");
    }
    // extended, but without any
    let file = M4a { fragments: Some(0), ..M4a::new(&[0x12, 0x10], &units, 44_100, 1024) };
    assert!(decoded(&recording.file("none"), &file.bytes()).0 == expected);
    // the tables name half of the data
    let half = M4a { tabled: half, length: half as u32 * 1024, ..file };
    let rest: Vec<u8> = units[half.tabled..].concat();
    let mut bytes = half.bytes();
    let data = find(&bytes, b"mdat") - 4;
    let size = (bytes.len() - data + rest.len()) as u32;
    bytes[data..data + 4].copy_from_slice(&size.to_be_bytes());
    bytes.extend(rest);
    let (samples, notices) = recording.decode(&bytes);
    assert_eq!((samples, notices.len()), (half.tabled * 1024, usize::from(units.concat().len() > 200_000)));
}

/// A FLAC file with blocks of metadata put in behind STREAMINFO.
fn with_blocks(flac: &[u8], blocks: &[(u8, Vec<u8>)]) -> Vec<u8> {
    let (head, rest) = flac.split_at(42);
    let blocks = blocks.iter().flat_map(|(kind, body)| {
        let size = (body.len() as u32).to_be_bytes();
        [&[*kind], &size[1..], body].concat()
    });
    [head, &blocks.collect::<Vec<u8>>(), rest].concat()
}

#[test]
fn of_flac_metadata_streaminfo_alone_counts() {
    let recording = Recording::new(60_000, 44_100);
    let flac = recording.as_format("a.flac", &[]);
    let seek = [0_u64, 0].map(u64::to_be_bytes).concat();
    let seek = [&seek[..], &[0x10, 0]].concat();
    // a CD's cue sheet with an index and a lead-out at odd places
    let cue = [&[0; 136][..], &[0x80], &[0; 258], &[1], &12_345_u64.to_be_bytes(), &[170], &[0; 27]].concat();
    let picture = [&[0, 0, 0, 3, 0x7f, 0xff, 0xff, 0xff][..], b"image/png"].concat();
    for (name, blocks) in [
        ("two seek tables", vec![(3, seek.clone()), (3, seek.clone())]),
        ("half a seek point", vec![(3, seek[..7].to_vec())]),
        ("cue sheet", vec![(5, cue)]),
        ("picture", vec![(6, picture)]),
        ("comment", vec![(4, b"\xff\xff\xff\x7fabc".to_vec())]),
        ("empty comment", vec![(4, vec![])]),
        ("application", vec![(2, vec![1])]),
        ("unknown", vec![(126, b"abc".to_vec()), (100, vec![])]),
        ("second STREAMINFO", vec![(0, vec![0; 34])]),
    ] {
        assert_eq!(recording.decode(&with_blocks(&flac, &blocks)), (60_000, vec![]), "{name}");
    }
    for (name, at, bytes) in [
        ("smallest block", 8, &[0, 0][..]),
        ("largest block", 10, &[0, 0]),
        ("sizes of frames", 12, &[0xff, 0xff, 0xff, 0, 0, 1]),
    ] {
        assert_eq!(recording.decode(&with(&flac, at, bytes)), (60_000, vec![]), "{name}");
    }
    let ape = [&b"APETAGEX\xd0\x07\0\0\x20\0\0\0\0\0\0\0\0\0\0\x80"[..], &[0; 8]].concat();
    let lyrics = b"LYRICSBEGININD0000200000021LYRICS200";
    for (name, tag) in [
        ("ID3v1", id3v1()),
        ("APEv2", ape.clone()),
        ("APEv2 and ID3v1", [&ape[..], &id3v1()].concat()),
        ("Lyrics3", [&lyrics[..], &id3v1()].concat()),
        ("ID3v2", ID3V2.to_vec()),
        ("zeros", vec![0; 5000]),
    ] {
        assert_eq!(recording.decode(&[&flac[..], &tag].concat()), (60_000, vec![]), "{name}");
        // still a damaged file is one
        let damaged = [&with(&flac, flac.len() / 2, &[flac[flac.len() / 2] ^ 1])[..], &tag].concat();
        assert!(matches!(recording.refusal(&damaged), Refusal::Broken { .. }), "{name}");
    }
}

#[test]
fn a_flac_that_states_nothing_loses_no_frame_unseen() {
    let recording = Recording::new(60_000, 44_100);
    let flac = with(&recording.as_format("a.flac", &[]), 26, &[0; 16]);
    let flac = with(&flac, 21, &[flac[21] & 0xf0, 0, 0, 0, 0]);
    assert_eq!(recording.decode(&flac), (60_000, vec![]));
    // of 4608 samples each: by the sync code and the number
    let frame = |number: u8| {
        find(
            &flac,
            &[0xff, 0xf8, flac[find(&flac, b"\xff\xf8") + 2], flac[find(&flac, b"\xff\xf8") + 3], number],
        )
    };
    let without = [&flac[..frame(5)], &flac[frame(6)..]].concat();
    let first = [&flac[..frame(0)], &flac[frame(3)..]].concat();
    let place = (frame(5) + frame(6)) / 2;
    let damaged = with(&flac, place, &[flac[place] ^ 0x40]);
    let twice = [&flac[..frame(6)], &flac[frame(5)..]].concat();
    for (name, bytes) in [
        ("one less", without),
        ("no beginning", first),
        ("damaged", damaged),
        ("one more", twice),
        ("cut", flac[..flac.len() - 5].to_vec()),
    ] {
        assert!(matches!(recording.refusal(&bytes), Refusal::Broken { .. }), "{name}");
    }
}

#[test]
fn every_container_is_held_to_what_it_states() {
    let recording = Recording::new(60_000, 44_100);
    let (wave, aiff) = (read(&recording.file("master.wav")), recording.as_format("a.aiff", &[]));
    let (caf, alac) = (recording.as_format("a.caf", &[]), recording.as_format("alac.caf", &["-c:a", "alac"]));
    let flac = with(&recording.as_format("a.flac", &[]), 26, &[0; 16]);
    let (common, packets) = (find(&aiff, b"COMM"), find(&alac, b"pakt"));
    let total = |flac: &[u8], n: u32| with(flac, 22, &n.to_be_bytes());
    let valid = |n: u64| with(&alac, packets + 12 + 8, &n.to_be_bytes());
    // less is stated than is there: all of it is taken, and that is said
    for (name, bytes) in [
        ("AIFF", with(&aiff, common + 10, &30_000_u32.to_be_bytes())),
        ("FLAC", total(&flac, 30_000)),
        ("ALAC in CAF", valid(30_000)),
    ] {
        let (samples, notices) = recording.decode(&bytes);
        assert_eq!((samples, notices.len()), (60_000, 1), "{name}: {notices:?}");
    }
    // a header that says the audio ends where it does not
    let sound = find(&aiff, b"SSND");
    for (name, bytes) in [
        ("WAV", with(&wave, 40, &40_000_u32.to_le_bytes())),
        ("AIFF", with(&aiff, sound + 4, &40_008_u32.to_be_bytes())),
    ] {
        assert!(matches!(recording.refusal(&bytes), Refusal::Broken { .. }), "{name}");
    }
    // a second chunk of audio, alone or behind a tag
    let chunk = |name: &[u8; 4], size: Vec<u8>| [&name[..], &size, &[7; 400]].concat();
    let (little, large) = (400_u32.to_le_bytes().to_vec(), 400_u32.to_be_bytes().to_vec());
    let huge = 400_u64.to_be_bytes().to_vec();
    for (name, parts) in [
        ("WAV", [&wave[..], &chunk(b"data", little.clone())].concat()),
        ("WAV, behind a tag", [&wave[..], ID3V2, &chunk(b"data", little)].concat()),
        ("AIFF", [&aiff[..], &chunk(b"SSND", large)].concat()),
        ("CAF", [&caf[..], &chunk(b"data", huge)].concat()),
    ] {
        let refusal = recording.refusal(&parts).to_string();
        assert!(refusal.contains("second chunk of audio"), "{name}: {refusal}");
    }
    // more is stated than is there
    let data = find(&caf, b"data");
    for (name, bytes) in [
        ("WAV", with(&wave, 40, &300_000_u32.to_le_bytes())),
        ("AIFF", with(&aiff, common + 10, &60_001_u32.to_be_bytes())),
        ("CAF", with(&caf, data + 4, &300_004_u64.to_be_bytes())),
        ("FLAC", total(&flac, 60_001)),
    ] {
        assert!(matches!(recording.refusal(&bytes), Refusal::Broken { .. }), "{name}");
    }
    // what may lie behind the audio, and what is told
    for (rest, count) in
        [(id3v1(), 0), (b"LIST\x04\0\0\0INFO".to_vec(), 0), (vec![0; 3000], 1), (vec![7; 300], 1)]
    {
        let (samples, notices) = recording.decode(&[&wave[..], &rest].concat());
        assert_eq!((samples, notices.len()), (60_000, count), "{notices:?}");
    }
}

#[test]
fn a_stream_captured_midway_is_taken_from_there() {
    let recording = Recording::new(500_000, 48_000);
    for (name, options, headers) in
        [("a.ogg", &["-c:a", "libvorbis"][..], 2), ("a.opus", &["-c:a", "libopus"], 2)]
    {
        let whole = recording.as_format(name, options);
        let mut starts: Vec<usize> =
            (0..whole.len() - 4).filter(|&at| whole[at..].starts_with(b"OggS\0")).collect();
        starts.push(whole.len());
        for from in [headers + 1, starts.len() / 3, starts.len() / 2, starts.len() - 4] {
            let bytes = [&whole[..starts[headers]], &whole[starts[from]..]].concat();
            let (samples, notices) = recording.decode(&bytes);
            assert!(samples > 1000 && samples < 500_000, "{name} from page {from}: {samples}");
            assert!(notices.len() == 1 && notices[0].contains("midway"), "{name}: {notices:?}");
            // a page less is still a page less
            let gap = starts.len() - 3;
            if from < gap {
                let gapped =
                    [&whole[..starts[headers]], &whole[starts[from]..starts[gap]], &whole[starts[gap + 1]..]]
                        .concat();
                assert!(
                    matches!(recording.refusal(&gapped), Refusal::Broken { .. }),
                    "{name} from page {from}"
                );
            }
        }
    }
}

#[test]
fn opus_in_mp4_begins_at_its_first_sample_with_an_edit_list_or_without() {
    let recording = Recording::new(100_000, 48_000);
    for options in [
        &[][..],
        &["-use_editlist", "0"],
        &["-movflags", "+frag_keyframe+empty_moov"],
        &["-movflags", "+frag_keyframe"],
    ] {
        let options = [&["-c:a", "libopus"], options].concat();
        let bytes = recording.as_format("a.mp4", &options);
        let (samples, notices) = decoded(&recording.file("a"), &bytes);
        assert_eq!((samples.len() / 2, notices), (100_000, vec![]), "{options:?}");
        let left: Vec<f32> = samples.iter().step_by(2).copied().collect();
        assert_eq!(lag(&recording.mono, &left, 0), 0, "{options:?}");
    }
}

/// A writer into a pipe states −1, one that ended too early 0: all that follows is the audio, and that is told.
#[test]
fn a_caf_that_does_not_say_its_size_is_taken_to_its_end() {
    let recording = Recording::new(60_000, 44_100);
    let caf = recording.as_format("a.caf", &[]);
    let whole = decoded(&recording.file("whole"), &caf).0;
    let data = find(&caf, b"data");
    for size in [u64::MAX, 0, 1 << 63] {
        let (samples, notices) =
            decoded(&recording.file("piped"), &with(&caf, data + 4, &size.to_be_bytes()));
        assert!(samples == whole, "{size:x}");
        assert_eq!(notices.len(), 1, "{size:x}: {notices:?}");
    }
}

#[test]
fn a_caf_of_aac_is_cut_as_its_packet_table_says() {
    let recording = Recording::new(100_000, 44_100);
    let units = adts_units(&recording.as_format("a.aac", &["-c:a", "aac"]));
    let chunk = |kind: &[u8; 4], body: &[u8]| [&kind[..], &(body.len() as u64).to_be_bytes(), body].concat();
    let file = |priming: u32, valid: u64, remainder: u32| {
        let numbers = [0_u32, 0, 1024, 2, 0].map(u32::to_be_bytes).concat();
        let description = [&44_100_f64.to_be_bytes()[..], b"aac ", &numbers].concat();
        let esds =
            [3, 25, 0, 1, 0, 4, 17, 0x40, 0x15, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5, 2, 0x12, 0x10, 6, 1, 2];
        let sizes = units.iter().flat_map(|unit| match unit.len() {
            short @ ..128 => vec![short as u8],
            long => vec![0x80 | (long >> 7) as u8, (long & 0x7f) as u8],
        });
        let table = [
            &(units.len() as u64).to_be_bytes()[..],
            &valid.to_be_bytes(),
            &priming.to_be_bytes(),
            &remainder.to_be_bytes(),
            &sizes.collect::<Vec<u8>>(),
        ]
        .concat();
        [
            &b"caff\0\x01\0\0"[..],
            &chunk(b"desc", &description),
            &chunk(b"kuki", &esds),
            &chunk(b"pakt", &table),
            &chunk(b"data", &[&[0; 4], &units.concat()[..]].concat()),
        ]
        .concat()
    };
    let whole = units.len() as u64 * 1024;
    let (samples, notices) =
        decoded(&recording.file("a.caf"), &file(1024, 100_000, (whole - 101_024) as u32));
    let left: Vec<f32> = samples.iter().step_by(2).copied().collect();
    assert_eq!((left.len(), lag(&recording.mono, &left, 0), notices), (100_000, 0, vec![]));
    // a table of something else cuts nothing
    let (samples, notices) = recording.decode(&file(1024, 20_000, 0));
    assert_eq!((samples as u64, notices.len()), (whole, 1));
}

#[test]
fn a_child_says_the_same() {
    let recording = Recording::new(60_000, 44_100);
    let path = recording.file("a.flac");
    let flac = recording.as_format("a.flac", &[]);
    fs::write(&path, [&flac[..], &flac].concat()).unwrap();
    let offset = flac.len() as u64;
    let here = decode_in(&path, &Isolation::InProcess).unwrap_err();
    assert!(matches!(here, Refusal::Broken { offset: at, .. } if at == offset), "{here}");
    // stereo that differs in both channels
    write_wav(&path, 44_100, 2, &stereo_noise(1000));
    assert_eq!(decode(&path).1.len(), 2000);
}
