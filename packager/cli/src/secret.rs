//! Files with secrets: for their owner alone.

use std::{
    fs::{File, Permissions},
    io::{self, Write as _},
    os::{
        fd::AsFd as _,
        unix::fs::{MetadataExt as _, PermissionsExt as _},
    },
    path::Path,
};

use nada_pipeline::regular;
use nada_protection::Seed;
use zeroize::Zeroizing;

use crate::{
    exit::{Code, failure},
    terminal::print_notice,
};

/// Read and written by the owner.
const OWN: u32 = 0o600;
/// A larger file is no seed, in bytes.
const MOST_SEED: u64 = 4096;
/// What the group and all others may do.
const OTHERS: u32 = 0o077;

/// Writes a file that nobody else could read at any time.
///
/// # Errors
/// Whatever the system says.
pub fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    // of mode 600 from the beginning
    let mut file = tempfile::NamedTempFile::new_in(folder.unwrap_or(Path::new(".")))?;
    file.write_all(bytes)?;
    file.persist(path)?;
    Ok(())
}

/// Takes a file that standard output was redirected to from all others; a terminal, a pipe or a device stays as it is.
///
/// # Errors
/// Whatever the system says.
pub fn own_stdout() -> io::Result<()> {
    let out = File::from(io::stdout().as_fd().try_clone_to_owned()?);
    let found = out.metadata()?;
    if found.is_file() && found.mode() & OTHERS != 0 {
        out.set_permissions(Permissions::from_mode(OWN))?;
    }
    Ok(())
}

/// Reads a file of so many bytes at most, which the error calls `what`.
///
/// # Errors
/// It cannot be read, with exit code 65.
pub fn read_text(what: &str, file: &Path, most: u64) -> anyhow::Result<Zeroizing<String>> {
    let text = regular::read_text(file, most).map_err(|error| wrong(what, file, &error))?;
    Ok(Zeroizing::new(text))
}

/// What is wrong with a file.
pub fn wrong(what: &str, file: &Path, error: &dyn std::error::Error) -> anyhow::Error {
    failure(Code::Input, format!("{what}: {}: {error}", file.display()))
}

/// Reads the seed that content keys are derived from.
///
/// # Errors
/// It cannot be read, or is none.
pub fn read_seed(file: &Path) -> anyhow::Result<Seed> {
    Seed::parse(&read_text("seed", file, MOST_SEED)?).map_err(|error| wrong("seed", file, &error))
}

/// Says so where others than the owner may read the file.
pub fn warn_of_others(what: &str, file: &Path) {
    if is_exposed(file) {
        print_notice!("nada: warning: {what}: {}: others may read or change it: chmod 600", file.display());
    }
}

/// Whether somebody else may read the file.
fn is_exposed(path: &Path) -> bool {
    regular::open(path).and_then(|file| file.metadata()).is_ok_and(|found| found.mode() & OTHERS != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_its_owners_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys.json");
        std::fs::write(&path, "old").unwrap();
        std::fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
        assert!(is_exposed(&path));
        write(&path, b"new").unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().mode() & 0o777, OWN);
        assert_eq!(std::fs::read(&path).unwrap(), b"new");
        assert!(!is_exposed(&path));
        for (mode, exposed) in [(0o600, false), (0o400, false), (0o640, true), (0o604, true), (0o660, true)] {
            std::fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
            assert_eq!(is_exposed(&path), exposed, "{mode:o}");
        }
    }
}
