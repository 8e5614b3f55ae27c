//! Lyrics with word times in the formats of Chinese services and of games and karaoke machines.

use super::{
    EXPORT, ForeignKind,
    pattern::{after_numbers, after_time, pairs},
};

/// Those that no format which is read has the lines of.
pub(super) const KINDS: [ForeignKind; 12] = [
    ForeignKind {
        name: "KRC of KuGou",
        mark: |text| {
            text.any(|line| timed(line).is_some_and(|rest| after_numbers(rest, '<', 3, '>').is_some()))
        },
        advice: EXPORT,
    },
    ForeignKind {
        name: "YRC of NetEase Cloud Music",
        mark: |text| {
            text.any(|line| timed(line).is_some_and(|rest| after_numbers(rest, '(', 3, ')').is_some()))
        },
        advice: EXPORT,
    },
    ForeignKind {
        name: "QRC of QQ Music",
        mark: |text| text.any(|line| timed(line).is_some_and(|rest| pairs(rest) > 0)),
        advice: EXPORT,
    },
    ForeignKind {
        name: "Lyricify Quick Export (LQE)",
        mark: |text| {
            text.any(|line| line == "[Lyricify Quick Export]" || line.starts_with("[lyrics: format@"))
        },
        advice: EXPORT,
    },
    ForeignKind {
        name: "Lyricify Syllable (LYS)",
        mark: |text| {
            let property = |line: &str| {
                let inner = line.strip_prefix('[').and_then(|rest| rest.split_once(']'));
                inner.is_some_and(|(n, rest)| {
                    n.len() < 3 && n.bytes().all(|b| b.is_ascii_digit()) && pairs(rest) > 0
                })
            };
            text.any(property).or_else(|| text.most(|line| pairs(line) > 1))
        },
        advice: EXPORT,
    },
    ForeignKind {
        name: "Lyricify Lines, or another format with times in milliseconds (`[1000,2000]`)",
        mark: |text| text.most(|line| timed(line).is_some()),
        advice: EXPORT,
    },
    ForeignKind {
        name: "KSC, a karaoke script of XiaoWan or KBuilder",
        mark: |text| text.any(|line| line.starts_with("karaoke.") || line.starts_with("karaoke :=")),
        advice: EXPORT,
    },
    ForeignKind {
        name: "TRC, or another format with milliseconds in angle brackets",
        mark: |text| text.most(|line| line.starts_with('<') && counts(line, '<', '>') > 1),
        advice: EXPORT,
    },
    ForeignKind {
        name: "UltraStar (a song of a karaoke game)",
        mark: |text| {
            let header = |line: &str| {
                let key =
                    line.strip_prefix('#').and_then(|rest| rest.split_once(':')).map(|(key, _)| key.trim());
                key.is_some_and(|key| ULTRASTAR.iter().any(|known| key.eq_ignore_ascii_case(known)))
            };
            text.at_least(2, header).or_else(|| text.head(header)).or_else(|| text.at_least(2, is_note))
        },
        advice: EXPORT,
    },
    ForeignKind {
        name: "the text of MIDI karaoke (KAR)",
        mark: |text| {
            let head =
                |line: &str| line.starts_with("@KMIDI") || line == "@LENGL" || line.starts_with("@V0100");
            let kinds = ['K', 'V', 'L', 'T', 'I', 'W'];
            let has_tag = |line: &str| line.strip_prefix('@').is_some_and(|rest| rest.starts_with(kinds));
            let sung = || text.any(|line| line.starts_with(['/', '\\']));
            text.any(head).or_else(|| text.at_least(2, has_tag).filter(|_| sung().is_some()))
        },
        advice: EXPORT,
    },
    ForeignKind {
        name: "lyrics of Kuwo (LRCX)",
        mark: |text| text.any(|line| line.starts_with("[kuwo:")),
        advice: EXPORT,
    },
    ForeignKind {
        name: "a Walaoke or karaoke project",
        mark: |text| text.head(|line| matches!(line, "[Karaoke]" | "[KaraokeInfo]" | "; Karaoke Builder")),
        advice: EXPORT,
    },
];

/// Those with the stamps of LRC, and times of words in a form of their own.
pub(super) const WITHIN_LRC: [ForeignKind; 4] = [
    ForeignKind {
        name: "Lyricify Quick Export (LQE)",
        mark: |text| {
            text.any(|line| line == "[Lyricify Quick Export]" || line.starts_with("[lyrics: format@"))
        },
        advice: EXPORT,
    },
    ForeignKind {
        name: "QuickTime text",
        mark: |text| {
            text.head(|line| line.get(..8).is_some_and(|head| head.eq_ignore_ascii_case("{QTtext}")))
        },
        advice: super::SUBTITLES,
    },
    ForeignKind {
        name: "TRC of TTPlayer (words timed in milliseconds, `<200>`)",
        mark: |text| {
            text.most(|line| {
                body(line).is_some_and(|rest| counts(rest, '<', '>') > 0 && after_one(rest, '<', '>'))
            })
        },
        advice: EXPORT,
    },
    ForeignKind {
        name: "lyrics of Kuwo (LRCX, words timed as `<200,-100>`)",
        mark: |text| {
            text.any(|line| body(line).is_some_and(|rest| after_numbers(rest, '<', 2, '>').is_some()))
        },
        advice: EXPORT,
    },
];

const ULTRASTAR: [&str; 14] = [
    "TITLE", "ARTIST", "BPM", "GAP", "MP3", "AUDIO", "LANGUAGE", "EDITION", "COVER", "VIDEO", "VIDEOGAP",
    "GENRE", "YEAR", "CREATOR",
];

/// What follows `[1000,2000]`.
fn timed(line: &str) -> Option<&str> {
    after_numbers(line, '[', 2, ']')
}

/// What follows the stamp of LRC.
fn body(line: &str) -> Option<&str> {
    let rest = line.strip_prefix('[').and_then(|rest| after_time(rest, 1))?;
    rest.strip_prefix(']')
}

fn after_one(text: &str, open: char, close: char) -> bool {
    after_numbers(text, open, 1, close).is_some_and(|rest| !rest.is_empty())
}

/// How often a whole number stands between these brackets.
fn counts(text: &str, open: char, close: char) -> usize {
    text.match_indices(open)
        .filter(|(at, _)| text.get(*at..).is_some_and(|rest| after_one(rest, open, close)))
        .count()
}

/// Whether a line is a note of UltraStar: its kind, when it begins, how long it lasts, how high it is, and a syllable.
fn is_note(line: &str) -> bool {
    let mut fields = line.split(' ').filter(|field| !field.is_empty());
    let kind = fields.next().is_some_and(|kind| matches!(kind, ":" | "*" | "F" | "R" | "G"));
    let whole = |field: &str| field.parse::<i32>().is_ok();
    kind && fields.by_ref().take(3).filter(|field| whole(field)).count() == 3
}
