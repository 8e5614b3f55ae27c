//! One media playlist beside its segments: durations, continuity, what it holds.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    super::{
        audio::Adts,
        finding::Findings,
        fragment::Fragment,
        gathered::Gathered,
        init::{Init, InitTrack},
        inspect::{Facts, Inspected},
        media::{Encryption, Media, Segment},
        rule,
        transport::Transport,
    },
    keys,
};

/// How far EXTINF may be from the segment's own duration, and the sum from the sum, in seconds: an AAC frame
/// and a little more, since others cut where a frame ends.
const SEGMENT_TOLERANCE: f64 = 0.06;
const SUM_TOLERANCE: f64 = 0.12;
/// How far transport streams may be from continuous, in seconds: their clocks are rounded.
const CLOCK_TOLERANCE: f64 = 0.06;

/// What a media playlist turned out to be.
pub(super) struct Measured<'a> {
    pub name: &'a str,
    pub media: &'a Media,
    /// The size of each segment, where it is known.
    pub bytes: Vec<Option<u64>>,
    /// Codecs found, as RFC 6381 writes them; AAC outside of fMP4 is `mp4a`.
    pub codecs: BTreeSet<String>,
    /// Tracks found in its initialization sections.
    pub tracks: Vec<&'a InitTrack>,
    /// Whether all of it was looked into, so that `codecs` is all there is.
    pub whole: bool,
    /// Whether its segments are WebVTT.
    pub is_text: bool,
    /// Whether its segments are fMP4.
    pub is_fragmented: bool,
    /// Whether there are pictures in it.
    pub has_video: bool,
    /// Where the first segment begins on its media clock, in seconds, if that is known.
    pub start: Option<f64>,
}

struct Walk<'a, 'f> {
    name: &'a str,
    findings: &'f mut Findings,
    /// By track, where the next fragment is to begin, in its timescale.
    next: BTreeMap<u32, u64>,
    /// Where the next segment of a transport stream is to begin, in seconds.
    clock: Option<f64>,
    /// EXTINF and real durations of the segments that have both.
    sums: (f64, f64),
}

pub(super) fn measure<'a>(
    gathered: &'a Gathered,
    name: &'a str,
    media: &'a Media,
    findings: &mut Findings,
) -> Measured<'a> {
    let sections: Vec<Option<&Inspected>> =
        media.maps.iter().map(|map| gathered.resource(name, &map.uri, map.range)).collect();
    let inits: Vec<Option<&Init>> = sections.iter().map(|seen| seen.and_then(|seen| init(seen))).collect();
    let mut measured = Measured {
        name,
        media,
        bytes: Vec::with_capacity(media.segments.len()),
        codecs: BTreeSet::new(),
        tracks: inits.iter().flatten().flat_map(|init| &init.tracks).collect(),
        whole: true,
        is_text: false,
        is_fragmented: false,
        has_video: false,
        start: None,
    };
    for (map, seen) in media.maps.iter().zip(&sections) {
        if seen.is_some_and(|seen| init(seen).is_none() && !is_transport(seen))
            && map.encryption != Encryption::Whole
        {
            let message = format!("{} is no initialization section", map.uri);
            findings.add(&rule::INIT, name, map.line, message);
        }
    }
    measured.codecs.extend(measured.tracks.iter().map(|track| track.codec.clone()));
    measured.has_video = measured.tracks.iter().any(|track| is_video(&track.codec));
    let mut walk = Walk { name, findings, next: BTreeMap::new(), clock: None, sums: (0.0, 0.0) };
    let (mut hidden, mut unknown) = ((0, 0), (0, 0));
    for segment in &media.segments {
        let seen = gathered.resource(name, &segment.uri, segment.range);
        measured.bytes.push(seen.map(|seen| seen.bytes));
        if segment.discontinuity || seen.is_none() {
            walk.next.clear();
            walk.clock = None;
        }
        let Some(seen) = seen else {
            measured.whole &= segment.gap;
            continue;
        };
        let init = segment.map.and_then(|map| *inits.get(map)?);
        let tally = if segment.encryption == Encryption::None { &mut unknown } else { &mut hidden };
        if seen.facts == Facts::Opaque || segment.encryption != Encryption::None {
            tally.0 += 1;
            tally.1 = segment.line;
            measured.whole = false;
        }
        if let Facts::Transport(stream) = &seen.facts
            && !segment.map.and_then(|map| *sections.get(map)?).is_some_and(is_transport)
        {
            walk.tables(segment, stream);
        }
        walk.segment(segment, seen, init, &mut measured);
    }
    walk.sum(media);
    for ((count, line), what) in [(hidden, "encrypted"), (unknown, "of a format that is not read")] {
        if count > 0 {
            let message = format!("{count} segments are {what}: what is in them is not judged");
            findings.add(&rule::NOT_JUDGED, name, line, message);
        }
    }
    if measured.has_video {
        findings.add(&rule::NOT_JUDGED, name, None, "pictures are not judged, only the sound beside them");
    }
    keys::ids(name, media, &inits, findings);
    codec_changes(media, &inits, name, findings);
    measured
}

