//! Text in Normalization Form C, and where its grapheme clusters begin.

use core::ops::Range;

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};
use unicode_segmentation::UnicodeSegmentation;

/// Where in a normalised text a mark stands; whether that is behind a cluster that it cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cut {
    pub at: usize,
    pub moved: bool,
}

/// The trimmed text in Normalization Form C, and the place in it of each mark, given as rising byte offsets.
/// A mark inside a cluster moves behind it.
pub(crate) fn normalise(raw: &str, marks: impl Iterator<Item = usize>) -> (String, Vec<Cut>) {
    let lead = raw.len() - raw.trim_start().len();
    let raw = raw.trim();
    let marks = marks.map(|at| at.saturating_sub(lead).min(raw.len()));
    if is_nfc_surely(raw) {
        let mut boundaries = Boundaries::of(raw);
        let cuts = marks.map(|mark| {
            let at = boundaries.at_or_after(mark);
            Cut { at, moved: at != mark }
        });
        return (raw.to_owned(), cuts.collect());
    }
    // Normalization neither joins nor splits grapheme clusters, so it is done one cluster at a time.
    let mut text = String::with_capacity(raw.len());
    let mut cuts = Vec::new();
    let mut marks = marks.peekable();
    for (start, cluster) in raw.grapheme_indices(true) {
        while marks.next_if(|at| *at <= start).is_some() {
            cuts.push(Cut { at: text.len(), moved: false });
        }
        text.extend(cluster.nfc());
        while marks.next_if(|at| *at < start + cluster.len()).is_some() {
            cuts.push(Cut { at: text.len(), moved: true });
        }
    }
    cuts.extend(marks.map(|_| Cut { at: text.len(), moved: false }));
    (text, cuts)
}

/// Whether the text is in Normalization Form C, as far as a quick look tells.
fn is_nfc_surely(text: &str) -> bool {
    text.is_ascii() || all_stay(text) || is_nfc_quick(text.chars()) == IsNormalized::Yes
}

/// Whether each character stays as it is beside its neighbours, without a look into tables.
fn all_stay(text: &str) -> bool {
    let mut before = '\0';
    text.chars().all(|c| {
        let behind = core::mem::replace(&mut before, c);
        is_plain(c) || stays_after(behind, c)
    })
}

/// Whether a character of Latin, Arabic or an Indic script stays as it is beside every other for which this holds: the
/// tables of normalization need not be asked. Signs that may compose are none of them.
fn is_plain(c: char) -> bool {
    matches!(
        c,
        '\0'..='\u{2ff}' | '\u{60c}'..='\u{60f}' | '\u{61b}'..='\u{64a}' | '\u{660}'..='\u{66f}' |
        '\u{671}'..='\u{6d5}' | '\u{6ee}'..='\u{6ff}' | '\u{900}'..='\u{93b}' | '\u{93d}'..='\u{950}' |
        '\u{955}'..='\u{957}' | '\u{960}'..='\u{9bb}' | '\u{9bd}' | '\u{9bf}'..='\u{9d6}' |
        '\u{9d8}'..='\u{9db}' | '\u{9de}' | '\u{9e0}'..='\u{9fd}' | '\u{9ff}'..='\u{a32}' |
        '\u{a34}'..='\u{a35}' | '\u{a37}'..='\u{a3b}' | '\u{a3d}'..='\u{a58}' | '\u{a5c}'..='\u{a5d}' |
        '\u{a5f}'..='\u{abb}' | '\u{abd}'..='\u{b3b}' | '\u{b3d}' | '\u{b3f}'..='\u{b55}' |
        '\u{b58}'..='\u{b5b}' | '\u{b5e}'..='\u{bbd}' | '\u{bbf}'..='\u{bd6}' | '\u{bd8}'..='\u{c3b}' |
        '\u{c3d}'..='\u{c54}' | '\u{c57}'..='\u{cbb}' | '\u{cbd}'..='\u{cc1}' | '\u{cc3}'..='\u{cd4}' |
        '\u{cd7}'..='\u{d3d}' | '\u{d3f}'..='\u{d56}' | '\u{d58}'..='\u{dc9}' | '\u{dcb}'..='\u{dce}' |
        '\u{dd0}'..='\u{dde}' | '\u{de0}'..='\u{dff}' | '\u{200b}'..='\u{2027}' | '\u{2030}'..='\u{205e}'
    )
}

