//! Where the samples of an MP4 track lie and how long they last: its tables (ISO/IEC 14496-12 §8.6.1, §8.7), then its
//! fragments (§8.8). symphonia's reader leaves out what some of them hold.

use std::io::{Cursor, Read, Seek};

use super::{
    boxes::{BoxBody, big, boxes, bytes, child},
    error::Refusal,
};

/// Bytes of a table, and of a fragment's head, at most.
const TABLE: usize = 32 << 20;

/// The samples of a track.
#[derive(Debug, Default)]
pub struct Samples {
    runs: Vec<Run>,
    sizes: Vec<u32>,
    /// How many there are.
    pub count: u64,
    /// What they last, in ticks of the media.
    pub ticks: u64,
    /// The same of those that the tables name.
    pub table_ticks: u64,
    /// What is missing between fragments, and before the first, by their own times.
    pub gap: u64,
    pub origin: Option<u64>,
    /// Whether any lie in fragments.
    pub fragmented: bool,
    /// Bytes of all of them.
    pub bytes: u64,
    /// Which sample description they have, counted from 1.
    pub description: Option<u64>,
    step: Option<u64>,
    uneven: bool,
    last: Option<u64>,
    place: SampleLocation,
}

/// Samples one behind the other.
#[derive(Debug, Clone, Copy)]
struct Run {
    offset: u64,
    count: u64,
    /// The size of each, where it is the same.
    size: Option<u32>,
}

/// Where reading has come to.
#[derive(Debug, Clone, Copy, Default)]
struct SampleLocation {
    run: usize,
    /// Samples and bytes into the run.
    sample: u64,
    byte: u64,
    /// Index among all sizes.
    size: usize,
}

/// What a fragment leaves to `trex` (§8.8.3).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Defaults {
    pub track: u64,
    pub description: u64,
    pub duration: u64,
    pub size: u64,
}

impl Defaults {
    /// Reads a `trex`.
    pub fn read(body: &[u8]) -> Option<Self> {
        let field = |index: usize| big(body, 4 + 4 * index, 4);
        Some(Self { track: field(0)?, description: field(1)?, duration: field(2)?, size: field(3)? })
    }
}

impl Samples {
    /// What every sample but the last lasts, in ticks, where that is the same.
    pub fn step(&self) -> Option<u64> {
        self.step.filter(|&step| step > 0 && !self.uneven)
    }

    /// Gives samples of one size for all this size instead, where each lasts one tick: for PCM, QuickTime leaves the size
    /// to the sample description, and has 1 in the table.
    pub fn resize(&mut self, size: u32) {
        if self.step() == Some(1) {
            self.runs.iter_mut().filter(|run| run.size.is_some()).for_each(|run| run.size = Some(size));
            if self.sizes.is_empty() {
                self.bytes = self.count.saturating_mul(size.into());
            }
        }
    }

    /// The next sample, or up to `most` of them where they are alike and lie one behind the other: where they begin,
    /// how many bytes they have, how many they are.
    pub fn next(&mut self, most: u64) -> Option<(u64, u64, u64)> {
        let run = loop {
            let run = self.runs.get(self.place.run)?;
            if self.place.sample < run.count {
                break *run;
            }
            self.place = SampleLocation {
                run: self.place.run + 1,
                size: self.place.size,
                ..SampleLocation::default()
            };
        };
        let (size, count) = match run.size {
            Some(size) => (u64::from(size), most.min(run.count - self.place.sample)),
            None => {
                self.place.size += 1;
                (u64::from(*self.sizes.get(self.place.size - 1)?), 1)
            }
        };
        let from = run.offset.saturating_add(self.place.byte);
        self.place.sample += count;
        self.place.byte = self.place.byte.saturating_add(size.saturating_mul(count));
        Some((from, size.saturating_mul(count), count))
    }

