//! Files that are text: what a server answers in the place of audio, pointers, lists, lyrics.

use super::{
    Advice::{self, Other, Page, Pointer},
    Foreign,
};

/// Bytes that are looked at.
const LOOKED: usize = 4096;

/// How a text begins, in small letters: what it is, what to do.
const BEGINS: [(&str, &str, Advice); 22] = [
    ("version https://git-lfs.github.com/", "a pointer of Git LFS (git lfs pull fetches the file)", Pointer),
    ("/annex/objects/", "a pointer of git-annex (git annex get fetches the file)", Pointer),
    ("../.git/annex/objects/", "a pointer of git-annex (git annex get fetches the file)", Pointer),
    ("[internetshortcut]", "a shortcut to a web page", Pointer),
    ("[desktop entry]", "a shortcut", Pointer),
    ("#extm3u", "a playlist (M3U)", Pointer),
    ("[playlist]", "a playlist (PLS)", Pointer),
    ("<asx", "a playlist (ASX)", Pointer),
    ("<!doctype html", "a web page (HTML)", Page),
    ("<html", "a web page (HTML)", Page),
    ("<head", "a web page (HTML)", Page),
    ("<body", "a web page (HTML)", Page),
    ("<!--", "a web page (HTML)", Page),
    ("<svg", "an image (SVG)", Other),
    ("<error", "an error message (XML)", Page),
    ("webvtt", "subtitles (WebVTT), which is text", Other),
    ("<tt", "lyrics (TTML), which is text", Other),
    ("[ar:", "lyrics (LRC), which is text", Other),
    ("[ti:", "lyrics (LRC), which is text", Other),
    ("[00:", "lyrics (LRC), which is text", Other),
    ("x5o!p%@ap", "a test file of virus scanners", Other),
    ("#!", "a script", Other),
];

pub fn find(head: &[u8]) -> Option<Foreign> {
    let looked = head.get(..LOOKED).unwrap_or(head);
    if let [0xff, 0xfe, _, 0, ..] | [0xfe, 0xff, 0, ..] = looked {
        return Some(Foreign { name: "text (UTF-16)", advice: Other });
    }
    let text = match str::from_utf8(looked) {
        Ok(text) => text,
        // a character may be cut in two
        Err(error) if error.valid_up_to() + 4 > looked.len() && looked.len() == LOOKED => {
            str::from_utf8(looked.get(..error.valid_up_to())?).ok()?
        }
        Err(_) => return None,
    };
    let is_text = |c: char| !c.is_control() || "\t\r\n\u{c}".contains(c);
    if text.is_empty() || !text.chars().all(is_text) {
        return None;
    }
    let text = text.trim_start_matches('\u{feff}').trim_start().to_ascii_lowercase();
    let known = BEGINS.iter().find(|(begin, ..)| text.starts_with(begin));
    let (name, advice) = match known {
        Some(&(_, name, advice)) => (name, advice),
        None if text.starts_with("<?xml") && text.contains("<html") => ("a web page (HTML)", Page),
        None if text.starts_with("<?xml") => ("an answer or a document in XML", Page),
        None if text.starts_with(['{', '[']) && text.contains('"') => ("an answer in JSON", Page),
        None if text.contains("track 01 audio") => ("a cue sheet, which names the file of the song", Pointer),
        None => ("text", Other),
    };
    Some(Foreign { name, advice })
}
