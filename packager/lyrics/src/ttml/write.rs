use core::fmt::Write;
use std::{borrow::Cow, collections::HashMap};

use crate::{AgentKind, Kind, LanguageTag, Layer, Line, Lyrics, LyricsTimeline, Phrase, clock};

const HEAD: &str = concat!(
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n",
    "<tt xmlns=\"http://www.w3.org/ns/ttml\" xmlns:ttm=\"http://www.w3.org/ns/ttml#metadata\" ",
    "xmlns:itunes=\"http://music.apple.com/lyric-ttml-internal\" xmlns:amll=\"http://www.example.com/ns/amll\""
);

/// The first layer of the lyrics, or that of the language `only`, as a TTML file on the given timeline, in the
/// flavour of Apple's streams and of AMLL.
///
/// Without `only`, every other layer that says or spells lines of the first stands in the head; see
/// [`fits`]. All ends are stated as far as they are known: a line's is the start of the next later one where
/// it has none, a word's that of the next word, or of the line.
pub fn write(lyrics: &Lyrics, timeline: &LyricsTimeline, only: Option<&LanguageTag>) -> String {
    let wanted = |layer: &&Layer| only.is_none_or(|tag| tag == layer.lang());
    let Some(main) = lyrics.layers().iter().find(wanted) else { return String::new() };
    let others = lyrics.layers().iter().filter(|layer| only.is_none() && fits(main, layer));
    let mut ttml = String::from(HEAD);
    let timing = match (main.synced(), main.words_timed()) {
        (false, _) => "None",
        (true, false) => "Line",
        (true, true) => "Word",
    };
    // Writing to a String cannot fail.
    let _ = write!(ttml, " itunes:timing=\"{timing}\" xml:lang=\"{}\">\n<head><metadata>", main.lang());
    head(&mut ttml, lyrics, main);
    layers(&mut ttml, main, &others.collect::<Vec<_>>(), timeline);
    ttml.push_str("</metadata></head>\n<body");
    if let Some(end) = timeline.end_ms() {
        let _ = write!(ttml, " dur=\"{}\"", clock::format(end, '.'));
    }
    ttml.push('>');
    body(&mut ttml, main, timeline);
    ttml.push_str("</body>\n</tt>\n");
    ttml
}

/// Whether a layer can stand in the head of another: each of its lines has the key, the times and the agent of a
/// line of `main`, in that order, and it has the same agents and no sections of its own.
pub fn fits(main: &Layer, layer: &Layer) -> bool {
    if layer.kind() == Kind::Main || layer.lang() == main.lang() || layer.agents() != main.agents() {
        return false;
    }
    let places: HashMap<Cow<'_, str>, usize> = (0..main.lines().len()).map(|i| (main.key(i), i)).collect();
    let mut last = None;
    layer.lines().iter().enumerate().all(|(i, line)| {
        let Some(at) = places.get(&layer.key(i)).copied() else { return false };
        let Some(sung) = main.lines().get(at) else { return false };
        let fits = last < Some(at)
            && line.start_ms() == sung.start_ms()
            && layer.end_of(i) == main.end_of(at)
            && line.agent() == sung.agent()
            && line.section().is_none();
        last = Some(at);
        fits
    })
}

fn head(ttml: &mut String, lyrics: &Lyrics, main: &Layer) {
    if let Some(title) = lyrics.title() {
        let _ = write!(ttml, "<ttm:title>{}</ttm:title>", escaped(title));
    }
    for agent in main.agents() {
        let kind = match agent.kind {
            AgentKind::Voice => "person",
            AgentKind::Group => "group",
            AgentKind::Other => "other",
        };
        let _ = write!(ttml, "<ttm:agent type=\"{kind}\" xml:id=\"{}\">", escaped(&agent.id));
        if let Some(name) = &agent.name {
            let _ = write!(ttml, "<ttm:name type=\"full\">{}</ttm:name>", escaped(name));
        }
        ttml.push_str("</ttm:agent>");
    }
    if !lyrics.artists().is_empty() {
        let artists = lyrics.artists().join(", ");
        let _ = write!(ttml, "<amll:meta key=\"artists\" value=\"{}\"/>", escaped(&artists));
    }
}

/// Translations and transliterations.
fn layers(ttml: &mut String, main: &Layer, others: &[&Layer], timeline: &LyricsTimeline) {
    if others.is_empty() {
        return;
    }
    ttml.push_str("<iTunesMetadata xmlns=\"http://music.apple.com/lyric-ttml-internal\">");
    for (kind, list, element) in [
        (Kind::Translation, "translations", "translation type=\"subtitle\""),
        (Kind::Pronunciation, "transliterations", "transliteration"),
    ] {
        let mut others = others.iter().filter(|layer| layer.kind() == kind).peekable();
        if others.peek().is_none() {
            continue;
        }
        let _ = write!(ttml, "<{list}>");
        for layer in others {
            let _ = write!(ttml, "<{element} xml:lang=\"{}\">", layer.lang());
            for (i, line) in layer.lines().iter().enumerate() {
                let key = layer.key(i);
                let _ = write!(ttml, "<text for=\"{}\"{}>", escaped(&key), space(line));
                let end = layer.end_of(i).map(|ms| timeline.at(ms)).or(timeline.end_ms());
                let writer = Spans { timeline, line_end: end, in_head: true };
                writer.line(ttml, line);
                ttml.push_str("</text>");
            }
            let name = element.split(' ').next().unwrap_or(element);
            let _ = write!(ttml, "</{name}>");
        }
        let _ = write!(ttml, "</{list}>");
    }
    ttml.push_str("</iTunesMetadata>");
    let _ = main;
}

