//! Which part of an MP4 track is heard: iTunes' own tag, or the edit list (ISO/IEC 14496-12 §8.6.6), or all of it.

use super::{
    boxes::big,
    lengths::{Part, Stated, judge},
};

/// What the boxes say of a track's time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Times {
    /// Ticks per second of the movie, and of the track's media.
    pub movie_scale: u64,
    pub media_scale: u64,
    /// How long the media are in their ticks, by `mdhd`; 0 where it does not say.
    pub media_length: u64,
    /// How long the movie is in its ticks, fragments included, by `mehd`; 0 where it does not say.
    pub movie_length: u64,
    /// The same by `sidx`: a length, and in how many ticks per second.
    pub indexed: Option<(u64, u64)>,
    /// Where the sound begins, in the media's ticks, and how long it is, in the movie's; 0 for to the end.
    pub edit: Option<(u64, u64)>,
    /// iTunes' own tag.
    pub itunes: Option<Itunes>,
    /// The samples that tables and fragments name: how many, what they last in ticks, what those in the tables last,
    /// what every one but the last lasts where that is the same, and what is missing between fragments.
    pub samples: u64,
    pub ticks: u64,
    pub table_ticks: u64,
    pub step: Option<u64>,
    pub gap: u64,
    pub fragmented: bool,
}

/// What is known of a track's output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Output {
    /// Sampling rate in hertz.
    pub rate: u32,
    /// Samples per channel that each sample of the container gives, where they all give the same.
    pub frame: Option<u64>,
    /// Samples per channel that the codec's header says to drop at the start.
    pub pre_skip: u64,
}

impl Times {
    /// The part that is heard, and what its owner should know of it.
    ///
    /// # Errors
    /// Where something states more than there is.
    pub fn extent(&self, output: Output) -> Result<(Part, Vec<String>), String> {
        let tick_scale = TickScale::of(self, output);
        let timed = tick_scale.samples(self.ticks);
        let there = output.frame.map_or(timed, |frame| self.samples.saturating_mul(frame));
        let slack = output.frame.unwrap_or(0) + tick_scale.samples(1) + 1;
        let mut statements = vec![Stated { by: "its table of times", samples: timed, slack }];
        let longer = [
            ("mdhd", tick_scale.samples(self.media_length), slack),
            ("mehd", tick_scale.movie(self.movie_length), slack + tick_scale.movie(1)),
            (
                "its index (sidx)",
                self.indexed.map_or(0, |(ticks, scale)| tick_scale.seconds(ticks, scale)),
                slack,
            ),
        ];
        for (by, samples, slack) in longer {
            // fragments come after what states their length
            if samples > there || !self.fragmented && samples > 0 {
                statements.push(Stated { by, samples, slack });
            }
        }
        if self.gap > 0 {
            let by = "the times of its fragments";
            statements.push(Stated { by, samples: tick_scale.samples(self.ticks + self.gap), slack });
        }
        let mut notices = judge(there, &statements)?;
        let total = if timed + slack < there { there } else { timed.min(there) };

        let (start, edited) = self.edit.unwrap_or_default();
        let skip = tick_scale.samples(start).max(output.pre_skip);
        let rest = total.saturating_sub(skip);
        let mut part = match self.itunes.map(|itunes| itunes.part(&tick_scale, output, total)) {
            Some(Some(part)) => part,
            other => {
                if other.is_some() {
                    notices.push(
                        "its tag iTunSMPB does not go with its samples and is left out of account".to_owned(),
                    );
                }
                let tick = tick_scale.movie(1) + 1;
                let edited = Some(tick_scale.movie(edited)).filter(|&edited| edited > 0);
                // an edit list before fragments may know of the tables alone
                let tables = tick_scale.samples(self.table_ticks);
                let edited = edited.filter(|edited| !self.fragmented || edited.saturating_sub(tick) > tables);
                let sloppy =
                    Stated { by: "its edit list", samples: edited.unwrap_or(0), slack: skip + tick + slack };
                judge(rest, &[sloppy][..edited.map_or(0, |_| 1)])?;
                let length = edited.filter(|edited| edited + tick < rest).unwrap_or(rest);
                Part { skip, length: Some(length), stated: false }
            }
        };
        let length = part.length.unwrap_or(rest);
        let behind = total.saturating_sub(part.skip).saturating_sub(length);
        for (samples, place) in [(part.skip, "beginning"), (behind, "end")] {
            if samples > u64::from(output.rate) / 4 {
                notices.push(format!("{samples} samples at its {place} are left out, as the file says"));
            }
        }
        (part.length, part.stated) = ((total > 0).then_some(length), behind > 0);
        Ok((part, notices))
    }
}

/// How a track's ticks become samples of its output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct TickScale {
    rate: u64,
    media_scale: u64,
    movie_scale: u64,
    /// So many samples last so many ticks.
    samples: u64,
    ticks: u64,
}

