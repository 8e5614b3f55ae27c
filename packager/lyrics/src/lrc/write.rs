use core::fmt::Write;

use super::{odd, stamp, stamped::Stamped, voice};
use crate::{
    Layer, Line, Lyrics, LyricsTimeline, Phrase, entity,
    schedule::{cues, spans},
    section::{self, heading},
    text::plain,
};

/// Whether words carry their times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flavour {
    /// `[mm:ss.xx]` before lines.
    Plain,
    /// And `<mm:ss.xx>` before words, where they are timed (A2).
    Enhanced,
}

/// [`write()`] with the song's title and artists before it (`[ti:]`, `[ar:]`).
pub fn write_titled(lyrics: &Lyrics, layer: &Layer, timeline: &LyricsTimeline, flavour: Flavour) -> String {
    let artists = lyrics.artists().join(", ");
    let named = [("ti", lyrics.title().unwrap_or_default()), ("ar", &artists)];
    let tags = named
        .into_iter()
        .map(|(key, value)| (key, entity::defused(&plain(value)).into_owned()))
        .filter(|(_, value)| !value.is_empty());
    tags.map(|(key, value)| format!("[{key}:{value}]\n")).chain([write(layer, timeline, flavour)]).collect()
}

/// A layer as LRC on the given timeline, by start.
///
/// What the format cannot hold becomes: a stated end of a line, a pause where the next line starts later;
/// untimed text after a word, a part of that word; background vocals, the end of their line, not before its
/// words; a word's end at the start of the next, nothing, since it means the same; agents, nothing; an
/// unsynced layer, lines without stamps; what lies outside the track, nothing. LRC has no escape: a bracket in a text that would be read as a
/// stamp, as a background or as a section becomes its full-width form (`＜`, `［`), and so does what would say before a
/// text who sings it. All stamps have two decimals, or all three where one needs them.
pub fn write(layer: &Layer, timeline: &LyricsTimeline, flavour: Flavour) -> String {
    let mut lrc = format!("[la:{}]\n", layer.lang());
    if !layer.synced() {
        for line in layer.lines() {
            if let Some(section) = line.section() {
                let _ = writeln!(lrc, "[{}]", section.replace('[', "［").replace(']', "］"));
            }
            let text = defused_untimed(&whole_text(line));
            let _ = writeln!(lrc, "{text}");
        }
        return lrc;
    }
    let spans = spans(layer, timeline);
    if spans.is_empty() {
        // Nothing of it lies within the track. A file without a stamp would be plain text.
        return lrc + "[00:00.00]\n";
    }
    let next_starts = spans.iter().skip(1).map(|span| span.start).chain([u64::MAX]);
    let mut file = Stamped::default();
    file.push_str(&lrc);
    for (span, next) in spans.iter().zip(next_starts) {
        let body = match flavour {
            Flavour::Plain => WrittenText::untimed(&defused_line(&whole_text(span.line))),
            Flavour::Enhanced => WrittenText::timed(span.line, timeline),
        };
        file.stamp('[', span.start, ']');
        file.append(&body.text);
        file.push_str("\n");
        let end = span.line.end_ms().map(|ms| timeline.at(ms));
        if let Some(end) = end
            .filter(|end| *end < next && body.ended.is_none_or(|ended| ended < *end) && !body.text.is_empty())
        {
            file.stamp('[', end, ']');
            file.push_str("\n");
        }
    }
    file.finish()
}

fn whole_text(line: &Line) -> String {
    let parts = [Some(line.text()), line.background().map(Phrase::text)];
    parts.into_iter().flatten().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" ")
}

/// A line after its stamp.
struct WrittenText {
    text: Stamped,
    /// When its last word ends, where a stamp says so.
    ended: Option<u64>,
    /// Whether it has more than stamps.
    begun: bool,
}

impl WrittenText {
    fn untimed(text: &str) -> WrittenText {
        let mut body = WrittenText { text: Stamped::default(), ended: None, begun: true };
        body.text.push_str(text);
        body
    }

