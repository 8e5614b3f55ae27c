//! JSON out: the `lyricsList` of OpenSubsonic's `songLyrics` extension, version 2 (`enhanced=true`).
//!
//! Written to the specification at commit `4c1819fb8dbd4390864f950942a7aa8f78732fe6` of
//! `opensubsonic/open-subsonic-api`, `content/en/docs/{Responses,Endpoints,Extensions}`.

use serde::Serialize;

use crate::{
    AgentKind, Kind, LanguageTag, Layer, Line, Lyrics, LyricsTimeline, Phrase,
    schedule::{Span, cues, spans},
};

/// All layers of the lyrics, or those of the language `only` (exactly one, or none if there is no such layer),
/// as a `lyricsList` object: `{"structuredLyrics":[…]}`. All times are ms on the media timeline.
///
/// - `offset` is always 0: it was applied when the file was read.
/// - `cueLine` for each line with timed words, a further one of the same `index` for its background vocals where
///   these have timed words. `line.value` is the text of both, first the line's own: what no `cueLine` of the
///   line covers has no word times. `cueLine.end` is always stated, and the same for both: the line's.
/// - What is over before the track begins, or begins when it is over, has no `cueLine`; its `line` stays, at the edge of
///   the track, since `index` counts lines.
/// - Cues do not overlap. Either all cues of a `cueLine` have an `end` or none: missing ones are the next cue's
///   `start`, and for the last the `cueLine`'s `end`.
/// - `byteStart` and `byteEnd` are inclusive UTF-8 offsets into `cueLine.value`, on boundaries of grapheme
///   clusters; spaces between words belong to no cue.
/// - `agents` where there is a `cueLine` and the layer has agents or background vocals: `main`, the singer of the first
///   timed line, and every other that a `cueLine` names. The background of agent `x` is the agent `x/bg`.
/// - `<` is written `\u003c`, so that the text may stand in a `<script>` element.
pub fn write(lyrics: &Lyrics, timeline: &LyricsTimeline, only: Option<&LanguageTag>) -> String {
    let structured_lyrics = lyrics
        .layers()
        .iter()
        .filter(|layer| only.is_none_or(|tag| tag == layer.lang()))
        .map(|layer| structured(lyrics, layer, timeline))
        .collect();
    // Serialising plain structs of strings and integers to memory has no way to fail. In JSON `<` stands only
    // within strings, where its escape means the same.
    serde_json::to_string(&LyricsList { structured_lyrics }).unwrap_or_default().replace('<', "\\u003c")
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LyricsList<'a> {
    structured_lyrics: Vec<StructuredLyrics<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct StructuredLyrics<'a> {
    kind: Kind,
    lang: &'a LanguageTag,
    synced: bool,
    offset: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    display_artist: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    display_title: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    agents: Vec<Agent<'a>>,
    line: Vec<JsonLine>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    cue_line: Vec<CueLine<'a>>,
}

#[derive(Serialize)]
struct Agent<'a> {
    id: String,
    role: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
}

#[derive(Serialize)]
struct JsonLine {
    #[serde(skip_serializing_if = "Option::is_none")]
    start: Option<u64>,
    value: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CueLine<'a> {
    index: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    agent_id: Option<String>,
    start: u64,
    end: u64,
    value: &'a str,
    cue: Vec<Cue<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Cue<'a> {
    start: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    end: Option<u64>,
    value: &'a str,
    byte_start: usize,
    byte_end: usize,
}

