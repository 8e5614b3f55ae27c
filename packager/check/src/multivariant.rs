//! A multivariant playlist, and what it has to keep by itself (RFC 8216 §4.3.4).

use std::collections::{BTreeMap, BTreeSet};

use super::{
    attributes::{Attributes, short},
    finding::Findings,
    key,
    line::{Item, Line, needs},
    rule,
};

/// Variants and renditions beyond are not read.
const PLAYLISTS: usize = 500;

/// What a multivariant playlist says.
#[derive(Debug, Clone, Default)]
pub(super) struct Multivariant {
    pub variants: Vec<Variant>,
    pub renditions: Vec<Rendition>,
    pub session_data: Vec<(u32, Attributes)>,
    pub session_keys: Vec<(u32, Attributes)>,
    pub independent: bool,
}

/// EXT-X-STREAM-INF.
#[derive(Debug, Clone)]
pub(super) struct Variant {
    pub line: u32,
    pub uri: Option<String>,
    pub attributes: Attributes,
}

/// EXT-X-MEDIA.
#[derive(Debug, Clone)]
pub(super) struct Rendition {
    pub line: u32,
    pub attributes: Attributes,
}

impl Rendition {
    pub fn kind(&self) -> &str {
        self.attributes.get("TYPE").unwrap_or_default()
    }

    pub fn group(&self) -> &str {
        self.attributes.get("GROUP-ID").unwrap_or_default()
    }
}

/// The attributes of a variant that name groups, each of the TYPE it is called after.
pub(super) const GROUPS: [&str; 4] = ["AUDIO", "VIDEO", "SUBTITLES", "CLOSED-CAPTIONS"];

impl Variant {
    /// The group of this type that it names.
    pub fn group(&self, kind: &str) -> Option<&str> {
        let value = self.attributes.value(kind)?;
        (value.quoted).then_some(value.text.as_str())
    }

    pub fn codecs(&self) -> Vec<&str> {
        let codecs = self.attributes.get("CODECS").unwrap_or_default();
        codecs.split(',').map(str::trim).filter(|codec| !codec.is_empty()).collect()
    }
}

pub(super) fn read(name: &str, lines: &[Line], version: u64, findings: &mut Findings) -> Multivariant {
    let mut read = Multivariant::default();
    let mut open: Option<(u32, Attributes)> = None;
    let mut steering = None;
    for line in lines {
        if read.variants.len() + read.renditions.len() > PLAYLISTS {
            let message = format!("playlists after {PLAYLISTS} are not read");
            findings.add(&rule::LIMIT, name, line.number, message);
            break;
        }
        let uri = match &line.item {
            Item::Uri(uri) => Some(uri.clone()),
            Item::Tag { .. } => None,
        };
        match (open.take(), uri) {
            (Some((line, attributes)), uri) => {
                if uri.is_none() {
                    let message = "the next line that is no comment is no URI";
                    findings.add(&rule::STREAM_URI, name, line, message);
                }
                let found = uri.is_some();
                read.variants.push(Variant { line, uri, attributes });
                if found {
                    continue;
                }
            }
            (None, Some(uri)) => {
                let message = format!("{} follows no EXT-X-STREAM-INF", short(&uri));
                findings.add(&rule::STREAM_URI, name, line.number, message);
                continue;
            }
            (None, None) => {}
        }
        let Item::Tag { tag, attributes, .. } = &line.item else { continue };
        match tag.name {
            "EXT-X-STREAM-INF" => open = Some((line.number, attributes.clone())),
            "EXT-X-MEDIA" => {
                read.renditions.push(Rendition { line: line.number, attributes: attributes.clone() });
            }
            "EXT-X-SESSION-DATA" => read.session_data.push((line.number, attributes.clone())),
            "EXT-X-SESSION-KEY" => read.session_keys.push((line.number, attributes.clone())),
            "EXT-X-INDEPENDENT-SEGMENTS" => read.independent = true,
            "EXT-X-CONTENT-STEERING" => steering = Some(line.number),
            "EXT-X-DEFINE" => {
                let needed = if attributes.has("QUERYPARAM") { 11 } else { 8 };
                needs(name, line.number, version, needed, "EXT-X-DEFINE", findings);
            }
            _ => {}
        }
        if attributes.0.iter().any(|(name, _)| name.starts_with("REQ-")) {
            needs(name, line.number, version, 12, "REQ-VIDEO-LAYOUT", findings);
        }
        if tag.name == "EXT-X-MEDIA"
            && attributes.get("INSTREAM-ID").is_some_and(|id| id.starts_with("SERVICE"))
        {
            needs(name, line.number, version, 7, "a SERVICE in INSTREAM-ID", findings);
        }
    }
    if let Some((line, attributes)) = open {
        findings.add(&rule::STREAM_URI, name, line, "the playlist ends before its URI");
        read.variants.push(Variant { line, uri: None, attributes });
    }
    variants(name, &read, steering, findings);
    renditions(name, &read, findings);
    session_data(name, &read, findings);
    session_keys(name, &read, findings);
    read
}

