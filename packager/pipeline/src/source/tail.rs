//! Tags behind the audio of a file that has no container around it.

use std::io::{self, Read, Seek};

use super::container::{at, tag_length};

/// Tags at the end of a file, at most, and bytes of one that are looked into.
const TAGS: usize = 16;
const LARGEST: u64 = 16 << 20;

/// As many bytes as the longest tag that is known by its beginning and its end alone (Lyrics3 v1).
const TAIL: u64 = 5200;

/// Where the audio ends that begins at `start`, in a file of `length` bytes: before all tags that lie at its end. A tag
/// counts where it holds together, since a wrong length would take audio away.
pub fn strip(input: &mut (impl Read + Seek), start: u64, length: u64) -> io::Result<u64> {
    let mut end = length;
    for _ in 0..TAGS {
        let from = end.saturating_sub(TAIL).max(start);
        let tail = at(input, from, (end - from) as usize)?;
        let Some((size, first)) = behind(&tail).filter(|&(size, _)| size <= end - start) else { break };
        let from = end - size;
        let holds = match first {
            b"" => items(&at(input, from, size.min(LARGEST) as usize)?),
            first => at(input, from, first.len())? == first,
        };
        if holds {
            end = from;
        } else {
            break;
        }
    }
    Ok(end)
}

/// The length of the tag that `tail` ends with, and what it has to begin with; nothing for APE's without a header.
fn behind(tail: &[u8]) -> Option<(u64, &'static [u8])> {
    let last = |bytes: usize| tail.get(tail.len().checked_sub(bytes)?..);
    if last(128)?.starts_with(b"TAG") {
        let enhanced = last(128 + 227).is_some_and(|tag| tag.starts_with(b"TAG+"));
        return Some(if enhanced { (128 + 227, b"TAG+") } else { (128, b"TAG") });
    }
    let footer = last(32)?;
    if let Some((b"APETAGEX", rest)) = footer.split_first_chunk() {
        let size = rest.get(4..8)?.first_chunk().map(|&size| u64::from(u32::from_le_bytes(size)))?;
        let headed = rest.get(15).is_some_and(|flags| flags & 0x80 != 0);
        let with_header = size + 32;
        let header = || last(usize::try_from(with_header).ok()?).map(|tag| tag.starts_with(b"APETAGEX"));
        // a header beyond what is looked at is believed; it is looked for again
        return Some(if headed && header() != Some(false) {
            (with_header, b"APETAGEX")
        } else {
            (size, b"")
        });
    }
    // ID3v2.4 §3.4: a footer
    if let Some(footer) = last(10)?.strip_prefix(b"3DI") {
        return tag_length(&[b"ID3", footer].concat()).map(|size| (size, &b"ID3"[..]));
    }
    let lyrics = tail.strip_suffix(b"LYRICS200").and_then(|tag| tag.get(tag.len().checked_sub(6)?..));
    if let Some(size) = lyrics.and_then(|size| str::from_utf8(size).ok()?.parse::<u64>().ok()) {
        return Some((size + 15, b"LYRICSBEGIN"));
    }
    let lyrics = tail.strip_suffix(b"LYRICSEND")?;
    let from = lyrics.windows(11).rposition(|window| window == b"LYRICSBEGIN")?;
    Some(((tail.len() - from) as u64, b"LYRICSBEGIN"))
}

/// Whether an APE tag without a header holds the items that its footer counts, and nothing else: size, flags, key, value.
fn items(tag: &[u8]) -> bool {
    let Some((mut items, footer)) = tag.len().checked_sub(32).and_then(|at| tag.split_at_checked(at)) else {
        return false;
    };
    let number = |bytes: &[u8], at: usize| Some(u32::from_le_bytes(*bytes.get(at..at + 4)?.first_chunk()?));
    for _ in 0..number(footer, 16).unwrap_or(u32::MAX) {
        let key = items.get(8..).and_then(|rest| rest.iter().position(|&byte| byte == 0));
        let next = number(items, 0).zip(key).and_then(|(size, key)| items.get(8 + key + 1 + size as usize..));
        match next {
            Some(next) => items = next,
            None => return false,
        }
    }
    items.is_empty()
}

/// The tag that `head` begins with, which is how a second file betrays itself, and its length where it states one.
pub fn ahead(head: &[u8]) -> Option<Option<u64>> {
    if let Some(length) = tag_length(head) {
        return Some(Some(length));
    }
    if head.starts_with(b"APETAGEX") {
        let size = head.get(12..16).and_then(|size| size.first_chunk()).map(|&size| u32::from_le_bytes(size));
        return Some(size.map(|size| 32 + u64::from(size)));
    }
    [&b"TAG"[..], b"LYRICSBEGIN"].iter().any(|tag| head.starts_with(tag)).then_some(None)
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn ape(size: u32, count: u32, flags: u32) -> Vec<u8> {
        let numbers = [2000, size, count, flags].map(u32::to_le_bytes).concat();
        [&b"APETAGEX"[..], &numbers, &[0; 8]].concat()
    }

    #[test]
    fn tags_that_hold_together_are_no_audio_and_others_are() {
        let audio = vec![b'a'; 9000];
        let item = b"\x03\0\0\0\0\0\0\0Key\0abc";
        let length = item.len() as u32 + 32;
        let id3v1 = [&b"TAG"[..], &[0; 125]].concat();
        let bare = [&item[..], &ape(length, 1, 0)].concat();
        let headed = [&ape(length, 1, 0xa000_0000)[..], item, &ape(length, 1, 0x8000_0000)].concat();
        let lyrics = b"LYRICSBEGININD0000200000021LYRICS200".to_vec();
        let old = [&b"LYRICSBEGIN"[..], &[b'x'; 5100], b"LYRICSEND"].concat();
        let enhanced = [&b"TAG+"[..], &[0; 223], &id3v1].concat();
        let footed = b"ID3\x04\0\x10\0\0\0\x040123\x33DI\x04\0\x10\0\0\0\x04".to_vec();
        let all = [&headed[..], &lyrics, &id3v1].concat();
        for tag in [&id3v1, &bare, &headed, &lyrics, &old, &enhanced, &footed, &all, &vec![]] {
            let file = [&audio[..], tag].concat();
            let end = strip(&mut Cursor::new(&file), 0, file.len() as u64).unwrap();
            assert_eq!(end, 9000, "{}", String::from_utf8_lossy(tag));
        }
        // a tag that says it is larger, or has more, than there is
        for tag in [ape(4000, 0, 0), ape(32, 3, 0), ape(600, 0, 0x8000_0000), b"001000LYRICS200".to_vec()] {
            let file = [&audio[..], &tag].concat();
            let end = strip(&mut Cursor::new(&file), 0, file.len() as u64).unwrap();
            assert_eq!(end, file.len() as u64, "{}", String::from_utf8_lossy(&tag));
        }
    }
}
