//! Chunks: stretches of whole segments that are encoded apart from each other, so that one source keeps every
//! core busy.
//!
//! Where a chunk ends depends on the schedule and the length of the source alone, never on the number of
//! threads or the size of the blocks that arrive: so do the bytes made of it.

use crate::{
    budget::{Permit, SampleBudget},
    geometry::{LEAD, PRIMING, SHORTEST_REST, Schedule},
};

/// Samples of the AAC grid in one chunk, at least: 47.6 s at 44.1 kHz. The lead of each costs 1.6 % of it.
const SPAN: u64 = 1 << 21;

/// Channels of the samples, interleaved.
const CHANNELS: usize = 2;

/// What chunks of one sample stream carry, by what they are encoded to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChunkLayout {
    /// 2ᵏ: samples for each one of the AAC grid.
    pub scale: u64,
    /// Samples that a chunk carries before its own first one.
    before: u64,
    /// Samples that it carries after its own last one.
    after: u64,
    /// Samples of the AAC grid in one chunk, at least.
    span: u64,
}

impl ChunkLayout {
    /// For AAC, whose encoders start [`LEAD`] samples early and look ahead by [`AHEAD`] at most.
    pub const AAC: Self = Self { scale: 1, before: LEAD, after: AHEAD, span: SPAN };

    /// For AAC in chunks of another length, to compare with.
    #[cfg(test)]
    pub const fn spanning(span: u64) -> Self {
        Self { span, ..Self::AAC }
    }

    /// For FLAC at `scale` times the AAC rate, whose frames stand alone: one segment at a time.
    pub const fn flac(scale: u64) -> Self {
        Self { scale, before: 0, after: 0, span: 1 }
    }
}

/// A stretch of the media.
#[derive(Debug)]
pub struct Chunk<T> {
    /// Its first segment, counted from 0.
    pub first: u32,
    /// Media samples before it.
    pub start: u64,
    /// The lengths of its segments in samples.
    pub lengths: Vec<u64>,
    /// Interleaved samples: its own, with those before and after that its layout asks for.
    pub pcm: Vec<T>,
    _permit: Permit,
}

/// One segment of a chunk: its number and where it lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SegmentSpan {
    /// Its number, from 0.
    pub index: u32,
    /// Media samples before it.
    pub start: u64,
    /// Its length in samples.
    pub length: u64,
}

impl<T> Chunk<T> {
    /// Its segments in order.
    pub fn segments(&self) -> impl Iterator<Item = SegmentSpan> {
        (self.first..).zip(&self.lengths).scan(self.start, |start, (index, &length)| {
            let span = SegmentSpan { index, start: *start, length };
            *start += length;
            Some(span)
        })
    }
}

/// Samples of the AAC grid that follow every chunk, its own not counted: more than any encoder's delay and
/// access unit, and no more than is certain to be there.
pub const AHEAD: u64 = SHORTEST_REST;

/// Cuts one sample stream into chunks as its samples arrive.
pub struct Chunker<'a, T> {
    layout: ChunkLayout,
    schedule: Schedule,
    budget: &'a SampleBudget,
    /// From `before` samples ahead of the next chunk on.
    buffer: Vec<T>,
    first: u32,
    start: u64,
}

impl<'a, T: Copy + Default> Chunker<'a, T> {
    /// A chunker at the start of the media, which begins with the priming's zeros. The memory of its chunks
    /// counts against `budget`.
    pub fn new(layout: ChunkLayout, schedule: Schedule, budget: &'a SampleBudget) -> Self {
        let zeros = (layout.before + u64::from(PRIMING) * layout.scale) as usize;
        Self { layout, schedule, budget, buffer: vec![T::default(); CHANNELS * zeros], first: 0, start: 0 }
    }

    /// Takes more interleaved samples of the source and hands out the chunks that are certain.
    pub fn push(&mut self, pcm: &[T], out: &mut dyn FnMut(Chunk<T>)) {
        self.buffer.extend_from_slice(pcm);
        loop {
            let (mut lengths, mut sum) = (Vec::new(), 0);
            while sum < self.layout.span {
                let length = self.schedule.length(self.first as usize + lengths.len());
                sum += length;
                lengths.push(length * self.layout.scale);
            }
            // what follows is long enough for a segment of its own
            if self.ahead() < sum + SHORTEST_REST {
                return;
            }
            out(self.take(lengths));
        }
    }

    /// Ends the source and hands out what is left: whole segments, then the rest. The media's length in
    /// samples.
    pub fn finish(mut self, out: &mut dyn FnMut(Chunk<T>)) -> u64 {
        let available = self.available();
        let (mut lengths, mut sum) = (Vec::new(), 0);
        let mut index = self.first as usize;
        while self.schedule.cuts(index, self.ahead() - sum) {
            lengths.push(self.schedule.length(index) * self.layout.scale);
            sum += self.schedule.length(index);
            index += 1;
        }
        let rest = available - sum * self.layout.scale;
        if rest > 0 {
            lengths.push(rest);
        }
        let total = self.start + available;
        let zeros = CHANNELS * self.layout.after as usize;
        self.buffer.resize(self.buffer.len() + zeros, T::default());
        if !lengths.is_empty() {
            out(self.take(lengths));
        }
        total
    }

