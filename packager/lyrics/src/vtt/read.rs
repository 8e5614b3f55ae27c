use core::num::NonZeroUsize;

use crate::{
    Error, Hint, Limits, Parsed,
    cues::{Between, Block, Blocks, Cues, Timing, is_time, time_within_limit},
    decode, entity, limit,
    position::FilePosition,
    quote::quote,
    timed_text::TimedTextBuilder,
    warning::{WarningKind, Warnings},
};

/// Whether a text is WebVTT (§4.1), or means to be by its first line: in small letters, or behind blank lines.
pub(crate) fn recognises(text: &str) -> bool {
    let text = text.trim_start();
    let (head, rest) = text.split_at_checked(6).unwrap_or((text, ""));
    let ends = if head == "WEBVTT" { &[' ', '\t', '\n', '\r'][..] } else { &['\n', '\r'] };
    head.eq_ignore_ascii_case("WEBVTT") && (rest.is_empty() || rest.starts_with(ends))
}

/// Whether subtitles without that line have what WebVTT alone has.
pub(crate) fn is_meant(text: &str) -> bool {
    text.match_indices('<').any(|(at, _)| text.get(at..).is_some_and(is_own_tag))
        || text.contains("X-TIMESTAMP-MAP=")
}

/// Whether a text begins with a tag that WebVTT alone has: a time, or who speaks.
pub(crate) fn is_own_tag(text: &str) -> bool {
    let Some(inner) = text.strip_prefix('<') else { return false };
    let tag = inner.bytes().take(20).position(|b| b == b'>').and_then(|end| inner.get(..end));
    tag.is_some_and(is_time) || inner.starts_with("v ") || inner.starts_with("v.")
}

/// Reads a decoded WebVTT file.
pub(crate) fn read(text: &str, hint: &Hint, limits: &Limits) -> Result<Parsed, Error> {
    let mut cues = Cues::new(limits, true);
    let mut blocks = Blocks::new(decode::lines(text), Between::Empty);
    let mut block = Block { lines: Vec::new(), first: 1 };
    if !text.starts_with("WEBVTT") {
        let start = FilePosition { line: 1, column: 1 };
        cues.warnings.push(start, WarningKind::ReadAs, || {
            "the first line is not `WEBVTT`; read as WebVTT all the same".into()
        });
    }
    while blocks.read(&mut block) {
        let place = FilePosition { line: block.first, column: 1 };
        let Some(timing) = Timing::of(&block, &mut cues.warnings)? else {
            header_or_note(&block, place, &mut cues.warnings);
            continue;
        };
        let mut payload = Payload { karaoke: TimedTextBuilder::default(), voice: None, ruby: 0 };
        for (line, number) in block.lines.iter().zip(block.first..).skip(timing.head) {
            let place = FilePosition { line: number, column: 1 };
            if line.len() > limit::SOURCE_LINE_BYTES {
                return Err(place.more_than(limit::SOURCE_LINE_BYTES, "bytes in a line of a file"));
            }
            payload.read(line, place, &mut cues.warnings)?;
        }
        let agent = payload.voice.and_then(|name| cues.agent(&name, timing.place));
        cues.add(&timing, payload.karaoke, agent)?;
    }
    cues.finish(hint)
}

/// The header, or a block that is no cue.
fn header_or_note(block: &Block<'_>, place: FilePosition, warnings: &mut Warnings) {
    let first = block.lines.first().copied().unwrap_or_default();
    let known = ["NOTE", "STYLE", "REGION", "X-TIMESTAMP-MAP="];
    if !recognises(first) && !known.iter().any(|known| first.starts_with(known)) {
        warnings.push(place, WarningKind::Untimed, || format!("no times: {} left out", quote(first)));
    }
    let map = block.lines.iter().find(|line| line.starts_with("X-TIMESTAMP-MAP="));
    if map.is_some_and(|map| !is_identity(map)) {
        warnings.push(place, WarningKind::Untimed, || {
            "X-TIMESTAMP-MAP left out: times stay as they are in the file".into()
        });
    }
}

/// Whether a header maps times to themselves (RFC 8216 §3.5).
fn is_identity(map: &str) -> bool {
    let fields = || map.split_once('=').map_or("", |(_, fields)| fields).split(',');
    let value = |name: &str| fields().find_map(|field| field.trim().strip_prefix(name));
    let zero = |digits: &str| !digits.is_empty() && digits.bytes().all(|b| matches!(b, b'0' | b':' | b'.'));
    ["MPEGTS:", "LOCAL:"].into_iter().all(|name| value(name).is_some_and(zero))
}

/// The text of a cue (§4.2.2).
struct Payload {
    karaoke: TimedTextBuilder,
    /// The singer, by the first voice span.
    voice: Option<String>,
    /// Levels of ruby annotations.
    ruby: usize,
}

impl Payload {
    fn read(&mut self, line: &str, mut place: FilePosition, warnings: &mut Warnings) -> Result<(), Error> {
        if !self.karaoke.is_blank() {
            self.push(" ", place, warnings);
        }
        let mut rest = line;
        loop {
            let at = rest.bytes().position(|b| b == b'<' || b == b'&').unwrap_or(rest.len());
            let (text, from) = rest.split_at_checked(at).unwrap_or((rest, ""));
            self.push(text, place, warnings);
            place.column += text.chars().count();
            let taken = if let Some(inner) = from.strip_prefix('<') {
                let Some(tag) = inner.split_once('>').map(|(tag, _)| tag) else {
                    return Err(place.error("a tag and its closing `>`", from));
                };
                self.tag(tag, place, warnings)?;
                tag.len() + 2
            } else if from.is_empty() {
                return Ok(());
            } else {
                let (character, len) = entity::reference(from).unwrap_or(('&', NonZeroUsize::MIN));
                self.push(character.encode_utf8(&mut [0; 4]), place, warnings);
                len.get()
            };
            let (taken, after) = from.split_at_checked(taken).unwrap_or((from, ""));
            place.column += taken.chars().count();
            rest = after;
        }
    }

    fn tag(&mut self, tag: &str, place: FilePosition, warnings: &mut Warnings) -> Result<(), Error> {
        if tag.starts_with(|c: char| c.is_ascii_digit()) {
            let ms = time_within_limit(tag, place, "a time tag such as `<00:00:01.000>`")?;
            self.karaoke.push_stamp(ms, place);
            return Ok(());
        }
        let name = tag.split(|c: char| c == '.' || c.is_whitespace()).next().unwrap_or_default();
        match name {
            "v" if self.voice.is_none() => {
                self.voice =
                    tag.split_once(char::is_whitespace).map(|(_, name)| entity::decoded(name).into_owned());
            }
            "v" => warnings.push_once_a_line(place, WarningKind::SeveralVoices, || {
                "several voices in a cue; the first is kept".into()
            }),
            "rt" => {
                self.ruby += 1;
                warnings.push_once_a_line(place, WarningKind::Ruby, || {
                    "ruby left out: the base text is kept".into()
                });
            }
            "/rt" | "/ruby" => self.ruby = 0,
            _ => {}
        }
        Ok(())
    }

    fn push(&mut self, text: &str, place: FilePosition, warnings: &mut Warnings) {
        if self.ruby == 0 {
            self.karaoke.push_str(text, place, warnings);
        }
    }
}
