//! `nada rights TRACK`.

use std::{path::PathBuf, str::FromStr};

use clap::Args;
use jiff::Timestamp;
use nada_catalog::{Manifest, ObjectKey, Rights as TrackRights, Share, Territory, TrackId};
use nada_publish::{
    publish::set_rights,
    release_toml::{Release, share, territory},
};
use nada_quote::Quoted;
use serde_json::json;

use super::at::Change;
use crate::{
    clock,
    exit::{Code, failure},
    terminal::{self, print_line},
};

/// Show where and when a track may be heard, or change it.
#[derive(Args)]
#[command(after_help = "Examples:\n  nada rights INNDA2600001 --at s3://releases\n  \
    nada rights INNDA2600001 --territory IN --territory ID,from=2026-01-01T00:00:00+07:00 --at s3://releases\n  \
    nada rights INNDA2600001 --territory IN,lines=5,seconds=30 --at s3://releases\n  \
    nada rights INNDA2600001 --from-release release.toml --at s3://releases\n\n\
    What is given replaces all there was. A later publish whose release.toml says otherwise refuses and names\n\
    both, unless it is given --replace-rights.")]
pub struct Rights {
    /// The track
    track: TrackId,
    /// A territory, its window and what may be shared there: CODE[,from=TIME][,until=TIME][,lines=N][,seconds=N], where
    /// CODE is ISO 3166-1 alpha-2 or *, TIME has an offset, such as 2026-01-01T00:00:00+05:30, and lines and seconds are
    /// the most that one picture or film may show of the track; nothing without them. Give it once for each
    #[arg(long = "territory", value_name = "TERRITORY")]
    territories: Vec<Spec>,
    /// Write the rights that this release file gives the track
    #[arg(long, value_name = "RELEASE.TOML", conflicts_with = "territories")]
    from_release: Option<PathBuf>,
    #[command(flatten)]
    pub change: Change,
}

impl Rights {
    /// Shows them, or returns once every edge is bound to notice the new ones.
    pub async fn run(self) -> anyhow::Result<()> {
        let Self { track, change, .. } = &self;
        let wanted = self.wanted()?;
        let store = change.at.open().await?;
        if let Some(rights) = wanted {
            let revision = set_rights(&store, track, &rights, change.if_revision, &clock::now).await?;
            if change.json {
                terminal::json(json!({ "track": track, "rights": rights, "revision": revision }));
            } else {
                print_line!(
                    "{track} has these rights (revision {revision}); every edge knows within 60 seconds"
                );
                terminal::lines(&lines(&rights));
            }
            return Ok(());
        }
        if change.if_revision.is_some() {
            return Err(failure(
                Code::Input,
                "--if-revision is for a change: give --territory or --from-release",
            ));
        }
        let found = store.read::<Manifest>(&ObjectKey::Manifest(track.clone())).await?;
        let (found, _) = found.ok_or_else(|| change.at.absent(format_args!("track {track}")))?;
        if change.json {
            terminal::json(json!({ "track": track, "rights": found.rights, "revision": found.revision }));
        } else {
            print_line!("{track}, revision {}", found.revision);
            terminal::lines(&lines(&found.rights));
        }
        Ok(())
    }

    /// The rights to write, if any are given.
    fn wanted(&self) -> anyhow::Result<Option<TrackRights>> {
        if let Some(path) = &self.from_release {
            let release = Release::read(path)?;
            let track = release.tracks.into_iter().find(|track| track.id == self.track);
            let absent = || failure(Code::Input, format!("{}: has no track {}", path.display(), self.track));
            return Ok(Some(track.ok_or_else(absent)?.rights));
        }
        let territories: Vec<Territory> = self.territories.iter().map(|spec| spec.0.clone()).collect();
        Ok((!territories.is_empty()).then_some(TrackRights { territories }))
    }
}

