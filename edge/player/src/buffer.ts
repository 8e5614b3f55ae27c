// How much is loaded ahead, and what is let go of behind.

/** A stretch of time in the buffer, in seconds. */
export type Range = readonly [begin: number, end: number];

const LEAST = 15;
const BEHIND = 30;
const SMALL = 0.05; // frames are up to 46 ms long

/** Seconds to have ahead: few for a song that may be skipped, more the longer it is listened to. */
export function goal(listened: number, most: number): number {
  return Math.min(most, LEAST + listened);
}

/** Seconds in the buffer from `now` on without a hole. */
export function ahead(ranges: readonly Range[], now: number): number {
  let until = now;
  for (const [begin, end] of ranges) if (begin <= until + SMALL && end > until) until = end;
  return until - now;
}

/** Whether all of it is in the buffer. */
export function covers(ranges: readonly Range[], [begin, end]: Range): boolean {
  return ranges.some((range) => range[0] <= begin + SMALL && range[1] >= end - SMALL);
}

/** What may go, once it is worth the trouble: all that is long past. */
export function past(ranges: readonly Range[], now: number, behind = BEHIND): Range | null {
  const begin = ranges[0]?.[0] ?? Infinity;
  return now - begin > 2 * behind ? [begin, now - behind] : null;
}

/** Where to go on when it stands still at `now` though there is more to play: a hole that is small enough to be jumped. */
export function jump(ranges: readonly Range[], now: number, widest = 1): number | null {
  if (ahead(ranges, now) > SMALL) return null;
  const next = ranges.find(([begin]) => begin > now);
  return next && next[0] - now <= widest ? next[0] + 0.001 : null;
}
