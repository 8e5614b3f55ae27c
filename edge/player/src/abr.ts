// Which rendition the next segment is taken of: the buffer is played through in advance, with the bytes of the segments
// to come, which `track.json` tells.
import type { Estimate } from "./throughput.ts";

/** Renditions lowest first; `sizes[r][k]` are bytes of the k-th segment to come, `seconds[k]` its length. */
export interface Ahead {
  sizes: readonly (readonly number[])[];
  seconds: readonly number[];
  buffer: number;
  current: number;
  network: Estimate;
}

const UP = 0.7; // shares of the estimate that are counted on
const STAY = 0.9;
const SURE = 0.5; // seconds of transfer that tell a network
const ENOUGH = 10; // seconds in the buffer after a segment with which the next one is soon enough for going down
const NEAR = 8; // seconds in the buffer before whose end nothing is given up

/** The place of the rendition to take: the highest that leaves the buffer filled. Going up asks for more than staying does,
 * so that a wavering network makes no switches. */
export function choose({ sizes, seconds, buffer, current, network }: Ahead): number {
  if (!(network.rate > 0)) return Math.max(current, 0);
  const gained = sum(seconds);
  // with nothing in the buffer one waits in any case: a little more does no harm
  if (buffer < 0.1) buffer = network.latency + 0.65;
  const fits = (r: number, share: number, up: boolean) => {
    const times = (sizes[r] ?? []).map((bytes) => network.latency + (8 * bytes) / (network.rate * share));
    const least = through(times, seconds, buffer);
    const lasts = sum(times) <= gained;
    // up: for as long as one sees; stay: there is enough for a while yet
    const first = times[0] ?? 0;
    return up
      ? lasts && least >= Math.min(2, buffer / 3)
      : least >= 4 || (lasts && least > 0.5) || buffer - first >= ENOUGH;
  };
  const top = sizes.length - 1;
  const found = sizes.findLastIndex((_, r) => r === 0 || fits(r, r > current ? UP : STAY, r > current));
  // after one answer a single step is left out, and any on the way to the highest where the next one may tell that it fits
  const hold =
    network.weight < SURE &&
    (found === current + 1 || (found < top && fits(top, 2 * UP, true))) &&
    fits(current, STAY, false);
  return hold ? Math.min(found, current) : found;
}

/** Whether a segment that is on its way is given up for the lowest rendition's: only where the buffer would run dry before
 * its end, and the other would be here sooner. Times in seconds; `buffer` counts what has already come of it. */
export function abandon(
  { got, bytes, elapsed }: { got: number; bytes: number; elapsed: number },
  lowest: number,
  buffer: number,
  latency: number,
): boolean {
  if (elapsed < latency + 1 || buffer > NEAR) return false;
  const rate = got / elapsed;
  const left = (bytes - got) / rate;
  return left > buffer && latency + lowest / rate < left / 2;
}

/** The least that is in the buffer on the way. */
function through(times: readonly number[], seconds: readonly number[], buffer: number): number {
  let least = Infinity;
  times.forEach((time, k) => {
    buffer -= time;
    least = Math.min(least, buffer);
    buffer += seconds[k] ?? 0;
  });
  return least;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, one) => all + one, 0);
}
