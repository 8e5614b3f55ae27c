use crate::{
    Error, Hint, Limits, Parsed,
    cues::{Between, Block, Blocks, Cues, Timing},
    decode, entity, limit,
    position::FilePosition,
    quote::quote,
    timed_text::TimedTextBuilder,
    warning::{WarningKind, Warnings},
};

/// Reads a decoded SubRip file.
pub(crate) fn read(text: &str, hint: &Hint, limits: &Limits) -> Result<Parsed, Error> {
    let mut cues = Cues::new(limits, false);
    let mut blocks = Blocks::new(decode::lines(text), Between::Blank);
    let mut joined = false;
    let mut block = Block { lines: Vec::new(), first: 1 };
    // The block whose text may go on behind a blank line, and a number that may be the next one's.
    let mut open: Option<(Timing, TimedTextBuilder)> = None;
    let mut number: Option<(String, FilePosition)> = None;
    while blocks.read(&mut block) {
        let place = FilePosition { line: block.first, column: 1 };
        if let Some(line) = blocks.joined.filter(|_| !joined) {
            joined = true;
            let place = FilePosition { line, column: 1 };
            let message = "no blank line before it, here and perhaps further on; read as a block of its own";
            cues.warnings.push(place, WarningKind::ReadAs, || message.into());
        }
        let timing = Timing::of(&block, &mut cues.warnings)?;
        let first = block.lines.first().copied().unwrap_or_default();
        let held = number.take();
        if let Some((_, text)) = &mut open
            && let Some((digits, place)) = held
            && timing.as_ref().is_none_or(|timing| timing.head > 1)
        {
            push(text, &digits, place, &mut cues.warnings)?;
        }
        let Some(timing) = timing else {
            match &mut open {
                None => cues
                    .warnings
                    .push(place, WarningKind::Untimed, || format!("no times: {} left out", quote(first))),
                Some(_) if block.lines.len() == 1 && is_number(first) => {
                    number = Some((first.to_owned(), place))
                }
                Some((_, text)) => {
                    cues.warnings.push(place, WarningKind::Untimed, || {
                        format!(
                            "a blank line, and no times behind it: {} goes on the block above",
                            quote(first)
                        )
                    });
                    push_all(text, &block, 0, &mut cues.warnings)?;
                }
            }
            continue;
        };
        if let Some((timing, text)) = open.take() {
            cues.add(&timing, text, None)?;
        }
        let mut text = TimedTextBuilder::default();
        let line = block.lines.get(timing.head - 1).copied().unwrap_or_default();
        if let Some(behind) =
            timing.tail.and_then(|at| line.get(at..)).map(str::trim).filter(|behind| !is_position(behind))
        {
            cues.warnings.push(timing.place, WarningKind::LeftOut, || {
                format!("text behind the times: {} begins the block", quote(behind))
            });
            push(&mut text, behind, timing.place, &mut cues.warnings)?;
        }
        push_all(&mut text, &block, timing.head, &mut cues.warnings)?;
        open = Some((timing, text));
    }
    if let Some((timing, mut text)) = open {
        if let Some((digits, place)) = number {
            push(&mut text, &digits, place, &mut cues.warnings)?;
        }
        cues.add(&timing, text, None)?;
    }
    cues.finish(hint)
}

/// Whether what follows times says where a block is shown: `X1:40 X2:600 Y1:20 Y2:50`, or settings of WebVTT.
fn is_position(text: &str) -> bool {
    let names = ["X1", "X2", "Y1", "Y2", "align", "line", "position", "region", "size", "vertical"];
    text.split_whitespace().all(|word| word.split_once(':').is_some_and(|(name, _)| names.contains(&name)))
}

fn is_number(line: &str) -> bool {
    let line = line.trim();
    !line.is_empty() && line.bytes().all(|b| b.is_ascii_digit())
}

/// Adds the lines of a block from one of them on.
fn push_all(
    text: &mut TimedTextBuilder,
    block: &Block<'_>,
    from: usize,
    warnings: &mut Warnings,
) -> Result<(), Error> {
    for (line, number) in block.lines.iter().zip(block.first..).skip(from) {
        push(text, line, FilePosition { line: number, column: 1 }, warnings)?;
    }
    Ok(())
}

/// Adds a line, without its markup.
fn push(
    text: &mut TimedTextBuilder,
    line: &str,
    place: FilePosition,
    warnings: &mut Warnings,
) -> Result<(), Error> {
    if line.len() > limit::SOURCE_LINE_BYTES {
        return Err(place.more_than(limit::SOURCE_LINE_BYTES, "bytes in a line of a file"));
    }
    if !text.is_blank() {
        text.push_str(" ", place, warnings);
    }
    let mut rest = line;
    while let Some(at) = rest.bytes().position(|b| matches!(b, b'<' | b'{' | b'\\')) {
        let (before, from) = rest.split_at_checked(at).unwrap_or((rest, ""));
        text.push_str(&entity::decoded(before), place, warnings);
        if let Some(after) = after_break(from) {
            text.push_str(" ", place, warnings);
            rest = after;
            continue;
        }
        let len = markup(from).unwrap_or(1);
        if len == 1 {
            text.push_str(from.get(..1).unwrap_or_default(), place, warnings);
        }
        rest = from.get(len..).unwrap_or_default();
    }
    text.push_str(&entity::decoded(rest), place, warnings);
    Ok(())
}

/// What follows a line break or a hard space of ASS, `\N`, `\n` or `\h`, which programs leave in SubRip.
pub(super) fn after_break(text: &str) -> Option<&str> {
    let after = text.strip_prefix('\\')?;
    after
        .strip_prefix('N')
        .or_else(|| after.strip_prefix(['n', 'h']).filter(|rest| !rest.starts_with(char::is_alphabetic)))
}

/// The most bytes of one tag.
const TAG_BYTES: usize = 128;

/// The length of the tag that a text begins with.
pub(super) fn markup(text: &str) -> Option<usize> {
    let close = |c: u8| text.bytes().take(TAG_BYTES).position(|b| b == c).map(|at| at + 1);
    if text.starts_with("{\\") {
        return close(b'}');
    }
    let inner = text.strip_prefix('<')?;
    let name = inner.strip_prefix('/').unwrap_or(inner);
    let name = name.split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default();
    let known = ["i", "b", "u", "s", "font", "c", "span"];
    known.iter().any(|known| name.eq_ignore_ascii_case(known)).then(|| close(b'>')).flatten()
}
