//! What lyrics are written as, and what of them a format cannot hold.

use core::fmt;
use std::collections::HashSet;

use crate::{
    AgentKind, Layer, Line, Lyrics, Phrase, Timeline, Word, json, lrc, section::heading, srt, text::plain,
    ttml, vtt,
};

/// A format to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// OpenSubsonic `songLyrics` version 2.
    Json,
    /// Enhanced (A2) LRC, with word times.
    EnhancedLrc,
    /// LRC, with line times.
    Lrc,
    /// TTML, with everything the model has.
    Ttml,
    /// WebVTT, with karaoke time tags.
    Vtt,
    /// SubRip.
    Srt,
}

/// Lyrics as a file on the source's own clock. [`losses`] lists what the file does not hold.
pub fn write(lyrics: &Lyrics, target: Target) -> String {
    let timeline = &Timeline::SOURCE;
    let main = lyrics.layers().first();
    let of_main = |write: &dyn Fn(&Layer) -> String| main.map(write).unwrap_or_default();
    match target {
        Target::Json => json::write(lyrics, timeline, None),
        Target::Ttml => ttml::write(lyrics, timeline, None),
        Target::EnhancedLrc => {
            of_main(&|layer| lrc::write_titled(lyrics, layer, timeline, lrc::Flavour::Enhanced))
        }
        Target::Lrc => of_main(&|layer| lrc::write_titled(lyrics, layer, timeline, lrc::Flavour::Plain)),
        Target::Vtt => of_main(&|layer| vtt::write(layer, timeline)),
        Target::Srt => of_main(&|layer| srt::write(layer, timeline)),
    }
}

/// Something that a written file does not hold, or holds otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loss {
    /// How often.
    pub count: usize,
    /// What, and what becomes of it.
    pub what: &'static str,
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} × {}", self.count, self.what)
    }
}

/// What of the lyrics [`write()`] cannot put into a file of that format. If nothing is listed, reading the file
/// gives the same layers again, in the language and of the kind that the reader is told for the first.
///
/// JSON is not read here: what is listed for it is what its clients do not get.
pub fn losses(lyrics: &Lyrics, target: Target) -> Vec<Loss> {
    let mut found = Found(Vec::new());
    let Some(main) = lyrics.layers().first() else { return Vec::new() };
    let others = lyrics.layers().iter().skip(1);
    match target {
        Target::Json => lyrics.layers().iter().for_each(|layer| found.of_json(layer)),
        Target::Ttml => {
            found.count(
                "layers that do not go with the first line by line; left out",
                others.clone().filter(|layer| !ttml::fits(main, layer)).count(),
            );
            let kinds: Vec<_> =
                others.clone().filter(|layer| ttml::fits(main, layer)).map(Layer::kind).collect();
            found.count("order of layers; translations first", usize::from(!kinds.is_sorted()));
            found.of_ttml(main);
            others.filter(|layer| ttml::fits(main, layer)).for_each(|layer| found.of_ttml(layer));
        }
        _ => {
            found.count("further layers; left out", others.count());
            let titled = lyrics.title().is_some() || !lyrics.artists().is_empty();
            let held = matches!(target, Target::EnhancedLrc | Target::Lrc);
            found.count("title and artists; left out", usize::from(titled && !held));
            found.of_one_layer(main, target);
        }
    }
    found.0
}

struct Found(Vec<Loss>);

impl Found {
    fn count(&mut self, what: &'static str, count: usize) {
        match self.0.iter_mut().find(|loss| loss.what == what) {
            Some(loss) => loss.count += count,
            None if count > 0 => self.0.push(Loss { count, what }),
            None => {}
        }
    }

    fn lines(&mut self, what: &'static str, layer: &Layer, lost: impl Fn(&Line) -> bool) {
        self.count(what, layer.lines().iter().filter(|line| lost(line)).count());
    }

    fn of_json(&mut self, layer: &Layer) {
        self.before_zero(layer);
        self.lines("names of sections; left out", layer, |line| line.section().is_some());
        self.count("keys of lines; left out", usize::from(layer.keys_stated()));
        let voices = if layer.words_timed() { 0 } else { layer.agents().len() };
        self.count("agents of a layer without timed words; left out", voices);
        let others = layer.agents().iter().filter(|agent| agent.kind == AgentKind::Other);
        self.count("agents that are neither one voice nor a group; made voices", others.count());
        self.lines("background vocals without timed words; told apart no more", layer, |line| {
            line.background().is_some_and(|phrase| phrase.words().is_empty())
        });
        self.lines("ends of lines without timed words; left out", layer, |line| {
            line.end_ms().is_some() && line.word_count() == 0
        });
    }

    fn of_ttml(&mut self, layer: &Layer) {
        self.before_zero(layer);
        self.lines("characters that XML cannot hold; U+FFFD", layer, |line| {
            phrases(line).any(|phrase| phrase.text().contains(ttml::is_foreign))
        });
        self.lines("names of sections with white space around or not in NFC; made so", layer, |line| {
            line.section().is_some_and(|name| plain(name) != name || name.contains(ttml::is_foreign))
        });
        let unlike = |name: &String| plain(name) != *name || name.contains(ttml::is_foreign);
        self.count(
            "names of agents with white space around or not in NFC; made so",
            layer.agents().iter().filter(|agent| agent.name.as_ref().is_some_and(unlike)).count(),
        );
        let beyond = layer.lines().iter().enumerate().filter(|(i, line)| {
            let end = layer.end_of(*i);
            phrases(line)
                .filter_map(|phrase| phrase.words().last())
                .any(|word| word.end_ms.is_none() && end.is_some_and(|end| word.start_ms > end))
        });
        self.count("last words without an end that start after their line; ended at once", beyond.count());
    }

