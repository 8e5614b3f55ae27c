//! Properties of all lyrics: files read back as they were written, and what is served keeps its rules.
#![allow(clippy::unwrap_used, clippy::panic)] // a test that cannot go on fails

use core::{
    num::NonZeroU32,
    sync::atomic::{AtomicUsize, Ordering},
};

use nada_lyrics::{
    Agent, AgentKind, Hint, Kind, Layer, Line, Lyrics, Phrase, Target, Timeline, Word, json, losses,
    lrc::{self, Flavour},
    parse, vtt, write,
};
use proptest::{collection::vec, option, prelude::*, sample::select};
use serde_json::Value;
use unicode_normalization::UnicodeNormalization;
use unicode_segmentation::UnicodeSegmentation;

/// Pieces that form clusters, conjuncts and ligatures with each other, markup, and stamps in parts.
const PIECES: &[&str] = &[
    "क",
    "्",
    "ष",
    "ि",
    "न",
    "़",
    "ம்",
    "க்",
    "ஷ",
    "ড",
    "়",
    "\u{200d}",
    "\u{200c}",
    "e",
    "\u{301}",
    "\u{338}",
    "👩",
    "🎤",
    "🇮",
    "🇩",
    "\u{1100}",
    "\u{1161}",
    "ا",
    "\u{64b}",
    "\u{600}",
    "a",
    "Z",
    " ",
    " ",
    "  ",
    "<",
    ">",
    "[",
    "]",
    "&",
    "-->",
    "<00",
    "[00",
    "12",
    ".",
    "</script>",
    "\"",
    "\\",
    "\u{2028}",
    "\u{a0}",
    "\u{feff}",
];

/// Such pieces, and any text.
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![4 => select(PIECES).prop_map(str::to_owned), 1 => "\\PC".prop_map(|s| s.replace(':', ""))];
    vec(piece, 0..14).prop_map(|pieces| pieces.concat().nfc().collect::<String>().trim().to_owned())
}

/// A text cut into words at some of its cluster boundaries; with `gaps`, some parts stay untimed.
fn phrase(gaps: bool) -> impl Strategy<Value = Phrase> {
    (text(), vec((0u8..4, 0i64..900, option::of(0i64..600)), 16), -2_000i64..200_000).prop_map(
        move |(text, cuts, from)| {
            let mut starts: Vec<usize> = vec![0];
            starts.extend(
                text.grapheme_indices(true).zip(&cuts).filter(|(_, cut)| cut.0 == 0).map(|((at, _), _)| at),
            );
            starts.dedup();
            let ends = starts.iter().skip(1).copied().chain([text.len()]);
            let mut words: Vec<Word> = Vec::new();
            let mut clock = from;
            for ((from, to), (kept, step, length)) in starts.iter().copied().zip(ends).zip(cuts) {
                let solid = |(at, cluster): (usize, &str)| {
                    (!cluster.trim().is_empty()).then_some((from + at, from + at + cluster.len()))
                };
                let solid: Vec<_> = text[from..to].grapheme_indices(true).filter_map(solid).collect();
                let (Some(first), Some(last)) = (solid.first(), solid.last()) else { continue };
                if gaps && kept == 3 {
                    continue;
                }
                clock += step;
                if let Some(before) = words.last_mut() {
                    before.end_ms = before.end_ms.map(|end| end.min(clock));
                }
                words.push(Word {
                    bytes: first.0..last.1,
                    start_ms: clock,
                    end_ms: length.map(|length| clock + length),
                });
            }
            Phrase::new(text, words).expect("a phrase keeps its own rules")
        },
    )
}

/// What LRC can hold: every text timed as a whole or not at all.
fn lrc_phrase() -> impl Strategy<Value = Phrase> {
    (phrase(false), any::<bool>()).prop_map(|(phrase, timed)| {
        let first = phrase.words().first().map_or(0, |word| word.start_ms);
        let mut words: Vec<Word> = if timed { phrase.words().to_vec() } else { vec![] };
        // Times before zero are clamped by every writer.
        let late = first.min(0).abs();
        words.iter_mut().for_each(|word| {
            word.start_ms += late;
            word.end_ms = word.end_ms.map(|end| end + late);
        });
        Phrase::new(phrase.text(), words).expect("a phrase keeps its own rules")
    })
}

fn hint() -> Hint {
    Hint { lang: "hi".parse().unwrap(), kind: Kind::Main }
}

fn layer_of(lines: Vec<Line>) -> Layer {
    Layer::new(hint().lang, Kind::Main, vec![], lines).unwrap()
}

