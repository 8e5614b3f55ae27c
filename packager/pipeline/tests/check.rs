//! `nada check` on our own presentations, whole and broken: for every rule a copy that breaks it, and nothing else
//! than that rule and what cannot but come with it is found.
#![allow(clippy::unwrap_used)]

mod support;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::LazyLock,
};

use nada_catalog::{PresentationKind, TrackId, Version, multivariant};
use nada_check as check;
use nada_check::{
    Delivery, Fetch, FetchError, Fetched, Finding, FolderSource, Observer, RULES, Resolve, Severity, Wanted,
};
use nada_pipeline::{Execution, Ladder, Settings};
use nada_protection::{DerivedKeys, KeySource, ProtectionTerms, Scheme, Seed};
use support::{Files, noise, package_on, wav, write};

const LC: &str = "aac-128/media.m3u8";
const HE: &str = "heaac2-32/media.m3u8";
const ENTRY: &str = "multivariant.m3u8";

/// A presentation as a web server would deliver it.
#[derive(Clone, Default)]
struct World {
    entry: &'static str,
    files: Files,
    /// Where a delivery is not what it should be.
    deliveries: BTreeMap<&'static str, Delivery>,
}

fn delivery(name: &str) -> Delivery {
    let (content_type, compressed) = match name.rsplit('.').next().unwrap() {
        "m3u8" => ("application/vnd.apple.mpegurl", true),
        "vtt" => ("text/vtt", true),
        "ts" => ("video/mp2t", false),
        "aac" => ("audio/aac", false),
        _ => ("audio/mp4", false),
    };
    Delivery { content_type: content_type.into(), compressed, redirected: false, secure: true }
}

impl Fetch for World {
    fn resolve(&self) -> Resolve {
        check::resolve
    }

    fn fetch(&mut self, wanted: &[Wanted], give: &mut dyn FnMut(&Wanted, Result<Fetched, FetchError>)) {
        for wanted in wanted {
            let Some(whole) = self.files.get(&wanted.name) else {
                give(wanted, Err(FetchError::Missing("404 Not Found".into())));
                continue;
            };
            let part = wanted.range.map_or(0..whole.len(), |range| {
                let first = whole.len().min(range.offset as usize);
                first..whole.len().min(first + range.length as usize)
            });
            let stated = self.deliveries.get(wanted.name.as_str()).cloned();
            let delivery = Some(stated.unwrap_or_else(|| delivery(&wanted.name)));
            give(wanted, Ok(Fetched { bytes: whole[part].to_vec(), delivery }));
        }
    }
}

impl World {
    fn check(&self) -> Vec<Finding> {
        check::run(self.entry, &mut self.clone())
    }

    fn text(&self, file: &str) -> String {
        String::from_utf8(self.files[file].clone()).unwrap()
    }

    /// Replaces the first of `from` in a text file, which must be there.
    fn replace(&mut self, file: &str, from: &str, to: &str) {
        let text = self.text(file);
        assert!(text.contains(from), "{file} has no {from:?}:\n{text}");
        self.files.insert(file.into(), text.replacen(from, to, 1).into_bytes());
    }

    /// Adds a line after the first.
    fn add(&mut self, file: &str, line: &str) {
        self.replace(file, "#EXTM3U\n", &format!("#EXTM3U\n{line}\n"));
    }

    /// Removes the first line that begins so.
    fn drop_line(&mut self, file: &str, begins: &str) {
        let text = self.text(file);
        let line = text.lines().find(|line| line.starts_with(begins)).unwrap().to_owned();
        self.replace(file, &format!("{line}\n"), "");
    }

    /// Replaces the number of the attribute of the nth variant.
    fn restate(&mut self, attribute: &str, variant: usize, change: fn(u64) -> u64) {
        let text = self.text(ENTRY);
        let line = text.lines().filter(|line| line.starts_with("#EXT-X-STREAM-INF")).nth(variant).unwrap();
        // after the colon or a comma, since one of the names ends like the other
        let at = line.find(&format!(":{attribute}=")).or(line.find(&format!(",{attribute}="))).unwrap();
        let begin = at + attribute.len() + 2;
        let end = line[begin..].find(',').map_or(line.len(), |length| begin + length);
        let value: u64 = line[begin..end].parse().unwrap();
        let new = format!("{}{}{}", &line[..begin], change(value), &line[end..]);
        self.replace(ENTRY, line, &new);
    }

    /// EXTINF of the nth segment, changed.
    fn stretch(&mut self, file: &str, segment: usize, by: f64) {
        let text = self.text(file);
        let line = text.lines().filter(|line| line.starts_with("#EXTINF")).nth(segment).unwrap();
        let seconds: f64 = line["#EXTINF:".len()..].trim_end_matches(',').parse().unwrap();
        self.replace(file, line, &format!("#EXTINF:{:.6},", seconds + by));
    }

    /// Changes the body of the box at `path`; sizes of all around it follow.
    fn boxed(&mut self, file: &str, path: &[&str], change: impl Fn(&mut Vec<u8>)) {
        let bytes = self.files[file].clone();
        self.files.insert(file.into(), edit(&bytes, path, &change));
    }

