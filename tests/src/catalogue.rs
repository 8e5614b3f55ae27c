//! What the suites' bucket holds: small tracks, each of them one case. Media bytes are noise, since no host looks into them.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use nada_catalog::{
    ByteLengths, Changes, FORMAT, KeptVersion, LayerKind, Loudness, LyricsDigest, LyricsFile, LyricsIndex,
    LyricsLayer, Manifest, ObjectKey, Presentation, Rendition, RenditionFile, RenditionName, Revocations,
    Status, SyncUnit, Timeline, TrackFileLayout, TrackId, Version, to_json,
};

use crate::origin::Origin;

/// India and Indonesia, live, with lyrics and a lossless rendition.
pub const TRACK: &str = "INNDA2600001";
/// Everywhere.
pub const WORLD: &str = "world-wide";
/// In India not yet, in Indonesia no more.
pub const WINDOWS: &str = "windows";
/// Withdrawn.
pub const GONE: &str = "gone";
/// Everywhere, but the origin lost its media.
pub const HOLLOW: &str = "hollow";
/// Everywhere; a case may change it.
pub const CHANGING: &str = "changing";

/// Protected, with ClearKey, in India and Indonesia: see [`publish_protected`].
pub const PROTECTED: &str = "protected";
/// Protected, with ClearKey, everywhere.
pub const PROTECTED_TOO: &str = "protected-too";
/// Protected without ClearKey, everywhere.
pub const GUARDED: &str = "guarded";

/// The seed that the keys of these are derived from.
pub const SEED: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

/// The key ids of a protected track, lossy and lossless, by Python's `hmac` from [`SEED`].
pub fn key_ids(track: &str) -> [&'static str; 2] {
    match track {
        PROTECTED_TOO => ["4dbf4e41a67c8dffb45658cc5d8babf1", "7725f468354789b284f4d18d4b52394c"],
        GUARDED => ["c1246e95651383208a716e1db1870e26", "c573ecde9b6283ca82c6ed322e21939b"],
        WINDOWS => ["102ab317eb97817b9024c02cc5245763", "33b853db41b08fbda7d77379a33e294c"],
        CHANGING => ["e3acb817df1784c8a3d97bb9330b043b", "51e4720370028653b1c49fd9a8610681"],
        _ => ["e84be038a80c8a7e8ead199f29723673", "4e9cb70c32ce8007bec65cbbfd0862d6"],
    }
}

/// Everywhere, in ten segments and three parts, with an older version that is kept.
pub const LONG: &str = "long";

/// The renditions and the bytes of each of their two segments. Those of [`LONG`] have ten bytes more with each segment.
pub const RENDITIONS: [(&str, usize); 4] =
    [("heaac2-32", 12_000), ("heaac-64", 24_000), ("aac-128", 48_000), ("flac", 200_000)];

/// The version of every track.
pub fn version() -> Version {
    Version::from_input(&[b"the suites' audio"])
}

/// An older version, which [`LONG`] keeps.
pub fn older() -> Version {
    Version::from_input(&[b"the suites' older audio"])
}

/// The digest of the song's lyrics.
pub fn digest() -> LyricsDigest {
    LyricsDigest::from_input(&[b"the suites' lyrics"])
}

/// The bytes of an object: noise that depends on its key, so that no two are mistaken for each other.
pub fn noise(key: &str, length: usize) -> Vec<u8> {
    let seed = key.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let next = |state: &mut u64| {
        *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        Some((*state >> 56) as u8)
    };
    std::iter::from_fn({
        let mut state = seed;
        move || next(&mut state)
    })
    .take(length)
    .collect()
}

