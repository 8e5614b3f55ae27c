//! A media playlist, and what it has to keep by itself (RFC 8216 §4.3.2, §4.3.3).

use super::{
    attributes::{Attributes, short},
    finding::Findings,
    key,
    line::{Item, Line, needs},
    rule,
};

/// Segments beyond are not read.
const SEGMENTS: usize = 50_000;

/// Bytes of a resource: first and how many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Range {
    /// The first byte's offset.
    pub offset: u64,
    /// The number of bytes.
    pub length: u64,
}

/// What a media playlist says.
#[derive(Debug, Clone, Default)]
pub(super) struct Media {
    pub target: Option<u64>,
    pub vod: bool,
    pub ended: bool,
    pub i_frames_only: bool,
    pub independent: bool,
    pub maps: Vec<Map>,
    pub segments: Vec<Segment>,
    /// The keys, with their lines; METHOD=NONE is none.
    pub keys: Vec<(u32, Attributes)>,
}

/// EXT-X-MAP.
#[derive(Debug, Clone)]
pub(super) struct Map {
    pub line: u32,
    pub uri: String,
    pub range: Option<Range>,
    pub encryption: Encryption,
}

/// What hides a segment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Encryption {
    #[default]
    None,
    /// The samples: boxes and headers are in the clear.
    Samples,
    /// All of it.
    Whole,
}

/// A media segment.
#[derive(Debug, Clone)]
pub(super) struct Segment {
    /// The line of its URI.
    pub line: u32,
    pub uri: String,
    /// EXTINF in seconds.
    pub duration: f64,
    pub range: Option<Range>,
    /// Which of the playlist's maps it is under.
    pub map: Option<usize>,
    pub encryption: Encryption,
    /// METHOD of the key it is under, where that is one of samples.
    pub method: Option<&'static str>,
    pub discontinuity: bool,
    pub gap: bool,
}

impl Media {
    /// The sum of EXTINF in seconds.
    pub fn duration(&self) -> f64 {
        self.segments.iter().map(|segment| segment.duration).sum()
    }
}

/// What the tags before a URI line say of it.
#[derive(Default)]
struct Pending {
    duration: Option<f64>,
    range: Option<(u32, u64, Option<u64>)>,
    discontinuity: bool,
    gap: bool,
}

struct State<'a> {
    name: &'a str,
    findings: &'a mut Findings,
    version: u64,
    media: Media,
    pending: Pending,
    map: Option<usize>,
    encryption: Encryption,
    method: Option<&'static str>,
    iv: bool,
    /// The resource and end of the last byte range.
    last: Option<(String, u64)>,
}

pub(super) fn read(name: &str, lines: &[Line], version: u64, findings: &mut Findings) -> Media {
    let mut state = State {
        name,
        findings,
        version,
        media: Media::default(),
        pending: Pending::default(),
        map: None,
        encryption: Encryption::None,
        method: None,
        iv: false,
        last: None,
    };
    state.media.i_frames_only = lines.iter().any(|line| line.of("EXT-X-I-FRAMES-ONLY").is_some());
    for line in lines {
        match &line.item {
            Item::Uri(uri) if state.media.segments.len() < SEGMENTS => state.segment(line.number, uri),
            Item::Uri(_) => {
                let message = format!("segments after {SEGMENTS} are not read");
                state.findings.add(&rule::LIMIT, name, line.number, message);
                break;
            }
            Item::Tag { tag, value, attributes } => state.tag(line.number, tag.name, value, attributes),
        }
    }
    let mut media = state.media;
    media.ended = lines.iter().any(|line| line.of("EXT-X-ENDLIST").is_some());
    whole(name, &media, findings);
    media
}