    /// Sets a byte of the body of the first box that is called so.
    fn set(&mut self, file: &str, name: &str, at: usize, value: u8) {
        let bytes = self.files.get_mut(file).unwrap();
        let begins = bytes.windows(4).position(|window| window == name.as_bytes()).unwrap() + 4;
        bytes[begins + at] = value;
    }

    /// Renames the box at `path`, so that it is skipped.
    fn rename(&mut self, file: &str, from: &str, to: &str) {
        let bytes = self.files.get_mut(file).unwrap();
        let at = bytes.windows(4).position(|window| window == from.as_bytes()).unwrap();
        bytes[at..at + 4].copy_from_slice(to.as_bytes());
    }
}

/// The boxes with the first at `path` changed. `stsd` has eight bytes of its own before its children.
fn edit(bytes: &[u8], path: &[&str], change: &impl Fn(&mut Vec<u8>)) -> Vec<u8> {
    let (mut out, mut rest, mut done) = (Vec::new(), bytes, false);
    while rest.len() >= 8 {
        let size = u32::from_be_bytes(rest[..4].try_into().unwrap()) as usize;
        let (found, after) = rest.split_at(size);
        rest = after;
        if done || &found[4..8] != path[0].as_bytes() {
            out.extend_from_slice(found);
            continue;
        }
        done = true;
        let own = if path[0] == "stsd" { 8 } else { 0 };
        let mut body = found[8..].to_vec();
        if path.len() == 1 {
            change(&mut body);
        } else {
            body = [&found[8..8 + own], &edit(&found[8 + own..], &path[1..], change)].concat();
        }
        out.extend_from_slice(&(body.len() as u32 + 8).to_be_bytes());
        out.extend_from_slice(path[0].as_bytes());
        out.extend_from_slice(&body);
    }
    assert!(done, "no {path:?}");
    out.extend_from_slice(rest);
    out
}

/// 20 seconds and a little in two renditions, with a layer of lyrics.
static GOOD: LazyLock<World> = LazyLock::new(|| world(None));

/// The same, protected, its first two segments in the clear.
static PROTECTED: LazyLock<World> = LazyLock::new(|| {
    let digits = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
    world(Some(&DerivedKeys::new(Seed::parse(digits).unwrap())))
});

fn world(source: Option<&dyn KeySource>) -> World {
    let terms = ProtectionTerms::of(Scheme::Cbcs);
    let protection = source.map(|source| terms.protection("t", source));
    let keys = source.map(|source| source.keys(&terms.request("t")).unwrap());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("source.wav");
    wav(&path, 44_100, 2, &noise(20 * 44_100 + 77, 0.5));
    let ladder: Ladder = "heaac2-32,aac-128".parse().unwrap();
    let execution = Execution { keys, ..Execution::default() };
    let (packaged, mut files) =
        package_on(&path, &Settings { ladder, protection, ..Settings::default() }, &execution).unwrap();
    let seconds = (packaged.timeline.samples + 2048) as f64 / f64::from(packaged.timeline.rate);
    let track: TrackId = "t".parse().unwrap();
    let presentation = packaged.into_presentation(track, Version::from_input(&[b"x"]));
    let text = multivariant(&presentation, None, None, PresentationKind::Aac, "").unwrap();
    let lyrics = "#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID=\"lyrics\",NAME=\"Hindi\",LANGUAGE=\"hi\",DEFAULT=YES,\
                  AUTOSELECT=YES,FORCED=NO,URI=\"lyrics/hi.m3u8\"";
    let text = text.replacen("#EXT-X-STREAM-INF", &format!("{lyrics}\n#EXT-X-STREAM-INF"), 1);
    let text: String = text
        .lines()
        .map(|line| match line.starts_with("#EXT-X-STREAM-INF") {
            true => format!("{line},SUBTITLES=\"lyrics\"\n"),
            false => format!("{line}\n"),
        })
        .collect();
    files.insert(ENTRY.into(), text.into_bytes());
    let subtitles = format!(
        "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:21\n#EXT-X-PLAYLIST-TYPE:VOD\n#EXTINF:{seconds:.6},\nhi.vtt\n\
         #EXT-X-ENDLIST\n"
    );
    files.insert("lyrics/hi.m3u8".into(), subtitles.into_bytes());
    let vtt = "WEBVTT\nX-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:0\n\n00:00:01.000 --> 00:00:02.000\nक\n";
    files.insert("lyrics/hi.vtt".into(), vtt.as_bytes().to_vec());
    World { entry: ENTRY, files, deliveries: BTreeMap::new() }
}

/// A frame of AAC-LC at 44.1 kHz in ADTS.
const FRAME: [u8; 9] = [0xff, 0xf1, 0x50, 0x80, 0x01, 0x20, 0xfc, 1, 2];
/// Frames of a 6 s segment.
const FRAMES: usize = 258;

