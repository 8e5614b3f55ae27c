//! A song packaged by `nada package`, and what its numbers let a player foresee.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;

/// A packaged song.
#[derive(Debug)]
pub struct Packaged {
    /// The folder with its playlists.
    pub folder: PathBuf,
    /// The renditions, lowest first.
    pub renditions: Vec<Rendition>,
}

/// The numbers of one rendition, as in `track.json`.
#[derive(Debug, Clone)]
pub struct Rendition {
    /// Its name.
    pub name: String,
    /// Hertz.
    pub rate: u32,
    /// M: samples before the source's first one, at that rate.
    pub priming: usize,
    /// n: samples of the source, at that rate.
    pub samples: usize,
}

impl Packaged {
    /// Packages `source` into `folder`/`name`, with further arguments of `nada package`.
    pub fn new(source: &Path, folder: &Path, name: &str, arguments: &[&str]) -> Self {
        let folder = folder.join(name);
        let mut nada = Command::new(nada_tests::demo::nada().unwrap());
        let output = nada
            .arg("package")
            .arg(source)
            .arg("--out")
            .arg(&folder)
            .arg("--json")
            .args(arguments)
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        let number = |value: &Value| usize::try_from(value.as_u64().unwrap()).unwrap();
        let (rate, priming) = (number(&report["timeline"]["rate"]), number(&report["timeline"]["priming"]));
        let renditions = report["renditions"].as_array().unwrap().iter().map(|r| Rendition {
            name: r["name"].as_str().unwrap().to_owned(),
            rate: number(&r["rate"]) as u32,
            priming: priming * number(&r["rate"]) / rate,
            samples: number(&r["samples"]),
        });
        Self { folder, renditions: renditions.collect() }
    }

    /// The media playlist of a rendition.
    pub fn playlist(&self, name: &str) -> PathBuf {
        self.folder.join(name).join("media.m3u8")
    }

    /// The track file of a rendition.
    pub fn track_file(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}.mp4"))
    }
}

impl Rendition {
    /// Samples of an access unit, as decoded.
    pub fn frame(&self) -> usize {
        match self.name.split('-').next() {
            Some("aac") => 1024,
            Some("flac") => 4096,
            _ => 2048,
        }
    }

    /// The length of the media: M + n.
    pub fn length(&self) -> usize {
        self.priming + self.samples
    }

    /// What a decoder that does not trim adds: the rest of the last access unit. FLAC's last frame is as long as
    /// what it holds.
    pub fn rest(&self) -> usize {
        if self.name == "flac" { 0 } else { self.length().next_multiple_of(self.frame()) - self.length() }
    }
}
