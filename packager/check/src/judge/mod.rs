//! Stage two: from the facts of all resources to findings about the presentation.

mod bandwidth;
mod codecs;
mod keys;
mod measure;
mod together;

use std::collections::BTreeMap;

use measure::Measured;

use super::{
    finding::Findings,
    gathered::Gathered,
    inspect::Facts,
    media::Encryption,
    multivariant::{GROUPS, Multivariant, Variant},
    playlist::PlaylistContent,
    rule,
};

/// What each media playlist turned out to be, by name.
type Playlists<'a> = BTreeMap<&'a str, Measured<'a>>;

pub(super) fn all(gathered: &Gathered, findings: &mut Findings) {
    for ((name, _), seen) in &gathered.resources {
        for (rule, message) in &seen.faults {
            findings.add(rule, name, None, message.as_str());
        }
    }
    let playlists: Playlists<'_> = gathered
        .playlists
        .iter()
        .filter_map(|(name, playlist)| match &playlist.kind {
            PlaylistContent::Media(media) => {
                Some((name.as_str(), measure::measure(gathered, name, media, findings)))
            }
            PlaylistContent::Multivariant(_) | PlaylistContent::Unclear => None,
        })
        .collect();
    codecs::sections(gathered, findings);
    let multivariant = gathered.multivariant();
    independent(multivariant, &playlists, findings);
    target_six(multivariant, gathered, &playlists, findings);
    let Some(multivariant) = multivariant else { return };
    let view = View { gathered, multivariant, playlists: &playlists };
    keys::session(view.entry(), multivariant, &playlists, findings);
    subtitles(&view, findings);
    together::judge(&view, findings);
    bandwidth::judge(&view, findings);
    codecs::judge(&view, findings);
}

/// A multivariant playlist and what it names.
struct View<'a> {
    gathered: &'a Gathered,
    multivariant: &'a Multivariant,
    playlists: &'a Playlists<'a>,
}

impl<'a> View<'a> {
    fn entry(&self) -> &'a str {
        &self.gathered.entry
    }

    /// The media playlist behind a URI of the multivariant playlist.
    fn playlist(&self, uri: &str) -> Option<&'a Measured<'a>> {
        let name = (self.gathered.resolve)(self.entry(), uri).ok()?;
        self.playlists.get(name.as_str())
    }

    /// The playlists of one group.
    fn group(&self, kind: &str, group: &str) -> Vec<&'a Measured<'a>> {
        let members = self.multivariant.renditions.iter().filter(|r| r.kind() == kind && r.group() == group);
        members.filter_map(|r| self.playlist(r.attributes.get("URI")?)).collect()
    }

    /// The playlists of a variant, group by group, its own first; `None` where one of them is not known.
    fn parts(&self, variant: &Variant) -> Option<Vec<Vec<&'a Measured<'a>>>> {
        let own = self.playlist(variant.uri.as_deref()?)?;
        let mut parts = vec![vec![own]];
        for kind in GROUPS {
            let Some(group) = variant.group(kind) else { continue };
            let mut members = self.group(kind, group);
            members.retain(|member| member.name != own.name);
            if !members.is_empty() {
                parts.push(members);
            }
        }
        Some(parts)
    }

    /// Whether the playlist is a subtitle rendition's.
    fn is_subtitles(&self, name: &str) -> bool {
        is_subtitles(self.gathered, self.multivariant, name)
    }
}

fn is_subtitles(gathered: &Gathered, multivariant: &Multivariant, name: &str) -> bool {
    let subtitles = multivariant.renditions.iter().filter(|r| r.kind() == "SUBTITLES");
    let mut uris = subtitles.filter_map(|r| r.attributes.get("URI"));
    uris.any(|uri| (gathered.resolve)(&gathered.entry, uri).is_ok_and(|found| found == name))
}

/// The segments of subtitle renditions are WebVTT, or text in fMP4.
fn subtitles(view: &View<'_>, findings: &mut Findings) {
    for measured in view.playlists.values().filter(|measured| view.is_subtitles(measured.name)) {
        for segment in measured.media.segments.iter().filter(|s| s.encryption == Encryption::None) {
            let seen = view.gathered.resource(measured.name, &segment.uri, segment.range);
            let text = |facts: &Facts| matches!(facts, Facts::Vtt(_) | Facts::Fragments(_) | Facts::Init(_));
            if seen.is_some_and(|seen| !text(&seen.facts)) {
                let message = format!("{} does not begin with WEBVTT", segment.uri);
                findings.add(&rule::WEBVTT, measured.name, segment.line, message);
            }
        }
    }
}

fn independent(multivariant: Option<&Multivariant>, playlists: &Playlists<'_>, findings: &mut Findings) {
    if multivariant.is_some_and(|m| m.independent) {
        return;
    }
    for measured in playlists.values().filter(|m| !m.media.independent && !m.is_text) {
        let message = "neither here nor in the multivariant playlist";
        findings.add(&rule::INDEPENDENT, measured.name, None, message);
    }
}

fn target_six(
    multivariant: Option<&Multivariant>,
    gathered: &Gathered,
    playlists: &Playlists<'_>,
    findings: &mut Findings,
) {
    for (name, measured) in playlists {
        let subtitles = multivariant.is_some_and(|m| is_subtitles(gathered, m, name));
        let Some(target) = measured.media.target.filter(|target| *target != 6) else { continue };
        if !subtitles && !measured.is_text && !measured.media.i_frames_only {
            findings.add(&rule::TARGET_SIX, name, None, format!("it is {target} s"));
        }
    }
}