/// A media playlist of two segments of six seconds.
fn playlist(segments: [&str; 2]) -> String {
    let seconds = FRAMES as f64 * 1024.0 / 44_100.0;
    let [a, b] = segments.map(|name| format!("#EXTINF:{seconds:.6},\n{name}\n"));
    format!(
        "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:6\n#EXT-X-PLAYLIST-TYPE:VOD\n#EXT-X-INDEPENDENT-SEGMENTS\n\
         {a}{b}#EXT-X-ENDLIST\n"
    )
}

/// Packed AAC (RFC 8216 §3.4).
fn packed() -> World {
    let id3 = b"ID3\x04\0\0\0\0\0\x3fPRIV\0\0\0\x35\0\0com.apple.streaming.transportStreamTimestamp\0\0\0\0\0\0\0\0\0";
    let segment = [id3.as_slice(), &FRAME.repeat(FRAMES)].concat();
    let files = [
        ("media.m3u8", playlist(["1.aac", "2.aac"]).into_bytes()),
        ("1.aac", segment.clone()),
        ("2.aac", segment),
    ];
    let files = files.map(|(name, bytes)| (name.to_owned(), bytes)).into();
    World { entry: "media.m3u8", files, deliveries: BTreeMap::new() }
}

fn packet(pid: u16, start: bool, payload: &[u8]) -> Vec<u8> {
    let [high, low] = (pid | if start { 0x4000 } else { 0 }).to_be_bytes();
    let stuffing = 184 - payload.len();
    let mut packet = vec![0x47, high, low, if stuffing == 0 { 0x10 } else { 0x30 }];
    if stuffing > 0 {
        packet.push(stuffing as u8 - 1);
        packet.extend(std::iter::repeat_n(0, stuffing.min(2) - 1));
        packet.extend(std::iter::repeat_n(0xff, stuffing.saturating_sub(2)));
    }
    packet.extend_from_slice(payload);
    packet
}

/// One segment of a transport stream from `clock` in 90 kHz.
fn transport(clock: u64) -> Vec<u8> {
    let pat = b"\0\0\xb0\x0d\0\x01\xc1\0\0\0\x01\xf0\0crc ";
    let pmt = b"\0\x02\xb0\x12\0\x01\xc1\0\0\xe1\0\xf0\0\x0f\xe1\0\xf0\0crc ";
    let times = [
        0x21 | (clock >> 29) as u8 & 0x0e,
        (clock >> 22) as u8,
        1 | (clock >> 14) as u8 & 0xfe,
        (clock >> 7) as u8,
        1 | (clock << 1) as u8,
    ];
    let pes = [b"\0\0\x01\xc0\0\0\x80\x80\x05".as_slice(), &times, &FRAME.repeat(FRAMES)].concat();
    let mut segment = [packet(0, true, pat), packet(0x1000, true, pmt)].concat();
    for (index, part) in pes.chunks(184).enumerate() {
        segment.extend(packet(0x100, index == 0, part));
    }
    segment
}

fn transported() -> World {
    let second = 900_000 + FRAMES as u64 * 1024 * 90_000 / 44_100;
    let files = [
        ("media.m3u8", playlist(["1.ts", "2.ts"]).into_bytes()),
        ("1.ts", transport(900_000)),
        ("2.ts", transport(second)),
    ];
    let files = files.map(|(name, bytes)| (name.to_owned(), bytes)).into();
    World { entry: "media.m3u8", files, deliveries: BTreeMap::new() }
}

/// The same with its tables in an initialization section (RFC 8216 §3.2).
fn mapped() -> World {
    let mut world = transported();
    for name in ["1.ts", "2.ts"] {
        let tables: Vec<u8> = world.files.get_mut(name).unwrap().drain(..2 * 188).collect();
        world.files.insert("map.ts".into(), tables);
    }
    world.replace("media.m3u8", "VERSION:3", "VERSION:6");
    world.add("media.m3u8", "#EXT-X-MAP:URI=\"map.ts\"");
    world
}

/// The rules a copy breaks: the one it is made for first.
type Case = (&'static [&'static str], fn(&mut World));

