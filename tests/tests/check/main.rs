//! What `nada check` finds in the HLS that others make, and why each finding is right.
#![allow(clippy::unwrap_used)]

mod ffmpeg;
mod shaka;

use std::{collections::BTreeMap, path::Path, process::Command};

use nada_check::FolderSource;

/// The findings by rule, and in how many places each was found.
fn found(folder: &Path, entry: &str) -> BTreeMap<&'static str, usize> {
    let mut found = BTreeMap::new();
    for finding in nada_check::run(entry, &mut FolderSource::new(folder)) {
        println!("{}:{:?} {} {}", finding.resource, finding.line, finding.rule.id, finding.message);
        *found.entry(finding.rule.id).or_default() += 1;
    }
    found
}

/// Runs a program in `folder`; it must end well.
fn run(folder: &Path, program: &Path, arguments: &[&str]) {
    let output = Command::new(program).args(arguments).current_dir(folder).output();
    let output = output.expect("the program starts; tests/run installs it");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
