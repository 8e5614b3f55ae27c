//! Local files that are named from outside: regular files alone, since opening or reading others may block or never end.

use std::{
    fs::{self, File},
    io::{self, Read as _},
    path::Path,
};

use rustix::fs::{Mode, OFlags};

/// Opens a regular file for reading.
///
/// # Errors
/// It is a folder, a pipe, a device or a socket, and whatever the system says.
pub fn open(path: &Path) -> io::Result<File> {
    // before it is opened: opening alone makes some devices do things
    check(&fs::metadata(path)?)?;
    // another may have taken its place: no waiting for a pipe's other end, no terminal to be controlled by
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let file = File::from(rustix::fs::open(path, flags, Mode::empty())?);
    check(&file.metadata()?)?;
    Ok(file)
}

/// Reads a regular file of at most `limit` bytes.
///
/// # Errors
/// It is none, or larger, and whatever the system says.
pub fn read(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let file = open(path)?;
    let larger = |bytes: u64| {
        let message = format!("{bytes} bytes, more than the {limit} that are read");
        io::Error::new(io::ErrorKind::FileTooLarge, message)
    };
    let length = file.metadata()?.len();
    if length > limit {
        return Err(larger(length));
    }
    let mut bytes = Vec::new();
    // it may be growing
    file.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit { Err(larger(bytes.len() as u64)) } else { Ok(bytes) }
}

/// [`read`], as text.
///
/// # Errors
/// Likewise, and it is not UTF-8.
pub fn read_text(path: &Path, limit: u64) -> io::Result<String> {
    let not_text = |_| io::Error::new(io::ErrorKind::InvalidData, "it is not UTF-8");
    String::from_utf8(read(path, limit)?).map_err(not_text)
}

fn check(metadata: &fs::Metadata) -> io::Result<()> {
    if metadata.is_file() {
        return Ok(());
    }
    let what = if metadata.is_dir() { "a folder" } else { "a pipe, a device or a socket" };
    Err(io::Error::new(io::ErrorKind::InvalidInput, format!("{what}, not a file")))
}

#[cfg(test)]
mod tests {
    use std::os::unix::net::UnixListener;

    use super::*;

    #[test]
    fn only_regular_files_are_read_and_nothing_blocks() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::write(at("file"), "text").unwrap();
        assert!(std::process::Command::new("mkfifo").arg(at("pipe")).status().unwrap().success());
        let _socket = UnixListener::bind(at("socket")).unwrap();
        for (link, to) in [("to-file", at("file")), ("to-pipe", at("pipe")), ("to-zero", "/dev/zero".into())]
        {
            std::os::unix::fs::symlink(to, at(link)).unwrap();
        }
        assert_eq!(read_text(&at("file"), 4).unwrap(), "text");
        assert_eq!(read(&at("to-file"), 4).unwrap(), b"text");
        let larger = read(&at("file"), 3).unwrap_err();
        assert_eq!(larger.to_string(), "4 bytes, more than the 3 that are read");
        for name in ["pipe", "socket", "to-pipe", "to-zero", "."] {
            let refused = read(&at(name), 4).unwrap_err();
            assert!(refused.to_string().ends_with(", not a file"), "{name}: {refused}");
        }
        for device in ["/dev/zero", "/dev/random", "/dev/tty"] {
            assert!(open(Path::new(device)).is_err(), "{device}");
        }
    }
}
