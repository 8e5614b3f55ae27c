//! A song as it is drawn: its lines, and under each what is to be read with it.

use std::ops::Range;

use nada_lyrics::{Kind, LanguageTag, Layer, Lyrics, Phrase};
use unicode_segmentation::UnicodeSegmentation as _;

use crate::direction::is_right_to_left;

/// A pause at least this long is shown as one, in ms: as on the player page.
const REST_MS: i64 = 3_000;

/// What a rest shows.
const DOTS: &str = "● ● ●";

/// Who is named on a picture.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Credits {
    /// The song's title.
    pub title: String,
    /// The artists, in the order they are billed.
    pub artists: Vec<String>,
    /// The label.
    pub label: Option<String>,
}

/// A song whose lines can be drawn. Times are ms on the clock of the media, on which its renditions sound.
#[derive(Debug, Clone, PartialEq)]
pub struct Song {
    /// Who is named.
    pub credits: Credits,
    /// The lines that have a text, in order.
    pub lines: Vec<Line>,
    /// Whether lines have times.
    pub synced: bool,
    /// Whether any word has a time.
    pub words_timed: bool,
    /// When the media is over, in ms.
    pub length_ms: i64,
}

/// A line.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// When it is sung, in ms; empty where nothing has times.
    pub sung: Range<i64>,
    /// The line itself, what is sung behind it, and what is read with it.
    pub rows: Vec<Row>,
}

/// One text of a line.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// What it is.
    pub kind: Kind,
    /// Whether it is read from right to left.
    pub rtl: bool,
    /// The text.
    pub text: String,
    /// The words that light up, in order; text between them does not.
    pub words: Vec<LitWord>,
}

/// A whole word with its times: often of several syllables.
#[derive(Debug, Clone, PartialEq)]
pub struct LitWord {
    /// Where it stands: UTF-8 bytes of the row's text. Punctuation that hugs a word is lit with it.
    pub bytes: Range<usize>,
    /// When it is sung, in ms.
    pub sung: Range<i64>,
    parts: Vec<Part>,
}

/// A sung part of a word.
#[derive(Debug, Clone, PartialEq)]
struct Part {
    sung: Range<i64>,
    /// Its share of the word's letters, from 0 to 1.
    share: f32,
}

impl LitWord {
    /// How much of it is sung at a time: 0 before it, 1 after it.
    pub fn progress(&self, ms: f64) -> f32 {
        let sung = self.parts.iter().map(|Part { sung, share }| {
            let (start, end) = (sung.start as f64, sung.end as f64);
            if ms >= end {
                *share
            } else if ms > start {
                *share * ((ms - start) / (end - start)) as f32
            } else {
                0.0
            }
        });
        sung.sum::<f32>().min(1.0)
    }

    /// Whether it sounds at a time.
    pub fn sounds(&self, ms: f64) -> bool {
        self.sung.start as f64 <= ms && ms < self.sung.end as f64
    }
}

impl Song {
    /// The lines of the main layer, shifted by `delay_ms` to the clock of the media, which lasts `length_ms`; under each those of
    /// the other layers that `shown` names.
    pub fn new(
        credits: Credits,
        lyrics: &Lyrics,
        shown: &[LanguageTag],
        delay_ms: i64,
        length_ms: i64,
    ) -> Song {
        let layers = lyrics.layers();
        let Some(main) = layers.iter().find(|layer| layer.kind() == Kind::Main).or(layers.first()) else {
            return Song { credits, lines: Vec::new(), synced: false, words_timed: false, length_ms };
        };
        let clock = Clock { delay_ms, length_ms };
        let mut lines = clock.lines(main);
        for kind in [Kind::Pronunciation, Kind::Translation] {
            let of_kind = |layer: &&Layer| {
                layer.kind() == kind && layer.lang() != main.lang() && shown.contains(layer.lang())
            };
            for other in layers.iter().filter(of_kind) {
                let both = main.synced() && other.synced();
                for (index, line) in clock.lines(other).into_iter().enumerate() {
                    let home = if both { nearest(&lines, line.sung.start) } else { Some(index) };
                    if let Some(home) = home.and_then(|home| lines.get_mut(home)) {
                        home.rows.extend(line.rows);
                    }
                }
            }
        }
        let words_timed = main.words_timed();
        Song { credits, lines, synced: main.synced(), words_timed, length_ms }
    }
}

