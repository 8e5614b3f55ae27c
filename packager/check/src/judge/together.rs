//! Renditions beside each other: target durations, range, boundaries, discontinuities (RFC 8216 §6.2.4).

use std::collections::BTreeSet;

use super::{
    super::{finding::Findings, rule},
    Measured, View,
};

/// How far boundaries may lie from each other, in seconds.
const ALIGNMENT: f64 = 0.01;
/// How much of the end subtitles may leave uncovered, in seconds.
const UNCOVERED: f64 = 0.5;

pub(super) fn judge(view: &View<'_>, findings: &mut Findings) {
    let uris = view.multivariant.variants.iter().filter_map(|variant| variant.uri.as_deref());
    let groups = view.multivariant.renditions.iter().filter_map(|r| r.attributes.get("URI"));
    let mut seen = BTreeSet::new();
    let all: Vec<&Measured<'_>> = uris
        .chain(groups)
        .filter_map(|uri| view.playlist(uri))
        .filter(|measured| seen.insert(measured.name) && !measured.media.i_frames_only)
        .collect();
    let (text, media): (Vec<_>, Vec<_>) =
        all.into_iter().partition(|measured| measured.is_text || view.is_subtitles(measured.name));
    let Some(first) = media.first() else { return };
    for other in media.iter().skip(1) {
        targets(first, other, findings);
        if first.media.ended && other.media.ended {
            range(first, other, findings);
            boundaries(first, other, findings);
            discontinuities(first, other, findings);
        }
    }
    for subtitles in text {
        if !subtitles.media.vod {
            targets(first, subtitles, findings);
        }
        let missing = first.media.duration() - subtitles.media.duration();
        if first.media.ended && subtitles.media.ended && missing > UNCOVERED {
            let message = format!("they end {missing:.3} s before the audio");
            findings.add(&rule::COVERAGE, subtitles.name, None, message);
        }
    }
}

fn targets(first: &Measured<'_>, other: &Measured<'_>, findings: &mut Findings) {
    if let (Some(a), Some(b)) = (first.media.target, other.media.target)
        && a != b
    {
        let message = format!("{b} s, where {} has {a} s", first.name);
        findings.add(&rule::SAME_TARGET, other.name, None, message);
    }
}

/// Content that one of them lacks is at its ends and no longer than the target duration.
fn range(first: &Measured<'_>, other: &Measured<'_>, findings: &mut Findings) {
    let (a, b) = (first.media.duration(), other.media.duration());
    let target = first.media.target.unwrap_or(0) as f64;
    if (a - b).abs() > target {
        let message = format!("{b:.3} s, where {} has {a:.3} s", first.name);
        findings.add(&rule::SAME_RANGE, other.name, None, message);
    }
}

/// Where each segment ends, in seconds from where the first begins.
fn ends(measured: &Measured<'_>, from: f64) -> impl Iterator<Item = (u32, f64)> {
    let mut end = from;
    measured.media.segments.iter().map(move |segment| {
        end += segment.duration;
        (segment.line, end)
    })
}

fn boundaries(first: &Measured<'_>, other: &Measured<'_>, findings: &mut Findings) {
    // clocks that are both known may differ in where they start; transport streams are muxed with an offset
    let offset = match (first.start, other.start, first.is_fragmented == other.is_fragmented) {
        (Some(a), Some(b), true) => b - a,
        _ => 0.0,
    };
    if first.media.segments.len() != other.media.segments.len() {
        let (a, b) = (first.media.segments.len(), other.media.segments.len());
        let message = format!("{b} segments, where {} has {a}", first.name);
        findings.add(&rule::ALIGNED, other.name, None, message);
        return;
    }
    let wrong = ends(first, 0.0).zip(ends(other, offset)).find(|((_, a), (_, b))| (a - b).abs() > ALIGNMENT);
    if let Some(((_, a), (line, b))) = wrong {
        let message = format!("a segment ends at {b:.3} s, where that of {} ends at {a:.3} s", first.name);
        findings.add(&rule::ALIGNED, other.name, line, message);
    }
}

fn discontinuities(first: &Measured<'_>, other: &Measured<'_>, findings: &mut Findings) {
    let count = |measured: &Measured<'_>| measured.media.segments.iter().filter(|s| s.discontinuity).count();
    let (a, b) = (count(first), count(other));
    if a != b {
        let message = format!("{b}, where {} has {a}", first.name);
        findings.add(&rule::SAME_DISCONTINUITIES, other.name, None, message);
    }
}
