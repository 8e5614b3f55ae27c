//! A sink that writes a folder, as `nada package` does.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use crate::output::{OutputFile, Sink};

/// Writes each file as `{folder}/{rendition}/{file}`.
#[derive(Debug, Clone)]
pub struct Folder(PathBuf);

impl Folder {
    /// A sink into `folder`, which is made if it is not there.
    ///
    /// # Errors
    /// Where it cannot be made.
    pub fn create(folder: &Path) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        Ok(Self(folder.to_owned()))
    }
}

impl Sink for Folder {
    fn put(&mut self, file: OutputFile) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        let folder = self.0.join(file.rendition.to_string());
        fs::create_dir_all(&folder)?;
        // unwrapped, so that the caller can tell a full disk from other errors; it names the file itself
        fs::write(folder.join(file.file.to_string()), file.bytes)?;
        Ok(())
    }
}