    /// Adds the samples that the tables in `stbl` name.
    ///
    /// # Errors
    /// Where the tables do not hold together.
    pub fn add_tables(&mut self, input: &mut (impl Read + Seek), stbl: BoxBody) -> Result<(), Refusal> {
        let found = boxes(input, stbl)?;
        let mut table = |kinds: [&[u8; 4]; 2]| -> Result<(Vec<u8>, bool), Refusal> {
            let Some((kind, body)) = found.iter().find(|(kind, _)| kinds.contains(&kind)) else {
                return Ok((vec![0; 12], false));
            };
            Ok((bytes(input, *body, TABLE)?, kind == kinds[1]))
        };
        let (sizes, compact) = table([b"stsz", b"stz2"])?;
        let (chunks, wide) = table([b"stco", b"co64"])?;
        let (groups, _) = table([b"stsc", b"stsc"])?;
        let (times, _) = table([b"stts", b"stts"])?;
        let damaged = |what: &str| broken(stbl, format!("its table of {what} is damaged"));

        let count = big(&sizes, 8, 4).ok_or_else(|| damaged("sizes (stsz)"))?;
        let same = match big(&sizes, 4, 4) {
            Some(size @ 1..) if !compact => Some(size as u32),
            _ => None,
        };
        if same.is_none() {
            let each = self::sizes(&sizes, count, compact).ok_or_else(|| damaged("sizes (stsz)"))?;
            self.sizes.extend(each);
        }
        let width = if wide { 8 } else { 4 };
        let groups = groups.get(8..).unwrap_or_default().as_chunks::<12>().0;
        let mut group =
            groups.iter().map(|group| [0, 4, 8].map(|at| big(group, at, 4).unwrap_or(0))).peekable();
        let (mut left, mut per_chunk) = (count, 0);
        for chunk in 0..big(&chunks, 4, 4).unwrap_or(0) {
            while let Some([_, samples, description]) = group.next_if(|&[first, ..]| first <= chunk + 1) {
                per_chunk = samples;
                if left > 0 {
                    self.describe(description, stbl)?;
                }
            }
            let offset =
                big(&chunks, 8 + chunk as usize * width, width).ok_or_else(|| damaged("chunks (stco)"))?;
            let here = per_chunk.min(left);
            if here == 0 && per_chunk > 0 {
                return Err(broken(
                    stbl,
                    format!("its tables disagree: sizes of {count} samples, chunks of more"),
                ));
            }
            self.run(Run { offset, count: here, size: same });
            left -= here;
        }
        if left > 0 {
            return Err(broken(
                stbl,
                format!("its tables disagree: sizes of {count} samples, chunks of {}", count - left),
            ));
        }
        let each = || self.sizes.iter().fold(0, |sum: u64, &size| sum.saturating_add(size.into()));
        self.bytes = same.map_or_else(each, |size| count.saturating_mul(size.into()));

        let mut timed = 0;
        for entry in times.get(8..).unwrap_or_default().as_chunks::<8>().0 {
            let [samples, step] = [0, 4].map(|at| big(entry, at, 4).unwrap_or(0));
            timed += samples;
            self.time(samples.min(count.saturating_sub(timed - samples)), step);
        }
        if timed > count {
            return Err(broken(
                stbl,
                format!("its tables disagree: times of {timed} samples, sizes of {count}"),
            ));
        }
        // those without a time last as long as the last that has one
        self.time(count - timed, self.last.unwrap_or(0));
        self.table_ticks = self.ticks;
        Ok(())
    }

    /// Adds the samples of the fragment whose box begins at `start` and has the body `moof`.
    ///
    /// # Errors
    /// Where it does not hold together.
    pub fn add_fragment(
        &mut self,
        input: &mut (impl Read + Seek),
        start: u64,
        moof: BoxBody,
        track: u64,
        defaults: &[Defaults],
    ) -> Result<(), Refusal> {
        let damaged = || broken((start, 0), "a fragment's head (moof) is damaged".to_owned());
        let mut head = Cursor::new(bytes(input, moof, TABLE)?);
        let whole = (0, head.get_ref().len() as u64);
        // without a base of its own, a track's data lie behind those of the track before it
        let mut follows = start;
        for (_, traf) in boxes(&mut head, whole)?.into_iter().filter(|(kind, _)| kind == b"traf") {
            let tfhd = child(&mut head, traf, b"tfhd")?.ok_or_else(damaged)?;
            let tfhd = bytes(&mut head, tfhd, TABLE)?;
            let (flags, id) = (big(&tfhd, 1, 3).unwrap_or(0), big(&tfhd, 4, 4).ok_or_else(damaged)?);
            let trex = defaults.iter().find(|defaults| defaults.track == id).copied().unwrap_or_default();
            let mut at = 8;
            let mut field = |flag: u64, size: usize| {
                let value = (flags & flag != 0).then(|| big(&tfhd, at, size));
                at += if value.is_some() { size } else { 0 };
                value.flatten()
            };
            let (base, description) = (field(1, 8), field(2, 4).unwrap_or(trex.description));
            let (step, size) = (field(8, 4).unwrap_or(trex.duration), field(0x10, 4).unwrap_or(trex.size));
            let base = base.unwrap_or(if flags & 0x2_0000 != 0 { start } else { follows });
            follows = base;
            let ours = id == track;
            if ours && let Some(tfdt) = child(&mut head, traf, b"tfdt")? {
                let tfdt = bytes(&mut head, tfdt, 12)?;
                let width = if tfdt.first() == Some(&1) { 8 } else { 4 };
                self.begins(big(&tfdt, 4, width).ok_or_else(damaged)?);
            }
            for (_, trun) in boxes(&mut head, traf)?.into_iter().filter(|(kind, _)| kind == b"trun") {
                let trun = bytes(&mut head, trun, TABLE)?;
                let run = Trun::read(&trun, base, follows, step, size).ok_or_else(damaged)?;
                follows = run.end;
                if ours {
                    self.describe(description, (start, 0))?;
                    self.fragmented = true;
                    self.add_run(&run);
                }
            }
        }
        Ok(())
    }