/// Where a rendition's bytes lie: two segments that are parts of their own; of [`LONG`], ten in parts of two, six and two.
///
/// # Panics
/// There is no such rendition.
#[allow(clippy::unwrap_used)]
pub fn layout(track: &str, version: &Version, rendition: &str) -> TrackFileLayout {
    let size = RENDITIONS.iter().find(|(name, _)| *name == rendition).unwrap().1 as u32;
    let long = track == LONG && *version == self::version();
    let lengths: Vec<u32> = if long { (0..10).map(|n| size + 10 * n).collect() } else { vec![size; 2] };
    let parts = if long { vec![2, 6, 2] } else { vec![1, 1] };
    TrackFileLayout {
        header: 700,
        index: 12 * lengths.len() as u32 + 32,
        segments: ByteLengths::pack(lengths).unwrap(),
        parts,
    }
}

/// All bytes of a track file.
///
/// # Panics
/// There is no such rendition.
pub fn whole(track: &str, version: &Version, rendition: &str) -> Vec<u8> {
    let layout = layout(track, version, rendition);
    let noise = |file: &str, length: u32| {
        noise(&format!("tracks/{track}/{version}/{rendition}/{file}"), length as usize)
    };
    let mut bytes = noise("init.mp4", layout.header);
    bytes.extend(noise("index", layout.index));
    for (number, length) in (1..).zip(layout.segments.iter()) {
        bytes.extend(noise(&RenditionFile::Segment(number).to_string(), length));
    }
    bytes
}

/// The key of the object that holds a media file of the current version, and the file's bytes.
///
/// # Panics
/// There is no such file.
pub fn media(track: &str, rendition: &str, file: &str) -> (String, Vec<u8>) {
    media_of(track, &version(), rendition, file)
}

/// The same of one version.
///
/// # Panics
/// There is no such file.
#[allow(clippy::unwrap_used)]
pub fn media_of(track: &str, version: &Version, rendition: &str, file: &str) -> (String, Vec<u8>) {
    let folder = format!("tracks/{track}/{version}/{rendition}");
    if file == "media.m3u8" {
        return (format!("{folder}/{file}"), playlist().into_bytes());
    }
    let layout = layout(track, version, rendition);
    let range = layout.range(file.parse().unwrap()).unwrap();
    let part = layout.parts_of(&range).unwrap()[0].part;
    let bytes = &whole(track, version, rendition)[range.start as usize..range.end as usize];
    (format!("{folder}/{part}.mp4"), bytes.to_vec())
}

/// Header, index and first segment of the current version.
///
/// # Panics
/// There is no such rendition.
pub fn start(track: &str, rendition: &str) -> Vec<u8> {
    let mut bytes = whole(track, &version(), rendition);
    bytes.truncate(layout(track, &version(), rendition).start().end as usize);
    bytes
}

/// The objects of a rendition: its parts and its playlist, by their keys.
///
/// # Panics
/// There is no such rendition.
#[allow(clippy::unwrap_used)]
pub fn objects(track: &str, version: &Version, rendition: &str) -> Vec<(String, Vec<u8>)> {
    let layout = layout(track, version, rendition);
    let mut bytes = whole(track, version, rendition);
    let folder = format!("tracks/{track}/{version}/{rendition}");
    let mut objects = vec![(format!("{folder}/media.m3u8"), playlist().into_bytes())];
    for part in layout.parts_of(&layout.whole()).unwrap() {
        let rest = bytes.split_off(part.length as usize);
        objects.push((format!("{folder}/{}.mp4", part.part), std::mem::replace(&mut bytes, rest)));
    }
    objects
}

/// The media playlist of every rendition.
pub fn playlist() -> String {
    "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:6\n#EXT-X-PLAYLIST-TYPE:VOD\n#EXT-X-INDEPENDENT-SEGMENTS\n\
     #EXT-X-MAP:URI=\"init.mp4\"\n#EXTINF:2.97215,\n00001.m4s\n#EXTINF:5.94430,\n00002.m4s\n#EXT-X-ENDLIST\n"
        .to_owned()
}

