//! `[key:value]`: what a file says of itself.

use super::stamp;
use crate::{
    Error, Metadata,
    error::quote,
    limit,
    parse::{Place, Warnings},
    text,
};

/// Reads a line that is one tag; `false` if it is none.
pub(crate) fn read(
    line: &str,
    place: Place,
    known: &mut Metadata,
    warnings: &mut Warnings,
) -> Result<bool, Error> {
    let tag = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let Some((key, value)) = tag.and_then(|tag| tag.split_once(':')).filter(|(key, _)| is_key(key)) else {
        return Ok(false);
    };
    let value = text::plain(value);
    if value.len() > limit::TEXT_BYTES {
        return Err(place.more_than(limit::TEXT_BYTES, "bytes of text in a line"));
    }
    match key.to_ascii_lowercase().as_str() {
        "ti" => known.title = Some(value),
        "ar" => known.artist = Some(value),
        "al" => known.album = Some(value),
        "au" => known.author = Some(value),
        "by" => known.creator = Some(value),
        "la" => known.language = Some(value),
        "length" => match stamp::time(&value) {
            Ok(ms) => known.length_ms = Some(ms),
            Err(_) => warnings.push(place, || "not a length; left out".into()),
        },
        "offset" if value.is_empty() => {
            warnings.push(place, || "an offset without a number; taken for 0".into());
            known.offset_ms = 0;
        }
        "offset" => {
            known.offset_ms = offset(&value).ok_or_else(|| {
                place.error("an offset in whole milliseconds, at most an hour: `[offset:+250]`", line)
            })?;
        }
        // Programs that wrote the file, their versions, comments.
        "re" | "tool" | "ve" | "#" => {}
        _ => warnings.push(place, || format!("unknown tag {} left out", quote(key))),
    }
    Ok(true)
}

fn is_key(key: &str) -> bool {
    key == "#" || (!key.is_empty() && key.bytes().all(|b| b.is_ascii_alphabetic()))
}

fn offset(value: &str) -> Option<i64> {
    value.parse().ok().filter(|ms: &i64| ms.unsigned_abs() <= limit::OFFSET_MS.unsigned_abs())
}