fn structured<'a>(lyrics: &'a Lyrics, layer: &'a Layer, timeline: &LyricsTimeline) -> StructuredLyrics<'a> {
    let cast = Cast::of(layer);
    let mut cue_line = Vec::new();
    for span in &spans(layer, timeline) {
        let index = span.index;
        let lead = cast.as_ref().map(|cast| cast.lead(span.line).to_owned());
        let behind = cast.as_ref().map(|cast| background_id(cast.lead(span.line)));
        cue_line.extend(timed(index, lead, span, span.line.phrase(), timeline));
        let background = span.line.background().filter(|_| span.background.is_some());
        cue_line.extend(background.and_then(|phrase| timed(index, behind, span, phrase, timeline)));
    }
    let line = layer
        .lines()
        .iter()
        .map(|line| JsonLine { start: line.start_ms().map(|ms| timeline.at(ms)), value: whole_text(line) })
        .collect();
    StructuredLyrics {
        kind: layer.kind(),
        lang: layer.lang(),
        synced: layer.synced(),
        offset: 0,
        display_artist: (!lyrics.artists().is_empty()).then(|| lyrics.artists().join(", ")),
        display_title: lyrics.title(),
        agents: cast.map(|cast| cast.agents(&cue_line)).unwrap_or_default(),
        line,
        cue_line,
    }
}

/// The text of a line with its background: what a client without cues shows.
fn whole_text(line: &Line) -> String {
    let parts = [Some(line.text()), line.background().map(Phrase::text)];
    parts.into_iter().flatten().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" ")
}

/// The `cueLine` of a phrase, if its words are timed.
fn timed<'a>(
    index: usize,
    agent_id: Option<String>,
    span: &Span<'_>,
    phrase: &'a Phrase,
    timeline: &LyricsTimeline,
) -> Option<CueLine<'a>> {
    let cues = cues(phrase, timeline);
    let first = cues.first()?;
    let start = first.start.min(span.start);
    let ends_stated = cues.iter().any(|cue| cue.end.is_some());
    let next_starts: Vec<u64> = cues.iter().skip(1).map(|cue| cue.start).chain([span.end]).collect();
    let cue = cues
        .iter()
        .zip(next_starts)
        .map(|(cue, next)| Cue {
            start: cue.start,
            end: ends_stated.then_some(cue.end.unwrap_or(next)),
            value: cue.text,
            byte_start: cue.word.bytes.start,
            byte_end: cue.word.bytes.end.saturating_sub(1),
        })
        .collect();
    Some(CueLine { index, agent_id, start, end: span.end, value: phrase.text(), cue })
}

/// The agents of a layer, exactly one of them as `main`.
struct Cast<'a> {
    layer: &'a Layer,
    /// The id of the main agent, also of every line that names nobody.
    main: &'a str,
}