    fn of_one_layer(&mut self, layer: &Layer, target: Target) {
        self.count("agents; left out", layer.agents().len());
        self.count("keys of lines; left out", usize::from(layer.keys_stated()));
        self.lines("background vocals; told apart no more", layer, |line| line.background().is_some());
        if !layer.synced() {
            return self.of_unsynced(layer, target);
        }
        self.before_zero(layer);
        self.lines("names of sections; left out", layer, |line| line.section().is_some());
        match target {
            Target::EnhancedLrc | Target::Lrc => {
                self.lines("stated ends of lines; made pauses, or ends of words", layer, |line| {
                    line.end_ms().is_some()
                });
                self.lines("text that would be stamps or voices; made full-width", layer, |line| {
                    lrc::defused_line(line.text()) != line.text()
                });
            }
            _ => self.of_cues(layer),
        }
        match target {
            Target::EnhancedLrc => {
                self.lines("untimed text beside timed words; made part of them", layer, |line| {
                    untimed(line.phrase())
                });
            }
            Target::Vtt => {
                self.lines("ends of words; left out", layer, |line| {
                    line.words().iter().any(|word| word.end_ms.is_some())
                });
                self.lines("untimed text beside timed words; made part of them", layer, |line| {
                    untimed(line.phrase())
                });
                let shown = layer.lines().iter().enumerate();
                let unlike = shown.filter(|(i, line)| !rises(line, layer.end_of(*i)));
                self.count(
                    "words that do not start one after the other within their line; left untimed or moved",
                    unlike.count(),
                );
            }
            _ => self.lines("times of words; left out", layer, |line| !line.words().is_empty()),
        }
        if target == Target::Srt {
            self.lines("text that would be markup or times; made full-width", layer, |line| {
                srt::defused(line.text()) != line.text()
            });
        }
    }

    fn of_unsynced(&mut self, layer: &Layer, target: Target) {
        if !matches!(target, Target::EnhancedLrc | Target::Lrc) {
            return self.count("lines without times; left out", layer.lines().len());
        }
        self.lines("lines without text; left out", layer, |line| line.text().is_empty());
        self.lines("brackets that would be stamps, tags or sections; made full-width", layer, |line| {
            lrc::defused_untimed(line.text()) != line.text()
        });
        self.lines("names of sections that would be read otherwise", layer, |line| {
            line.section().is_some_and(|name| {
                let written = format!("[{name}]");
                plain(name) != name || name.contains(':') || heading(&written) != Some(name)
            })
        });
    }

    fn of_cues(&mut self, layer: &Layer) {
        self.lines("pauses; left out", layer, |line| line.text().is_empty());
        let last = layer.lines().iter().enumerate().filter(|(i, _)| layer.end_of(*i).is_none());
        self.count("lines without an end; one is made up", last.count());
        let short = layer.lines().iter().enumerate().filter(|(i, line)| {
            layer.end_of(*i).is_some_and(|end| {
                Some(end) <= line.start_ms()
                    || phrases(line)
                        .flat_map(Phrase::words)
                        .any(|word| word.end_ms.unwrap_or(word.start_ms) > end)
            })
        });
        self.count("lines that end at once or before their words; left out or prolonged", short.count());
    }

    fn before_zero(&mut self, layer: &Layer) {
        let times = |word: &Word| word.start_ms < 0;
        self.lines("times before 0; moved there, or left out where all is over by then", layer, |line| {
            line.start_ms() < Some(0) && line.start_ms().is_some()
                || phrases(line).flat_map(Phrase::words).any(times)
        });
    }
}

fn phrases(line: &Line) -> impl Iterator<Item = &Phrase> {
    [Some(line.phrase()), line.background()].into_iter().flatten()
}

/// Whether a text has timed words and other text, white space aside.
fn untimed(phrase: &Phrase) -> bool {
    let mut written = 0;
    let mut gaps = phrase
        .words()
        .iter()
        .map(|word| {
            let gap = phrase.text().get(written..word.bytes.start).unwrap_or_default();
            written = word.bytes.end;
            gap
        })
        .collect::<Vec<_>>();
    gaps.push(phrase.text().get(written..).unwrap_or_default());
    !phrase.words().is_empty() && gaps.iter().any(|gap| !gap.trim().is_empty())
}

/// Whether the first word starts with the line, and each later one, of which there is one, after it and before the
/// line's end: what tags within a cue can say.
fn rises(line: &Line, end: Option<i64>) -> bool {
    let starts: Vec<i64> = line.words().iter().map(|word| word.start_ms).collect();
    starts.first().copied().is_none_or(|first| Some(first) == line.start_ms())
        && starts.iter().collect::<HashSet<_>>().len() == starts.len()
        && starts.len() != 1
        && (starts.is_empty() || starts.last().copied() < end.or(Some(i64::MAX)))
}
