//! Song sheets, playlists and other text files that go with music.

use super::{EXPORT, ForeignKind, NO_LYRICS, pattern::after_digits};

const TEXT: &str = "give the lyrics without chords, as plain text or LRC";

pub(super) const KINDS: [ForeignKind; 9] = [
    ForeignKind {
        name: "ChordPro",
        mark: |text| text.any(is_directive).or_else(|| chords(text)),
        advice: TEXT,
    },
    ForeignKind {
        name: "ABC notation",
        mark: |text| {
            text.head(|line| line.strip_prefix("X:").is_some_and(|n| after_digits(n.trim()) == Some("")))
                .and_then(|_| text.any(|line| line.starts_with("K:")))
        },
        advice: TEXT,
    },
    ForeignKind {
        name: "LilyPond",
        mark: |text| text.any(|line| line.starts_with("\\version \"") || line.starts_with("\\score {")),
        advice: TEXT,
    },
    ForeignKind {
        name: "a cue sheet",
        mark: |text| {
            text.any(|line| {
                let mut words = line.split_whitespace();
                match (words.next(), words.next(), words.next()) {
                    (Some("TRACK"), Some(n), Some("AUDIO")) => after_digits(n) == Some(""),
                    (Some("INDEX"), Some(n), Some(time)) => {
                        after_digits(n) == Some("") && time.matches(':').count() == 2
                    }
                    (Some("FILE"), Some(name), Some(_)) => {
                        name.starts_with('"')
                            && ["WAVE", "MP3", "AIFF", "BINARY"].iter().any(|kind| line.ends_with(kind))
                    }
                    _ => false,
                }
            })
        },
        advice: NO_LYRICS,
    },
    ForeignKind {
        name: "a playlist (M3U, HLS)",
        mark: |text| {
            text.any(|line| ["#EXTM3U", "#EXTINF:", "#EXT-X-"].iter().any(|tag| line.starts_with(tag)))
        },
        advice: NO_LYRICS,
    },
    ForeignKind {
        name: "a playlist (PLS)",
        mark: |text| {
            text.head(|line| line.eq_ignore_ascii_case("[playlist]"))
                .and_then(|_| text.any(|line| line.starts_with("File1=")))
        },
        advice: NO_LYRICS,
    },
    ForeignKind {
        name: "a TextGrid of Praat",
        mark: |text| text.any(|line| line.starts_with("File type = \"ooTextFile")),
        advice: EXPORT,
    },
    ForeignKind {
        name: "a program, not lyrics",
        mark: |text| {
            text.head(|line| {
                let named = ["var ", "let ", "const ", "export ", "window."]
                    .iter()
                    .any(|word| line.starts_with(word));
                line.starts_with("#!/")
                    || line.contains("({\"")
                    || named && (line.contains("= [") || line.contains("= {"))
            })
        },
        advice: NO_LYRICS,
    },
    ForeignKind {
        name: "a text in base64 or another code, perhaps encrypted lyrics",
        mark: coded,
        advice: "decode it first",
    },
];

/// Directives of ChordPro that say something of the song or of a part of it.
const DIRECTIVES: &str = "title t subtitle st artist composer lyricist copyright album year key time tempo duration capo meta \
                          comment c comment_italic ci comment_box cb define chord sorttitle";
/// Those that stand alone.
const BARE: &str = "start_of_chorus soc end_of_chorus eoc start_of_verse sov end_of_verse eov start_of_bridge sob \
                    end_of_bridge eob start_of_tab sot end_of_tab eot new_song ns new_page np start_of_grid end_of_grid";

fn is_directive(line: &str) -> bool {
    let Some(inner) = line.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) else { return false };
    let (name, list) = match inner.split_once(':') {
        Some((name, _)) => (name.trim(), [DIRECTIVES, BARE]),
        None => (inner.trim(), [BARE, BARE]),
    };
    list.iter().flat_map(|list| list.split_whitespace()).any(|known| known == name)
}

/// The first line with chords in it, `[Am]la [G7]la`, if most lines have some.
fn chords(text: &super::text::Text<'_>) -> Option<usize> {
    let within = |line: &str| {
        let names = line.match_indices('[').filter_map(|(at, _)| line.get(at + 1..)?.split_once(']'));
        names.filter(|(name, _)| is_chord(name)).count()
    };
    // One of a letter alone may name the singer (`[F]`), or be a mark of an editor.
    let sure = |line: &str| within(line) > 1;
    text.at_least(2, sure).and_then(|_| text.most(|line| within(line) > 0))
}

fn is_chord(name: &str) -> bool {
    let Some(rest) = name.strip_prefix(['A', 'B', 'C', 'D', 'E', 'F', 'G']) else { return false };
    let rest = rest.strip_prefix(['#', 'b']).unwrap_or(rest);
    let rest = ["maj", "min", "dim", "aug", "sus", "add", "m"]
        .iter()
        .find_map(|kind| rest.strip_prefix(kind))
        .unwrap_or(rest);
    name.len() < 8
        && rest.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'/' | b'#' | b'b' | b'A'..=b'G' | b'+'))
}

/// The first line, if all lines are of a code: letters without a space, in lines of one length.
fn coded(text: &super::text::Text<'_>) -> Option<usize> {
    let (number, first) = *text.lines.first()?;
    let first = first.rsplit_once(";base64,").map_or(first, |(_, code)| code);
    let is_code = |line: &str| {
        line.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=' | b'-' | b'_'))
    };
    let others = text.lines.iter().skip(1).map(|(_, line)| *line);
    let mut shorter = 0;
    let even = others.clone().all(|line| {
        shorter += usize::from(line.len() != first.len());
        is_code(line) && line.len() <= first.len()
    });
    let has = |what: fn(&u8) -> bool| first.as_bytes().iter().any(what);
    let mixed = has(u8::is_ascii_digit) && (has(u8::is_ascii_uppercase) || has(u8::is_ascii_lowercase));
    let long = first.len() >= 40;
    (is_code(first) && even && shorter < 2 && mixed && long).then_some(number)
}
