//! Subtitles in formats other than SubRip and WebVTT.

use super::{
    ForeignKind, SUBTITLES,
    pattern::{after_digits, after_numbers, after_time, is_decimal},
};

pub(super) const KINDS: [ForeignKind; 12] = [
    ForeignKind {
        name: "ASS or SSA (Advanced SubStation Alpha)",
        mark: |text| {
            let section = |line: &str| {
                ["[Script Info]", "[V4+ Styles]", "[V4 Styles]", "[V4++ Styles]"]
                    .iter()
                    .any(|name| line.eq_ignore_ascii_case(name))
            };
            text.any(|line| section(line) || is_event(line))
        },
        advice: SUBTITLES,
    },
    ForeignKind {
        name: "MicroDVD subtitles (times in frames)",
        mark: |text| text.any(|line| in_frames(line, '{', '}')),
        advice: SUBTITLES,
    },
    ForeignKind {
        name: "MPL2 subtitles",
        mark: |text| text.most(|line| in_frames(line, '[', ']')),
        advice: SUBTITLES,
    },
    ForeignKind {
        name: "SBV (YouTube) or SubViewer subtitles",
        mark: |text| {
            text.any(|line| {
                let end = time(line).and_then(|rest| rest.strip_prefix(',')).and_then(time);
                end.is_some_and(str::is_empty) || two_times(line)
            })
        },
        advice: SUBTITLES,
    },
    ForeignKind {
        name: "SubViewer subtitles",
        mark: |text| {
            text.any(|line| line.eq_ignore_ascii_case("[INFORMATION]") || line.starts_with("[COLF]"))
        },
        advice: SUBTITLES,
    },
    ForeignKind {
        name: "Spruce STL subtitles",
        mark: |text| {
            text.any(|line| {
                let end = after_time(line, 3).map(str::trim_start).and_then(|rest| rest.strip_prefix(','));
                end.map(str::trim_start).and_then(|rest| after_time(rest, 3)).is_some()
            })
        },
        advice: SUBTITLES,
    },
    ForeignKind {
        name: "Scenarist closed captions (SCC)",
        mark: |text| text.head(|line| line.starts_with("Scenarist_SCC")),
        advice: SUBTITLES,
    },
    ForeignKind {
        name: "MPSub subtitles",
        mark: |text| {
            text.any(|line| {
                line.strip_prefix("FORMAT=")
                    .is_some_and(|rate| rate == "TIME" || after_digits(rate).is_some())
            })
        },
        advice: SUBTITLES,
    },
    ForeignKind {
        name: "VPlayer or TMPlayer subtitles (`00:00:12:text`)",
        mark: |text| {
            text.most(|line| {
                let rest = after_time(line, 2);
                rest.is_some_and(|rest| rest.len() > 1 && rest.starts_with([':', '=']))
            })
        },
        advice: SUBTITLES,
    },
    ForeignKind {
        name: "text with times in seconds, or with points in the place of colons",
        mark: |text| {
            let inner = |line: &str| {
                let pair = [('[', ']'), ('<', '>'), ('(', ')')]
                    .into_iter()
                    .find(|(open, _)| line.starts_with(*open));
                pair.and_then(|(_, close)| line.get(1..)?.split_once(close)).is_some_and(|(time, rest)| {
                    let dotted = time.split('.').count() == 3
                        && time.split('.').all(|part| after_digits(part) == Some(""));
                    !rest.is_empty() && (is_decimal(time) || dotted)
                })
            };
            let bare = |line: &str| line.split_once([' ', '\t']).is_some_and(|(time, _)| is_decimal(time));
            text.most(inner).or_else(|| text.at_least(3, bare).and_then(|_| text.most(bare)))
        },
        advice: "put each time in brackets, `[mm:ss.xx]text`, as LRC has it",
    },
    ForeignKind {
        name: "text with tags of ASS, such as `{\\k20}`",
        mark: |text| {
            text.any(|line| {
                line.match_indices("{\\").any(|(at, _)| {
                    let tag = line.get(at + 2..).unwrap_or_default();
                    let timed = ["kf", "ko", "k", "K", "an"].iter().find_map(|name| tag.strip_prefix(name));
                    timed.is_some_and(|rest| after_digits(rest).is_some()) || tag.starts_with("pos(")
                })
            })
        },
        advice: SUBTITLES,
    },
    ForeignKind {
        name: "text with times that no brackets are around",
        mark: |text| {
            let fraction = |line: &str| time_with_fraction(line).is_some_and(goes_on);
            let whole = |line: &str| after_time(line, 1).is_some_and(|rest| rest.is_empty() || goes_on(rest));
            text.any(fraction).or_else(|| text.at_least(3, whole).and_then(|_| text.most(whole)))
        },
        advice: "put each time in brackets, `[mm:ss.xx]text`, as LRC has it",
    },
];

/// Whether a line is an event of ASS.
fn is_event(line: &str) -> bool {
    let event = line.strip_prefix("Dialogue:").or_else(|| line.strip_prefix("Comment:"));
    event.is_some_and(|fields| {
        fields.split(',').skip(1).take(2).filter(|time| after_time(time.trim(), 2) == Some("")).count() == 2
    })
}

/// Whether a line begins with two numbers, each in brackets; the second may be missing.
fn in_frames(line: &str, open: char, close: char) -> bool {
    let second = after_numbers(line, open, 1, close);
    second.is_some_and(|rest| {
        after_numbers(rest, open, 1, close).is_some()
            || rest.strip_prefix(open).is_some_and(|rest| rest.starts_with(close))
    })
}

/// What follows a time of hours, minutes, seconds and a fraction.
fn time(text: &str) -> Option<&str> {
    let (time, rest) = text.split_at_checked(
        text.bytes().position(|b| !b.is_ascii_digit() && b != b':' && b != b'.').unwrap_or(text.len()),
    )?;
    (time.matches(':').count() == 2
        && time.contains('.')
        && time.bytes().all(|b| b.is_ascii_digit() || matches!(b, b':' | b'.')))
    .then_some(rest)
}

/// Whether a line is two times with a comma between, its fractions behind commas as well: `00:00:01,000,00:00:02,000`.
fn two_times(line: &str) -> bool {
    let fields: Vec<&str> = line.split(',').collect();
    let clock = |field: &str| field.matches(':').count() == 2 && after_time(field, 2) == Some("");
    match *fields.as_slice() {
        [a, x, b, y] => clock(a) && clock(b) && [x, y].iter().all(|part| after_digits(part) == Some("")),
        [a, b] => clock(a) && clock(b),
        _ => false,
    }
}

/// What follows `mm:ss.xx`.
fn time_with_fraction(line: &str) -> Option<&str> {
    let rest = after_time(line, 2)?;
    let time = line.get(..line.len() - rest.len())?;
    let (clock, fraction) = time.rsplit_once(['.', ','])?;
    let good = fraction.len() >= 2 && clock.bytes().all(|b| b.is_ascii_digit() || b == b':');
    good.then_some(rest)
}

/// Whether a text follows a time, or another bracket that was to be one's.
fn goes_on(rest: &str) -> bool {
    rest.starts_with([']', '>', '|', ' ', '\t', '-'])
        && !rest.trim_start_matches([']', '>', '|', ' ', '\t', '-']).is_empty()
}