impl State<'_> {
    fn add(&mut self, rule: &'static rule::Rule, line: u32, message: impl Into<String>) {
        self.findings.add(rule, self.name, line, message);
    }

    fn needs(&mut self, line: u32, needed: u64, feature: &str) {
        needs(self.name, line, self.version, needed, feature, self.findings);
    }

    fn tag(&mut self, line: u32, tag: &str, value: &str, attributes: &Attributes) {
        match tag {
            "EXTINF" => self.extinf(line, value),
            "EXT-X-BYTERANGE" => {
                self.needs(line, 4, "EXT-X-BYTERANGE");
                match byte_range(value) {
                    Some((length, offset)) => self.pending.range = Some((line, length, offset)),
                    None => self.add(&rule::RANGE, line, format!("\"{}\" is no byte range", short(value))),
                }
            }
            "EXT-X-DISCONTINUITY" => self.pending.discontinuity = true,
            "EXT-X-GAP" => self.pending.gap = true,
            "EXT-X-INDEPENDENT-SEGMENTS" => self.media.independent = true,
            "EXT-X-I-FRAMES-ONLY" => self.needs(line, 4, "EXT-X-I-FRAMES-ONLY"),
            "EXT-X-TARGETDURATION" => match value.parse() {
                Ok(target) => self.media.target = Some(target),
                Err(_) => {
                    let message = format!("EXT-X-TARGETDURATION:{} is no integer", short(value));
                    self.add(&rule::TARGET, line, message);
                    // stated, if not well: it is not missing as well
                    self.media.target =
                        value.parse::<f64>().ok().map(|seconds| seconds.max(0.0) as u64).or(Some(0));
                }
            },
            "EXT-X-PLAYLIST-TYPE" => match value {
                "VOD" => self.media.vod = true,
                "EVENT" => {}
                other => {
                    let message = format!("EXT-X-PLAYLIST-TYPE:{} is neither VOD nor EVENT", short(other));
                    self.add(&rule::ATTRIBUTE_TYPE, line, message);
                }
            },
            "EXT-X-MEDIA-SEQUENCE" | "EXT-X-DISCONTINUITY-SEQUENCE" => {
                let late = !self.media.segments.is_empty() || self.pending.duration.is_some();
                if late || value.parse::<u64>().is_err() {
                    self.add(&rule::SEQUENCE_PLACE, line, format!("{tag}:{}", short(value)));
                }
            }
            "EXT-X-DEFINE" => {
                let needed = if attributes.has("QUERYPARAM") { 11 } else { 8 };
                self.needs(line, needed, "EXT-X-DEFINE");
            }
            "EXT-X-SKIP" => self.needs(line, 9, "EXT-X-SKIP"),
            "EXT-X-KEY" => self.key(line, attributes),
            "EXT-X-MAP" => self.map(line, attributes),
            _ => {}
        }
    }

    fn extinf(&mut self, line: u32, value: &str) {
        let text = value.split(',').next().unwrap_or_default();
        let duration = text.parse::<f64>().ok().filter(|seconds| seconds.is_finite() && *seconds >= 0.0);
        let plain = text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
        if duration.is_none() || !plain || text.contains('.') && self.version < 3 {
            let message = format!("EXTINF:{} under version {}", short(text), self.version);
            self.add(&rule::DECIMAL, line, message);
        }
        self.pending.duration = Some(duration.unwrap_or(0.0));
        if duration == Some(0.0) {
            self.add(&rule::ZERO, line, "EXTINF is zero");
        }
    }

    fn key(&mut self, line: u32, attributes: &Attributes) {
        let method = attributes.get("METHOD").unwrap_or("NONE");
        self.encryption = match method {
            "NONE" => Encryption::None,
            "AES-128" => Encryption::Whole,
            _ => Encryption::Samples,
        };
        self.method = ["SAMPLE-AES", "SAMPLE-AES-CTR"].into_iter().find(|known| *known == method);
        if method != "NONE" {
            self.media.keys.push((line, attributes.clone()));
        }
        if let Some(wrong) = key::wrong_uri(attributes) {
            self.add(&rule::KEY_FORMAT, line, wrong);
        }
        self.iv = attributes.has("IV");
        if method == "NONE" && attributes.0.len() > 1 {
            self.add(&rule::KEY, line, "METHOD=NONE goes with no other attribute");
        }
        if method != "NONE" && !attributes.has("URI") {
            self.add(&rule::KEY, line, format!("METHOD={} without URI", short(method)));
        }
        if attributes.get("IV").is_some_and(|iv| iv.len() > 34) {
            self.add(&rule::KEY, line, "IV is longer than 128 bits");
        }
        if self.iv {
            self.needs(line, 2, "IV");
        }
        if attributes.has("KEYFORMAT") || attributes.has("KEYFORMATVERSIONS") {
            self.needs(line, 5, "KEYFORMAT");
        }
    }

    fn map(&mut self, line: u32, attributes: &Attributes) {
        let needed = if self.media.i_frames_only { 5 } else { 6 };
        self.needs(line, needed, "EXT-X-MAP");
        let range = attributes.get("BYTERANGE").and_then(|text| {
            let read = byte_range(text);
            if read.is_none() {
                self.add(&rule::RANGE, line, format!("\"{}\" is no byte range", short(text)));
            }
            read.map(|(length, offset)| Range { offset: offset.unwrap_or(0), length })
        });
        if self.encryption == Encryption::Whole && !self.iv {
            self.add(&rule::MAP_IV, line, "the EXT-X-KEY in force has no IV");
        }
        let Some(uri) = attributes.get("URI") else { return };
        self.map = Some(self.media.maps.len());
        self.media.maps.push(Map { line, uri: uri.to_owned(), range, encryption: self.encryption });
    }

    fn segment(&mut self, line: u32, uri: &str) {
        let Pending { duration, range, discontinuity, gap } = std::mem::take(&mut self.pending);
        if duration.is_none() {
            self.add(&rule::EXTINF, line, format!("{} has no EXTINF", short(uri)));
        }
        let range = range.and_then(|(at, length, offset)| {
            let follows = self.last.as_ref().filter(|(last, _)| last == uri).map(|(_, end)| *end);
            if offset.is_none() && follows.is_none() {
                self.add(&rule::RANGE_OFFSET, at, "no byte range of the same resource lies before");
            }
            let offset = offset.or(follows)?;
            Some(Range { offset, length })
        });
        self.last = range.map(|range| (uri.to_owned(), range.offset.saturating_add(range.length)));
        self.media.segments.push(Segment {
            line,
            uri: uri.to_owned(),
            duration: duration.unwrap_or(0.0),
            range,
            map: self.map,
            encryption: self.encryption,
            method: self.method,
            discontinuity,
            gap,
        });
    }
}

