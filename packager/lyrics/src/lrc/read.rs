use super::{
    background::Background,
    body::Body,
    odd, pairs,
    source::{SourceLine, SourceText},
    stamp::{self, Scan, Style},
    tags::{self, Tag},
    voice::{self, Marker, Part},
};
use crate::{
    Agent, Error, Hint, Layer, Limits, Metadata, Parsed, decode, limit,
    position::FilePosition,
    quote::quote,
    section::{self, heading},
    text, unseen,
    warning::{WarningKind, Warnings},
};

/// Whether any line of a file begins with a time stamp.
pub(crate) fn recognises(text: &str) -> bool {
    decode::lines(text).any(|line| begins_with_stamp(line.trim_start())) || odd::whole_seconds(text)
}

/// Whether a text begins with a stamp, or with what is meant as one.
pub(crate) fn begins_with_stamp(text: &str) -> bool {
    let plain = match text.as_bytes().first() {
        Some(b'[') => text.get(1..).is_some_and(stamp::has_form_of_stamp),
        Some(b'<') => matches!(stamp::scan(text, Style::Colon), Scan::Stamp { .. }),
        _ => false,
    };
    plain || odd::canonical(text, false).is_some() || odd::word(text).is_some()
}

/// Reads a decoded LRC or enhanced LRC file.
pub(crate) fn read(text: &str, hint: &Hint, limits: &Limits) -> Result<Parsed, Error> {
    let ambiguous = |error: &Error| matches!(error, Error::Syntax { expected: stamp::THREE_NUMBERS, .. });
    match LrcReader::read(text, limits, Style::Point) {
        // One stamp that can be nothing else tells what all of them are.
        Err(error) if ambiguous(&error) => match colon_style(text) {
            Some(place) => {
                let mut file = LrcReader::read(text, limits, Style::Colon)?;
                file.warnings.push(place, WarningKind::ReadAs, || {
                    "three numbers in a stamp, the last beyond 59: all such stamps are read as `mm:ss:xx`"
                        .into()
                });
                file.finish(hint)
            }
            None => Err(error),
        },
        read => read?.finish(hint),
    }
}

/// The first stamp of a file that shows hundredths behind a colon.
fn colon_style(text: &str) -> Option<FilePosition> {
    decode::lines(text).zip(1..).find_map(|(line, number)| {
        let brackets = line.bytes().enumerate().filter(|(_, b)| matches!(b, b'[' | b'<'));
        let mut stamps = brackets.filter_map(|(at, _)| line.get(at..));
        let stamp = stamps.find(|stamp| stamp::is_colon_style(stamp))?;
        Some(SourceText { line, number }.place(stamp))
    })
}

/// What was read so far.
struct LrcReader<'l> {
    limits: &'l Limits,
    style: Style,
    metadata: Metadata,
    agents: Vec<Agent>,
    lines: Vec<SourceLine>,
    /// The section that begins with the next line.
    section: Option<String>,
    /// The singer of the lines that name none.
    singer: Option<usize>,
    /// Background vocals of the last line.
    background: Background,
    warnings: Warnings,
    /// Lines and words of the layer to come, repeats counted.
    line_count: usize,
    word_count: usize,
    latest_start: i64,
}

