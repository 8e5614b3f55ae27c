//! Two languages in one file: a line and its translation at one stamp.

use super::source::SourceLine;
use crate::{
    language::letters_of,
    warning::{WarningKind, Warnings},
};

/// Names lines that start with the line above them, of the same voice or of none: if they are half of all lines or
/// more, or in another script. Two voices that sing together are a duet.
pub(super) fn name(lines: &[SourceLine], warnings: &mut Warnings) {
    let mut texts = lines.iter().filter(|line| !line.text.is_empty()).peekable();
    let (mut all, mut below, mut first, mut other_script) = (0, 0, None, false);
    while let Some(line) = texts.next() {
        all += 1;
        let Some(next) = texts.peek() else { break };
        let together = next.base == line.base && next.repeats == line.repeats;
        if together && (next.agent.is_none() || next.agent == line.agent) {
            below += 1;
            first = first.or(Some(next.place));
            other_script |= letters_of(&line.text) != letters_of(&next.text);
        }
    }
    if let Some(place) = first.filter(|_| below * 4 >= all || other_script) {
        warnings.push(place, WarningKind::TwoLanguages, || {
            format!(
                "two lines at one stamp, {below} times: if one translates or spells the other, \
                 each language goes into a file of its own, such as song.hi.lrc and song.en.lrc; here they stay one layer"
            )
        });
    }
}