fn lrc_layer() -> impl Strategy<Value = Layer> {
    vec((0i64..7_200_000, lrc_phrase()), 1..6).prop_map(|lines| {
        layer_of(
            lines.into_iter().map(|(start, phrase)| Line::new(Some(start), None, phrase).unwrap()).collect(),
        )
    })
}

/// Anything the model can hold.
fn layer() -> impl Strategy<Value = Layer> {
    let singer = select(&[None, Some("v1"), Some("v2"), Some("all")][..]);
    let line = (-2_000i64..300_000, option::of(0i64..9_000), phrase(true), option::of(phrase(true)), singer);
    (vec(line, 1..6), any::<bool>()).prop_map(|(lines, voices)| {
        let line = |(start, length, lead, background, singer): (
            i64,
            Option<i64>,
            _,
            Option<Phrase>,
            Option<&str>,
        )| {
            let mut line = Line::new(Some(start), length.map(|length| start + length), lead).unwrap();
            if let Some(background) = background {
                line = line.with_background(background).unwrap();
            }
            if let Some(singer) = singer.filter(|_| voices) { line.sung_by(singer) } else { line }
        };
        let agent = |(id, kind): (&str, _)| Agent { id: id.into(), kind, name: None };
        let agents =
            [("v1", AgentKind::Voice), ("v2", AgentKind::Voice), ("all", AgentKind::Group)].map(agent);
        let agents = if voices { agents.to_vec() } else { vec![] };
        Layer::new(hint().lang, Kind::Main, agents, lines.into_iter().map(line).collect()).unwrap()
    })
}

/// A layer as one of the formats has it: with some of what the model can hold taken away.
fn simpler_layer() -> impl Strategy<Value = Layer> {
    let keep = (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>());
    let names = option::of(select(&["Verse", "Chorus", "", "A: B", " x"][..]));
    (layer(), lrc_layer(), keep, vec((names, option::of(select(&["L1", "k", "L3"][..]))), 6)).prop_map(
        |(layer, plain, (full, ends, words, agents, synced), extras)| {
            let from = if full { layer } else { plain };
            let mut keys: Vec<&str> = vec![];
            let lines = from.lines().iter().zip(extras).map(|(line, (section, key))| {
                let late = |ms: i64| ms.max(0);
                let timed = if words && synced { line.words() } else { &[] };
                let mut last = 0;
                let timed = timed.iter().map(|word| {
                    let start_ms = late(word.start_ms).max(last);
                    last = start_ms;
                    Word {
                        bytes: word.bytes.clone(),
                        start_ms,
                        end_ms: word.end_ms.map(|end| end.max(start_ms)),
                    }
                });
                let phrase = Phrase::new(line.text(), timed.collect()).unwrap();
                let start = line.start_ms().filter(|_| synced).map(late);
                let end = line.end_ms().filter(|_| ends && synced).map(|end| end.max(start.unwrap()));
                let mut simpler = Line::new(start, end, phrase).unwrap();
                if let (true, Some(background)) = (agents && full, line.background()) {
                    simpler =
                        simpler.with_background(Phrase::new(background.text(), vec![]).unwrap()).unwrap();
                }
                if let (true, Some(agent)) = (agents, line.agent()) {
                    simpler = simpler.sung_by(agent);
                }
                if let (true, Some(section)) = (full, section) {
                    simpler = simpler.opening(section);
                }
                match key.filter(|key| full && !keys.contains(key)) {
                    Some(key) => {
                        keys.push(key);
                        simpler.with_key(key)
                    }
                    None => simpler,
                }
            });
            let lines: Vec<Line> = lines.collect();
            let agents = if agents { from.agents().to_vec() } else { vec![] };
            let bare = |line: &Line| Line::new(line.start_ms(), None, line.phrase().clone()).unwrap();
            let without_keys = || layer_of(lines.iter().map(bare).collect());
            Layer::new(hint().lang, Kind::Main, agents, lines.clone()).unwrap_or_else(|_| without_keys())
        },
    )
}

