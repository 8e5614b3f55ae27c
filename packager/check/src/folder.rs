//! Presentations in a folder.

use std::{
    fs::{self, File},
    io::{self, Read as _, Seek as _, SeekFrom},
    path::PathBuf,
};

use super::{
    gather::{Fetch, FetchError, Fetched, Wanted},
    gathered::Resolve,
};

/// Reads resources from a folder, and nothing from outside of it.
#[derive(Debug, Clone)]
pub struct FolderSource {
    folder: PathBuf,
    /// Bytes that may be read in all.
    bytes: u64,
    left: u64,
    spent: bool,
}

impl FolderSource {
    /// Names are paths within `folder`, with `/` between their parts.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into(), bytes: u64::MAX, left: u64::MAX, spent: false }
    }

    /// Reads no more than so many bytes in all.
    #[must_use]
    pub fn bounded(self, bytes: u64) -> Self {
        Self { bytes, left: bytes, ..self }
    }

    /// Whether more was wanted than may be read in all.
    pub fn spent(&self) -> bool {
        self.spent
    }

    fn read(&mut self, wanted: &Wanted) -> Result<Fetched, FetchError> {
        let missing = |error: io::Error| FetchError::Missing(error.to_string());
        let root = self.folder.canonicalize().map_err(missing)?;
        let path = root.join(&wanted.name).canonicalize().map_err(missing)?;
        // a symbolic link may lead anywhere
        if !path.starts_with(&root) {
            return Err(FetchError::Outside("it leads out of the folder, and is not read".to_owned()));
        }
        // opening a pipe would wait, and reading a device might never end
        if !fs::metadata(&path).map_err(missing)?.is_file() {
            return Err(FetchError::Missing("it is a folder, a pipe or a device, not a file".to_owned()));
        }
        let mut file = File::open(path).map_err(missing)?;
        let most = match wanted.range {
            Some(range) => {
                file.seek(SeekFrom::Start(range.offset)).map_err(missing)?;
                range.length.min(wanted.limit)
            }
            None => wanted.limit.saturating_add(1),
        };
        let mut bytes = Vec::new();
        file.take(most.min(self.left.saturating_add(1))).read_to_end(&mut bytes).map_err(missing)?;
        match self.left.checked_sub(bytes.len() as u64) {
            Some(left) => self.left = left,
            None => {
                (self.left, self.spent) = (0, true);
                return Err(FetchError::Spent(format!("more than {} bytes in all are not read", self.bytes)));
            }
        }
        if bytes.len() as u64 > wanted.limit {
            return Err(FetchError::TooLarge(wanted.limit));
        }
        Ok(Fetched { bytes, delivery: None })
    }
}

impl Fetch for FolderSource {
    fn resolve(&self) -> Resolve {
        resolve
    }

    fn fetch(&mut self, wanted: &[Wanted], give: &mut dyn FnMut(&Wanted, Result<Fetched, FetchError>)) {
        for wanted in wanted {
            give(wanted, self.read(wanted));
        }
    }
}

/// The path of `uri` beside `base` (RFC 3986 §5.2), as long as it stays within the folder.
///
/// # Errors
/// Why it does not, or cannot be a path.
pub fn resolve(base: &str, uri: &str) -> Result<String, String> {
    let path = uri.split(['?', '#']).next().unwrap_or_default();
    let scheme = path.split_once(':').map(|(scheme, _)| scheme);
    if scheme
        .is_some_and(|s| !s.is_empty() && s.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b)))
    {
        return Err("it is a URL, and only the folder is read".to_owned());
    }
    if path.starts_with('/') {
        return Err("it is an absolute path, and only the folder is read".to_owned());
    }
    let path = percent_decode(path).ok_or("it is no path")?;
    if path.is_empty() || path.contains(['\0', '\\']) {
        return Err("it is no path".to_owned());
    }
    let mut parts: Vec<&str> = base.split('/').collect();
    parts.pop();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop().ok_or("it leads out of the folder")?;
            }
            part => parts.push(part),
        }
    }
    Ok(parts.join("/"))
}

fn percent_decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        if *first == b'%' {
            let (digits, after) = rest.split_first_chunk::<2>()?;
            let digits = str::from_utf8(digits).ok().filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()))?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            rest = after;
        } else {
            bytes.push(*first);
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uris_stay_within_the_folder() {
        for (base, uri, name) in [
            ("multivariant.m3u8", "aac-128/media.m3u8", Some("aac-128/media.m3u8")),
            ("aac-128/media.m3u8", "init.mp4?x=1", Some("aac-128/init.mp4")),
            ("aac-128/media.m3u8", "../other/./a%20b.m4s", Some("other/a b.m4s")),
            ("a/media.m3u8", "../../etc/passwd", None),
            ("a/media.m3u8", "..%2f..%2fetc/passwd", None),
            ("a/media.m3u8", "/etc/passwd", None),
            ("a/media.m3u8", "%2fetc/passwd", Some("a/etc/passwd")),
            ("a/media.m3u8", "file:///etc/passwd", None),
            ("a/media.m3u8", "http://127.0.0.1/", None),
            ("a/media.m3u8", "a%0", None),
            ("a/media.m3u8", "", None),
        ] {
            assert_eq!(resolve(base, uri).ok().as_deref(), name, "{uri}");
        }
    }
}