impl<'a> Cast<'a> {
    /// `None` for a layer that distinguishes no voices.
    fn of(layer: &'a Layer) -> Option<Cast<'a>> {
        let first_timed = layer.lines().iter().find(|line| !line.words().is_empty()).and_then(Line::agent);
        let first_listed = layer.agents().first().map(|agent| agent.id.as_str());
        let unnamed = layer.lines().iter().any(|line| line.background().is_some()).then_some("main");
        Some(Cast { layer, main: first_timed.or(first_listed).or(unnamed)? })
    }

    fn lead(&self, line: &'a Line) -> &'a str {
        line.agent().unwrap_or(self.main)
    }

    /// `main` and every other agent that a `cueLine` names, `main` first, each with the background behind it.
    fn agents(&self, cue_lines: &[CueLine<'_>]) -> Vec<Agent<'a>> {
        if cue_lines.is_empty() {
            return Vec::new();
        }
        let named = |id: &str| cue_lines.iter().any(|line| line.agent_id.as_deref() == Some(id));
        let mut agents = Vec::new();
        let others = self.layer.agents().iter().map(|agent| agent.id.as_str()).filter(|id| *id != self.main);
        for id in [self.main].into_iter().chain(others) {
            let agent = self.layer.agents().iter().find(|agent| agent.id == id);
            let name = agent.and_then(|agent| agent.name.as_deref());
            let role = match agent.map(|agent| agent.kind) {
                _ if id == self.main => "main",
                Some(AgentKind::Group) => "group",
                _ => "voice",
            };
            if id == self.main || named(id) {
                agents.push(Agent { id: id.to_owned(), role, name });
            }
            let background = background_id(id);
            if named(&background) {
                agents.push(Agent { id: background, role: "bg", name });
            }
        }
        agents
    }
}

/// No agent of the model has a `/` in its id, so this one is free.
fn background_id(lead: &str) -> String {
    format!("{lead}/bg")
}

#[cfg(test)]
mod tests {
    use core::num::NonZeroU32;

    use serde_json::{Value, json};

    use super::*;
    use crate::Word;

    fn word(from: usize, to: usize, start_ms: i64, end_ms: Option<i64>) -> Word {
        Word { bytes: from..to, start_ms, end_ms }
    }

    fn line(start: i64, end: Option<i64>, text: &str, words: Vec<Word>) -> Line {
        Line::new(Some(start), end, Phrase::new(text, words).unwrap()).unwrap()
    }

    fn layer(lang: &str, kind: Kind, lines: Vec<Line>) -> Layer {
        Layer::new(lang.parse().unwrap(), kind, vec![], lines).unwrap()
    }

    fn written(lyrics: &Lyrics, timeline: &LyricsTimeline) -> Value {
        serde_json::from_str(&write(lyrics, timeline, None)).unwrap()
    }

    #[test]
    fn the_documented_shape() {
        let hi = layer(
            "hi",
            Kind::Main,
            vec![
                line(1000, None, "बुरा जो", vec![word(0, 12, 1000, None), word(13, 19, 1500, None)]),
                line(2000, None, "मिलिया", vec![]),
            ],
        );
        let lyrics =
            Lyrics::new(vec![hi]).unwrap().with_title("दोहा").with_artists(vec!["A".into(), "B".into()]);
        let media = LyricsTimeline::media(2048, NonZeroU32::new(44_100).unwrap(), 441_000);
        assert_eq!(
            written(&lyrics, &media),
            json!({"structuredLyrics": [{
                "kind": "main", "lang": "hi", "synced": true, "offset": 0,
                "displayArtist": "A, B", "displayTitle": "दोहा",
                "line": [{"start": 1046, "value": "बुरा जो"}, {"start": 2046, "value": "मिलिया"}],
                "cueLine": [{"index": 0, "start": 1046, "end": 2046, "value": "बुरा जो", "cue": [
                    {"start": 1046, "value": "बुरा", "byteStart": 0, "byteEnd": 11},
                    {"start": 1546, "value": "जो", "byteStart": 13, "byteEnd": 18}
                ]}]
            }]})
        );
    }

    #[test]
    fn all_cues_of_a_line_have_an_end_or_none() {
        let words = vec![word(0, 1, 0, Some(400)), word(2, 3, 500, None), word(4, 5, 700, None)];
        let l = layer("en", Kind::Main, vec![line(0, Some(1000), "a b c", words)]);
        let cue = &written(&Lyrics::new(vec![l]).unwrap(), &LyricsTimeline::SOURCE)["structuredLyrics"][0]["cueLine"]
            [0];
        let ends: Vec<_> =
            cue["cue"].as_array().unwrap().iter().map(|cue| cue["end"].as_u64().unwrap()).collect();
        assert_eq!(ends, [400, 700, 1000]);
    }

    #[test]
    fn one_layer_or_all() {
        let plain = |lang, kind| layer(lang, kind, vec![line(0, None, "x", vec![])]);
        let lyrics =
            Lyrics::new(vec![plain("hi", Kind::Main), plain("hi-Latn", Kind::Pronunciation)]).unwrap();
        let langs = |only: Option<&str>| {
            let only = only.map(|tag| tag.parse().unwrap());
            let json: Value =
                serde_json::from_str(&write(&lyrics, &LyricsTimeline::SOURCE, only.as_ref())).unwrap();
            let langs = json["structuredLyrics"].as_array().unwrap().iter();
            langs.map(|layer| layer["lang"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(langs(None), ["hi", "hi-Latn"]);
        assert_eq!(langs(Some("hi-latn")), ["hi-Latn"]);
        assert!(langs(Some("en")).is_empty());
    }

    #[test]
    fn a_duet_with_background() {
        let agent = |id: &str, kind, name: Option<&str>| crate::Agent {
            id: id.into(),
            kind,
            name: name.map(Into::into),
        };
        let agents = vec![
            agent("v2", AgentKind::Voice, None),
            agent("v1", AgentKind::Voice, Some("Lata")),
            agent("all", AgentKind::Group, None),
            agent("silent", AgentKind::Voice, None),
        ];
        let timed = |start, text: &str| line(start, None, text, vec![word(0, text.len(), start, None)]);
        let echo = Phrase::new("echo", vec![word(0, 4, 1500, Some(1700))]).unwrap();
        let lines = vec![
            timed(1000, "one").sung_by("v1").with_background(echo).unwrap(),
            timed(2000, "two").sung_by("v2"),
            timed(3000, "all").sung_by("all"),
            timed(4000, "nobody"),
        ];
        let layer = Layer::new("en".parse().unwrap(), Kind::Main, agents, lines).unwrap();
        let entry =
            &written(&Lyrics::new(vec![layer]).unwrap(), &LyricsTimeline::SOURCE)["structuredLyrics"][0];
        assert_eq!(
            entry["agents"],
            json!([
                {"id": "v1", "role": "main", "name": "Lata"}, {"id": "v1/bg", "role": "bg", "name": "Lata"},
                {"id": "v2", "role": "voice"}, {"id": "all", "role": "group"}
            ])
        );
        let agents: Vec<_> =
            entry["cueLine"].as_array().unwrap().iter().map(|c| (&c["index"], &c["agentId"])).collect();
        let expected =
            [(0, "v1"), (0, "v1/bg"), (1, "v2"), (2, "all"), (3, "v1")].map(|(i, a)| (json!(i), json!(a)));
        assert_eq!(agents, expected.iter().map(|(i, a)| (i, a)).collect::<Vec<_>>());
        assert_eq!(entry["line"][0]["value"], "one echo");
        assert_eq!(entry["cueLine"][1]["value"], "echo");
    }

    #[test]
    fn a_background_without_word_times_is_in_the_line_alone() {
        let echo = || Phrase::new("echo", vec![]).unwrap();
        let lead =
            line(1000, Some(2000), "one", vec![word(0, 3, 1000, None)]).with_background(echo()).unwrap();
        let untimed = line(3000, None, "two", vec![]).with_background(echo()).unwrap();
        let entry = |lines: Vec<Line>| {
            let lyrics = Lyrics::new(vec![layer("en", Kind::Main, lines)]).unwrap();
            written(&lyrics, &LyricsTimeline::SOURCE)["structuredLyrics"][0].clone()
        };
        let timed = entry(vec![lead, untimed.clone()]);
        assert_eq!(timed["line"][0]["value"], "one echo");
        let cue_line = json!([{"index": 0, "agentId": "main", "start": 1000, "end": 2000, "value": "one",
            "cue": [{"start": 1000, "value": "one", "byteStart": 0, "byteEnd": 2}]}]);
        assert_eq!(timed["cueLine"], cue_line);
        assert_eq!(timed["agents"], json!([{"id": "main", "role": "main"}]));
        // the specification has no agents without cueLine
        let plain = entry(vec![untimed]);
        assert_eq!(plain["line"][0]["value"], "two echo");
        assert_eq!((plain.get("agents"), plain.get("cueLine")), (None, None));
    }

    #[test]
    fn unsynced_lines_have_no_times() {
        let plain = Line::new(None, None, Phrase::new("x", vec![]).unwrap()).unwrap();
        let lyrics = Lyrics::new(vec![layer("id", Kind::Main, vec![plain])]).unwrap();
        assert_eq!(
            write(&lyrics, &LyricsTimeline::SOURCE, None),
            r#"{"structuredLyrics":[{"kind":"main","lang":"id","synced":false,"offset":0,"line":[{"value":"x"}]}]}"#
        );
    }

    #[test]
    fn text_cannot_end_a_script_element() {
        let l = layer("en", Kind::Main, vec![line(0, None, "</script><script>alert(1)", vec![])]);
        let lyrics = Lyrics::new(vec![l]).unwrap().with_title("<!--");
        let json = write(&lyrics, &LyricsTimeline::SOURCE, None);
        assert!(!json.contains('<'));
        let back: Value = serde_json::from_str(&json).unwrap();
        assert_eq!(back["structuredLyrics"][0]["line"][0]["value"], "</script><script>alert(1)");
    }
}