/// `n[@o]` (RFC 8216 §4.3.2.2).
fn byte_range(text: &str) -> Option<(u64, Option<u64>)> {
    let (length, offset) = match text.split_once('@') {
        Some((length, offset)) => (length, Some(offset.parse().ok()?)),
        None => (text, None),
    };
    let length: u64 = length.parse().ok()?;
    (length > 0 && offset.unwrap_or(0_u64).checked_add(length).is_some()).then_some((length, offset))
}

/// What is judged of the playlist as a whole.
fn whole(name: &str, media: &Media, findings: &mut Findings) {
    let Some(target) = media.target else {
        findings.add(&rule::TARGET, name, None, "there is no EXT-X-TARGETDURATION");
        return;
    };
    for segment in &media.segments {
        let (line, duration) = (segment.line, segment.duration);
        if duration.round() > target as f64 {
            let message = format!("EXTINF {duration} rounds to more than the target duration of {target}");
            findings.add(&rule::TARGET_EXCEEDED, name, line, message);
        }
        if duration > target as f64 + 0.5 {
            let message = format!("EXTINF {duration} under a target duration of {target}");
            findings.add(&rule::OVERLONG, name, line, message);
        }
    }
    if media.segments.is_empty() {
        findings.add(&rule::SEGMENTS, name, None, "there are no segments");
    }
    if media.vod && !media.ended {
        findings.add(&rule::ENDLIST, name, None, "EXT-X-PLAYLIST-TYPE:VOD without EXT-X-ENDLIST");
    } else if !media.ended {
        findings.add(&rule::LIVE, name, None, "a live playlist is judged as it is now");
    } else if !media.vod {
        findings.add(&rule::TYPE_VOD, name, None, "EXT-X-ENDLIST without EXT-X-PLAYLIST-TYPE:VOD");
    }
}
