//! Stated beside measured bit rates (RFC 8216 §4.1, §4.3.4.2).

use super::{
    super::{finding::Findings, rule},
    Measured, View,
};

/// What a stated rate may be off by, either way.
const TOLERANCE: f64 = 0.1;
/// The most a cellular listener's variant may peak at, in bit/s.
const CELLULAR: u64 = 192_000;
/// Container overhead on top of an encoder's nominal rate.
const OVERHEAD: f64 = 1.05;

pub(super) fn judge(view: &View<'_>, findings: &mut Findings) {
    let entry = view.entry();
    for variant in &view.multivariant.variants {
        let Some(parts) = view.parts(variant) else { continue };
        if parts.iter().flatten().any(|measured| !measured.media.ended) {
            continue;
        }
        let sum = |rate: fn(&Measured<'_>) -> Option<f64>| -> Option<f64> {
            let largest = |members: &Vec<&Measured<'_>>| {
                members.iter().map(|m| rate(m)).try_fold(0.0_f64, |most, rate| Some(most.max(rate?)))
            };
            parts.iter().map(largest).try_fold(0.0, |sum, rate| Some(sum + rate?))
        };
        let (Some(peak), Some(average)) = (sum(peak), sum(average)) else { continue };
        for (attribute, measured, rule) in
            [("BANDWIDTH", peak, &rule::PEAK), ("AVERAGE-BANDWIDTH", average, &rule::AVERAGE)]
        {
            let Some(stated) = variant.attributes.number(attribute) else { continue };
            if (stated as f64 - measured).abs() > measured * TOLERANCE {
                let message = format!("{attribute}={stated}, measured {measured:.0} bit/s");
                findings.add(rule, entry, variant.line, message);
            }
        }
        if peak > 2.0 * average {
            let message = format!("a peak of {peak:.0} bit/s over an average of {average:.0}");
            findings.add(&rule::PEAK_RATIO, entry, variant.line, message);
        }
        let codecs = variant.codecs();
        let kilobits = average / 1000.0 / OVERHEAD;
        let only = |known: &[&str]| !codecs.is_empty() && codecs.iter().all(|codec| known.contains(codec));
        let within = if only(&["mp4a.40.5", "mp4a.40.29"]) {
            kilobits <= 64.0
        } else if only(&["mp4a.40.2"]) {
            (32.0 / OVERHEAD..=160.0).contains(&kilobits)
        } else {
            true
        };
        if !within {
            let message = format!("{} at {:.1} kbit/s", codecs.join(","), average / 1000.0);
            findings.add(&rule::AAC_RATE, entry, variant.line, message);
        }
    }
    let stated: Vec<u64> =
        view.multivariant.variants.iter().filter_map(|v| v.attributes.number("BANDWIDTH")).collect();
    if let Some(least) = stated.iter().min().filter(|least| **least > CELLULAR) {
        findings.add(&rule::CELLULAR, entry, None, format!("the lowest BANDWIDTH is {least}"));
    }
}

/// Durations in seconds and bytes of the segments, where both are known of all.
fn sizes(measured: &Measured<'_>) -> Option<Vec<(f64, f64)>> {
    let segments = measured.media.segments.iter().zip(&measured.bytes).filter(|(segment, _)| !segment.gap);
    segments.map(|(segment, bytes)| Some((segment.duration, (*bytes)? as f64))).collect()
}

fn average(measured: &Measured<'_>) -> Option<f64> {
    let (duration, bytes) =
        sizes(measured)?.iter().fold((0.0, 0.0), |(d, b), (duration, bytes)| (d + duration, b + bytes));
    (duration > 0.0).then(|| bytes * 8.0 / duration)
}

/// The largest bit rate of any contiguous set of segments of 0.5 to 1.5 target durations, or the average where
/// none is as long.
fn peak(measured: &Measured<'_>) -> Option<f64> {
    let sizes = sizes(measured)?;
    let target = measured.media.target.filter(|target| *target > 0)? as f64;
    let mut peak = 0.0_f64;
    for first in 0..sizes.len() {
        let (mut lasts, mut holds, mut count) = (0.0, 0.0, 0);
        for (duration, bytes) in sizes.iter().skip(first) {
            (lasts, holds, count) = (lasts + duration, holds + bytes, count + 1);
            // segments of no duration would make this quadratic
            if lasts > 1.5 * target || count > 256 {
                break;
            }
            if lasts >= 0.5 * target {
                peak = peak.max(holds * 8.0 / lasts);
            }
        }
    }
    if peak > 0.0 { Some(peak) } else { average(measured) }
}
