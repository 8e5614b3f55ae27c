//! What the suites' bucket holds: five small tracks, each of them one case of rights. Media bytes are noise, since
//! no host looks into them.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use nada_catalog::{
    Changes, FORMAT, KeptVersion, LayerKind, Loudness, LyricsDigest, LyricsFile, LyricsIndex, LyricsLayer,
    Manifest, ObjectKey, Presentation, Rendition, RenditionFile, RenditionName, Revocations, Status,
    SyncUnit, Timeline, TrackId, Version, to_json,
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

/// The renditions and the bytes of each of their two segments.
pub const RENDITIONS: [(&str, usize); 4] =
    [("heaac2-32", 12_000), ("heaac-64", 24_000), ("aac-128", 48_000), ("flac", 200_000)];

/// The version of every track.
pub fn version() -> Version {
    Version::from_input(&[b"the suites' audio"])
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

/// The key and bytes of a media file.
///
/// # Panics
/// The names are not of their grammar.
pub fn media(track: &str, rendition: &str, file: &str) -> (String, Vec<u8>) {
    let key = format!("tracks/{track}/{}/{rendition}/{file}", version());
    let size = RENDITIONS.iter().find(|(name, _)| *name == rendition).map_or(0, |(_, size)| *size);
    let bytes = match file {
        "media.m3u8" => playlist().into_bytes(),
        "init.mp4" => noise(&key, 700),
        _ => noise(&key, size),
    };
    (key, bytes)
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

/// A manifest with the given rights (JSON) and status.
///
/// # Panics
/// The rights are not of their grammar.
#[allow(clippy::unwrap_used)]
pub fn manifest(track: &str, rights: &str, status: Status, now: Timestamp) -> Manifest {
    let track: TrackId = track.parse().unwrap();
    let renditions = RENDITIONS.iter().map(|(name, size)| {
        let name: RenditionName = name.parse().unwrap();
        let bandwidth = *size as u64 * 8 / 2;
        let codecs = name.codec().codecs();
        Rendition {
            name,
            rate: 44_100,
            samples: 393_216,
            channels: 2,
            segments: 2,
            bytes: 2 * *size as u64,
            bandwidth,
            average_bandwidth: bandwidth,
            stream_inf: format!("BANDWIDTH={bandwidth},AVERAGE-BANDWIDTH={bandwidth},CODECS=\"{codecs}\""),
        }
    });
    let presentation = Presentation {
        format: FORMAT,
        track: track.clone(),
        version: version(),
        timeline: Timeline { rate: 44_100, priming: 2048, samples: 393_216 },
        loudness: Some(Loudness { integrated: -14.5, true_peak: -1.2, range: 6.0 }),
        renditions: renditions.collect(),
    };
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
        versions: vec![KeptVersion::of(&presentation, now)],
        presentation,
        previous_lyrics: Vec::new(),
        updated: now,
    }
}

/// Fills the bucket.
///
/// # Errors
/// What the origin's folder says.
pub fn publish(origin: &Origin, now: Timestamp) -> anyhow::Result<()> {
    let day = SignedDuration::from_hours(24);
    let windows = serde_json::json!({ "territories": [
        { "code": "IN", "from": now + day },
        { "code": "ID", "from": now - day - day, "until": now - day },
        { "code": "MY", "from": now - day, "until": now + day },
    ] });
    let world = r#"{"territories":[{"code":"*"}]}"#;
    let tracks: BTreeMap<&str, (String, Status)> = [
        (TRACK, (r#"{"territories":[{"code":"IN"},{"code":"ID"}]}"#.to_owned(), Status::Live)),
        (WORLD, (world.to_owned(), Status::Live)),
        (WINDOWS, (windows.to_string(), Status::Live)),
        (GONE, (world.to_owned(), Status::Withdrawn)),
        (HOLLOW, (world.to_owned(), Status::Live)),
        (CHANGING, (world.to_owned(), Status::Live)),
    ]
    .into();
    for (track, (rights, status)) in tracks {
        let manifest = manifest(track, &rights, status, now);
        origin.put(&ObjectKey::Manifest(manifest.track.clone()).to_string(), &to_json(&manifest)?)?;
        if track == HOLLOW {
            continue;
        }
        for (rendition, _) in RENDITIONS {
            for file in [
                RenditionFile::Playlist,
                RenditionFile::Init,
                RenditionFile::Segment(1),
                RenditionFile::Segment(2),
            ] {
                let (key, bytes) = media(track, rendition, &file.to_string());
                origin.put(&key, &bytes)?;
            }
        }
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
