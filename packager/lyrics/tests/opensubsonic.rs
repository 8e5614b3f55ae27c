//! JSON against OpenSubsonic's `songLyrics` version 2: a schema written from its specification, held first against
//! the specification's own examples.
#![allow(clippy::unwrap_used, clippy::panic)] // a test that cannot go on fails

use core::num::NonZeroU32;

use nada_lyrics::{Hint, Kind, Lyrics, LyricsTimeline, json, parse};
use serde::Deserialize;
use serde_json::{Value, json};

/// `lyricsList` (`openapi/schemas/LyricsList.json`).
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct LyricsList {
    structured_lyrics: Vec<StructuredLyrics>,
}

/// `StructuredLyrics.json`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[allow(dead_code)] // what is only of a type
struct StructuredLyrics {
    lang: String,
    synced: bool,
    line: Vec<Line>,
    display_artist: Option<String>,
    display_title: Option<String>,
    offset: Option<f64>,
    kind: Option<LayerKind>,
    agents: Option<Vec<Agent>>,
    cue_line: Option<Vec<CueLine>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum LayerKind {
    Main,
    Translation,
    Pronunciation,
}

/// `Line.json`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code)]
struct Line {
    start: Option<f64>,
    value: String,
}

/// `Agent.json`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code)]
struct Agent {
    id: String,
    role: Role,
    name: Option<String>,
}

#[derive(Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
enum Role {
    Main,
    Voice,
    Bg,
    Group,
}

/// `CueLine.json`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[allow(dead_code)]
struct CueLine {
    index: usize,
    start: Option<i64>,
    end: Option<i64>,
    value: String,
    agent_id: Option<String>,
    cue: Vec<Cue>,
}

/// `Cue.json`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Cue {
    start: i64,
    end: Option<i64>,
    byte_start: usize,
    byte_end: usize,
    value: String,
}

/// The rules that the specification states in words.
fn check(entry: &StructuredLyrics) -> Result<(), String> {
    let rule = |holds: bool, what: &str| if holds { Ok(()) } else { Err(what.to_owned()) };
    rule(!entry.lang.is_empty(), "an unknown language is `und` or `xxx`")?;
    rule(entry.line.iter().all(|line| line.start.is_some() == entry.synced), "lines have a start if synced")?;
    rule(entry.line.is_sorted_by_key(|line| line.start.map(f64::to_bits)), "lines are by start")?;
    let none = Vec::new();
    let cue_lines = entry.cue_line.as_ref().unwrap_or(&none);
    rule(cue_lines.is_empty() || entry.synced, "cueLine in synced lyrics only")?;
    if let Some(agents) = &entry.agents {
        rule(!agents.is_empty() && !cue_lines.is_empty(), "agents are some, and go with cueLine")?;
        let same = |id: &str| agents.iter().filter(|agent| agent.id == id).count();
        rule(agents.iter().all(|agent| same(&agent.id) == 1), "ids are unique")?;
        rule(agents.iter().filter(|agent| agent.role == Role::Main).count() == 1, "exactly one is main")?;
        let known = |line: &CueLine| line.agent_id.as_ref().is_some_and(|id| same(id) == 1);
        rule(cue_lines.iter().all(known), "every cueLine names an agent")?;
        let is_main = |line: &CueLine| {
            agents.iter().any(|a| Some(&a.id) == line.agent_id.as_ref() && a.role == Role::Main)
        };
        let later = cue_lines.windows(2).all(|pair| pair[0].index != pair[1].index || !is_main(&pair[1]));
        rule(later, "the main agent is first of an index")?;
    } else {
        rule(cue_lines.iter().all(|line| line.agent_id.is_none()), "no agentId without agents")?;
        let twice = cue_lines.windows(2).any(|pair| pair[0].index == pair[1].index);
        rule(!twice, "several voices need agents")?;
    }
    for line in cue_lines {
        rule(line.index < entry.line.len(), "index is one of line")?;
        let ends = line.cue.iter().filter(|cue| cue.end.is_some()).count();
        rule(ends == 0 || ends == line.cue.len(), "end on all cues or on none")?;
        for cue in &line.cue {
            rule(cue.byte_start <= cue.byte_end, "byteStart is not after byteEnd")?;
            let text = line.value.get(cue.byte_start..=cue.byte_end);
            rule(text == Some(cue.value.as_str()), "offsets select the cue's text in cueLine.value")?;
            rule(cue.end.is_none_or(|end| end >= cue.start), "no cue ends before it starts")?;
        }
        let order = |pair: &[Cue]| pair[0].byte_end < pair[1].byte_start && pair[0].start <= pair[1].start;
        rule(line.cue.windows(2).all(order), "cues are in order")?;
    }
    Ok(())
}

