//! `nada check URL|FILE|DIR`.

use std::path::{Path, PathBuf};

use clap::Args;
use nada_check::{Finding, FolderSource, Judgement, RULES, Severity, judgement};
use serde_json::json;

use crate::{
    download::{Bounds, Bytes, Download, Spent},
    exit::{Code, failure},
    terminal::{self, print_line},
};

/// Names under which a folder's presentations are looked for: every one of ours, else the first of others'.
const OURS: [&str; 2] = ["multivariant.m3u8", "lossless.m3u8"];
const OTHERS: [&str; 5] = ["master.m3u8", "main.m3u8", "index.m3u8", "playlist.m3u8", "media.m3u8"];

/// Check an HLS presentation, anybody's, against RFC 8216 and Apple's authoring rules.
#[derive(Args)]
#[command(after_help = "\
Ends with 65 where a MUST is broken or something was not read at all, and with --strict where a SHOULD is broken.

Examples:
  nada check song/                                   # multivariant.m3u8 and lossless.m3u8 in it
  nada check https://example.com/song/master.m3u8
  nada check --rules")]
pub struct Check {
    /// A multivariant or media playlist, or a folder with one in it
    #[arg(value_name = "URL|FILE|DIR", required_unless_present = "rules")]
    what: Option<String>,
    /// Let warnings fail too
    #[arg(long)]
    strict: bool,
    /// Print findings (or rules) as JSON
    #[arg(long)]
    json: bool,
    /// Print the rules instead
    #[arg(long)]
    rules: bool,
    #[command(flatten)]
    bounds: Bounds,
}

/// What was found on all presentations that were named.
#[derive(Default)]
struct CheckOutcome {
    findings: Vec<Finding>,
    /// Playlists of which nothing was judged.
    unread: Vec<String>,
    /// What ended the reading early.
    spent: Option<Spent>,
}

impl CheckOutcome {
    fn add(&mut self, Judgement { findings, unread }: Judgement) {
        let new = |found: &Finding| !self.findings.contains(found);
        let findings: Vec<Finding> = findings.into_iter().filter(new).collect();
        self.findings.extend(findings);
        self.unread.extend(unread);
        self.unread.sort();
        self.unread.dedup();
    }

    /// Why it cannot be said that nothing is wrong.
    fn incomplete(&self) -> Option<(Code, String)> {
        match self.spent {
            Some(spent @ Spent::Bytes(_)) => Some((Code::Input, format!("not all of it was read: {spent}"))),
            Some(spent @ Spent::Time(_)) => {
                Some((Code::Unavailable, format!("not all of it was read: {spent}")))
            }
            None if self.unread.is_empty() => None,
            None => {
                let message = format!("nothing of it was judged: {}", self.unread.join(", "));
                Some((Code::Input, message))
            }
        }
    }
}

impl Check {
    /// Fetches, judges, prints.
    pub fn run(self) -> anyhow::Result<()> {
        if self.rules {
            print_rules(self.json);
            return Ok(());
        }
        let what = self.what.unwrap_or_default();
        let outcome = outcome(&what, &self.bounds)?;
        let CheckOutcome { findings, unread, .. } = &outcome;
        let count = |severity| findings.iter().filter(|found| found.severity() == severity).count();
        let [errors, warnings, notices] = [Severity::Error, Severity::Warning, Severity::Notice].map(count);
        let summary = format!(
            "{what}: {}, {}, {}",
            number(errors, "error"),
            number(warnings, "warning"),
            number(notices, "notice")
        );
        if self.json {
            let counts = json!({
                "findings": findings, "unread": unread, "errors": errors, "warnings": warnings, "notices": notices,
            });
            terminal::json(counts);
        } else {
            print_findings(findings);
            print_line!("{summary}");
        }
        if let Some((code, why)) = outcome.incomplete() {
            return Err(failure(code, format!("{summary}; {why}")));
        }
        if errors > 0 || self.strict && warnings > 0 {
            return Err(failure(Code::Input, summary));
        }
        Ok(())
    }
}

fn number(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// What is found on every presentation that `what` names.
fn outcome(what: &str, bounds: &Bounds) -> anyhow::Result<CheckOutcome> {
    let mut outcome = CheckOutcome::default();
    if what.starts_with("http://") || what.starts_with("https://") {
        let mut download = Download::new(what, bounds)?;
        outcome.add(judgement(&download.entry.clone(), &mut download));
        if let Some(why) = download.unreachable() {
            return Err(failure(Code::Unavailable, format!("{what}: {why}")));
        }
        outcome.spent = download.spent();
        return Ok(outcome);
    }
    let path = Path::new(what);
    let unreadable = |error| failure(Code::Input, format!("{what}: {error}"));
    let (folder, entries) = if std::fs::metadata(path).map_err(unreadable)?.is_dir() {
        (path.to_owned(), entries(path)?)
    } else {
        let name = path.file_name().and_then(|name| name.to_str());
        let name = name.ok_or_else(|| failure(Code::Input, format!("{what}: the name is not UTF-8")))?;
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
        (parent.map_or_else(|| PathBuf::from("."), Path::to_owned), vec![name.to_owned()])
    };
    let Bytes(most) = bounds.max_bytes;
    let mut source = FolderSource::new(folder).bounded(most);
    for entry in entries {
        outcome.add(judgement(&entry, &mut source));
    }
    outcome.spent = source.spent().then_some(Spent::Bytes(most));
    Ok(outcome)
}

/// The entry playlists of a folder.
fn entries(folder: &Path) -> anyhow::Result<Vec<String>> {
    let there = |name: &&&str| folder.join(name).is_file();
    let ours: Vec<String> = OURS.iter().filter(there).map(|name| (*name).to_owned()).collect();
    if !ours.is_empty() {
        return Ok(ours);
    }
    if let Some(name) = OTHERS.iter().find(there) {
        return Ok(vec![(*name).to_owned()]);
    }
    let listed = std::fs::read_dir(folder)?.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let mut playlists: Vec<String> = listed.filter(|name| name.ends_with(".m3u8")).collect();
    if playlists.len() > 1 {
        let message = format!("{}: several playlists; name one of them", folder.display());
        return Err(failure(Code::Input, message));
    }
    match playlists.pop() {
        Some(name) => Ok(vec![name]),
        None => Err(failure(Code::Input, format!("{}: no playlist in it", folder.display()))),
    }
}

fn print_findings(findings: &[Finding]) {
    let mut last = None;
    for found in findings {
        if last.is_some_and(|last| last != &found.resource) {
            print_line!("");
        }
        last = Some(&found.resource);
        let line = found.line.map_or_else(String::new, |line| format!(":{line}"));
        print_line!(
            "{}{line}: {} {}: {}",
            found.resource,
            word(found.severity()),
            found.rule.id,
            found.message
        );
        print_line!("    {} ({})", found.rule.title, found.rule.source);
    }
    if last.is_some() {
        print_line!("");
    }
}

fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Notice => "notice",
    }
}

fn print_rules(as_json: bool) {
    if as_json {
        terminal::json(json!(RULES));
        return;
    }
    for rule in RULES {
        print_line!("{}  {:<7}  {}  [{}]", rule.id, word(rule.severity), rule.title, rule.source);
    }
}
