use super::{
    read::SourceText,
    stamp::{self, Scan},
};
use crate::{Error, karaoke::Karaoke, parse::Warnings};

/// The text of a line after its stamps, and the stamps within it.
pub(super) fn read(line: SourceText<'_>, body: &str, warnings: &mut Warnings) -> Result<Karaoke, Error> {
    let mut read = Karaoke::default();
    let mut place = line.place(body);
    // From here on nothing was taken yet; brackets that are text are passed over.
    let (mut rest, mut from) = (body, 0);
    while let Some(found) = rest.bytes().skip(from).position(|b| b == b'<' || b == b'[') {
        let at = from + found;
        let (text, bracket) = rest.split_at_checked(at).unwrap_or((rest, ""));
        match (bracket.as_bytes().first(), stamp::scan(bracket)) {
            (Some(b'<'), Scan::Malformed(expected)) => return Err(line.error(bracket, expected)),
            // `[3:16]` within a line is a verse, `[03:16.00]` a time.
            (Some(b'<'), Scan::Stamp { ms, len, .. }) | (_, Scan::Stamp { ms, len, fraction: true }) => {
                read.push_str(text, place, warnings);
                place.column += text.chars().count();
                read.push_stamp(ms, place);
                place.column += len; // digits and punctuation: a byte is a character
                rest = bracket.get(len..).unwrap_or_default();
                from = 0;
            }
            _ => from = at + 1,
        }
    }
    read.push_str(rest, place, warnings);
    Ok(read)
}
