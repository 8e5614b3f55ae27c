//! What lyrics are written as, and what of them a format cannot hold.

use std::collections::HashSet;

use crate::{
    AgentKind, Layer, Line, Lyrics, LyricsTimeline, Phrase, Word, json,
    loss::{Loss, LossKind},
    lrc,
    section::heading,
    srt,
    text::plain,
    ttml, vtt,
};

/// A format to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutputFormat {
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
pub fn write(lyrics: &Lyrics, format: OutputFormat) -> String {
    let timeline = &LyricsTimeline::SOURCE;
    let main = lyrics.layers().first();
    let of_main = |write: &dyn Fn(&Layer) -> String| main.map(write).unwrap_or_default();
    match format {
        OutputFormat::Json => json::write(lyrics, timeline, None),
        OutputFormat::Ttml => ttml::write(lyrics, timeline, None),
        OutputFormat::EnhancedLrc => {
            of_main(&|layer| lrc::write_titled(lyrics, layer, timeline, lrc::Flavour::Enhanced))
        }
        OutputFormat::Lrc => {
            of_main(&|layer| lrc::write_titled(lyrics, layer, timeline, lrc::Flavour::Plain))
        }
        OutputFormat::Vtt => of_main(&|layer| vtt::write(layer, timeline)),
        OutputFormat::Srt => of_main(&|layer| srt::write(layer, timeline)),
    }
}

/// What of the lyrics [`write()`] cannot put into a file of that format. If nothing is listed, reading the file
/// gives the same layers again, in the language and of the kind that the reader is told for the first.
///
/// JSON is not read here: what is listed for it is what its clients do not get.
pub fn losses(lyrics: &Lyrics, format: OutputFormat) -> Vec<Loss> {
    let mut losses = Losses(Vec::new());
    let Some(main) = lyrics.layers().first() else { return Vec::new() };
    let others = lyrics.layers().iter().skip(1);
    match format {
        OutputFormat::Json => lyrics.layers().iter().for_each(|layer| losses.of_json(layer)),
        OutputFormat::Ttml => {
            losses.count(
                LossKind::UnalignedLayers,
                others.clone().filter(|layer| !ttml::fits(main, layer)).count(),
            );
            let kinds: Vec<_> =
                others.clone().filter(|layer| ttml::fits(main, layer)).map(Layer::kind).collect();
            losses.count(LossKind::LayerOrder, usize::from(!kinds.is_sorted()));
            losses.of_ttml(main);
            others.filter(|layer| ttml::fits(main, layer)).for_each(|layer| losses.of_ttml(layer));
        }
        _ => {
            losses.count(LossKind::FurtherLayers, others.count());
            let titled = lyrics.title().is_some() || !lyrics.artists().is_empty();
            let held = matches!(format, OutputFormat::EnhancedLrc | OutputFormat::Lrc);
            losses.count(LossKind::TitleAndArtists, usize::from(titled && !held));
            losses.of_one_layer(main, format);
        }
    }
    losses.0
}

struct Losses(Vec<Loss>);

impl Losses {
    fn count(&mut self, what: LossKind, count: usize) {
        match self.0.iter_mut().find(|loss| loss.what == what) {
            Some(loss) => loss.count += count,
            None if count > 0 => self.0.push(Loss { count, what }),
            None => {}
        }
    }

    fn lines(&mut self, what: LossKind, layer: &Layer, lost: impl Fn(&Line) -> bool) {
        self.count(what, layer.lines().iter().filter(|line| lost(line)).count());
    }

    fn of_json(&mut self, layer: &Layer) {
        self.before_zero(layer);
        self.lines(LossKind::Sections, layer, |line| line.section().is_some());
        self.count(LossKind::LineKeys, usize::from(layer.keys_stated()));
        let voices = if layer.words_timed() { 0 } else { layer.agents().len() };
        self.count(LossKind::AgentsWithoutTimedWords, voices);
        let others = layer.agents().iter().filter(|agent| agent.kind == AgentKind::Other);
        self.count(LossKind::OtherAgents, others.count());
        self.lines(LossKind::UntimedBackground, layer, |line| {
            line.background().is_some_and(|phrase| phrase.words().is_empty())
        });
        self.lines(LossKind::EndsWithoutTimedWords, layer, |line| {
            line.end_ms().is_some() && line.word_count() == 0
        });
    }