const CASES: &[Case] = &[
    (&["H101"], |w| w.replace(LC, "#EXTM3U\n", "#EXTM3U8\n")),
    (&["H102"], |w| w.files.get_mut(LC).unwrap().splice(0..0, *b"\xef\xbb\xbf").for_each(drop)),
    (&["H102"], |w| w.files.get_mut(LC).unwrap().splice(8..8, *b"# \xff\n").for_each(drop)),
    (&["H103"], |w| w.add(LC, "# \u{7}")),
    (&["H104"], |w| w.add(LC, "#EXT-X-VERSION:6")),
    (&["H104"], |w| w.add(ENTRY, "#EXT-X-VERSION:seven")),
    (&["H105"], |w| w.replace(LC, "VERSION:6", "VERSION:5")),
    (&["H105"], |w| w.add(ENTRY, "#EXT-X-DEFINE:NAME=\"a\",VALUE=\"b\"")),
    (&["H106"], |w| w.add(LC, "#EXT-X-SESSION-DATA:DATA-ID=\"a\",VALUE=\"b\"")),
    (&["H107"], |w| w.add(ENTRY, "#EXT-X-SESSION-DATA:DATA-ID=\"a\",VALUE=\"b\",")),
    (&["H107", "H212"], |w| w.add(ENTRY, "#EXT-X-SESSION-DATA:DATA-ID=\"a\", VALUE=\"b\"")),
    (&["H108"], |w| w.add(ENTRY, "#EXT-X-SESSION-DATA:DATA-ID=\"a\",VALUE=\"b\",DATA-ID=\"a\"")),
    (&["H109"], |w| w.add(LC, "#EXT-X-START:TIME-OFFSET=\"1\"")),
    (&["H109", "H306"], |w| w.replace(LC, "TYPE:VOD", "TYPE:VID")),
    (&["H110"], |w| w.add(LC, "#EXT-X-START:PRECISE=YES")),
    (&["H111"], |w| w.add(LC, "#EXT-X-TARGETDURATION:6")),
    (&["H112"], |w| w.replace(LC, "00002.m4s\n", "00002.m4s \n")),
    (&["H113"], |w| w.replace(LC, "00002.m4s", "{$a}00002.m4s")),
    (&["H113"], |w| w.replace(LC, "VERSION:6\n", "VERSION:8\n#EXT-X-DEFINE:IMPORT=\"a\"\n")),
    (&["H114"], |w| w.add(LC, "#EXT-X-ANYTHING")),
    (&["H115"], |w| w.files.get_mut(LC).unwrap().resize(5 << 20, b'\n')),
    (&["H116"], |w| w.replace(ENTRY, &w.text(ENTRY), "#EXTM3U\n#EXT-X-VERSION:3\n")),
    (&["H201"], |w| w.replace(ENTRY, "aac-128/media.m3u8\n", "")),
    (&["H201"], |w| w.replace(ENTRY, "heaac2-32/media.m3u8\n", "")),
    (&["H202", "H206"], |w| {
        let kept: String = w
            .text(ENTRY)
            .lines()
            .filter(|line| line.starts_with("#") && !line.contains("STREAM-INF"))
            .map(|line| format!("{line}\n"))
            .collect();
        w.files.insert(ENTRY.into(), kept.into_bytes());
    }),
    (&["H203"], |w| w.replace(ENTRY, ",CODECS=\"mp4a.40.2\"", "")),
    (&["H204"], |w| {
        let text = w.text(ENTRY);
        let at = text.find(",AVERAGE-BANDWIDTH=").unwrap();
        let end = at + 1 + text[at + 1..].find(',').unwrap();
        w.replace(ENTRY, &text[at..end], "");
    }),
    (&["H205"], |w| w.replace(ENTRY, "SUBTITLES=\"lyrics\"", "SUBTITLES=\"lyrix\"")),
    (&["H206"], |w| {
        media(w, "TYPE=SUBTITLES,GROUP-ID=\"b\",NAME=\"b\",LANGUAGE=\"id\",URI=\"lyrics/hi.m3u8\"")
    }),
    (&["H207"], |w| {
        media(w, "TYPE=SUBTITLES,GROUP-ID=\"lyrics\",NAME=\"Hindi\",LANGUAGE=\"hi\",URI=\"lyrics/hi.m3u8\"")
    }),
    (&["H208"], |w| {
        media(
            w,
            "TYPE=SUBTITLES,GROUP-ID=\"lyrics\",NAME=\"b\",LANGUAGE=\"id\",DEFAULT=YES,URI=\"lyrics/hi.m3u8\"",
        );
    }),
    (&["H209"], |w| w.replace(ENTRY, "AUTOSELECT=YES", "AUTOSELECT=NO")),
    (&["H210"], |w| w.replace(ENTRY, ",URI=\"lyrics/hi.m3u8\"", "")),
    (&["H211"], |w| w.replace(ENTRY, "LANGUAGE=\"hi\",", "")),
    (&["H212"], |w| w.add(ENTRY, "#EXT-X-SESSION-DATA:DATA-ID=\"a\"")),
    (&["H212"], |w| {
        w.add(
            ENTRY,
            "#EXT-X-SESSION-DATA:DATA-ID=\"a\",VALUE=\"b\"\n#EXT-X-SESSION-DATA:DATA-ID=\"a\",VALUE=\"c\"",
        )
    }),
    (&["H213"], |w| w.replace(ENTRY, "#EXT-X-STREAM-INF:", "#EXT-X-STREAM-INF:SCORE=1.5,")),
    (&["H214"], |w| w.add(ENTRY, "#EXT-X-CONTENT-STEERING:SERVER-URI=\"steer.json\"")),
    (&["H215"], |w| w.restate("BANDWIDTH", 1, |rate| rate * 112 / 100)),
    (&["H215"], |w| w.restate("BANDWIDTH", 0, |rate| rate * 88 / 100)),
    (&["H216"], |w| w.restate("AVERAGE-BANDWIDTH", 1, |rate| rate * 112 / 100)),
    (&["H217", "H215", "H216"], |w| {
        let segment = w.files.get_mut("aac-128/00002.m4s").unwrap();
        segment.extend_from_slice(&(800_000_u32).to_be_bytes());
        segment.extend_from_slice(b"free");
        segment.resize(segment.len() + 799_992, 0);
    }),
    (&["H218"], |w| w.replace(ENTRY, "mp4a.40.2\"", "opus\"")),
    (&["H218"], |w| w.replace(ENTRY, "mp4a.40.29\"", "mp4a.40.5\"")),
    (&["H219", "H215"], |w| {
        w.restate("BANDWIDTH", 0, |_| 193_000);
        w.restate("BANDWIDTH", 1, |_| 193_000);
    }),
    (&["H220", "H218"], |w| {
        w.replace(ENTRY, "mp4a.40.2\"", "opus\"");
        w.replace(ENTRY, "mp4a.40.29\"", "opus\"");
    }),
    (&["H221", "H415"], |w| w.replace(ENTRY, "mp4a.40.2\"", "mp4a.40.5\"")),
    (&["H222"], |w| {
        media(
            w,
            "TYPE=AUDIO,GROUP-ID=\"a\",NAME=\"a\",LANGUAGE=\"hi\",CHANNELS=\"6\",URI=\"aac-128/media.m3u8\"",
        );
        w.replace(ENTRY, ",SUBTITLES=\"lyrics\"\naac", ",SUBTITLES=\"lyrics\",AUDIO=\"a\"\naac");
    }),
    (&["H301"], |w| w.drop_line(LC, "#EXT-X-TARGETDURATION")),
    (&["H301", "H302", "H315", "H316", "H317"], |w| w.replace(LC, "TARGETDURATION:6", "TARGETDURATION:five")),
    (&["H302", "H315", "H319", "H321", "H322"], |w| w.stretch(LC, 1, 0.6)),
    (&["H303"], |w| w.replace(LC, "#EXTINF:5.9", "#EXTINF:+5.9")),
    (&["H303", "H105"], |w| w.replace(LC, "VERSION:6", "VERSION:2")),
    (&["H304", "H215", "H216", "H319", "H321", "H322"], |w| w.drop_line(LC, "#EXTINF")),
    (&["H305"], |w| w.drop_line(LC, "#EXT-X-ENDLIST")),
    (&["H306"], |w| w.drop_line(LC, "#EXT-X-PLAYLIST-TYPE")),
    (&["H307", "H215", "H216", "H319", "H321", "H322"], |w| {
        w.replace(LC, "#EXTINF:2.972154", "#EXTINF:0.000000")
    }),
    (&["H308"], |w| w.replace(LC, "00002.m4s", "#EXT-X-BYTERANGE:9000000@0\n00002.m4s")),
    (&["H308"], |w| w.replace(LC, "00002.m4s", "#EXT-X-BYTERANGE:x@0\n00002.m4s")),
    (&["H309"], |w| w.replace(LC, "00002.m4s", "#EXT-X-BYTERANGE:1000\n00002.m4s")),
    (&["H310"], |w| w.replace(LC, "#EXT-X-ENDLIST", "#EXT-X-KEY:METHOD=AES-128\n#EXT-X-ENDLIST")),
    (&["H310"], |w| w.add(LC, "#EXT-X-KEY:METHOD=NONE,URI=\"k\"")),
    (&["H311"], |w| w.add(LC, "#EXT-X-KEY:METHOD=AES-128,URI=\"k\"")),
    (&["H312"], |w| w.replace(LC, "00001.m4s\n", "00001.m4s\n#EXT-X-MEDIA-SEQUENCE:1\n")),
    (&["H313", "H318", "H319"], |w| {
        let kept: String =
            w.text(LC).lines().filter(|l| l.starts_with("#EXT-X")).map(|l| format!("{l}\n")).collect();
        w.files.insert(LC.into(), format!("#EXTM3U\n{kept}").into_bytes());
    }),
    (&["H314"], |w| {
        for file in [ENTRY, LC] {
            w.drop_line(file, "#EXT-X-INDEPENDENT");
        }
    }),
    (&["H315", "H302", "H319", "H321", "H322"], |w| w.stretch(LC, 1, 0.9)),
    (&["H316"], |w| [LC, HE].map(|file| w.replace(file, "DURATION:6", "DURATION:7")).into_iter().collect()),
    (&["H317", "H316"], |w| w.replace(LC, "DURATION:6", "DURATION:7")),
    (&["H318", "H319"], |w| {
        let text = w.text(LC);
        let at = text.match_indices("#EXTINF").nth(2).unwrap().0;
        w.replace(LC, &text[at..], "#EXT-X-ENDLIST\n");
    }),
    (&["H319"], |w| {
        w.stretch(LC, 1, -0.03);
        w.stretch(LC, 2, 0.03);
    }),
    (&["H320"], |w| w.replace(LC, "00001.m4s\n", "00001.m4s\n#EXT-X-DISCONTINUITY\n")),
    (&["H321", "H319"], |w| {
        w.stretch(LC, 1, -0.1);
        w.stretch(LC, 2, 0.1);
    }),
    (&["H322", "H319", "H321"], |w| w.stretch(LC, 3, 0.2)),
    (&["H323"], |w| {
        w.drop_line(LC, "#EXT-X-ENDLIST");
        w.drop_line(LC, "#EXT-X-PLAYLIST-TYPE");
    }),
    (&["H324", "H215", "H216", "H218", "H320"], |w| {
        let other = "#EXT-X-DISCONTINUITY\n#EXT-X-MAP:URI=\"../heaac2-32/init.mp4\"\n";
        w.replace(LC, "00001.m4s\n", &format!("00001.m4s\n{other}"));
        for name in ["00002.m4s", "00003.m4s", "00004.m4s"] {
            w.replace(LC, name, &format!("../heaac2-32/{name}"));
        }
    }),
    (&["H401"], |w| drop(w.files.remove("aac-128/00003.m4s"))),
    (&["H401"], |w| drop(w.files.remove("aac-128/init.mp4"))),
    (&["H401"], |w| drop(w.files.remove(HE))),
    (&["H402"], |w| w.files.get_mut("aac-128/00002.m4s").unwrap().extend_from_slice(&[0; 3])),
    (&["H402"], |w| {
        w.boxed("aac-128/init.mp4", &["moov", "trak"], |body| body.extend_from_slice(b"\0\x01\0\0free"))
    }),
    (&["H403"], |w| w.rename("aac-128/init.mp4", "ftyp", "free")),
    (&["H404"], |w| {
        w.boxed("aac-128/init.mp4", &["moov", "trak", "mdia", "minf", "stbl", "stsz"], |body| body[11] = 1)
    }),
    (&["H405"], |w| w.drop_line(LC, "#EXT-X-MAP")),
    (&["H406"], |w| w.rename("aac-128/00002.m4s", "tfdt", "free")),
    (&["H407"], |w| {
        let bytes = w.files["aac-128/init.mp4"].clone();
        w.boxed("aac-128/init.mp4", &["moov"], |body| {
            let at = bytes.windows(4).position(|window| window == b"trak").unwrap() - 4;
            let size = u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap()) as usize;
            body.extend_from_slice(&bytes[at..at + size]);
        });
    }),
    (&["H408"], |w| {
        w.boxed("aac-128/00002.m4s", &["moof", "traf", "tfhd"], |body| {
            body[3] |= 1;
            body.splice(8..8, [0; 8]);
        });
    }),
    (&["H409"], |w| w.boxed("aac-128/00002.m4s", &["moof", "traf", "tfhd"], |body| body[1] &= !2)),
    (&["H410"], |w| w.boxed("aac-128/00002.m4s", &["moof", "traf", "trun"], |body| body[9] = 1)),
    (&["H410"], |w| w.boxed("aac-128/00002.m4s", &["moof", "traf", "trun"], |body| body[11] ^= 1)),
    (&["H411"], |w| w.boxed("aac-128/00002.m4s", &["mdat"], |body| body.extend_from_slice(&[0; 100]))),
    (&["H412"], |w| {
        w.boxed("aac-128/00002.m4s", &["moof", "traf", "tfdt"], |body| *body.last_mut().unwrap() ^= 1);
    }),
    (&["H412"], |w| {
        *w = transported();
        w.files.insert("2.ts".into(), transport(0));
    }),
    (&["H413"], |w| {
        w.boxed("aac-128/init.mp4", &["moov", "trak", "mdia", "mdhd"], |body| {
            let at = if body[0] == 1 { 20 } else { 12 };
            body[at..at + 4].copy_from_slice(&44_099_u32.to_be_bytes());
        });
    }),
    (&["H414"], |w| w.boxed("aac-128/init.mp4", &ENTRY_OF_LC, |body| body[17] = 6)),
    (&["H414"], |w| w.boxed("aac-128/init.mp4", &ENTRY_OF_LC, |body| body[24] ^= 0x40)),
    (&["H415"], |w| w.replace(ENTRY, "mp4a.40.2\"", "mp4a.40.5\"")),
    (&["H416"], |w| w.files.get_mut("aac-128/00004.m4s").unwrap()[..4].copy_from_slice(b"fLaC")),
    (&["H416", "H204", "H215", "H218", "H220"], |w| {
        *w = transported();
        w.entry = ENTRY;
        let text = "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1,CODECS=\"fLaC\"\nmedia.m3u8\n";
        w.files.insert(ENTRY.into(), text.as_bytes().to_vec());
    }),
    (&["H223"], |w| protected(w, |w| w.add(ENTRY, "#EXT-X-SESSION-KEY:METHOD=NONE"))),
    (&["H223"], |w| w.add(ENTRY, "#EXT-X-SESSION-KEY:METHOD=SAMPLE-AES")),
    (&["H223"], |w| {
        protected(w, |w| {
            let text = w.text(ENTRY);
            let line = text.lines().find(|line| line.starts_with("#EXT-X-SESSION-KEY")).unwrap().to_owned();
            w.add(ENTRY, &line);
        });
    }),
    (&["H224"], |w| protected(w, |w| w.replace(ENTRY, "KEYFORMATVERSIONS=\"1\"", "KEYFORMATVERSIONS=\"2\""))),
    (&["H325"], |w| protected(w, |w| w.replace(LC, "skd://", "https://"))),
    (&["H325"], |w| protected(w, |w| w.replace(ENTRY, "UTF-16;base64,", "UTF-16;base64,A"))),
    (&["H326"], |w| protected(w, |w| w.replace(LC, "KEYID=0x", "KEYID=0x0"))),
    (&["H326"], |w| {
        protected(w, |w| {
            let text = w.text(LC);
            let at = text.find("KEYID=0x").unwrap() + 8;
            let id = text[at..at + 32].to_owned();
            w.replace(LC, &format!("KEYID=0x{id}"), &format!("KEYID=0x{:032x}", 1));
        });
    }),
    (&["H327"], |w| {
        protected(w, |w| (0..3).for_each(|_| w.drop_line(LC, "#EXT-X-KEY:METHOD=SAMPLE-AES")));
    }),
    (&["H328"], |w| protected(w, |w| w.replace(LC, "METHOD=NONE", "METHOD=SAMPLE-AES,URI=\"key\""))),
    (&["H329", "H224"], |w| {
        protected(w, |w| (0..3).for_each(|_| w.replace(LC, "METHOD=SAMPLE-AES,", "METHOD=SAMPLE-AES-CTR,")));
    }),
    (&["H425"], |w| protected(w, |w| w.rename("aac-128/init.mp4", "sinf", "free"))),
    (&["H425"], |w| protected(w, |w| w.rename("aac-128/init.mp4", "schm", "free"))),
    (&["H426"], |w| protected(w, |w| w.set("aac-128/init.mp4", "tenc", 7, 8))),
    (&["H427"], |w| protected(w, |w| w.set("aac-128/init.mp4", "tenc", 5, 0x19))),
    (&["H428"], |w| protected(w, |w| w.set("aac-128/init.mp4", "pssh", 0, 2))),
    (&["H429"], |w| protected(w, |w| w.set("aac-128/00001.m4s", "tfhd", 11, 3))),
    (&["H417"], |w| w.rename("aac-128/init.mp4", "ludt", "free")),
    (&["H418"], |w| {
        w.boxed("aac-128/init.mp4", &["moov", "trak"], |body| body.extend_from_slice(b"\0\0\0\x08edts"));
    }),
    (&["H419"], |w| w.add(LC, "#EXT-X-KEY:METHOD=AES-128,URI=\"k\",IV=0x0")),
    (&["H420"], |w| {
        *w = packed();
        w.files.insert("1.aac".into(), FRAME.repeat(FRAMES));
    }),
    (&["H421"], |w| {
        *w = transported();
        w.files.get_mut("1.ts").unwrap().drain(..188);
    }),
    (&["H422"], |w| {
        *w = transported();
        let segment = w.files.get_mut("1.ts").unwrap();
        segment.splice(0..0, packet(0x11, true, &[0xff; 184]));
    }),
    (&["H423"], |w| {
        *w = transported();
        w.files.get_mut("2.ts").unwrap().drain(200..210);
    }),
    (&["H423"], |w| {
        *w = packed();
        w.files.get_mut("2.aac").unwrap().extend_from_slice(b"rubbish");
    }),
    (&["H424"], |w| {
        let segment = w.files.get_mut("aac-128/00002.m4s").unwrap();
        segment.splice(0..0, *b"\0\0\0\x10stypiso6\0\0\0\0");
    }),
    (&["H501"], |w| w.replace("lyrics/hi.vtt", "WEBVTT", "WEBSTER")),
    (&["H502"], |w| w.drop_line("lyrics/hi.vtt", "X-TIMESTAMP-MAP")),
    (&["H502"], |w| w.replace("lyrics/hi.vtt", "MPEGTS:0", "MPEGTS:x")),
    (&["H503"], |w| w.stretch("lyrics/hi.m3u8", 0, -1.0)),
    (&["H601"], |w| w.replace(LC, "00002.m4s", "../../00002.m4s")),
    (&["H601"], |w| w.replace(LC, "00002.m4s", "file:///etc/passwd")),
    (&["H602"], |w| deliver(w, "aac-128/00001.m4s", |d| d.redirected = true)),
    (&["H603", "H604"], |w| {
        let playlist = w.files.remove(LC).unwrap();
        w.files.insert("aac-128/media.txt".into(), playlist);
        w.replace(ENTRY, LC, "aac-128/media.txt");
        deliver(w, "aac-128/media.txt", |d| (d.content_type, d.compressed) = ("text/plain".into(), true));
    }),
    (&["H604"], |w| deliver(w, "aac-128/00001.m4s", |d| d.content_type = "application/octet-stream".into())),
    (&["H605"], |w| deliver(w, LC, |d| d.compressed = false)),
    (&["H606"], |w| deliver(w, ENTRY, |d| d.secure = false)),
];