impl<'l> LrcReader<'l> {
    fn new(limits: &'l Limits, style: Style) -> LrcReader<'l> {
        LrcReader {
            limits,
            style,
            metadata: Metadata::default(),
            agents: Vec::new(),
            lines: Vec::new(),
            section: None,
            singer: None,
            background: Background::default(),
            warnings: Warnings::default(),
            line_count: 0,
            word_count: 0,
            latest_start: 0,
        }
    }

    fn read(text: &str, limits: &'l Limits, style: Style) -> Result<LrcReader<'l>, Error> {
        let mut file = LrcReader::new(limits, style);
        let whole_seconds = odd::whole_seconds(text);
        let mut named = false;
        for (line, number) in decode::lines(text).zip(1..) {
            let fixed = odd::canonical(line, whole_seconds);
            let Some(line) = odd::canonical_words(fixed.as_deref().unwrap_or(line)).or(fixed) else {
                file.read_line(line, number)?;
                continue;
            };
            if !core::mem::replace(&mut named, true) {
                let place = SourceText { line: &line, number }.place(line.trim_start());
                let what = "a stamp in other brackets, digits or marks than `[mm:ss.xx]`, here and perhaps further on";
                file.warnings.push(place, WarningKind::ReadAs, || format!("{what}; read as one"));
            }
            file.read_line(&line, number)?;
        }
        file.end_background()?;
        Ok(file)
    }

    fn finish(mut self, hint: &Hint) -> Result<Parsed, Error> {
        pairs::name(&self.lines, &mut self.warnings);
        let offset_ms = self.metadata.offset_ms;
        let mut lines = Vec::with_capacity(self.line_count);
        for source in self.lines {
            source.expand_repeats(offset_ms, &self.agents, &mut lines)?;
        }
        let layer = Layer::new(hint.lang.clone(), hint.kind, self.agents, lines)?;
        let warnings = self.warnings.into_list();
        Ok(Parsed { layer, others: Vec::new(), metadata: self.metadata, warnings })
    }

    fn read_line(&mut self, line: &str, number: usize) -> Result<(), Error> {
        let source = SourceText { line: line.trim_end(), number };
        if line.len() > limit::SOURCE_LINE_BYTES {
            return Err(source.place(line).more_than(limit::SOURCE_LINE_BYTES, "bytes in a line of a file"));
        }
        let (mut first, mut repeats) = (None, Vec::new());
        let mut rest = line.trim();
        let place = source.place(rest);
        while rest.starts_with('[') {
            match stamp::scan(rest, self.style) {
                Scan::Stamp { ms, len, carried, .. } => {
                    if carried {
                        self.warnings.push(source.place(rest), WarningKind::ReadAs, || stamp::CARRIED.into());
                    }
                    match first {
                        None => first = Some(ms),
                        Some(_) => repeats.push(ms),
                    }
                    rest = rest.get(len..).unwrap_or_default().trim_start();
                }
                Scan::Malformed(expected) => return Err(source.error(rest, expected)),
                Scan::Other => break,
            }
        }
        if let Some(first) = first {
            return self.read_timed(source, place, Some(first), repeats, rest);
        }
        match stamp::scan(rest, self.style) {
            Scan::Stamp { .. } => return self.read_timed(source, place, None, repeats, rest),
            Scan::Malformed(expected) => return Err(place.error(expected, rest)),
            Scan::Other => {}
        }
        self.read_untimed(source, place, rest)
    }

    /// Reads a line without a stamp at its start: background vocals, the singer of the lines below, metadata, or the
    /// name of a section.
    fn read_untimed(&mut self, source: SourceText<'_>, place: FilePosition, line: &str) -> Result<(), Error> {
        if unseen::trim(line).is_empty() {
            return Ok(());
        }
        if voice::is_background(line) && !self.lines.is_empty() {
            for part in voice::parts(line) {
                match part {
                    Part::Lead(text) => self.leave_out(source.up_to(text).place(text), text),
                    Part::Background(text) | Part::Open(text) => self.read_background(source, part, text)?,
                }
            }
            return Ok(());
        }
        if let Some((Marker::From(id) | Marker::Voice(id), "")) = voice::prefix(line) {
            self.singer = self.agent(id, place);
            return Ok(());
        }
        match tags::read(line, place, &mut self.metadata, &mut self.warnings)? {
            Tag::Read => {}
            _ => match heading(line).filter(|name| section::is_name(name)) {
                Some(name) => self.section = Some(text::plain(name)),
                None => self.leave_out(place, line),
            },
        }
        Ok(())
    }

    fn leave_out(&mut self, place: FilePosition, text: &str) {
        let below = match self.lines.is_empty() {
            true => "",
            false => "; a translation goes into a file of its own",
        };
        self.warnings
            .push(place, WarningKind::Untimed, || format!("no time stamp: {} left out{below}", quote(text)));
    }

    /// Reads a line after its stamps; one without starts with its first word.
    fn read_timed(
        &mut self,
        source: SourceText<'_>,
        place: FilePosition,
        first: Option<i64>,
        mut repeats: Vec<i64>,
        body: &str,
    ) -> Result<(), Error> {
        let parts = voice::parts(body);
        let mut read = Body::default();
        for part in &parts {
            if let Part::Lead(text) = part {
                read.take(source.up_to(text), text, self.style, &mut self.warnings)?;
            }
        }
        let behind = read.marker == Some(Marker::Background)
            || (read.text.is_blank() && parts.iter().any(|part| !matches!(part, Part::Lead(_))));
        if behind && !self.lines.is_empty() {
            return self.read_behind(source, first, &parts);
        }
        self.end_background()?;
        let word = read.text.first_stamp();
        let mut base = first.or(word).unwrap_or_default();
        if let Some(word) = word.filter(|_| !repeats.is_empty()) {
            own_stamp(word, &mut base, &mut repeats);
        }
        let end = read.text.take_end();
        if let Some((_, place)) = end.filter(|(end, _)| *end <= base) {
            self.warnings
                .push(place, WarningKind::Times, || "ends before it starts; its end left out".into());
        }
        let end = end.map(|(end, _)| end).filter(|end| *end > base);
        let (mut text, words) = read.text.words(base, &mut self.warnings);
        if let Some(name) = heading(&text).filter(|name| section::is_known(name)) {
            // `[00:10.00][Chorus]` is a pause of that name, until its first line.
            self.section = Some(text::plain(name));
            text.clear();
        }
        if first.is_none() {
            base = words.first().map_or(base, |word| word.start_ms);
        }
        if words.first().is_some_and(|word| word.start_ms < base) {
            self.warnings.push(place, WarningKind::Times, || "a word of it starts before it".into());
        }
        let earliest = repeats.iter().copied().min().unwrap_or(base).min(base);
        if earliest < self.latest_start {
            self.warnings.push(place, WarningKind::Times, || {
                "starts before the line above it; sorted by start".into()
            });
        }
        self.latest_start = earliest;
        self.line_count += repeats.len() + 1;
        if self.line_count > self.limits.lines {
            return Err(place.more_than(self.limits.lines, "lines"));
        }
        self.count(|| source.place(body), &text, words.len(), repeats.len() + 1)?;
        let agent = match read.marker {
            Some(Marker::Voice(id)) => self.agent(id, source.place(body)),
            Some(Marker::From(id)) => {
                self.singer = self.agent(id, source.place(body));
                self.singer
            }
            _ => self.singer,
        };
        let goes_on =
            |above: &SourceLine| above.end > Some(base) && above.base < base && above.agent == agent;
        if self.lines.last().is_some_and(goes_on) {
            self.warnings.push(place, WarningKind::Times, || {
                "starts before the end of the line above it, of the same voice; that ends here".into()
            });
        }
        let section = self.section.take();
        let words = if text.is_empty() { Vec::new() } else { words };
        self.lines.push(SourceLine {
            place,
            base,
            repeats,
            end,
            text,
            words,
            agent,
            background: None,
            section,
        });
        for part in parts {
            if let Part::Background(text) | Part::Open(text) = part {
                self.read_background(source, part, text)?;
            }
        }
        Ok(())
    }

    /// Reads a line that is sung behind the one above it; it starts with its stamp where its words have none.
    fn read_behind(
        &mut self,
        source: SourceText<'_>,
        first: Option<i64>,
        parts: &[Part<'_>],
    ) -> Result<(), Error> {
        for part in parts {
            let (Part::Lead(text) | Part::Background(text) | Part::Open(text)) = *part;
            let solid = text.trim_start();
            let text = match voice::prefix(solid) {
                Some((Marker::Background, rest)) => rest,
                _ => solid,
            };
            let own = matches!(stamp::scan(text.trim_start(), self.style), Scan::Stamp { .. });
            if let Some(first) = first.filter(|_| !own && !text.trim().is_empty()) {
                let place = source.up_to(text).place(text);
                self.background.push_stamp(first, place, &mut self.warnings);
            }
            self.read_background(source, *part, text)?;
        }
        Ok(())
    }

    /// Checks the limits of a text that is sung so often.
    fn count(
        &mut self,
        place: impl Fn() -> FilePosition,
        text: &str,
        words: usize,
        times: usize,
    ) -> Result<(), Error> {
        if text.len() > limit::TEXT_BYTES {
            return Err(place().more_than(limit::TEXT_BYTES, "bytes of text in a line"));
        }
        self.word_count += times.saturating_mul(words);
        if self.word_count > self.limits.words {
            return Err(place().more_than(self.limits.words, "words in a layer"));
        }
        Ok(())
    }

    /// The place of that agent among all.
    fn agent(&mut self, id: &str, place: FilePosition) -> Option<usize> {
        let known = self.agents.iter().position(|agent| agent.id == id);
        if known.is_none() && self.agents.len() == limit::AGENTS {
            self.warnings.push(place, WarningKind::Voices, || {
                format!("more than {} voices; the others left out", limit::AGENTS)
            });
            return None;
        }
        known.or_else(|| {
            self.agents.push(voice::agent(id));
            Some(self.agents.len() - 1)
        })
    }

    fn read_background(&mut self, source: SourceText<'_>, part: Part<'_>, text: &str) -> Result<(), Error> {
        self.background.add(source, part, text, self.style, &mut self.warnings)
    }

    /// Gives the last line the background vocals that were read after it.
    fn end_background(&mut self) -> Result<(), Error> {
        let Some((text, place)) = self.background.take() else { return Ok(()) };
        let Some((base, times)) = self.lines.last().map(|line| (line.base, line.repeats.len() + 1)) else {
            return Ok(());
        };
        let (text, words) = text.words(base, &mut self.warnings);
        self.count(|| place, &text, words.len(), times)?;
        if let Some(line) = self.lines.last_mut() {
            line.background = Some(Box::new((text, words)));
        }
        Ok(())
    }
}

/// Makes the stamp that a line's words go with its base: the last one at or before the first word, else the first of all.
fn own_stamp(word: i64, base: &mut i64, repeats: &mut [i64]) {
    let fits = |stamp: i64| (stamp <= word, if stamp <= word { stamp } else { -stamp });
    for stamp in repeats {
        if fits(*stamp) > fits(*base) {
            core::mem::swap(base, stamp);
        }
    }
}
