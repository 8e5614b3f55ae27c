//! What must hold of what is served.

use nada_lyrics::{Layer, Lyrics, LyricsTimeline, Phrase, json, vtt};
use proptest::prelude::*;
use serde_json::Value;
use unicode_segmentation::UnicodeSegmentation;

/// The rules of `songLyrics` version 2 that its OpenAPI schema cannot express.
pub fn check_json(layer: &Layer, timeline: &LyricsTimeline) -> Result<(), TestCaseError> {
    let text = json::write(&Lyrics::new(vec![layer.clone()]).unwrap(), timeline, None);
    prop_assert!(!text.contains('<'));
    let whole: Value = serde_json::from_str(&text).unwrap();
    let entry = &whole["structuredLyrics"][0];
    let lines = entry["line"].as_array().unwrap();
    let none = vec![];
    let cue_lines = entry.get("cueLine").map_or(&none, |lines| lines.as_array().unwrap());
    let agents = entry.get("agents").map(|agents| agents.as_array().unwrap());
    let ms = |value: &Value| value.as_u64().ok_or_else(|| TestCaseError::fail(format!("no time: {value}")));

    prop_assert_eq!(&entry["offset"], 0);
    prop_assert_eq!(lines.len(), layer.lines().len());
    for pair in lines.windows(2) {
        prop_assert!(ms(&pair[0]["start"])? <= ms(&pair[1]["start"])?);
    }
    if let Some(agents) = agents {
        prop_assert!(!cue_lines.is_empty(), "agents without cueLine");
        prop_assert_eq!(agents.iter().filter(|agent| agent["role"] == "main").count(), 1);
        for agent in agents {
            prop_assert_eq!(agents.iter().filter(|other| other["id"] == agent["id"]).count(), 1);
            prop_assert!(["main", "voice", "bg", "group"].contains(&agent["role"].as_str().unwrap()));
        }
    }
    let role = |cue_line: &Value| {
        agents
            .and_then(|agents| agents.iter().find(|agent| agent["id"] == cue_line["agentId"]))
            .map(|agent| agent["role"].clone())
    };
    for pair in cue_lines.windows(2) {
        prop_assert!(ms(&pair[0]["index"])? <= ms(&pair[1]["index"])?);
        if pair[0]["index"] == pair[1]["index"] {
            prop_assert!(role(&pair[1]) != Some("main".into()), "main comes first");
        }
    }
    for cue_line in cue_lines {
        let index = usize::try_from(ms(&cue_line["index"])?).unwrap();
        let value = cue_line["value"].as_str().unwrap();
        prop_assert!(lines[index]["value"].as_str().unwrap().contains(value));
        prop_assert_eq!(cue_line.get("agentId").is_some(), agents.is_some());
        prop_assert_eq!(role(cue_line).is_some(), agents.is_some(), "every agentId is an agent");
        let cues = cue_line["cue"].as_array().unwrap();
        prop_assert!(!cues.is_empty());
        let boundaries: Vec<usize> =
            value.grapheme_indices(true).map(|(at, _)| at).chain([value.len()]).collect();
        let mut covered = 0;
        for cue in cues {
            let from = usize::try_from(ms(&cue["byteStart"])?).unwrap();
            let to = usize::try_from(ms(&cue["byteEnd"])?).unwrap() + 1;
            prop_assert!(covered <= from && from < to);
            prop_assert_eq!(value.get(from..to), cue["value"].as_str(), "offsets select the cue's text");
            prop_assert!(boundaries.contains(&from) && boundaries.contains(&to), "clusters are whole");
            covered = to;
        }
        let ends = cues.iter().filter(|cue| cue.get("end").is_some()).count();
        prop_assert!(ends == 0 || ends == cues.len(), "end on all cues or none");
        for (cue, next) in cues.iter().zip(cues.iter().skip(1).map(Some).chain([None])) {
            let start = ms(&cue["start"])?;
            let end = cue.get("end").map_or(Ok(start), ms)?;
            let next = next.map_or(ms(&cue_line["end"]), |next| ms(&next["start"]))?;
            prop_assert!(
                ms(&cue_line["start"])? <= start && start <= end && end <= next,
                "cues do not overlap"
            );
            prop_assert!(timeline.end_ms().is_none_or(|last| end <= last));
        }
    }
    Ok(())
}

/// WebVTT §4.1: cues by start, each with a duration; tags rise inside them; no markup from text.
pub fn check_vtt(layer: &Layer, timeline: &LyricsTimeline) -> Result<(), TestCaseError> {
    let vtt = vtt::write(layer, timeline);
    let mut blocks = vtt.split("\n\n");
    prop_assert_eq!(
        blocks.next().map(str::trim_end),
        Some("WEBVTT\nX-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:0")
    );
    let ms = |time: &str| {
        let fields: Vec<u64> = time.split([':', '.']).map(|field| field.parse().unwrap()).collect();
        ((fields[0] * 60 + fields[1]) * 60 + fields[2]) * 1000 + fields[3]
    };
    let mut texts: Vec<String> = Vec::new();
    let mut last_start = 0;
    for block in blocks {
        let (head, body) = block.trim_end_matches('\n').split_once('\n').unwrap();
        let (start, end) = head.split_once(" --> ").unwrap();
        let (start, end) = (ms(start), ms(end));
        prop_assert!(last_start <= start && start < end);
        prop_assert!(timeline.end_ms().is_none_or(|last| end <= last));
        last_start = start;
        let (mut text, mut lit, mut rest) = (String::new(), start, body);
        let mut spans = String::new();
        while let Some((before, after)) = rest.split_once('<') {
            let (tag, after) = after.split_once('>').unwrap();
            text += before;
            rest = after;
            if tag == "c" || tag == "/c" {
                spans.push_str(tag);
                continue;
            }
            prop_assert!(lit < ms(tag) && ms(tag) < end, "{} in {}", tag, block);
            lit = ms(tag);
            prop_assert!(rest.starts_with("<c>"), "a time is a word's: {}", block);
        }
        text += rest;
        prop_assert_eq!(spans.replace("c/c", ""), "", "every span ends before the next begins");
        prop_assert!(!text.contains(['<', '>', '\n', '\r']));
        texts.push(text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"));
    }
    let sung: Vec<&str> = layer
        .lines()
        .iter()
        .flat_map(|line| [Some(line.phrase()), line.background()])
        .flatten()
        .map(Phrase::text)
        .collect();
    prop_assert!(texts.iter().all(|text| sung.contains(&text.as_str())), "the text survives escaping");
    if timeline == &LyricsTimeline::SOURCE {
        let mut heard =
            layer.lines().iter().filter(|line| line.start_ms() >= Some(0) && !line.text().is_empty());
        prop_assert!(
            heard
                .all(|line| line.end_ms() == line.start_ms() || texts.iter().any(|text| text == line.text()))
        );
    }
    Ok(())
}
