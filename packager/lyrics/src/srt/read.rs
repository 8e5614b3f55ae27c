use crate::{
    Error, Hint, Limits, Parsed,
    cues::{Between, Block, Blocks, Cues, Timing},
    decode,
    error::quote,
    karaoke::Karaoke,
    limit,
    parse::Place,
};

/// Reads a decoded SubRip file.
pub(crate) fn read(text: &str, hint: &Hint, limits: &Limits) -> Result<Parsed, Error> {
    let mut cues = Cues::new(limits);
    let mut blocks = Blocks::new(decode::lines(text), Between::Blank);
    let mut joined = false;
    let mut block = Block { lines: Vec::new(), first: 1 };
    while blocks.read(&mut block) {
        let place = Place { line: block.first, column: 1 };
        if let Some(line) = blocks.joined.filter(|_| !joined) {
            joined = true;
            let place = Place { line, column: 1 };
            let message = "no blank line before it, here and perhaps further on; read as a block of its own";
            cues.warnings.push(place, || message.into());
        }
        let Some(timing) = Timing::of(&block, &mut cues.warnings)? else {
            let first = block.lines.first().copied().unwrap_or_default();
            cues.warnings.push(place, || format!("no times: {} left out", quote(first)));
            continue;
        };
        let mut text = Karaoke::default();
        for (line, number) in block.lines.iter().zip(block.first..).skip(timing.head) {
            let place = Place { line: number, column: 1 };
            if line.len() > limit::SOURCE_LINE_BYTES {
                return Err(place.more_than(limit::SOURCE_LINE_BYTES, "bytes in a line of a file"));
            }
            if !text.is_blank() {
                text.push_str(" ", place, &mut cues.warnings);
            }
            let mut rest = *line;
            while let Some(at) = rest.bytes().position(|b| b == b'<' || b == b'{') {
                let (before, from) = rest.split_at_checked(at).unwrap_or((rest, ""));
                text.push_str(before, place, &mut cues.warnings);
                let len = markup(from).unwrap_or(1);
                if len == 1 {
                    text.push_str(from.get(..1).unwrap_or_default(), place, &mut cues.warnings);
                }
                rest = from.get(len..).unwrap_or_default();
            }
            text.push_str(rest, place, &mut cues.warnings);
        }
        cues.add(&timing, text, None)?;
    }
    cues.finish(hint)
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