fn init(seen: &Inspected) -> Option<&Init> {
    match &seen.facts {
        Facts::Init(init) => Some(init),
        Facts::Fragments(_)
        | Facts::Transport(_)
        | Facts::Packed { .. }
        | Facts::Vtt(_)
        | Facts::Flac
        | Facts::Opaque => None,
    }
}

/// The tables of transport streams may come as an initialization section (RFC 8216 §3.2).
fn is_transport(seen: &Inspected) -> bool {
    matches!(seen.facts, Facts::Transport(_))
}

fn is_video(codec: &str) -> bool {
    ["avc", "hvc", "hev", "dvh", "av01", "vp0", "mp4v", "encv"].iter().any(|known| codec.starts_with(known))
}

impl<'a> Walk<'a, '_> {
    fn add(&mut self, rule: &'static rule::Rule, line: u32, message: impl Into<String>) {
        self.findings.add(rule, self.name, line, message);
    }

    fn segment(
        &mut self,
        segment: &Segment,
        seen: &'a Inspected,
        init: Option<&Init>,
        into: &mut Measured<'a>,
    ) {
        match &seen.facts {
            Facts::Fragments(fragments) => {
                into.is_fragmented = true;
                if segment.map.is_none() {
                    self.add(&rule::MAP, segment.line, format!("{} is fMP4, without EXT-X-MAP", segment.uri));
                }
                into.whole &= init.is_some();
                if let Some(init) = init {
                    self.fragments(segment, fragments, init, into);
                }
            }
            Facts::Init(_) if segment.map.is_some() => {
                let message = format!("{} is an initialization section", segment.uri);
                self.add(&rule::FRAGMENT, segment.line, message);
            }
            Facts::Init(_) => {
                into.whole = false;
                self.add(&rule::MAP, segment.line, format!("{} has a moov of its own", segment.uri));
            }
            Facts::Transport(stream) => self.transport(segment, stream, into),
            Facts::Packed { adts, timestamp } => {
                into.codecs.insert("mp4a".to_owned());
                if !timestamp {
                    let message = format!("{} has no such ID3 tag at its start", segment.uri);
                    self.add(&rule::PACKED_TIME, segment.line, message);
                }
                self.adts(segment, adts);
            }
            Facts::Vtt(_) => into.is_text = true,
            Facts::Flac => {
                self.add(&rule::ONLY_FMP4, segment.line, format!("{} is a FLAC file", segment.uri));
            }
            Facts::Opaque => into.whole = false,
        }
    }

    fn fragments(&mut self, segment: &Segment, fragments: &[Fragment], init: &Init, into: &mut Measured<'_>) {
        let main = init.tracks.iter().find(|track| track.audio).or(init.tracks.first());
        let (mut lasts, mut start) = (0, None);
        let mut movies: BTreeMap<u32, (u64, u64, u32)> = BTreeMap::new();
        for fragment in fragments {
            let (duration, size) = init.defaults(fragment.track).unwrap_or((0, 0));
            let track = init.track(fragment.track);
            if track.is_none() {
                let message = format!(
                    "{} has a traf of track {}, which is not in the EXT-X-MAP",
                    segment.uri, fragment.track
                );
                self.add(&rule::FRAGMENT, segment.line, message);
            }
            if let Some((rule, message)) = keys::fragment(segment, fragment, init) {
                self.add(rule, segment.line, message);
            }
            let holds = fragment.holds(size);
            if fragment.room.is_none_or(|room| holds > room) {
                let message = format!("{}: samples of {holds} bytes reach out of mdat", segment.uri);
                self.add(&rule::SAMPLE_DATA, segment.line, message);
            }
            let movie = movies.entry(fragment.movie).or_insert((0, fragment.mdat, 0));
            movie.0 = movie.0.saturating_add(holds);
            movie.2 += 1;
            let own = fragment.lasts(duration);
            if let Some(begins) = fragment.start {
                let expected = self.next.get(&fragment.track).copied();
                let exact = track.is_some_and(|track| track.audio);
                let slack =
                    if exact { 0 } else { track.map_or(0, |track| u64::from(track.timescale / 1000)) };
                if expected.is_some_and(|expected| expected.abs_diff(begins) > slack) {
                    let message = format!(
                        "{}: tfdt {begins} of track {}, where {} was reached",
                        segment.uri,
                        fragment.track,
                        expected.unwrap_or(0)
                    );
                    self.add(&rule::CONTINUOUS, segment.line, message);
                }
                self.next.insert(fragment.track, begins.saturating_add(own));
            } else {
                self.next.remove(&fragment.track);
            }
            if main.is_some_and(|main| main.id == fragment.track) {
                lasts = own.saturating_add(lasts);
                start = start.or(fragment.start);
            }
        }
        let crowded = movies.values().filter(|(.., trafs)| *trafs > 1).count();
        if crowded > 0 {
            let message = format!("{}: {crowded} moof with more than one traf", segment.uri);
            self.add(&rule::ONE_TRAF, segment.line, message);
        }
        for (held, mdat, _) in movies.values().filter(|(held, mdat, _)| held < mdat) {
            let message = format!("{}: {held} bytes of samples in an mdat of {mdat}", segment.uri);
            self.add(&rule::STRAY_DATA, segment.line, message);
        }
        if let Some(scale) = main.map(|main| f64::from(main.timescale)).filter(|scale| *scale > 0.0) {
            if into.bytes.len() == 1 {
                into.start = start.map(|start| start as f64 / scale);
            }
            self.duration(segment, lasts as f64 / scale);
        }
    }

    fn tables(&mut self, segment: &Segment, stream: &Transport) {
        if !stream.tables {
            self.add(&rule::TABLES, segment.line, format!("{} lacks them", segment.uri));
        } else if !stream.tables_first {
            self.add(
                &rule::TABLES_FIRST,
                segment.line,
                format!("{} begins with something else", segment.uri),
            );
        }
    }

    fn transport(&mut self, segment: &Segment, stream: &Transport, into: &mut Measured<'_>) {
        into.has_video |= stream.has_video();
        if stream.audio_streams() > 1 {
            let message = format!("{} has {} audio streams", segment.uri, stream.audio_streams());
            self.add(&rule::ONE_TRAF, segment.line, message);
        }
        let start = stream.start.map(|clock| clock as f64 / 90_000.0);
        let lasts = stream.adts.and_then(|adts| adts.duration());
        if stream.adts.is_some() {
            into.codecs.insert("mp4a".to_owned());
        } else {
            into.whole = false;
        }
        into.whole &= !stream.has_video();
        if let (Some(expected), Some(start)) = (self.clock, start) {
            // the clock of 33 bits starts again after 26.5 hours
            let around = 8_589_934_592.0 / 90_000.0;
            let off = (start - expected).rem_euclid(around);
            if off.min(around - off) > CLOCK_TOLERANCE {
                let message = format!(
                    "{}: its audio begins at {start:.3} s, where {expected:.3} was reached",
                    segment.uri
                );
                self.add(&rule::CONTINUOUS, segment.line, message);
            }
        }
        self.clock = start.zip(lasts).map(|(start, lasts)| start + lasts);
        if into.bytes.len() == 1 {
            into.start = start;
        }
        if !stream.has_video()
            && let Some(adts) = &stream.adts
        {
            self.adts(segment, adts);
        }
    }

    fn adts(&mut self, segment: &Segment, adts: &Adts) {
        if let Some(lasts) = adts.duration() {
            self.duration(segment, lasts);
        }
    }

    fn duration(&mut self, segment: &Segment, lasts: f64) {
        self.sums.0 += segment.duration;
        self.sums.1 += lasts;
        if (segment.duration - lasts).abs() > SEGMENT_TOLERANCE {
            let message = format!("EXTINF {} where {} lasts {lasts:.6} s", segment.duration, segment.uri);
            self.add(&rule::DURATION, segment.line, message);
        }
    }

    fn sum(&mut self, media: &Media) {
        let (stated, real) = self.sums;
        if (stated - real).abs() > SUM_TOLERANCE {
            let line = media.segments.last().map(|segment| segment.line);
            let message = format!("EXTINF adds up to {stated:.6} s, the media to {real:.6} s");
            self.findings.add(&rule::DURATION_SUM, self.name, line, message);
        }
    }
}

/// Where the map changes, the codec does not.
fn codec_changes(media: &Media, inits: &[Option<&Init>], name: &str, findings: &mut Findings) {
    let codecs = |map: usize| -> Option<Vec<&str>> {
        let init = (*inits.get(map)?)?;
        Some(init.tracks.iter().map(|track| track.codec.as_str()).collect())
    };
    for (before, after) in media.segments.iter().zip(media.segments.iter().skip(1)) {
        let (Some(a), Some(b)) = (before.map, after.map) else { continue };
        if a == b {
            continue;
        }
        if let (Some(a), Some(b)) = (codecs(a), codecs(b))
            && a != b
        {
            let message = format!("from {} to {}", a.join(","), b.join(","));
            findings.add(&rule::CODEC_CHANGE, name, after.line, message);
        }
    }
}