    fn add_run(&mut self, run: &Trun<'_>) {
        let size = run.size.map(|size| size as u32);
        self.run(Run { offset: run.offset, count: run.count, size });
        self.bytes = self.bytes.saturating_add(run.end - run.offset);
        if size.is_none() {
            self.sizes.extend(run.entries().map(|(_, size)| size as u32));
        }
        match run.timed() {
            true => run.entries().for_each(|(step, _)| self.time(1, step)),
            false => self.time(run.count, run.step),
        }
    }

    fn run(&mut self, run: Run) {
        if run.count > 0 {
            self.count += run.count;
            self.runs.push(run);
        }
    }

    /// Counts the time of `samples` samples, of `step` ticks each.
    fn time(&mut self, samples: u64, step: u64) {
        if samples == 0 {
            return;
        }
        let before = self.last.replace(step);
        for step in before.into_iter().chain((samples > 1).then_some(step)) {
            self.uneven |= *self.step.get_or_insert(step) != step;
        }
        self.ticks = self.ticks.saturating_add(samples.saturating_mul(step));
    }

    /// Notes that a fragment begins at `time` of its track. The first may begin anywhere, unless samples come before.
    fn begins(&mut self, time: u64) {
        let origin = *self.origin.get_or_insert(if self.count > 0 { 0 } else { time });
        self.gap = self.gap.max(time.saturating_sub(origin).saturating_sub(self.ticks));
    }

    fn describe(&mut self, description: u64, place: BoxBody) -> Result<(), Refusal> {
        let description = description.max(1);
        match *self.description.get_or_insert(description) == description {
            true => Ok(()),
            false => Err(broken(place, "its codec changes midway".to_owned())),
        }
    }
}

/// The sizes in an `stsz` or, `compact`, in an `stz2`.
fn sizes(table: &[u8], count: u64, compact: bool) -> Option<Vec<u32>> {
    let bits = if compact { big(table, 7, 1)? as usize } else { 32 };
    let (table, count) = (table.get(12..)?, usize::try_from(count).ok()?);
    if table.len().checked_mul(8)? < count.checked_mul(bits)? {
        return None;
    }
    (0..count)
        .map(|index| match bits {
            4 => table
                .get(index / 2)
                .map(|&pair| u32::from(if index % 2 == 0 { pair >> 4 } else { pair & 15 })),
            8 | 16 | 32 => big(table, index * bits / 8, bits / 8).map(|size| size as u32),
            _ => None,
        })
        .collect()
}

/// A run of a fragment (§8.8.8).
struct Trun<'a> {
    offset: u64,
    end: u64,
    count: u64,
    flags: u64,
    /// What each entry leaves out.
    step: u64,
    size: Option<u64>,
    entries: &'a [u8],
    width: usize,
}

impl<'a> Trun<'a> {
    fn read(body: &'a [u8], base: u64, follows: u64, step: u64, size: u64) -> Option<Self> {
        let (flags, count) = (big(body, 1, 3)?, big(body, 4, 4)?);
        let mut at = 8;
        let mut offset = follows;
        if flags & 1 != 0 {
            let by = (big(body, at, 4)? as u32).cast_signed();
            offset = base.checked_add_signed(by.into())?;
            at += 4;
        }
        at += if flags & 4 != 0 { 4 } else { 0 };
        let width = 4 * (flags >> 8 & 15).count_ones() as usize;
        let entries = body.get(at..)?;
        let each = usize::try_from(count).ok()?.checked_mul(width)?;
        let entries = entries.get(..each)?;
        let mut run = Self { offset, end: offset, count, flags, step, size: Some(size), entries, width };
        if run.sized() {
            run.size = None;
            let bytes = run.entries().fold(0, |sum: u64, (_, size)| sum.saturating_add(size));
            run.end = offset.saturating_add(bytes);
        } else {
            run.end = offset.saturating_add(size.saturating_mul(count));
        }
        // a sample without a byte and without an entry costs nothing to state
        (width > 0 || size > 0 || count == 0).then_some(run)
    }

    fn timed(&self) -> bool {
        self.flags & 0x100 != 0
    }

    fn sized(&self) -> bool {
        self.flags & 0x200 != 0
    }

    /// The duration and the size of each sample.
    fn entries(&self) -> impl Iterator<Item = (u64, u64)> {
        let (timed, sized) = (self.timed(), self.sized());
        (0..self.count as usize).map(move |index| {
            let at = index * self.width;
            let step = if timed { big(self.entries, at, 4) } else { Some(self.step) };
            let size = if sized { big(self.entries, at + if timed { 4 } else { 0 }, 4) } else { self.size };
            (step.unwrap_or(0), size.unwrap_or(0))
        })
    }
}

fn broken((offset, _): BoxBody, reason: String) -> Refusal {
    Refusal::Broken { offset, reason }
}