impl TickScale {
    /// An access unit gives what it gives, whatever its times say: those of HE-AAC are counted at the rate of its
    /// core, at that of its output, or, where SBR is not signalled, at the core's with the output's name.
    fn of(times: &Times, output: Output) -> Self {
        let rate = u64::from(output.rate);
        let whole = |step: u64, frame: u64| step == frame || 2 * step == frame || step == 2 * frame;
        let (samples, ticks) = match (output.frame, times.step) {
            (Some(frame), Some(step)) if frame > 0 && whole(step, frame) => (frame, step),
            _ => (rate, times.media_scale.max(1)),
        };
        let (media_scale, movie_scale) = (times.media_scale.max(1), times.movie_scale.max(1));
        Self { rate, media_scale, movie_scale, samples, ticks }
    }

    fn samples(&self, ticks: u64) -> u64 {
        scale(ticks, self.samples, self.ticks)
    }

    /// A time in the movie's ticks.
    fn movie(&self, ticks: u64) -> u64 {
        self.seconds(ticks, self.movie_scale)
    }

    /// A time in ticks of `scale` a second, as the program wrote it that wrote the media's times.
    fn seconds(&self, ticks: u64, scale: u64) -> u64 {
        let one = u128::from(self.media_scale) * u128::from(self.samples);
        let other = u128::from(scale.max(1)) * u128::from(self.ticks);
        let samples = (u128::from(ticks) * one + other / 2) / other;
        u64::try_from(samples).unwrap_or(u64::MAX)
    }
}

fn scale(number: u64, by: u64, of: u64) -> u64 {
    let (by, of) = (u128::from(by), u128::from(of.max(1)));
    u64::try_from((u128::from(number) * by + of / 2) / of).unwrap_or(u64::MAX)
}

/// The one edit that matters: its start in the media's ticks and its length in the movie's. Silence before it
/// (an empty edit) is left out: it is a player's business, and audio begins with its first sample.
pub fn edit(body: &[u8]) -> Result<Option<(u64, u64)>, String> {
    let damaged = || "its edit list is damaged".to_owned();
    let wide = body.first().copied() == Some(1);
    let count = big(body, 4, 4).ok_or_else(damaged)?;
    let (width, size) = if wide { (8, 20) } else { (4, 12) };
    let mut edits = Vec::new();
    for index in 0..usize::try_from(count.min(65)).unwrap_or(65) {
        let from = 8 + index * size;
        let length = big(body, from, width).ok_or_else(damaged)?;
        let start = big(body, from + width, width).ok_or_else(damaged)?;
        let empty = if wide { start == u64::MAX } else { start == u64::from(u32::MAX) };
        if !empty {
            edits.push((start, length));
        }
    }
    match edits[..] {
        [] => Ok(None),
        [edit] => Ok(Some(edit)),
        _ => Err(format!("its edit list joins {} parts; export it as one", edits.len())),
    }
}

/// The gapless tag of iTunes, `iTunSMPB`: hexadecimal fields, of which the second is the priming, the third the padding,
/// and the fourth the length in samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Itunes {
    priming: u64,
    padding: u64,
    length: u64,
}

impl Itunes {
    /// Reads the tag's text.
    pub fn read(tag: &str) -> Option<Self> {
        let mut fields =
            tag.split_ascii_whitespace().skip(1).map(|field| u64::from_str_radix(field, 16).ok());
        let mut field = || fields.next().flatten();
        let tag = Self { priming: field()?, padding: field()?, length: field()? };
        (tag.length > 0).then_some(tag)
    }