const ENTRY_OF_LC: [&str; 7] = ["moov", "trak", "mdia", "minf", "stbl", "stsd", "mp4a"];

/// Changes the protected presentation instead.
fn protected(world: &mut World, change: impl Fn(&mut World)) {
    *world = PROTECTED.clone();
    change(world);
}

/// A further EXT-X-MEDIA, before the first variant.
fn media(world: &mut World, attributes: &str) {
    world.replace(ENTRY, "#EXT-X-STREAM-INF", &format!("#EXT-X-MEDIA:{attributes}\n#EXT-X-STREAM-INF"));
}

fn deliver(world: &mut World, name: &'static str, change: fn(&mut Delivery)) {
    let mut delivery = delivery(name);
    change(&mut delivery);
    world.deliveries.insert(name, delivery);
}

fn ids(findings: &[Finding], least: Severity) -> BTreeSet<&'static str> {
    findings.iter().filter(|found| found.severity() >= least).map(|found| found.rule.id).collect()
}

#[test]
fn what_we_make_breaks_no_rule() {
    for world in [GOOD.clone(), packed(), transported(), mapped()] {
        assert_eq!(world.check(), [], "of {}", world.files.len());
    }
}

#[test]
fn what_is_protected_breaks_no_rule_and_is_not_looked_into() {
    let found = PROTECTED.check();
    assert!(found.iter().all(|found| found.rule.id == "H419"), "{found:#?}");
    assert_eq!(found.len(), 2, "one for each rendition: {found:#?}");
}