/// The text of a lyrics file.
pub fn lyrics(file: &str) -> String {
    let line = format!("{file}: बुरा जो देखन मैं चला, बुरा न मिलिया कोय\n");
    match file.rsplit_once('.') {
        Some((_, "json")) => serde_json::json!({ "file": file, "line": line.repeat(20) }).to_string(),
        Some((_, "vtt")) => format!("WEBVTT\n\n00:00.000 --> 00:10.000\n{line}"),
        Some((_, "m3u8")) => {
            format!("#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{}\n#EXT-X-ENDLIST\n", &file[..2])
        }
        _ => line,
    }
}

/// The presentation of one version of a track.
///
/// # Panics
/// The track is not of its grammar.
#[allow(clippy::unwrap_used)]
pub fn presentation(track: &str, version: &Version) -> Presentation {
    let renditions = RENDITIONS.iter().map(|(text, size)| {
        let name: RenditionName = text.parse().unwrap();
        let bandwidth = *size as u64 * 8 / 2;
        let codecs = name.codec().codecs();
        Rendition {
            name,
            rate: 44_100,
            samples: 393_216,
            channels: 2,
            file: layout(track, version, text),
            bandwidth,
            average_bandwidth: bandwidth,
            stream_inf: format!("BANDWIDTH={bandwidth},AVERAGE-BANDWIDTH={bandwidth},CODECS=\"{codecs}\""),
            session_keys: None,
        }
    });
    Presentation {
        format: FORMAT,
        track: track.parse().unwrap(),
        version: version.clone(),
        timeline: Timeline { rate: 44_100, priming: 2048, samples: 393_216 },
        segment_samples: [131_072, 262_144],
        loudness: Some(Loudness { integrated: -14.5, true_peak: -1.2, range: 6.0 }),
        renditions: renditions.collect(),
    }
}

/// A manifest with the given rights (JSON) and status.
///
/// # Panics
/// The rights are not of their grammar.
#[allow(clippy::unwrap_used)]
pub fn manifest(track: &str, rights: &str, status: Status, now: Timestamp) -> Manifest {
    let presentation = presentation(track, &version());
    let track: TrackId = track.parse().unwrap();
    let mut versions = vec![version()];
    versions.extend((track.as_str() == LONG).then(older));
    let layer = |lang: &str, kind, name: &str, sync| LyricsLayer {
        lang: lang.parse().unwrap(),
        kind,
        name: name.to_owned(),
        sync,
    };
    let index = LyricsIndex {
        digest: digest(),
        layers: vec![
            layer("hi", LayerKind::Main, "हिन्दी", SyncUnit::Word),
            layer("hi-Latn", LayerKind::Pronunciation, "Hindi (Latin)", SyncUnit::Word),
            layer("en", LayerKind::Translation, "English", SyncUnit::Line),
        ],
    };
    Manifest {
        format: FORMAT,
        revision: 1,
        lyrics: (track.as_str() == TRACK).then_some(index),
        track,
        release: "suite".parse().unwrap(),
        title: "बुरा जो देखन मैं चला".to_owned(),
        artists: vec!["Nada".to_owned()],
        album: "Suite".to_owned(),
        label: None,
        status,
        rights: serde_json::from_str(rights).unwrap(),
        album_loudness: None,
        versions: versions.into_iter().map(|version| KeptVersion { version, at: now }).collect(),
        presentation,
        previous_lyrics: Vec::new(),
        artwork: None,
        clips: Vec::new(),
        updated: now,
    }
}

/// The manifest of a track as if it were protected; its bytes are noise all the same.
pub fn protected(mut manifest: Manifest) -> Manifest {
    let track = manifest.track.as_str();
    let clear_key = if track == GUARDED { "" } else { ",clearkey" };
    let [lossy, lossless] = key_ids(track);
    let keys = format!("# cbcs,lead=1,keys=1{clear_key},lossy={lossy},lossless={lossless}\n");
    for rendition in &mut manifest.presentation.renditions {
        rendition.session_keys =
            ["heaac2-32", "flac"].contains(&rendition.name.to_string().as_str()).then(|| keys.clone());
    }
    manifest
}

