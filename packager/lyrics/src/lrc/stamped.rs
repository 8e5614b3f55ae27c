//! Text with stamps in it, all in one precision.

use super::stamp;

/// Text that is being written. Players read `mm:ss.xx` most widely, so a third decimal stays only if a stamp of the file
/// needs it, and then in all of them.
#[derive(Default)]
pub(super) struct Stamped {
    text: String,
    /// Where the third decimals stand.
    thirds: Vec<usize>,
}

impl Stamped {
    pub(super) fn push_str(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// A stamp between brackets.
    pub(super) fn stamp(&mut self, open: char, ms: u64, close: char) {
        self.text.push(open);
        self.text.push_str(&stamp::format(ms));
        self.thirds.push(self.text.len() - 1);
        self.text.push(close);
    }

    pub(super) fn append(&mut self, other: &Stamped) {
        self.thirds.extend(other.thirds.iter().map(|at| at + self.text.len()));
        self.text.push_str(&other.text);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    pub(super) fn finish(self) -> String {
        let bytes = self.text.as_bytes();
        if self.thirds.iter().any(|at| bytes.get(*at) != Some(&b'0')) {
            return self.text;
        }
        let mut short = String::with_capacity(self.text.len());
        let mut from = 0;
        for at in self.thirds {
            short.push_str(self.text.get(from..at).unwrap_or_default());
            from = at + 1;
        }
        short.push_str(self.text.get(from..).unwrap_or_default());
        short
    }
}