/// Whether a sign that may compose stays as it is behind this character, and beside every plain one: a nukta behind a
/// consonant that it has no letter with, a vowel sign that is not the second half of another.
fn stays_after(before: char, c: char) -> bool {
    match c {
        '\u{93c}' => matches!(
            before,
            '\u{915}'..='\u{927}' | '\u{92a}'..='\u{92f}' | '\u{932}' | '\u{935}'..='\u{939}'
        ),
        '\u{9bc}' => matches!(before, '\u{995}'..='\u{9b9}'),
        '\u{a3c}' => matches!(before, '\u{a15}'..='\u{a39}'),
        '\u{abc}' => matches!(before, '\u{a95}'..='\u{ab9}'),
        '\u{b3c}' => matches!(before, '\u{b15}'..='\u{b39}'),
        '\u{9be}' => matches!(before, '\u{995}'..='\u{9b9}'),
        '\u{b3e}' => matches!(before, '\u{b15}'..='\u{b39}'),
        '\u{bbe}' => matches!(before, '\u{b95}'..='\u{bb9}'),
        '\u{cc2}' => matches!(before, '\u{c95}'..='\u{cb9}'),
        '\u{d3e}' => matches!(before, '\u{d15}'..='\u{d39}'),
        _ => false,
    }
}

/// The text in Normalization Form C, trimmed, control characters made spaces: for names and titles.
pub(crate) fn plain(raw: &str) -> String {
    let text: String = raw.nfc().map(|c| if c.is_control() { ' ' } else { c }).collect();
    text.trim().to_owned()
}

/// The boundaries of grapheme clusters (UAX #29) of a text, asked for in rising order.
pub(crate) struct Boundaries<'a> {
    text: &'a str,
    known: usize,
}

