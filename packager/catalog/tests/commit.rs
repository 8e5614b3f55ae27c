//! What a release may change of a manifest, and what it must leave.
#![allow(clippy::unwrap_used)]

use jiff::Timestamp;
use nada_catalog::{
    ByteLengths, Codec, Conflict, FORMAT, Manifest, ManifestChange, Presentation, Rendition, RenditionName,
    Rights, Status, Timeline, TrackFileLayout, Version, from_json, release_record::Expected, to_json,
};

fn now(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_790_000_000 + seconds).unwrap()
}

fn rights(code: &str) -> Rights {
    serde_json::from_str(&format!(r#"{{"territories":[{{"code":"{code}"}}]}}"#)).unwrap()
}

fn change(source: &str, code: &str, expected: Option<&Manifest>) -> ManifestChange {
    let name = RenditionName::new(Codec::AacLc, 128).unwrap();
    let rendition = Rendition {
        name,
        rate: 44_100,
        samples: 1_000_000,
        channels: 2,
        file: TrackFileLayout {
            header: 700,
            index: 68,
            segments: ByteLengths::pack([20; 5]).unwrap(),
            parts: vec![5],
        },
        bandwidth: 1,
        average_bandwidth: 1,
        stream_inf: "BANDWIDTH=1".into(),
        session_keys: None,
    };
    let presentation = Presentation {
        format: FORMAT,
        track: "t1".parse().unwrap(),
        version: Version::from_input(&[source.as_bytes()]),
        timeline: Timeline { rate: 44_100, priming: 2048, samples: 1_000_000 },
        segment_samples: [131_072, 262_144],
        loudness: None,
        renditions: vec![rendition],
    };
    ManifestChange {
        expected: expected
            .map(|m| Expected { version: m.presentation.version.clone(), rights: m.rights.clone() }),
        title: "Title".into(),
        artists: vec!["Artist".into()],
        album: "Album".into(),
        label: None,
        rights: rights(code),
        presentation,
        album_loudness: None,
        lyrics: None,
        artwork: None,
    }
}

fn apply(change: &ManifestChange, found: Option<&Manifest>, at: i64) -> Result<Option<Manifest>, Conflict> {
    change.apply(&"r1".parse().unwrap(), found, now(at))
}

#[test]
fn a_rerun_changes_nothing_and_a_change_counts_one() {
    let first = apply(&change("a", "IN", None), None, 0).unwrap().unwrap();
    assert_eq!((first.revision, first.status), (1, Status::Live));
    assert_eq!(apply(&change("a", "IN", None), Some(&first), 60).unwrap(), None);
    let second = apply(&change("b", "IN", Some(&first)), Some(&first), 60).unwrap().unwrap();
    assert_eq!((second.revision, second.versions.len()), (2, 2));
    assert_eq!(apply(&change("b", "IN", Some(&first)), Some(&second), 90).unwrap(), None);
}

#[test]
fn a_withdrawal_meanwhile_is_kept() {
    let mut found = apply(&change("a", "IN", None), None, 0).unwrap().unwrap();
    let change = change("b", "IN", Some(&found));
    found.status = Status::Withdrawn;
    found.revision += 1;
    let next = apply(&change, Some(&found), 60).unwrap().unwrap();
    assert_eq!((next.status, next.revision), (Status::Withdrawn, 3));
}

#[test]
fn what_someone_else_changed_stops_the_release() {
    let first = apply(&change("a", "IN", None), None, 0).unwrap().unwrap();
    let theirs = apply(&change("c", "IN", Some(&first)), Some(&first), 10).unwrap().unwrap();
    let mine = change("b", "IN", Some(&first));
    assert!(matches!(apply(&mine, Some(&theirs), 20), Err(Conflict::Presentation { .. })));
    let restricted = Manifest { rights: rights("ID"), revision: 2, ..first.clone() };
    assert!(matches!(apply(&mine, Some(&restricted), 20), Err(Conflict::Rights { .. })));
    assert!(matches!(apply(&change("b", "IN", None), Some(&first), 20), Err(Conflict::Presentation { .. })));
    assert!(matches!(apply(&mine, None, 20), Err(Conflict::Presentation { .. })));
}

#[test]
fn three_versions_are_served_and_no_more() {
    let mut found = apply(&change("0", "IN", None), None, 0).unwrap().unwrap();
    let oldest = found.presentation.version.clone();
    for source in ["1", "2", "3"] {
        found = apply(&change(source, "IN", Some(&found)), Some(&found), 0).unwrap().unwrap();
    }
    assert_eq!(found.versions.len(), 3);
    assert!(found.keeps(&found.presentation.version));
    assert!(!found.keeps(&oldest));
}

#[test]
fn a_manifest_reads_as_it_is_written_and_no_other_format_is_read() {
    let manifest = apply(&change("a", "IN", None), None, 0).unwrap().unwrap();
    let bytes = to_json(&manifest).unwrap();
    assert_eq!(from_json::<Manifest>(&bytes).unwrap(), manifest);
    let text = String::from_utf8(bytes).unwrap();
    let newer = text.replacen("\"format\":2", "\"format\":3", 1);
    assert!(from_json::<Manifest>(newer.as_bytes()).unwrap_err().to_string().contains("format 3"));
    let unknown = text.replacen("{\"format\":2", "{\"embargo\":true,\"format\":2", 1);
    assert!(from_json::<Manifest>(unknown.as_bytes()).unwrap_err().to_string().contains("embargo"));
}