/// The clock that lyrics are put on.
#[derive(Clone, Copy)]
struct Clock {
    delay_ms: i64,
    length_ms: i64,
}

impl Clock {
    fn at(self, ms: i64) -> i64 {
        (ms + self.delay_ms).clamp(0, self.length_ms)
    }

    fn lines(self, layer: &Layer) -> Vec<Line> {
        let rtl = is_right_to_left(layer.lang());
        let all = layer.lines();
        let sung = all.iter().enumerate().filter(|(_, line)| !line.text().is_empty());
        let lines = sung.map(|(index, line)| {
            let start = line.start_ms();
            let later = all
                .get(index..)
                .unwrap_or_default()
                .iter()
                .map(nada_lyrics::Line::start_ms)
                .find(|later| *later > start);
            let until = line.end_ms().or(later.flatten()).unwrap_or(self.length_ms - self.delay_ms);
            let phrases = [Some(line.phrase()), line.background()].into_iter().flatten();
            let rows: Vec<Row> = phrases.map(|phrase| self.row(phrase, layer.kind(), rtl, until)).collect();
            // a line is over with its last word; a voice without times lasts as long as the line may
            let ends = rows.iter().map(|row| row.words.last().map_or(self.at(until), |word| word.sung.end));
            let sung = start
                .map_or(0..0, |start| self.at(start)..ends.max().unwrap_or_default().max(self.at(start)));
            Line { sung, rows }
        });
        lines.collect()
    }

    fn row(self, phrase: &Phrase, kind: Kind, rtl: bool, until: i64) -> Row {
        let text = phrase.text();
        let words = phrase.words();
        let timed: Vec<(Range<usize>, Range<i64>)> = words
            .iter()
            .enumerate()
            .map(|(index, word)| {
                let next = words.get(index + 1).map(|next| next.start_ms);
                let start = self.at(word.start_ms);
                (word.bytes.clone(), start..self.at(word.end_ms.or(next).unwrap_or(until)).max(start))
            })
            .collect();
        Row { kind, rtl, text: text.to_owned(), words: whole_words(text, &timed) }
    }
}

/// Whole words of timed ones: those that no white space parts are one.
fn whole_words(text: &str, timed: &[(Range<usize>, Range<i64>)]) -> Vec<LitWord> {
    let between = |from: usize, to: usize| text.get(from..to).unwrap_or_default();
    let mut groups: Vec<&[(Range<usize>, Range<i64>)]> = Vec::new();
    let mut begun = 0;
    for at in 1..=timed.len() {
        let joined = timed.get(at - 1).zip(timed.get(at)).is_some_and(|((before, _), (after, _))| {
            let touching = between(before.start, after.end);
            let gap = between(before.end, after.start);
            gap.is_empty()
                && !between(before.start, before.end).ends_with(char::is_whitespace)
                && !between(after.start, after.end).starts_with(char::is_whitespace)
                && !touching.is_empty()
        });
        if !joined {
            groups.extend(timed.get(begun..at).filter(|group| !group.is_empty()));
            begun = at;
        }
    }
    let mut words = Vec::with_capacity(groups.len());
    let mut at = 0;
    for (index, group) in groups.iter().enumerate() {
        let (Some(head), Some(tail)) = (group.first(), group.last()) else { continue };
        let limit =
            groups.get(index + 1).and_then(|next| next.first()).map_or(text.len(), |next| next.0.start);
        let before = between(at, head.0.start);
        let from = head.0.start - before.rsplit(char::is_whitespace).next().map_or(0, str::len);
        let after = between(tail.0.end, limit);
        let to = tail.0.end + after.split(char::is_whitespace).next().map_or(0, str::len);
        let letters = |bytes: &Range<usize>| between(bytes.start, bytes.end).graphemes(true).count() as f32;
        let total = group.iter().map(|(bytes, _)| letters(bytes)).sum::<f32>().max(1.0);
        let parts =
            group.iter().map(|(bytes, sung)| Part { sung: sung.clone(), share: letters(bytes) / total });
        words.push(LitWord { bytes: from..to, sung: head.1.start..tail.1.end, parts: parts.collect() });
        at = to;
    }
    words
}

