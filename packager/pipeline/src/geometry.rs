//! Where samples lie: equal priming in every rendition and segment boundaries on one grid.
//!
//! Everything here counts samples per channel at the AAC rate R. Media sample 0 is the first sample of the
//! first segment; source sample 0 is media sample [`PRIMING`] in every rendition, without an edit list.

use std::{fmt, str::FromStr};

/// R's two families in hertz.
pub const RATES: [u32; 2] = [44_100, 48_000];

/// M: samples before the source's first one, in every rendition.
pub const PRIMING: u32 = 2048;

/// Samples that one HE-AAC access unit decodes to: the unit in which [`Schedule`] counts.
pub const HE_FRAME: u32 = 2048;

/// HE-AAC access units from one SBR header to the next. Lengths and leads are multiples of it, so that every
/// segment begins with a header.
pub const HEADER_PERIOD: u32 = 16;

/// A rest of fewer samples than this joins the segment before it, so that no segment is a mere click.
pub const SHORTEST_REST: u64 = 8 * HE_FRAME as u64;

/// The AAC rate for a source at `rate` hertz: 44.1 kHz for its multiples and divisors, 48 kHz for all others.
pub fn aac_rate(rate: u32) -> u32 {
    if rate.is_multiple_of(11_025) { RATES[0] } else { RATES[1] }
}

/// How far ahead of the media it makes an encoder is started, in samples: enough to be past its own delay, a
/// whole number of SBR header periods, and a whole number of access units of every profile.
///
/// With D access units of `frame` samples in it, all of them dropped, the zeros that come before the source
/// are `Z = M + D·frame − nDelay`, by whatever delay the encoder reports.
pub const LEAD: u64 = HEADER_PERIOD as u64 * HE_FRAME as u64;

/// How a presentation is cut: the lengths of the first segment and of all others, in HE-AAC frames of 2048
/// samples. The last segment holds what is left.
///
/// ```
/// let schedule: nada_pipeline::Schedule = "64,128".parse().unwrap();
/// assert_eq!(schedule, nada_pipeline::Schedule::default());
/// assert!("60,128".parse::<nada_pipeline::Schedule>().is_err());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Schedule {
    first: u32,
    rest: u32,
}

/// A segment schedule outside what the geometry allows.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("segment lengths {0:?} are not two multiples of 16 from 64 to 512 frames, such as 64,128")]
pub struct ScheduleError(String);

impl Schedule {
    /// Segments of `first`, then `rest` HE-AAC frames each.
    ///
    /// # Errors
    /// Where a length is not a multiple of 16 (each segment starts with an SBR header), below 64 (shorter
    /// ones make players flip renditions) or above 512.
    pub fn new(first: u32, rest: u32) -> Result<Self, ScheduleError> {
        let allowed = |frames: u32| frames.is_multiple_of(HEADER_PERIOD) && (64..=512).contains(&frames);
        if allowed(first) && allowed(rest) {
            Ok(Self { first, rest })
        } else {
            Err(ScheduleError(format!("{first},{rest}")))
        }
    }

    /// The scheduled length in samples of segment `index`, counted from 0.
    pub fn length(&self, index: usize) -> u64 {
        u64::from(if index == 0 { self.first } else { self.rest }) * u64::from(HE_FRAME)
    }

    /// Whether segment `index` ends at its scheduled length when `ahead` samples follow its start, all that
    /// is left or may be more: the rest must be worth a segment of its own.
    pub fn cuts(&self, index: usize, ahead: u64) -> bool {
        ahead >= self.length(index) + SHORTEST_REST
    }

    /// EXT-X-TARGETDURATION in seconds for this schedule at `rate` hertz: the longest length, rounded up
    /// (RFC 8216 §4.3.3.1), which leaves room for a rest that joins it.
    pub fn target_duration(&self, rate: u32) -> u64 {
        self.length(0).max(self.length(1)).div_ceil(u64::from(rate.max(1)))
    }
}

impl Default for Schedule {
    /// 64 frames, then 128: 2.97 s, then 5.94 s at 44.1 kHz.
    fn default() -> Self {
        Self { first: 64, rest: 128 }
    }
}

impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{},{}", self.first, self.rest)
    }
}

impl FromStr for Schedule {
    type Err = ScheduleError;

    fn from_str(text: &str) -> Result<Self, ScheduleError> {
        let wrong = || ScheduleError(text.chars().take(40).collect());
        let (first, rest) = text.split_once(',').ok_or_else(wrong)?;
        let frames = |part: &str| part.trim().parse().map_err(|_| wrong());
        Self::new(frames(first)?, frames(rest)?).map_err(|_| wrong())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lead_is_whole_in_units_and_header_periods() {
        assert!(LEAD.is_multiple_of(u64::from(HEADER_PERIOD * HE_FRAME)) && LEAD.is_multiple_of(1024));
    }

    #[test]
    fn rates_keep_their_family() {
        for (source, aac) in
            [(44_100, 44_100), (88_200, 44_100), (22_050, 44_100), (11_025, 44_100), (176_400, 44_100)]
        {
            assert_eq!(aac_rate(source), aac);
        }
        for source in [48_000, 96_000, 32_000, 16_000, 8_000, 37_800] {
            assert_eq!(aac_rate(source), 48_000);
        }
    }

    #[test]
    fn a_click_of_a_rest_joins_the_last_segment() {
        let schedule = Schedule::default();
        assert_eq!((schedule.length(0), schedule.length(1), schedule.length(9)), (131_072, 262_144, 262_144));
        assert!(!schedule.cuts(0, 131_073));
        assert!(schedule.cuts(0, 131_072 + SHORTEST_REST));
        // 128 frames and the longest rest that joins them still round to the target duration
        for rate in RATES {
            let longest = (schedule.length(1) + SHORTEST_REST) as f64 / f64::from(rate);
            assert!(longest.round() as u64 <= schedule.target_duration(rate));
            assert_eq!(schedule.target_duration(rate), 6);
        }
    }

    #[test]
    fn schedules_outside_the_geometry_are_refused() {
        for text in ["64,128", "128,128", " 64 , 64 "] {
            assert!(text.parse::<Schedule>().is_ok(), "{text}");
        }
        for text in ["", "64", "64,", "0,0", "48,128", "64,120", "64,528", "-64,128", "64,128,128", "a,b"] {
            assert!(text.parse::<Schedule>().is_err(), "{text}");
        }
    }
}