impl<'a> Boundaries<'a> {
    pub(crate) fn of(text: &'a str) -> Boundaries<'a> {
        Boundaries { text, known: 0 }
    }

    /// Those of the text from `known` on, which is a boundary itself.
    pub(crate) fn from(text: &'a str, known: usize) -> Boundaries<'a> {
        Boundaries { text, known }
    }

    /// The first boundary that does not lie before `offset`. Over all calls, the text is looked at twice at
    /// the most: a short way back for a place that is a boundary whatever else there is, and on from there.
    pub(crate) fn at_or_after(&mut self, offset: usize) -> usize {
        if offset <= self.known {
            return self.known;
        }
        if offset >= self.text.len() {
            self.known = self.text.len();
            return self.known;
        }
        let mut at = offset;
        while at > self.known && !self.surely_at(at) {
            at -= 1;
        }
        let rest = self.text.get(at..).unwrap_or_default();
        let found = match at == offset {
            true => offset,
            false => rest
                .grapheme_indices(true)
                .map(|(from, cluster)| at + from + cluster.len())
                .find(|end| *end >= offset)
                .unwrap_or(self.text.len()),
        };
        self.known = found;
        found
    }

    /// Whether there is a boundary at `at`, as far as the characters beside it tell.
    fn surely_at(&self, at: usize) -> bool {
        let bytes = self.text.as_bytes();
        let (Some(before), Some(after)) = (at.checked_sub(1).and_then(|i| bytes.get(i)), bytes.get(at))
        else {
            return false;
        };
        // LF alone of ASCII joins what is before it.
        if !after.is_ascii() || *after == b'\n' {
            return false;
        }
        before.is_ascii()
            || self.text.get(..at).and_then(|text| text.chars().next_back()).is_some_and(never_prepends)
    }
}

/// Whether a character is certainly none that joins what follows it (Prepend, GB9b): no claim on those for
/// which it is false.
fn never_prepends(c: char) -> bool {
    !matches!(c, '\u{600}'..='\u{8ff}' | '\u{d4e}' | '\u{10000}'..)
}

/// The part of the text from `from` to `to`, both on boundaries, without the clusters of white space at both
/// ends.
pub(crate) fn without_spaces(text: &str, from: usize, to: usize) -> Range<usize> {
    let part = text.get(from..to).unwrap_or_default();
    let solid = part.trim();
    if solid.is_empty() {
        return from..from;
    }
    let first = from + part.len() - part.trim_start().len();
    let last = first + solid.len();
    let start = match Boundaries::from(text, from).at_or_after(first) {
        at if at == first => first,
        // A mark on a space makes a solid cluster of both.
        _ => from + text.get(from..first).and_then(|s| s.char_indices().next_back()).map_or(0, |(at, _)| at),
    };
    start..Boundaries::from(text, start).at_or_after(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn normalization_joins_only_within_a_cluster() {
        for c in '\0'..=char::MAX {
            let parts: String = c.nfd().collect();
            if parts.chars().count() > 1 && parts.nfc().eq([c]) {
                assert_eq!(parts.graphemes(true).count(), 1, "U+{:04X}", u32::from(c));
            }
        }
    }

    #[test]
    fn plain_characters_are_normal_beside_each_other() {
        let plain: Vec<char> = ('\0'..=char::MAX).filter(|c| is_plain(*c)).collect();
        assert!(plain.len() > 1500 && is_plain('क') && is_plain('\u{94d}') && !is_plain('\u{93c}'));
        for a in &plain {
            for b in plain.iter().step_by(3).chain(&['\u{94d}', '\u{9cd}', 'e', 'क']) {
                assert_eq!(is_nfc_quick([*a, *b].into_iter()), IsNormalized::Yes, "{a:?} {b:?}");
            }
        }
    }

    #[test]
    fn signs_that_may_compose_stay_where_that_is_said() {
        let plain: Vec<char> = ('\0'..=char::MAX).filter(|c| is_plain(*c)).collect();
        let sign = |c: &char| plain.iter().any(|before| stays_after(*before, *c));
        let signs: Vec<char> =
            ('\0'..=char::MAX).filter(|c| *c > '\u{900}' && *c < '\u{e00}').filter(sign).collect();
        assert_eq!(signs.len(), 10);
        for sign in &signs {
            for before in plain.iter().filter(|before| stays_after(**before, *sign)) {
                for around in
                    plain.iter().step_by(7).chain(&['\u{94d}', '\u{9cd}', '\u{9c7}', '\u{bc6}', 'e'])
                {
                    let text: String = [*around, *before, *sign, *around].iter().collect();
                    assert!(text.nfc().eq(text.chars()), "{text:?}");
                }
            }
        }
        for text in ["ज़िंदगी", "আমার", "காதல்", "മാനസ", "زندگی", "don’t", "ಕೂಡ"]
        {
            let text: String = text.nfc().collect();
            assert!(all_stay(&text), "{text}");
        }
        for text in ["न\u{93c}", "কে\u{9be}", "கெ\u{bbe}", "മെ\u{d3e}", "ا\u{653}"] {
            assert!(!is_nfc_surely(text), "{text}");
        }
    }

    #[test]
    fn sure_boundaries_are_boundaries() {
        for c in '\0'..=char::MAX {
            for ascii in [' ', 'a', '\t', '\r', '\n'] {
                let text = format!("{c}{ascii}");
                if Boundaries::of(&text).surely_at(c.len_utf8()) {
                    assert_eq!(text.graphemes(true).count(), 2, "U+{:04X}", u32::from(c));
                }
            }
        }
    }

    #[test]
    fn boundaries_are_those_of_the_whole_text() {
        let pieces =
            ["क", "्", "ष", "ि", " ", "a", "\u{301}", "👩", "\u{200d}", "🎤", "🇮", "\u{600}", "\u{d4e}", "ക"];
        let mut seed = 1u64;
        for _ in 0..20_000 {
            let mut text = String::new();
            for _ in 0..9 {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                text.push_str(pieces[usize::try_from(seed >> 40).unwrap() % pieces.len()]);
            }
            let all: Vec<usize> = text.grapheme_indices(true).map(|(at, _)| at).chain([text.len()]).collect();
            let mut boundaries = Boundaries::of(&text);
            for offset in (0..=text.len()).filter(|at| text.is_char_boundary(*at)) {
                let expected = all.iter().copied().find(|at| *at >= offset).unwrap();
                assert_eq!(boundaries.at_or_after(offset), expected, "{text:?} {offset}");
                assert_eq!(Boundaries::of(&text).at_or_after(offset), expected, "{text:?} {offset}");
            }
            for (i, from) in all.iter().enumerate() {
                for to in &all[i..] {
                    let solid = text[*from..*to].grapheme_indices(true).filter(|(_, c)| !c.trim().is_empty());
                    let expected = solid.fold(*from..*from, |range, (at, cluster)| {
                        let start = if range.is_empty() { from + at } else { range.start };
                        start..from + at + cluster.len()
                    });
                    assert_eq!(without_spaces(&text, *from, *to), expected, "{text:?} {from} {to}");
                }
            }
        }
    }
}
