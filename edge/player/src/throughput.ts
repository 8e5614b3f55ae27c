// What the network gives, learned from every answer: the time until the first byte, and the bit rate after it.

/** An answer: bytes in all, those that came after the first piece, and times in milliseconds. */
export interface Answer {
  bytes: number;
  later: number;
  first: number;
  whole: number;
}

/** Two moving averages of the bit rate, one that follows soon and one that does not, and one of the latency. */
export interface Throughput {
  fast: number;
  slow: number;
  weight: number;
  latency: number;
}

/** In bit/s and seconds; `weight` is of how many seconds of transfer it is known. */
export interface Estimate {
  rate: number;
  latency: number;
  weight: number;
}

export const UNKNOWN: Throughput = { fast: 0, slow: 0, weight: 0, latency: 0 };

const ENOUGH = 6_000; // bytes after the first piece that tell a rate of their own
const LONG = 100; // milliseconds in which fewer do
const FAST = 3; // half lives, in seconds of transfer
const SLOW = 10;

/** What is known after one more answer. A small one comes in a single piece: it says that the network is at least so fast. */
export function learn(known: Throughput, { bytes, later, first, whole }: Answer): Throughput {
  const own = whole - first >= (later >= ENOUGH ? 5 : LONG) && later >= ENOUGH / 4;
  const seconds = Math.max(own ? whole - first : whole, 1) / 1000;
  const rate = (8 * (own ? later : bytes)) / seconds;
  const trust = Math.max(seconds, 0.25) * (own ? 1 : 0.5);
  // a floor is no news where more is known
  if (!own && known.weight > 0 && rate < known.fast && seconds < 2 * known.latency + 0.5)
    return { ...known, latency: sooner(known.latency, first / 1000) };
  return {
    fast: average(known.fast, rate, known.weight, trust, FAST),
    slow: average(known.slow, rate, known.weight, trust, SLOW),
    weight: known.weight + trust,
    latency: known.weight > 0 ? sooner(known.latency, first / 1000) : first / 1000,
  };
}

/** The careful one of both averages. */
export function estimate({ fast, slow, latency, weight }: Throughput): Estimate {
  return { rate: Math.min(fast, slow), latency, weight };
}

/** The latency after one more answer. It falls sooner than it rises: the first answer may have waited for a connection. */
function sooner(old: number, now: number): number {
  return old + (now - old) * (now < old ? 0.7 : 0.3);
}

/** An exponential average that does not lean to its beginning. */
function average(old: number, now: number, weight: number, trust: number, half: number): number {
  const keep = 0.5 ** (trust / half);
  const before = 1 - 0.5 ** (weight / half);
  const after = 1 - 0.5 ** ((weight + trust) / half);
  return (old * before * keep + now * (1 - keep)) / after;
}
