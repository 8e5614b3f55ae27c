//! Blocks of lines, one for each cue.

use super::{block::Block, timing::is_timing};

/// What lies between blocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Between {
    /// An empty line: WebVTT, where one of spaces belongs to a cue.
    Empty,
    /// A blank line; where that was forgotten, the next line that is a number before a line of times: SubRip.
    Blank,
}

/// The blocks of a text, the next at each call.
pub(crate) struct Blocks<'a, I> {
    lines: I,
    number: usize,
    between: Between,
    /// Lines that were read already: the number and the times of the next block.
    held: (Option<&'a str>, Option<&'a str>),
    /// The first line of the first block that no blank line comes before.
    pub joined: Option<usize>,
}

impl<'a, I: Iterator<Item = &'a str>> Blocks<'a, I> {
    pub(crate) fn new(lines: I, between: Between) -> Blocks<'a, I> {
        Blocks { lines, number: 0, between, held: (None, None), joined: None }
    }

    /// Puts the next block into `block`; `false` at the end.
    pub(crate) fn read(&mut self, block: &mut Block<'a>) -> bool {
        block.lines.clear();
        let (number, times) = core::mem::take(&mut self.held);
        block.lines.extend(number.into_iter().chain(times));
        block.first = self.number + 1 - block.lines.len();
        while let Some(line) = self.lines.next() {
            self.number += 1;
            if block.lines.is_empty() {
                if !line.trim().is_empty() {
                    block.first = self.number;
                    block.lines.push(line);
                }
            } else if self.ends(line, block) {
                return true;
            } else {
                block.lines.push(line);
            }
        }
        !block.lines.is_empty()
    }

    /// Whether a block is over at this line.
    fn ends(&mut self, line: &'a str, block: &mut Block<'a>) -> bool {
        match self.between {
            Between::Empty => line.is_empty(),
            Between::Blank => line.trim().is_empty() || self.begins(line, block),
        }
    }

    /// Whether a line of times, with the number before it, begins another block than the one it stands in.
    fn begins(&mut self, line: &'a str, block: &mut Block<'a>) -> bool {
        let is_number = |line: &&str| line.trim().bytes().all(|b| b.is_ascii_digit());
        let alone = match block.lines.as_slice() {
            [only] => !is_timing(only),
            _ => false,
        };
        if alone || !is_timing(line) {
            return false;
        }
        let number =
            if block.lines.len() > 1 { block.lines.pop_if(|last| is_number(&&**last)) } else { None };
        self.joined = self.joined.or(Some(self.number - usize::from(number.is_some())));
        self.held = (number, Some(line));
        true
    }
}