    /// The part that it states of `total` samples. Its unit is the media's, or the output's, or that of a core under
    /// SBR: the one in which its three numbers make up the whole. `None` where they do in none.
    fn part(self, tick_scale: &TickScale, output: Output, total: u64) -> Option<Part> {
        let slack = 2 * output.frame.unwrap_or(4096);
        let units = [(tick_scale.samples, tick_scale.ticks), (1, 1), (2, 1)];
        let (by, of) = units.into_iter().find(|&(by, of)| {
            let sum = self.priming.saturating_add(self.padding).saturating_add(self.length);
            scale(sum, by, of).abs_diff(total) <= slack
        })?;
        let skip = scale(self.priming, by, of);
        let length = scale(self.length, by, of).min(total.saturating_sub(skip));
        Some(Part { skip, length: Some(length), stated: true })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OUTPUT: Output = Output { rate: 44_100, frame: None, pre_skip: 0 };

    fn part(times: &Times, output: Output) -> (u64, Option<u64>) {
        let (part, _) = times.extent(output).unwrap();
        (part.skip, part.length)
    }

    fn list(edits: &[(u32, u32)]) -> Vec<u8> {
        let mut body = vec![0, 0, 0, 0, 0, 0, 0, edits.len() as u8];
        for (length, start) in edits {
            body.extend(length.to_be_bytes());
            body.extend(start.to_be_bytes());
            body.extend([0, 1, 0, 0]);
        }
        body
    }

    #[test]
    fn one_edit_counts_and_silence_before_it_does_not() {
        assert_eq!(edit(&list(&[])), Ok(None));
        assert_eq!(edit(&list(&[(2268, 1024)])), Ok(Some((1024, 2268))));
        assert_eq!(edit(&list(&[(500, u32::MAX), (2268, 1024)])), Ok(Some((1024, 2268))));
        assert!(edit(&list(&[(500, 0), (2268, 1024)])).is_err());
        assert!(edit(&list(&[(500, 0)])[..12]).is_err());
        assert!(edit(b"").is_err());
    }

    #[test]
    fn a_length_in_milliseconds_yields_to_the_exact_one() {
        let edit = Some((1024, 2268));
        let times =
            Times { movie_scale: 1000, media_scale: 44_100, ticks: 101_025, edit, ..Times::default() };
        assert_eq!(part(&times, OUTPUT), (1024, Some(100_001)));
        // but a part that is really shorter stays so, and is told
        let times = Times { edit: Some((1024, 1000)), ..times };
        let (part, notices) = times.extent(OUTPUT).unwrap();
        assert_eq!((part.skip, part.length, notices.len()), (1024, Some(44_100), 1));
    }

    #[test]
    fn the_clock_of_he_aac_is_known_by_what_its_access_units_give() {
        let output = Output { frame: Some(2048), ..OUTPUT };
        // (the media's scale, ticks of an access unit)
        for (media_scale, step) in [(22_050, 1024), (44_100, 2048), (44_100, 1024)] {
            let of = |ticks: u64| ticks * step / 2048;
            let tag = format!(" 00000000 {:X} {:X} {:X}", of(4096), of(1048), of(200_000));
            let times = Times {
                movie_scale: media_scale,
                media_scale,
                media_length: of(204_096),
                step: Some(step),
                samples: 100,
                ticks: of(204_096),
                ..Times::default()
            };
            assert_eq!(part(&times, output), (0, Some(204_096)), "{media_scale} {step}");
            let edited = Times { edit: Some((of(4096), of(200_000))), ..times.clone() };
            assert_eq!(part(&edited, output), (4096, Some(200_000)), "{media_scale} {step}");
            let tagged = Times { itunes: Itunes::read(&tag), ..times.clone() };
            assert_eq!(part(&tagged, output), (4096, Some(200_000)), "{media_scale} {step}");
            // the tag of another recording
            let stale = Times { itunes: Itunes::read(" 0 840 0 10000"), ..times };
            let (part, notices) = stale.extent(output).unwrap();
            assert_eq!(
                (part.skip, part.length, notices.len()),
                (0, Some(204_096), 1),
                "{media_scale} {step}"
            );
        }
    }

    #[test]
    fn whatever_states_more_than_there_is_refuses_and_less_is_told() {
        let output = Output { frame: Some(1024), ..OUTPUT };
        let times = Times {
            movie_scale: 1000,
            media_scale: 44_100,
            samples: 100,
            ticks: 102_400,
            step: Some(1024),
            ..Times::default()
        };
        assert_eq!(times.extent(output), Ok((Part { length: Some(102_400), ..Part::default() }, vec![])));
        let fragmented = Times { fragmented: true, ..times.clone() };
        for stated in [
            Times { media_length: 110_000, ..times.clone() },
            Times { ticks: 110_000, ..times.clone() },
            Times { edit: Some((0, 3000)), ..times.clone() },
            Times { movie_length: 3000, ..fragmented.clone() },
            Times { indexed: Some((3000, 1000)), ..fragmented.clone() },
            Times { gap: 3000, ..fragmented.clone() },
        ] {
            assert!(stated.extent(output).is_err(), "{stated:?}");
        }
        // all of it is taken, whatever the tables of times say
        for stated in
            [Times { media_length: 50_000, ..times.clone() }, Times { ticks: 50_000, step: None, ..times }]
        {
            let (part, notices) = stated.extent(output).unwrap();
            assert_eq!((part.length, notices.len()), (Some(102_400), 1), "{stated:?}");
        }
        // before fragments, the edit list and mdhd know of the first alone
        let hybrid =
            Times { table_ticks: 20_480, media_length: 20_480, edit: Some((1024, 441)), ..fragmented };
        assert_eq!(
            hybrid.extent(output),
            Ok((Part { skip: 1024, length: Some(101_376), stated: false }, vec![]))
        );
    }

    #[test]
    fn opus_drops_its_pre_skip_without_an_edit_list_too() {
        let output = Output { rate: 48_000, frame: None, pre_skip: 312 };
        let times = Times { movie_scale: 1000, media_scale: 48_000, ticks: 96_312, ..Times::default() };
        assert_eq!(part(&times, output), (312, Some(96_000)));
        let times = Times { edit: Some((312, 2000)), ..times };
        assert_eq!(part(&times, output), (312, Some(96_000)));
    }

    #[test]
    fn the_tag_of_itunes_is_read() {
        let tag = " 00000000 00000840 000001CA 00000000003F31F6 00000000 00000000 00000000 00000000";
        let read = Itunes { priming: 2112, padding: 458, length: 4_141_558 };
        assert_eq!(Itunes::read(tag), Some(read));
        for tag in ["", "x", " 0 0", " 00000000 00000840 000001CA 0000000000000000", " 0 zz 0 1"] {
            assert_eq!(Itunes::read(tag), None, "{tag}");
        }
    }
}