fn body(ttml: &mut String, layer: &Layer, timeline: &LyricsTimeline) {
    for (i, line) in layer.lines().iter().enumerate() {
        if i == 0 || line.section().is_some() {
            ttml.push_str(if i == 0 { "\n<div" } else { "</div>\n<div" });
            if let Some(name) = line.section().filter(|name| !name.is_empty()) {
                let _ = write!(ttml, " itunes:song-part=\"{}\"", escaped(name));
            }
            ttml.push_str(">\n");
        }
        let end = layer.end_of(i).map(|ms| timeline.at(ms)).or(timeline.end_ms());
        ttml.push_str("<p");
        if let Some(start) = line.start_ms() {
            let start = timeline.at(start);
            let _ = write!(ttml, " begin=\"{}\"", clock::format(start, '.'));
            if let Some(end) = end {
                let _ = write!(ttml, " end=\"{}\"", clock::format(end.max(start), '.'));
            }
        }
        if let Some(agent) = line.agent() {
            let _ = write!(ttml, " ttm:agent=\"{}\"", escaped(agent));
        }
        let _ = write!(ttml, " itunes:key=\"{}\"{}>", escaped(&layer.key(i)), space(line));
        Spans { timeline, line_end: end, in_head: false }.line(ttml, line);
        ttml.push_str("</p>\n");
    }
    ttml.push_str("</div>\n");
}

/// How white space of a line is to be read: several spaces would else be one.
fn space(line: &Line) -> &'static str {
    let several = |phrase: &Phrase| phrase.text().contains("  ");
    if several(line.phrase()) || line.background().is_some_and(several) {
        " xml:space=\"preserve\""
    } else {
        ""
    }
}

/// Writes the text of a line.
struct Spans<'a> {
    timeline: &'a LyricsTimeline,
    /// When the line ends, in ms of the file, where it is known.
    line_end: Option<u64>,
    /// Whether `span` needs its namespace stated.
    in_head: bool,
}

impl Spans<'_> {
    fn line(&self, ttml: &mut String, line: &Line) {
        self.phrase(ttml, line.phrase());
        if let Some(background) = line.background() {
            let _ = write!(ttml, "<span{} ttm:role=\"x-bg\">", self.namespace());
            self.phrase(ttml, background);
            ttml.push_str("</span>");
        }
    }

    fn phrase(&self, ttml: &mut String, phrase: &Phrase) {
        let text = phrase.text();
        let words = phrase.words();
        let next_starts =
            words.iter().skip(1).map(|word| Some(self.timeline.at(word.start_ms))).chain([self.line_end]);
        let mut written = 0;
        for (word, next) in words.iter().zip(next_starts) {
            ttml.push_str(&escaped(text.get(written..word.bytes.start).unwrap_or_default()));
            let start = self.timeline.at(word.start_ms);
            let _ = write!(ttml, "<span{} begin=\"{}\"", self.namespace(), clock::format(start, '.'));
            if let Some(end) = word.end_ms.map(|ms| self.timeline.at(ms)).or(next) {
                let _ = write!(ttml, " end=\"{}\"", clock::format(end.max(start), '.'));
            }
            let _ = write!(ttml, ">{}</span>", escaped(phrase.word_text(word)));
            written = word.bytes.end;
        }
        ttml.push_str(&escaped(text.get(written..).unwrap_or_default()));
    }

    fn namespace(&self) -> &'static str {
        if self.in_head { " xmlns=\"http://www.w3.org/ns/ttml\"" } else { "" }
    }
}

/// Text for an element or an attribute in double quotes. Characters that XML cannot hold become U+FFFD.
fn escaped(text: &str) -> Cow<'_, str> {
    let special = |c: char| matches!(c, '&' | '<' | '>' | '"') || is_foreign(c);
    if !text.contains(special) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            c if is_foreign(c) => escaped.push(char::REPLACEMENT_CHARACTER),
            c => escaped.push(c),
        }
    }
    Cow::Owned(escaped)
}

/// Whether XML cannot hold a character (XML 1.0 §2.2), of those that are no control characters and of these.
pub(crate) fn is_foreign(c: char) -> bool {
    matches!(c, '\u{fffe}' | '\u{ffff}') || (c.is_control() && !matches!(c, '\t' | '\n' | '\r' | '\u{7f}'..))
}