    fn timed(line: &Line, timeline: &LyricsTimeline) -> WrittenText {
        let mut words: Vec<TimedText> = Vec::new();
        let mut run = String::new();
        for phrase in [Some(line.phrase()), line.background()].into_iter().flatten() {
            if !run.is_empty() || !words.is_empty() {
                run.push(' ');
            }
            let mut written = 0;
            for cue in cues(phrase, timeline) {
                run.push_str(phrase.text().get(written..cue.word.bytes.start).unwrap_or_default());
                let start = words.last().map_or(cue.start, |before| before.start.max(cue.start));
                words.push(TimedText {
                    before: core::mem::take(&mut run),
                    start,
                    text: cue.text,
                    end: cue.end,
                });
                written = cue.word.bytes.end;
            }
            run.push_str(phrase.text().get(written..).unwrap_or_default());
        }
        let mut body = WrittenText { text: Stamped::default(), ended: None, begun: false };
        // Everything since the last stamp, that no two parts of it form a new one.
        let mut pending = String::new();
        let next_starts: Vec<u64> = words.iter().skip(1).map(|word| word.start).chain([u64::MAX]).collect();
        for (word, next) in words.iter().zip(next_starts) {
            pending.push_str(&word.before);
            body.stamp(&mut pending, word.start);
            pending.push_str(word.text);
            body.ended = word.end.map(|end| end.max(word.start)).filter(|end| *end < next);
            if let Some(end) = body.ended {
                body.stamp(&mut pending, end);
            }
        }
        pending.push_str(&run);
        // A last word without an end of its own is over when its line is.
        let line_end = line.end_ms().map(|ms| timeline.at(ms));
        match (words.last(), line_end) {
            (Some(last), Some(end)) if body.ended.is_none() => {
                let end = end.max(last.start);
                body.stamp(&mut pending, end);
                body.ended = Some(end);
            }
            _ => body.push(&pending),
        }
        body
    }

    /// Writes the text since the last stamp, and a stamp.
    fn stamp(&mut self, pending: &mut String, ms: u64) {
        self.push(pending);
        self.text.stamp('<', ms, '>');
        pending.clear();
    }

    fn push(&mut self, text: &str) {
        self.text.push_str(&if self.begun { defused(text) } else { defused_line(text) });
        self.begun |= !text.trim().is_empty();
    }
}

/// A word to be written, with the untimed text before it.
struct TimedText<'a> {
    before: String,
    /// Not before the start of the word before it.
    start: u64,
    text: &'a str,
    end: Option<u64>,
}

/// The text of a line with every bracket replaced that would be read as the start of a stamp or of a background, and
/// what would be read as its singer, or as the name of a section.
pub(crate) fn defused_line(text: &str) -> String {
    let text = defused(text);
    let named = heading(&text).is_some_and(section::is_known);
    let Some((_, rest)) = voice::prefix(&text) else {
        return if named { text.replacen('[', "［", 1) } else { text };
    };
    match text.chars().next() {
        Some('[') => text.replacen('[', "［", 1),
        Some('{') => text.replacen('{', "｛", 1),
        _ => format!("{}：{rest}", text.split(':').next().unwrap_or_default()),
    }
}

/// The text of a line without a stamp, with every bracket replaced that would be read as the start of one, of a tag or
/// of the name of a section.
pub(crate) fn defused_untimed(text: &str) -> String {
    let text = defused(text);
    let text = odd::defused(&text).unwrap_or(text);
    match text.strip_prefix('[').filter(|_| text.ends_with(']')) {
        Some(rest) => format!("［{rest}"),
        None => text,
    }
}

/// The text with every bracket replaced that would be read as the start of a stamp or of a background, and with `&` where
/// it would begin a character reference.
pub(crate) fn defused(text: &str) -> String {
    let text = &*entity::defused(text);
    if !text.contains(['<', '[', '＜']) {
        return text.to_owned();
    }
    let mut safe = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        let rest = text.get(at..).unwrap_or_default();
        let read_as_stamp = || stamp::has_form_of_stamp(rest.get(1..).unwrap_or_default());
        safe.push(match c {
            '<' if read_as_stamp() || odd::word(rest).is_some() || is_count(rest) => '＜',
            '＜' if odd::word(rest).is_some() => '〈',
            '[' if read_as_stamp() || voice::is_background(rest) => '［',
            c => c,
        });
    }
    safe
}

/// Whether a text begins as the words of other karaoke formats do that have LRC's stamps: `<200>`, `<200,-100>`.
fn is_count(text: &str) -> bool {
    let inner = text.strip_prefix('<').and_then(|rest| rest.split_once('>')).map(|(inner, _)| inner);
    inner.is_some_and(|inner| {
        inner.contains(|c: char| c.is_ascii_digit())
            && inner.chars().all(|c| c.is_ascii_digit() || matches!(c, ',' | '-' | ' '))
    })
}

#[cfg(test)]
mod tests {
    use core::num::NonZeroU32;

    use super::*;
    use crate::{Kind, Word};

    fn word(from: usize, to: usize, start_ms: i64, end_ms: Option<i64>) -> Word {
        Word { bytes: from..to, start_ms, end_ms }
    }

    fn layer(lines: Vec<(i64, Option<i64>, &str, Vec<Word>)>) -> Layer {
        let line = |(start, end, text, words)| {
            Line::new(Some(start), end, Phrase::new(text, words).unwrap()).unwrap()
        };
        Layer::new("hi".parse().unwrap(), Kind::Main, vec![], lines.into_iter().map(line).collect()).unwrap()
    }