fn session_keys(name: &str, read: &Multivariant, findings: &mut Findings) {
    let mut seen = BTreeSet::new();
    for (line, attributes) in &read.session_keys {
        if attributes.get("METHOD") == Some("NONE") {
            findings.add(&rule::SESSION_KEY, name, *line, "METHOD=NONE");
        } else if !attributes.has("URI") {
            findings.add(&rule::SESSION_KEY, name, *line, "no URI");
        }
        if !seen.insert(key::same(attributes)) {
            findings.add(&rule::SESSION_KEY, name, *line, "the same key stands twice");
        }
        if let Some(wrong) = key::wrong_uri(attributes) {
            findings.add(&rule::KEY_FORMAT, name, *line, wrong);
        }
    }
}

fn variants(name: &str, read: &Multivariant, steering: Option<u32>, findings: &mut Findings) {
    if read.variants.is_empty() {
        findings.add(&rule::VARIANTS, name, None, "there is no EXT-X-STREAM-INF to play");
    }
    for Variant { line, attributes, .. } in &read.variants {
        if !attributes.has("CODECS") {
            findings.add(&rule::CODECS_STATED, name, *line, "no CODECS");
        }
        if !attributes.has("AVERAGE-BANDWIDTH") {
            findings.add(&rule::AVERAGE_STATED, name, *line, "no AVERAGE-BANDWIDTH");
        }
    }
    for variant in &read.variants {
        for kind in GROUPS {
            let Some(group) = variant.group(kind) else { continue };
            if !read.renditions.iter().any(|r| r.kind() == kind && r.group() == group) {
                let message = format!("no EXT-X-MEDIA of TYPE={kind} has GROUP-ID=\"{}\"", short(group));
                findings.add(&rule::GROUP_EXISTS, name, variant.line, message);
            }
        }
    }
    let scored = read.variants.iter().filter(|v| v.attributes.has("SCORE")).count();
    if scored != 0 && scored != read.variants.len() {
        let line = read.variants.iter().find(|v| !v.attributes.has("SCORE")).map(|v| v.line);
        findings.add(&rule::SCORE, name, line, "no SCORE here, others have one");
    }
    if steering.is_some() && read.variants.iter().any(|v| !v.attributes.has("PATHWAY-ID")) {
        findings.add(&rule::STEERING, name, steering, "variants have no PATHWAY-ID");
    }
}

fn renditions(name: &str, read: &Multivariant, findings: &mut Findings) {
    let mut names = BTreeSet::new();
    let mut defaults = BTreeMap::new();
    for rendition in &read.renditions {
        let Rendition { line, attributes } = rendition;
        let (kind, group) = (rendition.kind(), rendition.group());
        if let Some(own) = attributes.get("NAME")
            && !names.insert((kind, group, own))
        {
            let message = format!("\"{}\" stands twice in group \"{}\"", short(own), short(group));
            findings.add(&rule::NAME_UNIQUE, name, *line, message);
        }
        if attributes.is_yes("DEFAULT") {
            let defaults: &mut u32 = defaults.entry((kind, group)).or_default();
            *defaults += 1;
            if *defaults > 1 {
                let message = format!("a second DEFAULT=YES in group \"{}\"", short(group));
                findings.add(&rule::DEFAULT_ONE, name, *line, message);
            }
            if attributes.get("AUTOSELECT") == Some("NO") {
                findings.add(&rule::AUTOSELECT, name, *line, "DEFAULT=YES with AUTOSELECT=NO");
            }
        }
        if let Some(wrong) = media_attributes(kind, attributes) {
            findings.add(&rule::MEDIA_URI, name, *line, wrong);
        }
        if kind != "VIDEO" && !attributes.has("LANGUAGE") {
            findings.add(&rule::LANGUAGE, name, *line, format!("TYPE={} without LANGUAGE", short(kind)));
        }
        if !read.variants.iter().any(|v| v.group(kind) == Some(group)) {
            let message = format!("no variant has {}=\"{}\"", short(kind), short(group));
            findings.add(&rule::GROUP_USED, name, *line, message);
        }
    }
}

fn media_attributes(kind: &str, attributes: &Attributes) -> Option<&'static str> {
    let captions = kind == "CLOSED-CAPTIONS";
    match () {
        () if captions && attributes.has("URI") => Some("CLOSED-CAPTIONS with a URI"),
        () if captions && !attributes.has("INSTREAM-ID") => Some("CLOSED-CAPTIONS without INSTREAM-ID"),
        () if !captions && kind != "SUBTITLES" && attributes.has("FORCED") => {
            Some("FORCED outside of SUBTITLES")
        }
        () if kind == "SUBTITLES" && !attributes.has("URI") => Some("SUBTITLES without a URI"),
        () => None,
    }
}

fn session_data(name: &str, read: &Multivariant, findings: &mut Findings) {
    let mut seen = BTreeSet::new();
    for (line, attributes) in &read.session_data {
        if attributes.has("VALUE") == attributes.has("URI") {
            findings.add(&rule::SESSION_DATA, name, *line, "exactly one of VALUE and URI is needed");
        }
        if !seen.insert((attributes.get("DATA-ID"), attributes.get("LANGUAGE"))) {
            findings.add(&rule::SESSION_DATA, name, *line, "DATA-ID and LANGUAGE stand twice");
        }
    }
}
