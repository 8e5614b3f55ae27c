//! How loudness is distributed over a track, so that several tracks can be measured as one album without their
//! sound: ITU-R BS.1770 gates blocks, not songs.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::presentation::Loudness;

/// Blocks below this many LUFS count nowhere (ITU-R BS.1770-5 §2, EBU Tech 3342 §3).
const ABSOLUTE_GATE: f64 = -70.0;

/// `loudness.json`: what is left of a track's sound once its blocks were measured. Immutable.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct LoudnessHistogram {
    /// [`crate::FORMAT`].
    pub format: u32,
    /// True peak in dBTP; absent for silence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub true_peak: Option<f64>,
    /// Blocks of 400 ms, one each 100 ms, by their loudness in tenths of LUFS.
    pub momentary: Histogram,
    /// Blocks of 3 s, one a second, by their loudness in tenths of LUFS.
    pub short_term: Histogram,
}

/// How many blocks have which loudness.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Histogram(BTreeMap<i16, u64>);

impl Histogram {
    /// Counts a block of `lufs`, unless it lies below the absolute gate.
    pub fn add(&mut self, lufs: f64) {
        if lufs >= ABSOLUTE_GATE {
            *self.0.entry((lufs * 10.0).round() as i16).or_default() += 1;
        }
    }

    /// Loudness in LUFS and number of blocks.
    fn blocks(&self) -> impl Iterator<Item = (f64, f64)> {
        self.0.iter().map(|(&tenths, &count)| (f64::from(tenths) / 10.0, count as f64))
    }

    /// The loudness in LUFS of the mean energy of all blocks from `gate` on; `None` where there are none.
    fn mean(&self, gate: f64) -> Option<f64> {
        let above = self.blocks().filter(|(lufs, _)| *lufs >= gate);
        let (energy, count) = above.fold((0.0, 0.0), |(energy, count), (lufs, blocks)| {
            (energy + blocks * 10_f64.powf(lufs / 10.0), count + blocks)
        });
        (count > 0.0).then(|| 10.0 * (energy / count).log10())
    }

    /// The loudness in LUFS below which `part` of the blocks from `gate` on lie.
    fn percentile(&self, gate: f64, part: f64) -> Option<f64> {
        let above: Vec<_> = self.blocks().filter(|(lufs, _)| *lufs >= gate).collect();
        let wanted = part * (above.iter().map(|(_, count)| count).sum::<f64>() - 1.0);
        let mut before = 0.0;
        above.into_iter().find_map(|(lufs, count)| {
            before += count;
            (before > wanted.round()).then_some(lufs)
        })
    }
}

impl LoudnessHistogram {
    /// The loudness of tracks heard one after the other: integrated with both gates (ITU-R BS.1770-5), range
    /// (EBU Tech 3342), the highest true peak. Exact to the tenth of a LU in which blocks are counted; `None` for
    /// silence.
    pub fn album<'a>(tracks: impl IntoIterator<Item = &'a Self>) -> Option<Loudness> {
        let mut all = Self::default();
        for track in tracks {
            for (sum, own) in
                [(&mut all.momentary, &track.momentary), (&mut all.short_term, &track.short_term)]
            {
                for (level, count) in &own.0 {
                    let blocks = sum.0.entry(*level).or_default();
                    *blocks = blocks.saturating_add(*count);
                }
            }
            all.true_peak = all.true_peak.into_iter().chain(track.true_peak).reduce(f64::max);
        }
        let relative = all.momentary.mean(ABSOLUTE_GATE)? - 10.0;
        let gate = all.short_term.mean(ABSOLUTE_GATE).map_or(ABSOLUTE_GATE, |mean| mean - 20.0);
        let (low, high) = (all.short_term.percentile(gate, 0.10), all.short_term.percentile(gate, 0.95));
        let hundredth = |value: f64| (value * 100.0).round() / 100.0;
        Some(Loudness {
            integrated: hundredth(all.momentary.mean(relative)?),
            true_peak: all.true_peak?,
            range: hundredth(high.zip(low).map_or(0.0, |(high, low)| high - low)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn levels(blocks: &[(f64, u64)], true_peak: f64) -> LoudnessHistogram {
        let mut levels = LoudnessHistogram {
            format: crate::FORMAT,
            true_peak: Some(true_peak),
            ..LoudnessHistogram::default()
        };
        for &(lufs, count) in blocks {
            for _ in 0..count {
                levels.momentary.add(lufs);
                levels.short_term.add(lufs);
            }
        }
        levels
    }

    #[test]
    fn tracks_alike_are_an_album_alike() {
        let track = levels(&[(-14.0, 100)], -1.0);
        let expected = Loudness { integrated: -14.0, true_peak: -1.0, range: 0.0 };
        assert_eq!(LoudnessHistogram::album([&track]), Some(expected));
        assert_eq!(LoudnessHistogram::album([&track, &track]), Some(expected));
    }

    #[test]
    fn gates_are_those_of_the_album() {
        let (loud, soft) = (levels(&[(-10.0, 100)], -0.5), levels(&[(-30.0, 100)], -12.0));
        // the soft track lies more than 10 LU below the mean of both, −13.0 LUFS, and counts no more
        let album = LoudnessHistogram::album([&loud, &soft]).unwrap();
        assert_eq!((album.integrated, album.true_peak), (-10.0, -0.5));
        // for the range, 20 LU: −33.0 LUFS
        assert_eq!(album.range, 20.0);
        let close = levels(&[(-16.0, 100)], -12.0);
        let mean = 10.0 * ((0.1 + 10_f64.powf(-1.6)) / 2.0).log10();
        assert!((LoudnessHistogram::album([&loud, &close]).unwrap().integrated - mean).abs() < 0.005);
    }

    #[test]
    fn silence_has_none() {
        let silence = LoudnessHistogram::default();
        assert_eq!(LoudnessHistogram::album([&silence]), None);
        assert_eq!(LoudnessHistogram::album([]), None);
        let loud = levels(&[(-10.0, 9), (-80.0, 1000), (f64::NEG_INFINITY, 5)], -0.5);
        assert_eq!(LoudnessHistogram::album([&silence, &loud]).unwrap().integrated, -10.0);
    }
}