fn judge(entry: &Value) -> Result<(), String> {
    let list = json!({ "structuredLyrics": [entry] });
    let list: LyricsList = serde_json::from_value(list).map_err(|e| e.to_string())?;
    list.structured_lyrics.iter().try_for_each(check)
}

const EXAMPLES: [&str; 5] = [
    include_str!("opensubsonic/lines.json"),
    include_str!("opensubsonic/words.json"),
    include_str!("opensubsonic/agents.json"),
    include_str!("opensubsonic/pronunciation.json"),
    include_str!("opensubsonic/repeated.json"),
];

#[test]
fn published_examples_are_valid() {
    for example in EXAMPLES {
        let entry: Value = serde_json::from_str(example).unwrap();
        assert_eq!(judge(&entry), Ok(()), "{example}");
    }
}

#[test]
fn what_the_specification_forbids_is_seen() {
    let agents: Value = serde_json::from_str(EXAMPLES[2]).unwrap();
    for (pointer, value) in [
        ("/kind", json!("romaji")),
        ("/line/0/start", json!(null)),
        ("/agents/0/role", json!("voice")),
        ("/agents/1/role", json!("main")),
        ("/agents/1/id", json!("lead")),
        ("/agents", json!(null)),
        ("/cueLine/0/agentId", json!("nobody")),
        ("/cueLine/0/index", json!(3)),
        ("/cueLine/0/value", json!("you and I")),
        ("/cueLine/0/cue/0/end", json!(null)),
        ("/cueLine/0/cue/0/byteEnd", json!(4)),
        ("/cueLine/0/cue/1/byteStart", json!(3)),
        ("/cueLine/0/cue/2/start", json!(100)),
        ("/cueLine/0/cue/0/byteStart", json!(-1)),
        ("/cueLine/0/cue", json!(null)),
    ] {
        let mut entry = agents.clone();
        *entry.pointer_mut(pointer).unwrap() = value;
        assert!(judge(&entry).is_err(), "{pointer}");
    }
    let mut unknown = agents;
    unknown["cueLine"][0]["text"] = json!("x");
    assert!(judge(&unknown).is_err());
}

#[test]
fn json_is_valid() {
    let read = |lang: &str, kind, file: &str| {
        let parsed = parse(file.as_bytes(), &Hint { lang: lang.parse().unwrap(), kind }).unwrap();
        [vec![parsed.layer], parsed.others].concat()
    };
    let duet = concat!(
        "<tt><head><agent type='person' id='v1'/><agent type='group' id='v2'/><transliteration lang='hi-Latn'>",
        "<text for='L1'><span begin='1' end='1.4'>bura</span> jo</text></transliteration></head><body>",
        "<p begin='1' end='3' agent='v1' key='L1'><span begin='1' end='1.4'>बुरा</span> <span begin='1.5'>जो</span>",
        "<span role='x-bg'><span begin='2'>(ओ)</span></span></p><p begin='4' agent='v2' key='L2'>",
        "<span begin='4'>सब</span></p></body></tt>"
    );
    let lrc = "[00:01.00]<00:01.00>Oh love <00:01.50>love<00:02.00>\n[00:03.00]\n[00:04.00]x\n";
    let media = LyricsTimeline::media(2048, NonZeroU32::new(44_100).unwrap(), 441_000);
    for layers in [
        read("hi", Kind::Main, duet),
        read("en", Kind::Main, lrc),
        read("id", Kind::Main, "a\nb\n"),
        [read("hi", Kind::Main, duet), read("en", Kind::Translation, lrc)].concat(),
    ] {
        let lyrics = Lyrics::new(layers).unwrap().with_title("T").with_artists(vec!["A".into()]);
        for timeline in [LyricsTimeline::SOURCE, media] {
            let text = json::write(&lyrics, &timeline, None);
            let list: LyricsList = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{e}\n{text}"));
            assert_eq!(list.structured_lyrics.len(), lyrics.layers().len());
            for entry in &list.structured_lyrics {
                assert_eq!(check(entry), Ok(()), "{text}");
            }
        }
    }
}
