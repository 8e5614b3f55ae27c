//! XML that is not TTML, HTML, and other text with markup.

use super::{EXPORT, ForeignKind, SUBTITLES, text::Text};

const SAVE: &str = "save its text as a plain text file in UTF-8";

/// By the first element.
pub(super) const XML: [ForeignKind; 9] = [
    ForeignKind {
        name: "HTML",
        mark: |text| root(text, &["html", "body", "head", "div", "p", "br"]).or_else(|| doctype(text)),
        advice: SAVE,
    },
    ForeignKind { name: "SAMI subtitles", mark: |text| root(text, &["sami"]), advice: SUBTITLES },
    ForeignKind {
        name: "QRC of QQ Music, in XML",
        mark: |text| root(text, &["qrcinfos", "lyric_1", "lyricinfo", "qrcheadinfo"]),
        advice: EXPORT,
    },
    ForeignKind {
        name: "MusicXML",
        mark: |text| root(text, &["score-partwise", "score-timewise"]),
        advice: EXPORT,
    },
    ForeignKind {
        name: "XML of YouTube's subtitles",
        mark: |text| root(text, &["timedtext", "transcript"]),
        advice: "ask for WebVTT (yt-dlp: `--sub-format vtt`)",
    },
    ForeignKind { name: "OpenLyrics or OpenSong", mark: |text| root(text, &["song"]), advice: SAVE },
    ForeignKind { name: "RealText subtitles", mark: |text| root(text, &["window"]), advice: SUBTITLES },
    ForeignKind { name: "an SVG image", mark: |text| root(text, &["svg"]), advice: super::NO_LYRICS },
    ForeignKind { name: "XML that is not TTML", mark: other_xml, advice: EXPORT },
];

/// In what would be plain text.
pub(super) const KINDS: [ForeignKind; 2] = [
    ForeignKind { name: "HTML", mark: |text| text.any(has_tags), advice: SAVE },
    ForeignKind {
        name: "YAML that is not a Lyricsfile",
        mark: yaml,
        advice: "give it the keys of a Lyricsfile: `lines`, or `plain`",
    },
];

/// The name of the first element of a text that begins with markup, and what was before it.
fn first_element(text: &str) -> Option<(&str, &str)> {
    let mut rest = text.trim_start();
    loop {
        let after = if let Some(comment) = rest.strip_prefix("<!--") {
            comment.split_once("-->")?.1
        } else if let Some(instruction) = rest.strip_prefix("<?") {
            instruction.split_once("?>")?.1
        } else if rest.get(..9).is_some_and(|head| head.eq_ignore_ascii_case("<!doctype")) {
            // Its entities stand in square brackets.
            let (head, after) = rest.split_once('>')?;
            if head.contains('[') { rest.split_once("]>").map_or(after, |(_, after)| after) } else { after }
        } else {
            break;
        };
        rest = after.trim_start();
    }
    let name = rest.strip_prefix('<')?;
    let end = name.find(|c: char| !c.is_alphanumeric() && !matches!(c, ':' | '-' | '_' | '.'))?;
    let (name, after) = name.split_at_checked(end)?;
    (!name.is_empty()).then(|| (name.rsplit_once(':').map_or(name, |(_, local)| local), after))
}

/// The first line, if that is one of these elements.
fn root(text: &Text<'_>, names: &[&str]) -> Option<usize> {
    let (name, after) = first_element(text.whole)?;
    // A text may begin with a word in angle brackets.
    let declared =
        text.whole.trim_start().starts_with(['<']) && (after.contains("</") || after.contains("/>"));
    let line = text.lines.first().map(|(number, _)| *number);
    line.filter(|_| declared && names.iter().any(|known| name.eq_ignore_ascii_case(known)))
}

fn doctype(text: &Text<'_>) -> Option<usize> {
    text.head(|line| line.get(..14).is_some_and(|head| head.eq_ignore_ascii_case("<!doctype html")))
}

fn other_xml(text: &Text<'_>) -> Option<usize> {
    let (name, after) = first_element(text.whole).filter(|(name, _)| *name != "tt")?;
    let whole = text.whole.trim_start();
    let closes =
        || after.contains(&format!("</{name}>")) && (after.contains('=') || after.matches("</").count() > 1);
    let declared = whole.starts_with("<?xml") || whole.starts_with("<!") || closes();
    declared.then(|| text.lines.first().map_or(1, |(number, _)| *number))
}

/// Whether a line has tags of HTML, which no text has by chance.
fn has_tags(line: &str) -> bool {
    const TAGS: [&str; 13] = [
        "<br", "</p>", "</div>", "</span>", "</a>", "<p>", "<p ", "<div", "<span", "<html", "<body",
        "<script", "<a href",
    ];
    line.contains('<') && {
        let line = line.to_ascii_lowercase();
        TAGS.iter().any(|tag| line.contains(tag))
    }
}

/// The first line of a document in YAML: behind `---`, or with keys of which one has a text below it, or a list.
fn yaml(text: &Text<'_>) -> Option<usize> {
    let mut lines = text.lines.iter().map(|(_, line)| *line).filter(|line| !line.starts_with('#'));
    let number = text.lines.first().map(|(number, _)| *number);
    let first = lines.next()?;
    let marked = first == "---" || first.starts_with("%YAML");
    if marked {
        let next = lines.find(|line| *line != "---")?;
        return number.filter(|_| {
            key(next).is_some() || next.strip_prefix("- ").is_some_and(|item| key(item).is_some())
        });
    }
    let block = |value: &str| matches!(value, "|" | "|-" | "|+" | ">" | ">-" | ">+");
    let of_list = |line: &str| line.strip_prefix("- ").is_some_and(|item| key(item).is_some());
    if of_list(first) {
        // A dialogue has dashes too, but not one below a key.
        return number.filter(|_| {
            text.lines.iter().filter(|(_, line)| of_list(line)).count() > 1
                && text.lines.iter().any(|(_, line)| !of_list(line) && key(line).is_some())
        });
    }
    let keyed = key(first)?;
    let name = first.split(':').next().unwrap_or_default();
    let nested = ABOUT.contains(&name) && indents(text.whole)
        || block(keyed)
        || lines.clone().any(|line| key(line).is_some_and(block) || of_list(line));
    number.filter(|_| nested)
}

/// Keys with which a document about a song begins.
const ABOUT: [&str; 12] = [
    "title", "artist", "album", "song", "track", "name", "lang", "language", "author", "id", "metadata",
    "meta",
];

/// Whether a key without a value has something indented below it.
fn indents(text: &str) -> bool {
    let mut lines = text.lines().filter(|line| !line.trim().is_empty()).take(200).peekable();
    while let Some(line) = lines.next() {
        let below = lines.peek().is_some_and(|next| next.starts_with("  "));
        if below && !line.starts_with(' ') && key(line.trim_end()).is_some_and(str::is_empty) {
            return true;
        }
    }
    false
}

/// What follows the key that a line begins with: letters of ASCII, in lower case, without a space.
fn key(line: &str) -> Option<&str> {
    let (name, value) = line.split_once(':')?;
    let name = name.trim_matches(['"', '\'']);
    let plain = name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'));
    (plain && (value.is_empty() || value.starts_with(' '))).then(|| value.trim())
}
