//! What a publish would do, for people and for machines.

use nada_catalog::{ReleaseState, Rights, Status};
use nada_publish::publish::{
    ArtworkPlan, AudioPlan, DetailsPlan, LyricsPlan, Preview, RightsPlan, TrackPreview,
};
use serde_json::{Value, json};

use crate::commands::status;

/// For machines.
pub fn json(preview: &Preview, warnings: &[String]) -> Value {
    let mut value = json!(preview);
    value["dry_run"] = true.into();
    value["warnings"] = warnings.into();
    value
}

/// For people.
pub fn text(preview: &Preview) -> String {
    let release = &preview.release;
    let mut text = match (preview.state, preview.at) {
        (Some(state), Some(at)) => format!("release {release}: {} since {at}\n", status::word(state)),
        _ => format!("release {release}: new\n"),
    };
    text += &status::lines(&preview.unfinished);
    text += match preview.state {
        Some(ReleaseState::Committing) => "  this run is completed first, then:\n",
        Some(ReleaseState::Uploading) => "  a run is at it, or died; what it stored is not sent again\n",
        _ => "",
    };
    for track in &preview.tracks {
        text += &format!("{} {}\n", track.track, track.title);
        let lines = [
            Some(audio(track)),
            track.protection.as_ref().map(|protection| format!("protected: {protection}")),
            Some(format!("lyrics {}", lyrics(track))),
            artwork(track).map(|artwork| format!("artwork {artwork}")),
            Some(rights(track)),
            details(track),
        ];
        for line in lines.into_iter().flatten() {
            text += &format!("  {line}\n");
        }
        if track.status == Some(Status::Withdrawn) {
            text += "  it is withdrawn, and stays so\n";
        }
    }
    if preview.nothing_to_do {
        text += "nothing would be written\n";
    }
    text
}

fn audio(track: &TrackPreview) -> String {
    let TrackPreview { version, objects, .. } = track;
    let mb = track.bytes as f64 / 1e6;
    let from = match &track.current {
        Some(current) if current != version => format!(" (now {current})"),
        _ => String::new(),
    };
    match track.audio {
        AudioPlan::Keep => format!("audio {version}: current"),
        AudioPlan::Switch => {
            format!("audio {version}{from}: stored whole, {objects} objects, {mb:.1} MB; becomes current")
        }
        AudioPlan::Repair => format!(
            "audio {version}{from}: served, but {} is gone; would be packaged again, and what is missing sent",
            track.lost.as_deref().unwrap_or("an object")
        ),
        AudioPlan::Package => {
            let ladder: Vec<String> = track.ladder.iter().map(ToString::to_string).collect();
            let there = if *objects == 0 {
                "nothing is there yet".to_owned()
            } else {
                format!("{objects} objects of it, {mb:.1} MB, are there and are not sent again")
            };
            format!("audio {version}{from}: would be packaged as {}; {there}", ladder.join(", "))
        }
    }
}

fn lyrics(track: &TrackPreview) -> String {
    let words = match track.lyrics {
        LyricsPlan::None => "none",
        LyricsPlan::Keep => "as they are",
        LyricsPlan::Write => "would be written",
        LyricsPlan::Repair => {
            let lost = track.lost.as_deref().filter(|_| track.audio != AudioPlan::Repair);
            return format!("current, but {} is gone; would be sent again", lost.unwrap_or("an object"));
        }
        LyricsPlan::Remove => "would be taken away",
        LyricsPlan::Render => "would be written, when the length of the audio is known",
    };
    words.to_owned()
}

fn artwork(track: &TrackPreview) -> Option<&'static str> {
    match track.artwork {
        ArtworkPlan::None => None,
        ArtworkPlan::Keep => Some("as it is"),
        ArtworkPlan::Make => Some("would be made and written"),
        ArtworkPlan::Repair => {
            Some("current, but an object is gone; would be made again, and what is missing sent")
        }
    }
}

/// Title, artists, album, label and album loudness, where a track that is known changes one of them.
fn details(track: &TrackPreview) -> Option<String> {
    let known = track.current.is_some();
    match track.details {
        DetailsPlan::Keep => None,
        DetailsPlan::Write => {
            known.then(|| "title, artists, album, label or album loudness would change".to_owned())
        }
        DetailsPlan::Measure => Some("album loudness would be measured when all audio is known".to_owned()),
    }
}

fn rights(track: &TrackPreview) -> String {
    let show = |rights: &Rights| serde_json::to_string(&rights.territories).unwrap_or_default();
    let wanted = show(&track.rights_wanted);
    let found = track.rights_found.as_ref().map(show);
    match (&track.rights, found) {
        (RightsPlan::Keep, _) => format!("rights as they are: {wanted}"),
        (RightsPlan::Write, None) => format!("rights would be {wanted}"),
        (RightsPlan::Write | RightsPlan::Replace, Some(found)) => {
            format!("rights would change from {found} to {wanted}")
        }
        (_, found) => format!(
            "REFUSED: its rights are {}, which this release did not write, and {wanted} in release.toml: make \
             them the same, or give --replace-rights",
            found.unwrap_or_default()
        ),
    }
}
