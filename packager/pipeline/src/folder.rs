//! A sink that writes a folder, as `nada package` does.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, Seek as _, Write as _},
    path::{Path, PathBuf},
};

use nada_catalog::RenditionName;

use crate::output::{OutputFile, Sink, StoredFile};

/// Writes each track file whole, as `{folder}/{rendition}.mp4`, and beside it `{folder}/{rendition}/media.m3u8`, whose
/// segments are byte ranges of it.
#[derive(Debug)]
pub struct Folder {
    root: PathBuf,
    /// What follows the first part of a track file, which comes last: files without a name, which end with this process
    /// whatever happens.
    later: BTreeMap<RenditionName, File>,
}

impl Folder {
    /// A sink into `folder`, which is made if it is not there.
    ///
    /// # Errors
    /// Where it cannot be made.
    pub fn create(folder: &Path) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        Ok(Self { root: folder.to_owned(), later: BTreeMap::new() })
    }

    fn keep(&mut self, rendition: RenditionName, bytes: &[u8]) -> io::Result<()> {
        if let Some(later) = self.later.get_mut(&rendition) {
            return later.write_all(bytes);
        }
        let mut later = tempfile::tempfile_in(&self.root)?;
        later.write_all(bytes)?;
        self.later.insert(rendition, later);
        Ok(())
    }
}

impl Sink for Folder {
    fn put(&mut self, file: OutputFile) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        let path = self.root.join(file.name());
        // errors stay as they are, so that the caller can tell a full disk from others; it names the file itself
        match &file.file {
            StoredFile::Part(part) if part.number == 1 => {
                whole(&path, &file.bytes, self.later.remove(&file.rendition))?;
            }
            StoredFile::Part(_) => self.keep(file.rendition, &file.bytes)?,
            StoredFile::Playlist(playlist) => {
                let text = playlist.of_ranges(&format!("../{}.mp4", file.rendition))?;
                fs::create_dir_all(path.parent().unwrap_or(&self.root))?;
                fs::write(path, text)?;
            }
        }
        Ok(())
    }
}

/// Writes the file of its first part and those after it, or none.
fn whole(path: &Path, first: &[u8], later: Option<File>) -> io::Result<()> {
    let unfinished = path.with_extension("unfinished");
    let write = || {
        let mut file = File::create(&unfinished)?;
        file.write_all(first)?;
        if let Some(mut later) = later {
            later.rewind()?;
            io::copy(&mut later, &mut file)?;
        }
        fs::rename(&unfinished, path)
    };
    let written = write();
    if written.is_err() {
        let _ = fs::remove_file(&unfinished);
    }
    written
}