#[test]
fn each_broken_copy_breaks_its_rule_and_no_other() {
    let mut wrong = Vec::new();
    for (index, (expected, mutate)) in CASES.iter().enumerate() {
        let mut world = GOOD.clone();
        mutate(&mut world);
        let findings = world.check();
        let rule = RULES.iter().find(|rule| rule.id == expected[0]).unwrap();
        let found = ids(&findings, rule.severity.min(Severity::Warning));
        if found != BTreeSet::from_iter(expected.iter().copied()) {
            wrong.push(format!("case {index} of {expected:?}: {findings:#?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn no_rule_is_without_a_case() {
    let covered: BTreeSet<&str> = CASES.iter().map(|(expected, _)| expected[0]).collect();
    let left: Vec<&str> = RULES.iter().map(|rule| rule.id).filter(|id| !covered.contains(id)).collect();
    assert_eq!(left, Vec::<&str>::new());
}

#[test]
fn findings_name_file_and_line() {
    let mut world = GOOD.clone();
    world.files.remove("aac-128/00003.m4s");
    let findings = world.check();
    let [found] = findings.as_slice() else { panic!("{findings:?}") };
    let line = world.text(LC).lines().position(|line| line == "00003.m4s").unwrap() as u32 + 1;
    assert_eq!((found.resource.as_str(), found.line), (LC, Some(line)));
    assert_eq!(found.message, "aac-128/00003.m4s: 404 Not Found");
    let json = serde_json::to_value(found).unwrap();
    assert_eq!((json["rule"].as_str(), json["severity"].as_str()), (Some("H401"), Some("error")));
}

#[test]
fn a_folder_and_an_observer_judge_alike_and_no_link_leads_out() {
    let mut world = GOOD.clone();
    world.boxed("aac-128/00002.m4s", &["moof", "traf", "tfdt"], |body| *body.last_mut().unwrap() ^= 1);
    let folder = tempfile::tempdir().unwrap();
    write(&world.files, folder.path());
    let of_folder = check::run(ENTRY, &mut FolderSource::new(folder.path()));
    let mut observer = Observer::default();
    for (name, bytes) in &world.files {
        if let Some((rendition, file)) = name.split_once('/') {
            observer.see(rendition, file, bytes);
        }
    }
    let of_observer = observer.judge(ENTRY, &world.text(ENTRY));
    assert_eq!(of_folder, of_observer);
    assert_eq!(ids(&of_folder, Severity::Notice), BTreeSet::from(["H412"]));

    let presentation = folder.path().join("presentation");
    std::fs::create_dir(&presentation).unwrap();
    std::fs::write(presentation.join("media.m3u8"), world.text(LC)).unwrap();
    std::os::unix::fs::symlink(folder.path().join("aac-128/00002.m4s"), presentation.join("00002.m4s"))
        .unwrap();
    let findings = check::run("media.m3u8", &mut FolderSource::new(&presentation));
    assert!(findings.iter().any(|found| found.rule.id == "H601"), "{findings:#?}");
}

/// Whatever is cut off or flipped gives findings, never a panic, and never more than a message can be read of.
#[test]
fn hostile_copies_give_findings() {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut random = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state as usize % below.max(1)
    };
    let worlds = [GOOD.clone(), packed(), transported()];
    for round in 0..300 {
        let mut world = worlds[round % 3].clone();
        let names: Vec<String> = world.files.keys().cloned().collect();
        let file = world.files.get_mut(&names[random(names.len())]).unwrap();
        match random(3) {
            0 => file.truncate(random(file.len())),
            1 => (0..8).for_each(|_| {
                let at = random(file.len());
                file[at] ^= 1 << random(8);
            }),
            _ => {
                let at = random(file.len().min(200));
                file[at] = 0xff;
            }
        }
        assert!(world.check().len() < 1000);
    }
}
