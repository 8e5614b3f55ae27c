//! A sink that writes a folder, as `nada package` does.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use crate::{package::Sink, rendition::Produced};

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
    fn put(&mut self, produced: Produced) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        let folder = self.0.join(produced.rendition.to_string());
        fs::create_dir_all(&folder)?;
        // as it is, so that a full disk can be told from others; who reports it names the file
        fs::write(folder.join(produced.file.to_string()), produced.bytes)?;
        Ok(())
    }
}