/// Lines as subtitles have them: each with a text and an end, its words one after the other.
fn cue_layer() -> impl Strategy<Value = Layer> {
    vec((lrc_phrase(), 1i64..4000, 0i64..4000, any::<bool>()), 1..6).prop_filter_map("text", |lines| {
        let mut start = 0;
        let lines = lines.into_iter().filter(|(phrase, ..)| !phrase.text().is_empty());
        let lines = lines.map(|(phrase, length, pause, timed)| {
            start += pause;
            let words = phrase.words().iter().zip(0..).filter(|_| timed && phrase.words().len() > 1);
            let words =
                words.map(|(word, n)| Word { bytes: word.bytes.clone(), start_ms: start + n, end_ms: None });
            let phrase = Phrase::new(phrase.text(), words.collect()).unwrap();
            Line::new(Some(start), Some(start + length + 16), phrase).unwrap()
        });
        let lines: Vec<Line> = lines.collect();
        (!lines.is_empty()).then(|| layer_of(lines))
    })
}

/// A second layer that spells some of the lines of the first.
fn spelled(main: &Layer, every: usize) -> Option<Layer> {
    let ends = |i: usize| {
        let later =
            main.lines().iter().filter_map(Line::start_ms).find(|ms| Some(*ms) > main.lines()[i].start_ms());
        main.lines()[i].end_ms().or(later)
    };
    let line = |(i, line): (usize, &Line)| {
        let spelled = Line::new(line.start_ms(), ends(i), Phrase::new("la la", vec![]).unwrap()).unwrap();
        let spelled = spelled.with_key(main.key(i));
        if let Some(agent) = line.agent() { spelled.sung_by(agent) } else { spelled }
    };
    let lines: Vec<Line> = main.lines().iter().enumerate().step_by(every).map(line).collect();
    Layer::new("hi-Latn".parse().unwrap(), Kind::Pronunciation, main.agents().to_vec(), lines).ok()
}

fn timeline() -> impl Strategy<Value = Timeline> {
    let rate = select(&[44_100u32, 48_000][..]).prop_map(|rate| NonZeroU32::new(rate).unwrap());
    prop_oneof![
        Just(Timeline::SOURCE),
        (0u32..9_000, rate, 0u64..9_000_000).prop_map(|(m, r, n)| Timeline::media(m, r, n))
    ]
}

/// How often each target was read back.
static READ_BACK: [AtomicUsize; 6] = [const { AtomicUsize::new(0) }; 6];

