//! ffmpeg: the system's, and a current one where it was installed.

use std::{
    path::Path,
    process::{Command, Output},
};

use crate::signal::Pcm;

/// An ffmpeg by the name of its program.
#[derive(Debug, Clone, Copy)]
pub struct Ffmpeg(&'static str);

/// The system's.
pub const SYSTEM: Ffmpeg = Ffmpeg("ffmpeg");

/// A current release, which tests/run brings where it can.
const CURRENT: Ffmpeg = Ffmpeg("ffmpeg-current");

/// Every ffmpeg there is; a line says which is missing.
pub fn all() -> Vec<Ffmpeg> {
    let missing = Command::new(CURRENT.0).arg("-version").output().is_err();
    if missing {
        eprintln!(
            "SKIPPED: decoding by a current ffmpeg: {} is not installed; tests/run says why",
            CURRENT.0
        );
    }
    if missing { vec![SYSTEM] } else { vec![SYSTEM, CURRENT] }
}

impl Ffmpeg {
    /// The program.
    pub fn program(self) -> &'static str {
        self.0
    }

    /// `ffmpeg 5.1.9`: its name and version.
    pub fn name(self) -> String {
        let output = Command::new(self.0).arg("-version").output().unwrap().stdout;
        let output = String::from_utf8_lossy(&output);
        let version = output.split(' ').nth(2).unwrap_or("?").trim_start_matches('n');
        format!("ffmpeg {}", version.split('-').next().unwrap_or(version))
    }

    /// The first audio track of a playlist or file, at its own rate. A warning fails.
    pub fn decode(self, input: impl AsRef<std::ffi::OsStr>) -> Pcm {
        let mut command = Command::new(self.0);
        command.args(["-v", "warning", "-nostdin", "-i"]).arg(&input);
        Pcm::from_bytes(&quiet(command.args(["-map", "0:a:0", "-ac", "2", "-f", "f32le", "-"])).stdout)
    }

    /// A recording of what a player made: a WAV file, which may leave its channels unnamed.
    pub fn read(self, file: &Path) -> Pcm {
        let mut command = Command::new(self.0);
        command.args(["-v", "error", "-nostdin", "-i"]).arg(file).args(["-f", "f32le", "-"]);
        Pcm::from_bytes(&quiet(&mut command).stdout)
    }

    /// Converts a file.
    pub fn run(self, input: &Path, options: &[&str], output: &Path) {
        let mut command = Command::new(self.0);
        quiet(command.args(["-v", "error", "-nostdin", "-y", "-i"]).arg(input).args(options).arg(output));
    }
}

fn quiet(command: &mut Command) -> Output {
    let output = command.output().expect("ffmpeg starts; tests/run installs it");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && stderr.is_empty(), "{command:?}: {stderr}");
    output
}
