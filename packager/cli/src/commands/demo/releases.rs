//! The bundled songs, written to the demo's folder so that they are published from files like any release.

use std::{
    fs,
    path::{Path, PathBuf},
};

use include_dir::{Dir, include_dir};

use crate::exit::{Code, failure};

static RELEASES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/demo/releases");

/// Writes the bundled releases that are missing into `folder`, and names every `release.toml` there: the
/// bundled ones and those somebody put beside them.
pub fn unpack(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    for release in RELEASES.dirs().filter(|dir| dir.files().any(|file| file.path().ends_with("release.toml")))
    {
        for file in release.files() {
            write_missing(&folder.join(file.path()), file.contents())?;
        }
    }
    releases(folder)
}

/// Writes a file whole or not at all, unless it is there.
fn write_missing(path: &Path, contents: &[u8]) -> anyhow::Result<()> {
    if path.exists() {
        return Ok(());
    }
    let parent = path.parent().unwrap_or(Path::new("."));
    let write = || {
        fs::create_dir_all(parent)?;
        let mut file = tempfile::NamedTempFile::new_in(parent)?;
        std::io::Write::write_all(&mut file, contents)?;
        file.persist(path)?;
        std::io::Result::Ok(())
    };
    write().map_err(|error| failure(Code::Output, format!("cannot write {}: {error}", path.display())))
}

/// Every `release.toml` one folder below `folder`, in the order of their names.
fn releases(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let read =
        |error: std::io::Error| failure(Code::Output, format!("cannot read {}: {error}", folder.display()));
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(read)? {
        let release = entry.map_err(read)?.path().join("release.toml");
        if release.is_file() {
            found.push(release);
        }
    }
    found.sort();
    Ok(found)
}