    #[test]
    fn what_another_format_would_time_by_is_text() {
        for (text, written) in [("<0>la", "＜0>la"), ("<200,-100>la", "＜200,-100>la"), ("<3 la", "<3 la")]
        {
            let layer = layer(vec![(1000, None, text, vec![])]);
            let lrc = write(&layer, &LyricsTimeline::SOURCE, Flavour::Plain);
            assert_eq!(lrc, format!("[la:hi]\n[00:01.00]{written}\n"));
            let hint = crate::Hint { lang: "hi".parse().unwrap(), kind: Kind::Main };
            assert!(crate::parse(lrc.as_bytes(), &hint).is_ok(), "{text}");
        }
    }

    #[test]
    fn both_flavours() {
        let words = vec![
            word(0, 12, 1000, Some(1400)),
            word(13, 19, 1500, Some(1900)),
            word(20, 32, 1900, Some(2500)),
        ];
        let l = layer(vec![(1000, Some(2500), "बुरा जो देखन", words), (4000, Some(5001), "मैं", vec![])]);
        assert_eq!(
            write(&l, &LyricsTimeline::SOURCE, Flavour::Enhanced),
            "[la:hi]\n[00:01.000]<00:01.000>बुरा<00:01.400> <00:01.500>जो <00:01.900>देखन<00:02.500>\n\
             [00:04.000]मैं\n[00:05.001]\n",
            "one precision in one file"
        );
        assert_eq!(
            write(&l, &LyricsTimeline::SOURCE, Flavour::Plain),
            "[la:hi]\n[00:01.000]बुरा जो देखन\n[00:02.500]\n[00:04.000]मैं\n[00:05.001]\n"
        );
        let media = LyricsTimeline::media(2048, NonZeroU32::new(48_000).unwrap(), 480_000);
        assert!(write(&l, &media, Flavour::Plain).contains("[00:01.043]बुरा"), "M/R later");
    }

    #[test]
    fn text_is_never_a_stamp() {
        let l = layer(vec![(0, None, "[00:09.00]<00:09.00> <3 [Chorus] <-1:x", vec![])]);
        for flavour in [Flavour::Plain, Flavour::Enhanced] {
            let lrc = write(&l, &LyricsTimeline::SOURCE, flavour);
            assert_eq!(lrc, "[la:hi]\n[00:00.00]［00:09.00]＜00:09.00> <3 [Chorus] ＜-1:x\n");
        }
    }

    #[test]
    fn text_is_never_a_voice_a_background_or_a_section() {
        for (text, written) in [
            ("v1: a", "v1： a"),
            ("F: a", "F： a"),
            ("[M] a", "［M] a"),
            ("{bg}a", "｛bg}a"),
            ("a [bg: b]", "a ［bg: b]"),
            ("[Chorus: x]", "［Chorus: x]"),
            ("[laughs]", "[laughs]"),
        ] {
            let l = layer(vec![(0, None, text, vec![])]);
            for flavour in [Flavour::Plain, Flavour::Enhanced] {
                let file = write(&l, &LyricsTimeline::SOURCE, flavour);
                assert_eq!(file, format!("[la:hi]\n[00:00.00]{written}\n"));
                let hint = crate::Hint { lang: "hi".parse().unwrap(), kind: Kind::Main };
                let read = crate::parse(file.as_bytes(), &hint).unwrap();
                assert_eq!((read.layer.lines()[0].text(), read.warnings), (written, vec![]));
            }
        }
    }

    #[test]
    fn background_follows_its_line() {
        let background = Phrase::new("b", vec![word(0, 1, 500, Some(600))]).unwrap();
        let lead = Phrase::new("a", vec![word(0, 1, 1000, None)]).unwrap();
        let line = Line::new(Some(1000), None, lead).unwrap().with_background(background).unwrap();
        let l = Layer::new("en".parse().unwrap(), Kind::Main, vec![], vec![line]).unwrap();
        let lrc = write(&l, &LyricsTimeline::SOURCE, Flavour::Enhanced);
        assert_eq!(lrc, "[la:en]\n[00:01.00]<00:01.00>a <00:01.00>b<00:01.00>\n");
    }

    #[test]
    fn title_and_artists_read_back() {
        let layer = layer(vec![(1000, None, "a", vec![])]);
        let lyrics = Lyrics::new(vec![layer.clone()]).unwrap();
        let bare = write(&layer, &LyricsTimeline::SOURCE, Flavour::Plain);
        assert_eq!(write_titled(&lyrics, &layer, &LyricsTimeline::SOURCE, Flavour::Plain), bare);
        let lyrics = lyrics.with_title("Sa [live]\n").with_artists(vec!["A".into(), "B".into()]);
        let written = write_titled(&lyrics, &layer, &LyricsTimeline::SOURCE, Flavour::Plain);
        assert_eq!(written, format!("[ti:Sa [live]]\n[ar:A, B]\n{bare}"));
        let hint = crate::Hint { lang: "hi".parse().unwrap(), kind: Kind::Main };
        let read = crate::parse(written.as_bytes(), &hint).unwrap();
        assert_eq!(
            (read.metadata.title.as_deref(), read.metadata.artist.as_deref()),
            (Some("Sa [live]"), Some("A, B"))
        );
    }
}
