//! Names of the sections of a song, as lines in brackets give them: `[Chorus]`, `[Verse 1: Kishore & Lata]`.

/// Words that begin such a name, in English and in the languages of India and Indonesia.
const NAMES: &str = "abhog alaap alap antara anupallavi bait break breakdown bridge build chant charanam chorus coda \
                     drop hook instrumental interlude intro mukhda outro pallavi part pre-chorus prechorus post-chorus \
                     postchorus pre-hook refrain reff refrein rap sanchari skit solo spoken sthayi tag vamp verse";

/// The name in `[Chorus]`.
pub(crate) fn heading(line: &str) -> Option<&str> {
    line.strip_prefix('[')?.strip_suffix(']').filter(|name| !name.contains(['[', ']']))
}

/// Whether a name begins with a word for a part of a song.
pub(crate) fn is_known(name: &str) -> bool {
    let first = name.trim_start().split(|c: char| !c.is_alphabetic() && c != '-').next().unwrap_or_default();
    let first = first.to_lowercase();
    NAMES.split(' ').any(|known| known == first)
}

/// Whether a name in brackets is that of a section: a known one, or one that is written as names are, with a capital
/// where the script has them.
pub(crate) fn is_name(name: &str) -> bool {
    is_known(name) || name.trim_start().starts_with(|c: char| c.is_alphabetic() && !c.is_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for name in [
            "Chorus",
            "chorus",
            "Verse 1: Kishore & Lata",
            "pre-chorus x2",
            "REFF",
            "मुखड़ा",
            "Guitar Solo",
            "Both",
        ] {
            assert!(is_name(name), "{name}");
        }
        for name in ["x-y:z", "foo:bar", "laughs", "1", "", "?"] {
            assert!(!is_name(name), "{name}");
        }
        assert!(is_known("Intro: Lata") && !is_known("Guitar Solo") && !is_known("Versed"));
        assert_eq!(heading("[a: b]"), Some("a: b"));
        assert_eq!((heading("[a] [b]"), heading("[a"), heading("a]")), (None, None, None));
    }
}