/// One line a territory.
pub fn lines(rights: &TrackRights) -> String {
    if rights.territories.is_empty() {
        return "  nowhere\n".to_owned();
    }
    let line = |territory: &Territory| {
        let from = territory.from.map(|from| format!(" from {from}")).unwrap_or_default();
        let until = territory.until.map(|until| format!(" until {until}")).unwrap_or_default();
        let Share { lines, seconds } = territory.share;
        let share = match territory.share.is_nothing() {
            true => String::new(),
            false => format!(" share {lines} lines, {seconds} s"),
        };
        format!("  {}{from}{until}{share}\n", territory.code)
    };
    rights.territories.iter().map(line).collect()
}

/// A territory as the command line has it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Spec(Territory);

impl FromStr for Spec {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut parts = text.split(',');
        let code = territory(parts.next().unwrap_or_default()).map_err(|e| e.to_string())?;
        let mut territory = Territory { code, from: None, until: None, share: Share::default() };
        let (mut lines, mut seconds) = (None, None);
        for part in parts {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            let shown = Quoted::whole(part);
            let twice = match name {
                "from" => territory.from.replace(instant(name, value)?).is_some(),
                "until" => territory.until.replace(instant(name, value)?).is_some(),
                "lines" => lines.replace(number(name, value)?).is_some(),
                "seconds" => seconds.replace(number(name, value)?).is_some(),
                _ => return Err(format!("{shown}: expected from=TIME, until=TIME, lines=N or seconds=N")),
            };
            if twice {
                return Err(format!("{name} stands twice"));
            }
        }
        territory.share =
            share(lines.unwrap_or_default(), seconds.unwrap_or_default()).map_err(|e| e.to_string())?;
        match (territory.from, territory.until) {
            (Some(from), Some(until)) if from >= until => {
                Err(format!("the window ends at {until}, not after it begins at {from}"))
            }
            _ => Ok(Self(territory)),
        }
    }
}

fn instant(name: &str, text: &str) -> Result<Timestamp, String> {
    text.parse().map_err(|_| {
        let shown = Quoted::whole(text);
        format!("{name}={shown}: expected a time with an offset, such as {name}=2026-01-01T00:00:00+05:30")
    })
}

fn number(name: &str, text: &str) -> Result<i64, String> {
    text.parse().map_err(|_| format!("{name}={}: expected a number, such as {name}=5", Quoted::whole(text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn territories_read_with_their_windows() {
        let json = |text: &str| serde_json::to_string(&text.parse::<Spec>().unwrap().0).unwrap();
        assert_eq!(json("IN"), r#"{"code":"IN"}"#);
        assert_eq!(
            json("ID,until=2027-01-01T00:00:00+07:00,from=2026-01-01T00:00:00+05:30"),
            r#"{"code":"ID","from":"2025-12-31T18:30:00Z","until":"2026-12-31T17:00:00Z"}"#
        );
        assert_eq!(json("*,until=2027-01-01T00:00:00Z"), r#"{"code":"*","until":"2027-01-01T00:00:00Z"}"#);
        assert_eq!(json("IN,seconds=30,lines=5"), r#"{"code":"IN","share":{"lines":5,"seconds":30}}"#);
        assert_eq!(json("IN,lines=0"), r#"{"code":"IN"}"#);
        assert_eq!(
            lines(&TrackRights { territories: vec!["IN,lines=5".parse::<Spec>().unwrap().0] }),
            "  IN share 5 lines, 0 s\n"
        );
        for (bad, expected) in [
            ("IN,lines=500", "0 to 100 lines"),
            ("IN,seconds=-1", "0 to 600 seconds"),
            ("IN,lines=five", "expected a number"),
            ("IN,lines=1,lines=2", "twice"),
            ("", "capital letters"),
            ("UK", "did you mean \"GB\"?"),
            ("in", "capital letters"),
            ("IN,ID", "expected from=TIME"),
            ("IN,from=2026-01-01", "offset"),
            ("IN,from=2026-01-01T00:00:00", "offset"),
            ("IN,from=", "offset"),
            ("IN,from=2026-01-01T00:00:00Z,from=2026-01-01T00:00:00Z", "twice"),
            ("IN,from=2026-01-01T00:00:00Z,until=2026-01-01T00:00:00Z", "not after"),
        ] {
            let error = bad.parse::<Spec>().unwrap_err();
            assert!(error.contains(expected), "{bad}: {error}");
        }
    }
}
