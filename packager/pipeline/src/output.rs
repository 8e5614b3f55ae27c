//! What packaging hands out: finished files, and the trait of what stores them.

use nada_catalog::{RenditionFile, RenditionName};

/// One file of a rendition, ready to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutputFile {
    /// The rendition it belongs to.
    pub rendition: RenditionName,
    /// Which of its files it is.
    pub file: RenditionFile,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// Where finished files go. A closure will do; so does [`crate::Folder`].
pub trait Sink {
    /// Stores one file. Segments come in any order; each rendition's `init.mp4` and then its media playlist come
    /// last.
    ///
    /// # Errors
    /// Whatever kept it from being stored; packaging ends with it.
    fn put(&mut self, file: OutputFile) -> Result<(), Box<dyn std::error::Error + Send + Sync>>;
}

impl<F, E> Sink for F
where
    F: FnMut(OutputFile) -> Result<(), E>,
    E: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    fn put(&mut self, file: OutputFile) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        self(file).map_err(Into::into)
    }
}
