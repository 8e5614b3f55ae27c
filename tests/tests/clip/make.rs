//! `nada clip`, and the demo's songs.

use std::{
    path::{Path, PathBuf},
    process::{Command, Output},
};

use serde_json::Value;

/// A song of the demo whose words have true times.
pub const KABIR: &str = "INNDA2600001";

/// A release of the demo.
pub fn release(name: &str) -> PathBuf {
    let releases = Path::new(env!("CARGO_MANIFEST_DIR")).join("../packager/cli/demo/releases");
    releases.join(name).join("release.toml").canonicalize().unwrap()
}

/// A clip that was made.
#[derive(Debug)]
pub struct Made {
    /// The file.
    pub file: PathBuf,
    /// From when, in ms of the media.
    pub from_ms: i64,
    /// Until when.
    pub to_ms: i64,
    /// What is worth knowing.
    pub notices: Vec<String>,
    _folder: tempfile::TempDir,
}

/// `nada clip TRACK --release RELEASE ARGS`, written to `name`.
pub fn run(release: &Path, track: &str, name: &Path, args: &[&str]) -> Output {
    let mut nada = Command::new(nada_tests::demo::nada().unwrap());
    nada.args(["clip", track, "--json", "--release"]).arg(release).arg("--out").arg(name).args(args);
    nada.output().unwrap()
}

impl Made {
    /// Makes one of a release.
    pub fn of(release: &Path, track: &str, name: &str, args: &[&str]) -> Made {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(name);
        let output = run(release, track, &file, args);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(report["bytes"], std::fs::metadata(&file).unwrap().len());
        let notices =
            report["notices"].as_array().unwrap().iter().map(|notice| notice.as_str().unwrap().to_owned());
        Made {
            file,
            from_ms: report["from_ms"].as_i64().unwrap(),
            to_ms: report["to_ms"].as_i64().unwrap(),
            notices: notices.collect(),
            _folder: folder,
        }
    }

    /// Makes one of the demo's Kabir.
    pub fn of_kabir(name: &str, args: &[&str]) -> Made {
        Made::of(&release("kabir-dohe"), KABIR, name, args)
    }

    /// Its bytes.
    pub fn bytes(&self) -> Vec<u8> {
        std::fs::read(&self.file).unwrap()
    }
}

/// What a program writes to standard output. A warning fails.
pub fn quiet(program: &str, args: &[&str], file: &Path, rest: &[&str]) -> Vec<u8> {
    let output =
        Command::new(program).args(args).arg(file).args(rest).output().expect("tests/run installs it");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && stderr.is_empty(), "{program} {args:?}: {stderr}");
    output.stdout
}

/// What ffprobe says of a file.
pub fn probe(file: &Path, show: &[&str]) -> Value {
    let args = [&["-v", "warning", "-of", "json"], show].concat();
    serde_json::from_slice(&quiet("ffprobe", &args, file, &[])).unwrap()
}