#[test]
fn every_target_is_read_back() {
    what_loses_nothing_reads_back();
    let counts: Vec<usize> = READ_BACK.iter().map(|count| count.load(Ordering::Relaxed)).collect();
    let read = [Target::EnhancedLrc, Target::Lrc, Target::Ttml, Target::Vtt, Target::Srt];
    assert!(read.iter().all(|target| counts[*target as usize] > 5), "{counts:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn enhanced_lrc_reads_back_as_written(layer in lrc_layer()) {
        let file = lrc::write(&layer, &Timeline::SOURCE, Flavour::Enhanced);
        let parsed = parse(file.as_bytes(), &hint()).map_err(|e| TestCaseError::fail(format!("{e}\n{file}")))?;
        prop_assert_eq!(&parsed.layer, &layer, "{}", file);
        prop_assert!(parsed.warnings.is_empty(), "{:?}\n{}", parsed.warnings, file);
    }

    #[test]
    fn what_loses_nothing_reads_back(
        layer in prop_oneof![3 => simpler_layer(), 1 => layer(), 1 => cue_layer()], every in 1usize..4, spell in any::<bool>(),
    ) {
        let spelled = spelled(&layer, every).filter(|_| spell);
        let lyrics = Lyrics::new([Some(layer), spelled].into_iter().flatten().collect()).unwrap();
        for target in [Target::EnhancedLrc, Target::Lrc, Target::Ttml, Target::Vtt, Target::Srt] {
            let file = write(&lyrics, target);
            if !losses(&lyrics, target).is_empty() {
                continue;
            }
            let read = parse(file.as_bytes(), &hint()).map_err(|e| TestCaseError::fail(format!("{e}\n{file}")))?;
            let again = Lyrics::new([vec![read.layer], read.others].concat()).unwrap();
            prop_assert_eq!(&again, &lyrics, "{:?}\n{}", target, file);
            prop_assert!(read.warnings.is_empty(), "{:?}\n{}", read.warnings, file);
            READ_BACK[target as usize].fetch_add(1, Ordering::Relaxed);
        }
    }

    #[test]
    fn any_layer_settles_in_every_format(layer in layer()) {
        let lyrics = Lyrics::new(vec![layer]).unwrap();
        for target in [Target::EnhancedLrc, Target::Lrc, Target::Ttml, Target::Vtt, Target::Srt] {
            let once = |lyrics: &Lyrics| parse(write(lyrics, target).as_bytes(), &hint()).ok()
                .map(|read| Lyrics::new([vec![read.layer], read.others].concat()).unwrap());
            // Nothing is left of a layer of which nothing can be shown.
            let Some(first) = once(&lyrics) else { continue };
            prop_assert_eq!(once(&first), Some(first), "{:?}", target);
        }
    }

    #[test]
    fn plain_lrc_reads_back_without_words(layer in lrc_layer()) {
        let file = lrc::write(&layer, &Timeline::SOURCE, Flavour::Plain);
        let bare = |line: &Line| Line::new(line.start_ms(), None, Phrase::new(line.text(), vec![]).unwrap()).unwrap();
        let parsed = parse(file.as_bytes(), &hint()).map_err(|e| TestCaseError::fail(format!("{e}\n{file}")))?;
        prop_assert_eq!(parsed.layer, layer_of(layer.lines().iter().map(bare).collect()), "{}", file);
    }

    #[test]
    fn lrc_of_any_layer_is_lrc_and_settles(layer in layer(), timeline in timeline()) {
        for flavour in [Flavour::Plain, Flavour::Enhanced] {
            let first = lrc::write(&layer, &timeline, flavour);
            let parsed = parse(first.as_bytes(), &hint()).map_err(|e| TestCaseError::fail(format!("{e}\n{first}")))?;
            let second = lrc::write(&parsed.layer, &Timeline::SOURCE, flavour);
            let again = parse(second.as_bytes(), &hint()).map_err(|e| TestCaseError::fail(format!("{e}\n{second}")))?;
            prop_assert_eq!(again.layer, parsed.layer, "{}\n{}", first, second);
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in vec(any::<u8>(), 0..200)) {
        let _ = parse(&bytes, &hint());
    }

    #[test]
    fn any_text_in_stamps_keeps_the_rules(
        parts in vec(prop_oneof![
            text(),
            select(&["[00:01.00]", "<00:01.50>", "<00:00.20>", "\n", "\r\n", "[offset:+900]", "[1:00:00.0]"][..]).prop_map(str::to_owned),
        ], 0..24),
    ) {
        let file = parts.concat();
        if let Ok(parsed) = parse(file.as_bytes(), &hint()) {
            // Whatever was accepted can be served, and the model's own rules were checked on the way.
            if parsed.layer.synced() {
                check_json(&parsed.layer, &Timeline::SOURCE)?;
            }
            check_vtt(&parsed.layer, &Timeline::SOURCE)?;
        }
    }

    #[test]
    fn json_keeps_the_rules_of_opensubsonic(layer in layer(), timeline in timeline()) {
        check_json(&layer, &timeline)?;
    }

    #[test]
    fn webvtt_keeps_its_rules(layer in layer(), timeline in timeline()) {
        check_vtt(&layer, &timeline)?;
    }

    #[test]
    fn media_time_keeps_order_and_bounds(timeline in timeline(), a in any::<i64>(), b in any::<i64>()) {
        prop_assert!(a > b || timeline.at(a) <= timeline.at(b));
        prop_assert!(timeline.end_ms().is_none_or(|end| timeline.at(a) <= end));
    }

    #[test]
    fn languages_that_differ_have_names_that_differ(
        a in "(hi|id|en|ko|pa)(-(Latn|Deva|Arab))?(-(IN|ID))?", b in "(hi|id|en|ko|pa)(-(Latn|Deva|Arab))?(-(IN|ID))?",
    ) {
        let (a, b): (nada_lyrics::LanguageTag, nada_lyrics::LanguageTag) = (a.parse().unwrap(), b.parse().unwrap());
        prop_assert_eq!(a == b, a.display_name() == b.display_name());
    }
}

/// The rules of `songLyrics` version 2 that its OpenAPI schema cannot express.
fn check_json(layer: &Layer, timeline: &Timeline) -> Result<(), TestCaseError> {
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
fn check_vtt(layer: &Layer, timeline: &Timeline) -> Result<(), TestCaseError> {
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
        while let Some((before, after)) = rest.split_once('<') {
            let (tag, after) = after.split_once('>').unwrap();
            prop_assert!(lit < ms(tag) && ms(tag) < end, "{} in {}", tag, block);
            lit = ms(tag);
            text += before;
            rest = after;
        }
        text += rest;
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
    if timeline == &Timeline::SOURCE {
        let mut heard =
            layer.lines().iter().filter(|line| line.start_ms() >= Some(0) && !line.text().is_empty());
        prop_assert!(
            heard
                .all(|line| line.end_ms() == line.start_ms() || texts.iter().any(|text| text == line.text()))
        );
    }
    Ok(())
}
