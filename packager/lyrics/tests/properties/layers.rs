//! Layers of all kinds.

use core::num::NonZeroU32;

use nada_lyrics::{Agent, AgentKind, Hint, Kind, Layer, Line, LyricsTimeline, Phrase, Word};
use proptest::{collection::vec, option, prelude::*, sample::select};
use unicode_normalization::UnicodeNormalization;
use unicode_segmentation::UnicodeSegmentation;

/// Pieces that form clusters, conjuncts and ligatures with each other, markup, and stamps in parts.
pub const PIECES: &[&str] = &[
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
pub fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![4 => select(PIECES).prop_map(str::to_owned), 1 => "\\PC".prop_map(|s| s.replace(':', ""))];
    vec(piece, 0..14).prop_map(|pieces| pieces.concat().nfc().collect::<String>().trim().to_owned())
}

/// A text cut into words at some of its cluster boundaries; with `gaps`, some parts stay untimed.
pub fn phrase(gaps: bool) -> impl Strategy<Value = Phrase> {
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
pub fn lrc_phrase() -> impl Strategy<Value = Phrase> {
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

pub fn hint() -> Hint {
    Hint { lang: "hi".parse().unwrap(), kind: Kind::Main }
}

pub fn layer_of(lines: Vec<Line>) -> Layer {
    Layer::new(hint().lang, Kind::Main, vec![], lines).unwrap()
}

pub fn lrc_layer() -> impl Strategy<Value = Layer> {
    vec((0i64..7_200_000, lrc_phrase()), 1..6).prop_map(|lines| {
        layer_of(
            lines.into_iter().map(|(start, phrase)| Line::new(Some(start), None, phrase).unwrap()).collect(),
        )
    })
}

/// Anything the model can hold.
pub fn layer() -> impl Strategy<Value = Layer> {
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
pub fn simpler_layer() -> impl Strategy<Value = Layer> {
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
pub fn cue_layer() -> impl Strategy<Value = Layer> {
    vec((lrc_phrase(), 1i64..4000, 0i64..4000, any::<bool>()), 1..6).prop_filter_map("text", |lines| {
        let mut start = 0;
        let lines = lines.into_iter().filter(|(phrase, ..)| !phrase.text().is_empty());
        let lines = lines.map(|(phrase, length, pause, timed)| {
            start += pause;
            let words = phrase.words().iter().zip(0..).filter(|_| timed && phrase.words().len() > 1);
            let words =
                words.map(|(word, n)| Word { bytes: word.bytes.clone(), start_ms: start + n, end_ms: None });
            let phrase = Phrase::new(phrase.text(), words.collect()).unwrap();
            let line = Line::new(Some(start), Some(start + length + 16), phrase).unwrap();
            // of one voice, so one after the other
            start += length + 16;
            line
        });
        let lines: Vec<Line> = lines.collect();
        (!lines.is_empty()).then(|| layer_of(lines))
    })
}

/// A second layer that spells some of the lines of the first.
pub fn spelled(main: &Layer, every: usize) -> Option<Layer> {
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

pub fn timeline() -> impl Strategy<Value = LyricsTimeline> {
    let rate = select(&[44_100u32, 48_000][..]).prop_map(|rate| NonZeroU32::new(rate).unwrap());
    prop_oneof![
        Just(LyricsTimeline::SOURCE),
        (0u32..9_000, rate, 0u64..9_000_000).prop_map(|(m, r, n)| LyricsTimeline::media(m, r, n))
    ]
}
