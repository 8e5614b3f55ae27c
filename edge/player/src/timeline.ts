// Where a track lies on the clock of the audio element, so that one follows the other without a gap.
import type { Timeline, Track } from "./track.ts";

const MDHD = 0x6d646864;

/** Media time plus `offset` is the element's time; only what sounds between `from` and `until` is kept. */
export interface Place {
  offset: number;
  from: number;
  until: number;
}

/** The place of a track whose source begins at `start` seconds: the priming before it and the padding behind it are cut.
 * Browsers count microseconds, so the offset is rounded up: a first sample a fraction before `from` would be lost. */
export function place({ rate, priming, samples }: Timeline, start: number): Place {
  const offset = Math.ceil((start - priming / rate) * 1e6) / 1e6;
  return { offset, from: start, until: start + samples / rate };
}

/** The place of a track of which nothing but the header is here: the priming is 2048 samples at 44.1 kHz or 48 kHz in every
 * rendition, and the header's time scale (`mdhd`) says which. */
export function guess(header: Uint8Array, start: number): Place {
  const view = new DataView(header.buffer, header.byteOffset, header.byteLength);
  let at = 4;
  while (at + 28 <= header.length && view.getUint32(at - 4) !== MDHD) at++;
  const scale = at + 28 <= header.length && view.getUint32(at + (header[at] === 1 ? 20 : 12));
  const rate = scale && scale % 8000 === 0 ? 48_000 : 44_100;
  return { ...place({ rate, priming: 2048, samples: 0 }, start), until: Infinity };
}

/** The media times at which segments begin, and the end of the last. */
export function segmentTimes({
  segment_samples,
  timeline,
}: Pick<Track, "segment_samples" | "timeline">): number[] {
  const times = [0];
  let samples = 0;
  for (const length of segment_samples) times.push((samples += length) / timeline.rate);
  return times;
}

/** The segment in which a media time lies. */
export function segmentAt(times: readonly number[], time: number): number {
  const index = times.findLastIndex((begin) => begin <= time);
  return Math.min(Math.max(index, 0), times.length - 2);
}

/** The time in which segment `index` is heard, on the element's clock. */
export function heard(
  times: readonly number[],
  index: number,
  { offset, from, until }: Place,
): [number, number] {
  return [
    Math.max(from, offset + (times[index] ?? 0)),
    Math.min(until, offset + (times[index + 1] ?? Infinity)),
  ];
}