fn nearest(lines: &[Line], start: i64) -> Option<usize> {
    (0..lines.len()).min_by_key(|at| lines.get(*at).map(|line| (line.sung.start - start).abs()))
}

/// Long pauses between lines become lines of their own, so that a singer sees them pass.
pub(crate) fn with_rests(lines: &[Line], from: i64) -> Vec<Line> {
    let mut until = from;
    let mut all = Vec::with_capacity(lines.len());
    for line in lines {
        if line.sung.start - until >= REST_MS {
            all.push(rest(until..line.sung.start));
        }
        until = until.max(line.sung.end);
        all.push(line.clone());
    }
    all
}

fn rest(sung: Range<i64>) -> Line {
    let parts = vec![Part { sung: sung.clone(), share: 1.0 }];
    let words = vec![LitWord { bytes: 0..DOTS.len(), sung: sung.clone(), parts }];
    Line { sung, rows: vec![Row { kind: Kind::Pronunciation, rtl: false, text: DOTS.to_owned(), words }] }
}

#[cfg(test)]
mod tests {
    use nada_lyrics::{Hint, parse};

    use super::*;

    fn song(files: &[(&str, Kind, &str)], shown: &[&str]) -> Song {
        let layers = files.iter().map(|(lang, kind, text)| {
            parse(text.as_bytes(), &Hint { lang: lang.parse().unwrap(), kind: *kind }).unwrap().layer
        });
        let lyrics = Lyrics::new(layers.collect()).unwrap();
        let shown: Vec<_> = shown.iter().map(|lang| lang.parse().unwrap()).collect();
        Song::new(Credits::default(), &lyrics, &shown, 46, 60_000)
    }

    #[test]
    fn syllables_are_one_word_and_punctuation_is_lit_with_it() {
        let text =
            "[00:01.00]<00:01.00>ban<00:01.50>da <00:02.00>“hello”, <00:03.00>x<00:04.00>\n[00:05.00]\n";
        let song = song(&[("id", Kind::Main, text)], &[]);
        let row = &song.lines[0].rows[0];
        let words: Vec<_> =
            row.words.iter().map(|word| (&row.text[word.bytes.clone()], word.sung.clone())).collect();
        assert_eq!(words, [("banda", 1046..2046), ("“hello”,", 2046..3046), ("x", 3046..4046)]);
        let banda = &row.words[0];
        assert_eq!([banda.progress(1046.0), banda.progress(2046.0)], [0.0, 1.0]);
        assert!((banda.progress(1546.0) - 0.6).abs() < 1e-6, "three of five letters");
        assert!(banda.sounds(1046.0) && !banda.sounds(2046.0));
        assert_eq!(song.lines[0].sung, 1046..4046);
    }

    #[test]
    fn other_layers_stand_under_the_line_they_belong_to() {
        let main = "[00:01.00]ek\n[00:04.00]do\n[00:09.00]\n";
        let other = "[00:03.90]two\n[00:09.00]\n";
        let files =
            [("hi", Kind::Main, main), ("en", Kind::Translation, other), ("id", Kind::Translation, other)];
        let song = song(&files, &["en"]);
        let rows: Vec<Vec<&str>> =
            song.lines.iter().map(|line| line.rows.iter().map(|row| row.text.as_str()).collect()).collect();
        assert_eq!(rows, [vec!["ek"], vec!["do", "two"]]);
        assert_eq!(song.lines[1].sung, 4046..9046);
        assert!(song.synced && !song.words_timed);
    }

    #[test]
    fn long_pauses_are_shown() {
        let song = song(&[("hi", Kind::Main, "[00:05.00]ek\n[00:06.00]\n[00:08.00]do\n[00:09.00]\n")], &[]);
        let kinds = |from| {
            with_rests(&song.lines, from).iter().map(|line| line.rows[0].text.clone()).collect::<Vec<_>>()
        };
        assert_eq!(kinds(0), [DOTS, "ek", "do"]);
        assert_eq!(kinds(3_000), ["ek", "do"]);
    }
}
