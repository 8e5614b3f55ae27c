//! JSON: which of the many shapes that lyrics have in it, as far as that can be told.

use serde_json::Value;

use super::EXPORT;

const OURS: &str = "it is what Nada serves; publish the file that it was made from instead";
const PLAIN: &str = "save the `syncedLyrics` in it as an LRC file, or the `plainLyrics` as a text file";
const WHISPER: &str = "let the program write SubRip or WebVTT (whisper: `--output_format srt`)";
const LRC_OR_TTML: &str = "export as LRC or TTML";

/// What a text in JSON is and what to do with it. A Lyricsfile may be written in JSON: such a text is only named where
/// its keys are those of something else.
pub(super) fn kind(source: &str, may_be_lyricsfile: bool) -> Option<(&'static str, &'static str)> {
    let source = source.trim();
    if !source.starts_with(['{', '[']) {
        return None;
    }
    match serde_json::from_str::<Value>(source) {
        Ok(value) => known(&value).or((!may_be_lyricsfile && is_data(&value)).then_some(("JSON", EXPORT))),
        Err(_) if may_be_lyricsfile => None,
        Err(_) => {
            of_lines(source).or(looks_like_json(source).then_some(("JSON, which is not well-formed", EXPORT)))
        }
    }
}

/// Whether a text of more than one document in JSON is one a line, as NetEase has it; each line but those of LRC.
fn of_lines(source: &str) -> Option<(&'static str, &'static str)> {
    let mut lines = source.lines().map(str::trim).filter(|line| !line.is_empty()).take(100).peekable();
    let first: Value = serde_json::from_str(lines.peek()?).ok()?;
    let object = |line: &str| line.starts_with('{') && line.ends_with('}');
    let (all, objects) =
        lines.fold((0, 0), |(all, objects), line| (all + 1, objects + usize::from(object(line))));
    let named = has(&first, &["t", "c"]).then_some(("JSON lines of NetEase Cloud Music", LRC_OR_TTML));
    (first.is_object() && objects * 2 >= all).then(|| named.unwrap_or(("JSON lines", EXPORT)))
}

/// The shapes that are known, by the keys that each has.
fn known(value: &Value) -> Option<(&'static str, &'static str)> {
    let first = value.get(0);
    let inner = |key: &str| value.get(key).unwrap_or(&Value::Null);
    let all = |keys: &[&str]| has(value, keys);
    let in_first = |keys: &[&str]| first.is_some_and(|first| has(first, keys));
    Some(if all(&["structuredLyrics"]) || all(&["subsonic-response"]) || all(&["lyricsList"]) {
        ("lyrics in the JSON of OpenSubsonic, such as `lyrics.json`", OURS)
    } else if in_first(&["kind", "lang", "line"]) || all(&["kind", "lang", "line", "synced"]) {
        ("lyrics in the JSON of OpenSubsonic", OURS)
    } else if in_first(&["ts", "te", "l"])
        || all(&["richsync_body"])
        || inner("message").get("body").is_some()
    {
        ("JSON of Musixmatch (richsync)", LRC_OR_TTML)
    } else if in_first(&["text", "time"]) || all(&["subtitle_body"]) {
        ("JSON of Musixmatch (subtitles)", LRC_OR_TTML)
    } else if has(inner("lyrics"), &["syncType"]) || all(&["syncType", "lines"]) {
        ("JSON of Spotify", LRC_OR_TTML)
    } else if all(&["syncedLyrics"]) || in_first(&["syncedLyrics"]) || all(&["plainLyrics"]) {
        ("JSON of LRCLIB", PLAIN)
    } else if inner("data").get(0).is_some_and(|data| has(data, &["type", "attributes"])) {
        ("JSON of Apple Music", "save the `ttml` in it as a TTML file")
    } else if all(&["segments"])
        || in_first(&["segments"])
        || all(&["word_segments"])
        || in_first(&["word", "start", "end"])
    {
        ("JSON of Whisper or another program that transcribes", WHISPER)
    } else if all(&["lrc", "code"])
        || all(&["lyric", "code"])
        || has(inner("lrc"), &["lyric"])
        || all(&["t", "c"])
    {
        ("JSON of NetEase Cloud Music", LRC_OR_TTML)
    } else if all(&["wireMagic"]) || all(&["events"]) {
        ("JSON of YouTube (json3)", "ask for WebVTT (yt-dlp: `--sub-format vtt`)")
    } else {
        return None;
    })
}

fn has(value: &Value, keys: &[&str]) -> bool {
    keys.iter().all(|key| value.get(key).is_some())
}

/// Whether a value is no text that merely looks like JSON, such as `[1]`, a reference, or `{}`.
fn is_data(value: &Value) -> bool {
    match value {
        Value::Object(map) => !map.is_empty(),
        Value::Array(list) => {
            list.first().is_some_and(|first| first.is_object() || first.is_array() || first.is_string())
        }
        _ => false,
    }
}

/// Whether a text begins as JSON does: with a key in quotation marks, or with a list of objects.
fn looks_like_json(source: &str) -> bool {
    let key = |text: &str| {
        let inner = text.strip_prefix('{').map(str::trim_start).and_then(|text| text.strip_prefix('"'));
        inner
            .and_then(|inner| inner.split_once('"'))
            .is_some_and(|(_, rest)| rest.trim_start().starts_with(':'))
    };
    key(source) || source.strip_prefix('[').is_some_and(|list| key(list.trim_start()))
}