    /// Samples from the next chunk's start on.
    fn available(&self) -> u64 {
        (self.buffer.len() / CHANNELS) as u64 - self.layout.before
    }

    /// The same on the AAC grid, a part of a sample counting as one, as in AAC's own stream.
    fn ahead(&self) -> u64 {
        self.available().div_ceil(self.layout.scale)
    }

    fn take(&mut self, lengths: Vec<u64>) -> Chunk<T> {
        let length: u64 = lengths.iter().sum();
        let end = CHANNELS * (self.layout.before + length + self.layout.after) as usize;
        let end = end.min(self.buffer.len());
        let permit = self.budget.take(end * size_of::<T>());
        let kept = CHANNELS * length as usize;
        let pcm = self.buffer.get(..end).unwrap_or_default().to_vec();
        self.buffer.drain(..kept.min(self.buffer.len()));
        let (first, start) = (self.first, self.start);
        self.first += lengths.len() as u32;
        self.start += length;
        Chunk { first, start, lengths, pcm, _permit: permit }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The chunks of a source, its samples arriving `at_a_time`.
    fn chunks<T: Copy + Default>(layout: ChunkLayout, source: &[T], at_a_time: usize) -> Vec<Chunk<T>> {
        let budget = SampleBudget::new(usize::MAX);
        let mut chunker = Chunker::new(layout, Schedule::default(), &budget);
        let mut chunks = Vec::new();
        for part in source.chunks(2 * at_a_time) {
            chunker.push(part, &mut |chunk| chunks.push(chunk));
        }
        let total = chunker.finish(&mut |chunk| chunks.push(chunk));
        assert_eq!(total, source.len() as u64 / 2 + u64::from(PRIMING) * layout.scale);
        chunks
    }

    /// The lengths of the segments of `n` samples: of none are the values looked at.
    fn lengths(layout: ChunkLayout, n: u64, at_a_time: usize) -> Vec<u64> {
        let chunks = chunks(layout, &vec![(); 2 * n as usize], at_a_time);
        chunks.into_iter().flat_map(|chunk| chunk.lengths).collect()
    }

    /// Media lengths about which something could go wrong.
    fn totals() -> Vec<u64> {
        let segments = [131_072, 131_072 + 262_144, 131_072 + 8 * 262_144, 131_072 + 16 * 262_144];
        let near = |at: u64| [at - 1, at, at + 1, at + SHORTEST_REST - 1, at + SHORTEST_REST];
        [PRIMING.into(), 2049, 100_000].into_iter().chain(segments.into_iter().flat_map(near)).collect()
    }

    #[test]
    fn segments_depend_on_the_length_alone() {
        for total in totals() {
            let n = total - u64::from(PRIMING);
            let whole = lengths(ChunkLayout::AAC, n, 1 << 22);
            assert_eq!(whole, lengths(ChunkLayout::AAC, n, 77_777), "{total}");
            assert_eq!(whole.iter().sum::<u64>(), total);
            let (last, others) = whole.split_last().unwrap();
            assert!(others.iter().all(|length| length % LEAD == 0));
            assert!(total <= SHORTEST_REST || *last >= SHORTEST_REST, "{last} of {total}");
            let longest = Schedule::default().length(1) + SHORTEST_REST;
            assert!(whole.iter().all(|length| *length <= longest));
        }
    }

    #[test]
    fn boundaries_of_flac_are_those_of_aac_times_the_scale() {
        for scale in [1, 2, 4] {
            for total in totals().into_iter().filter(|total| *total > 2048) {
                // the shortest and the longest source of so many samples of the grid
                for n in [(total - 2048) * scale - (scale - 1), (total - 2048) * scale] {
                    let aac = lengths(ChunkLayout::AAC, total - 2048, 100_000);
                    let flac = lengths(ChunkLayout::flac(scale), n, 100_000);
                    let scaled: Vec<u64> = flac.iter().map(|length| length.div_ceil(scale)).collect();
                    assert_eq!(scaled, aac, "{n} at {scale}");
                }
            }
        }
    }

    #[test]
    fn a_chunk_carries_what_its_encoder_needs() {
        let n = 5_000_000;
        let source: Vec<u32> = (1..=n as u32).flat_map(|i| [i, i]).collect();
        for chunk in chunks(ChunkLayout::AAC, &source, 100_000) {
            let at = |media: i64| match media - i64::from(PRIMING) {
                source if (0..n as i64).contains(&source) => source as u32 + 1,
                _ => 0,
            };
            let length: u64 = chunk.lengths.iter().sum();
            assert_eq!(chunk.pcm.len() as u64, 2 * (LEAD + length + AHEAD));
            for (i, frame) in chunk.pcm.chunks(2).enumerate().step_by(997) {
                assert_eq!(frame[0], at(chunk.start as i64 - LEAD as i64 + i as i64));
            }
        }
    }
}