    fn of_ttml(&mut self, layer: &Layer) {
        self.before_zero(layer);
        self.lines(LossKind::XmlCharacters, layer, |line| {
            phrases(line).any(|phrase| phrase.text().contains(ttml::is_foreign))
        });
        self.lines(LossKind::SectionNameForm, layer, |line| {
            line.section().is_some_and(|name| plain(name) != name || name.contains(ttml::is_foreign))
        });
        let unlike = |name: &String| plain(name) != *name || name.contains(ttml::is_foreign);
        self.count(
            LossKind::AgentNameForm,
            layer.agents().iter().filter(|agent| agent.name.as_ref().is_some_and(unlike)).count(),
        );
        let beyond = layer.lines().iter().enumerate().filter(|(i, line)| {
            let end = layer.end_of(*i);
            phrases(line)
                .filter_map(|phrase| phrase.words().last())
                .any(|word| word.end_ms.is_none() && end.is_some_and(|end| word.start_ms > end))
        });
        self.count(LossKind::LateLastWords, beyond.count());
    }

    fn of_one_layer(&mut self, layer: &Layer, format: OutputFormat) {
        self.count(LossKind::Agents, layer.agents().len());
        self.count(LossKind::LineKeys, usize::from(layer.keys_stated()));
        self.lines(LossKind::Background, layer, |line| line.background().is_some());
        if !layer.synced() {
            return self.of_unsynced(layer, format);
        }
        self.before_zero(layer);
        self.lines(LossKind::Sections, layer, |line| line.section().is_some());
        match format {
            OutputFormat::EnhancedLrc | OutputFormat::Lrc => {
                self.lines(LossKind::LineEnds, layer, |line| line.end_ms().is_some());
                self.lines(LossKind::StampLikeText, layer, |line| {
                    lrc::defused_line(line.text()) != line.text()
                });
            }
            _ => self.of_cues(layer),
        }
        match format {
            OutputFormat::EnhancedLrc => {
                self.lines(LossKind::UntimedText, layer, |line| untimed(line.phrase()));
            }
            OutputFormat::Vtt => {
                self.lines(LossKind::WordEnds, layer, |line| {
                    line.words().iter().any(|word| word.end_ms.is_some())
                });
                self.lines(LossKind::UntimedText, layer, |line| untimed(line.phrase()));
                let shown = layer.lines().iter().enumerate();
                let unlike = shown.filter(|(i, line)| !rises(line, layer.end_of(*i)));
                self.count(LossKind::WordOrder, unlike.count());
            }
            _ => self.lines(LossKind::WordTimes, layer, |line| !line.words().is_empty()),
        }
        if format == OutputFormat::Srt {
            self.lines(LossKind::MarkupLikeText, layer, |line| srt::defused(line.text()) != line.text());
        }
    }

    fn of_unsynced(&mut self, layer: &Layer, format: OutputFormat) {
        if !matches!(format, OutputFormat::EnhancedLrc | OutputFormat::Lrc) {
            return self.count(LossKind::UntimedLines, layer.lines().len());
        }
        self.lines(LossKind::LinesWithoutText, layer, |line| line.text().is_empty());
        self.lines(LossKind::TagLikeText, layer, |line| lrc::defused_untimed(line.text()) != line.text());
        self.lines(LossKind::TagLikeSections, layer, |line| {
            line.section().is_some_and(|name| {
                let written = format!("[{name}]");
                plain(name) != name || name.contains(':') || heading(&written) != Some(name)
            })
        });
    }

    fn of_cues(&mut self, layer: &Layer) {
        self.lines(LossKind::Pauses, layer, |line| line.text().is_empty());
        let last = layer.lines().iter().enumerate().filter(|(i, _)| layer.end_of(*i).is_none());
        self.count(LossKind::OpenLines, last.count());
        let short = layer.lines().iter().enumerate().filter(|(i, line)| {
            layer.end_of(*i).is_some_and(|end| {
                Some(end) <= line.start_ms()
                    || phrases(line)
                        .flat_map(Phrase::words)
                        .any(|word| word.end_ms.unwrap_or(word.start_ms) > end)
            })
        });
        self.count(LossKind::ShortLines, short.count());
    }

    fn before_zero(&mut self, layer: &Layer) {
        let times = |word: &Word| word.start_ms < 0;
        self.lines(LossKind::NegativeTimes, layer, |line| {
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