/// Puts the manifests of protected tracks into a bucket that is filled: three of their own, and those of [`WINDOWS`], [`GONE`]
/// and [`CHANGING`] once more.
///
/// # Errors
/// What the origin's folder says.
pub fn publish_protected(origin: &Origin, now: Timestamp) -> anyhow::Result<()> {
    let here = r#"{"territories":[{"code":"IN"},{"code":"ID"}]}"#;
    let world = r#"{"territories":[{"code":"*"}]}"#;
    for (track, rights, status) in [
        (PROTECTED, here, Status::Live),
        (PROTECTED_TOO, world, Status::Live),
        (GUARDED, world, Status::Live),
        (WINDOWS, &windows(now), Status::Live),
        (GONE, world, Status::Withdrawn),
        (CHANGING, world, Status::Live),
    ] {
        let manifest = protected(manifest(track, rights, status, now));
        origin.put(&ObjectKey::Manifest(manifest.track.clone()).to_string(), &to_json(&manifest)?)?;
    }
    Ok(())
}

fn windows(now: Timestamp) -> String {
    let day = SignedDuration::from_hours(24);
    let windows = serde_json::json!({ "territories": [
        { "code": "IN", "from": now + day },
        { "code": "ID", "from": now - day - day, "until": now - day },
        { "code": "MY", "from": now - day, "until": now + day },
    ] });
    windows.to_string()
}

/// Fills the bucket.
///
/// # Errors
/// What the origin's folder says.
pub fn publish(origin: &Origin, now: Timestamp) -> anyhow::Result<()> {
    let world = r#"{"territories":[{"code":"*"}]}"#;
    let tracks: BTreeMap<&str, (String, Status)> = [
        (TRACK, (r#"{"territories":[{"code":"IN"},{"code":"ID"}]}"#.to_owned(), Status::Live)),
        (WORLD, (world.to_owned(), Status::Live)),
        (WINDOWS, (windows(now), Status::Live)),
        (GONE, (world.to_owned(), Status::Withdrawn)),
        (HOLLOW, (world.to_owned(), Status::Live)),
        (CHANGING, (world.to_owned(), Status::Live)),
        (LONG, (world.to_owned(), Status::Live)),
    ]
    .into();
    for (track, (rights, status)) in tracks {
        let manifest = manifest(track, &rights, status, now);
        origin.put(&ObjectKey::Manifest(manifest.track.clone()).to_string(), &to_json(&manifest)?)?;
        if track == HOLLOW {
            continue;
        }
        for (rendition, _) in RENDITIONS {
            for (key, bytes) in objects(track, &version(), rendition) {
                origin.put(&key, &bytes)?;
            }
        }
    }
    origin.put(
        &ObjectKey::Presentation(LONG.parse()?, older()).to_string(),
        &to_json(&presentation(LONG, &older()))?,
    )?;
    for (key, bytes) in objects(LONG, &older(), "aac-128") {
        origin.put(&key, &bytes)?;
    }
    let track: TrackId = TRACK.parse()?;
    for name in ["hi", "hi-Latn", "en"] {
        for extension in ["json", "vtt", "m3u8", "lrc", "ttml"] {
            let file = format!("{name}.{extension}");
            let key = ObjectKey::Lyrics(track.clone(), digest(), file.parse()?);
            origin.put(&key.to_string(), lyrics(&file).as_bytes())?;
        }
    }
    let all = ObjectKey::Lyrics(track, digest(), LyricsFile::All);
    origin.put(&all.to_string(), lyrics("lyrics.json").as_bytes())?;
    origin.put("changes.json", &to_json(&Changes::default())?)?;
    origin.put("revocations.json", &to_json(&Revocations::default())?)
}
