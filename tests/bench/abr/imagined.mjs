// The player's decisions on the traces without a player: seconds of imagined time instead of minutes. For trying what would
// be better; what is claimed is measured by `run`.   imagined.mjs [SECONDS [OTHER]]
import { fileURLToPath } from "node:url";
import { abandon, choose } from "../../../edge/player/src/abr.ts";
import { goal } from "../../../edge/player/src/buffer.ts";
import { estimate, learn, UNKNOWN } from "../../../edge/player/src/throughput.ts";
import { made } from "./traces.mjs";

const RUNGS = [24, 32, 64, 128, 256];
const SECONDS = [2.972, 5.944]; // of the first segment, and of the others
const HORIZON = 6;
const PIECE = 1369;
const HANDSHAKES = 2; // round trips before the first request
const sizes = SECONDS.map((seconds) => RUNGS.map((kbps) => Math.round((kbps * 1000 * 1.03 * seconds) / 8)));

/** What the link gives from a time on. */
function at(trace, time) {
  let end = 0;
  for (const [seconds, down, , rtt] of trace) {
    end += seconds;
    if (time < end) return { rate: down * 1000, rtt: rtt / 1000, end };
  }
  const [, down, , rtt] = trace.at(-1);
  return { rate: down * 1000, rtt: rtt / 1000, end: Infinity };
}

/** When so many more bytes are here. */
function arrives(trace, time, bytes) {
  let bits = 8 * bytes;
  for (;;) {
    const { rate, end } = at(trace, time);
    const part = rate * (end - time);
    if (part >= bits) return time + bits / rate;
    bits -= part;
    time = end;
  }
}

/** One listening. */
export function listen(trace, seconds, most = 60) {
  let now = 0;
  let known = UNKNOWN;
  let loaded = 0; // seconds of media
  let heard = 0;
  let silence = 0;
  let playing = false;
  const taken = [];
  const until = (time) => {
    if (playing) {
      const plays = Math.min(time - now, loaded - heard);
      heard += plays;
      silence += time - now - plays;
    }
    now = time;
  };
  let current = 0;
  let forced = null;
  while (now < seconds) {
    const room = loaded - heard - goal(heard, most);
    if (room >= 0) {
      until(Math.min(now + Math.max(room, 0.2), now + 2));
      continue;
    }
    const buffer = loaded - heard;
    const network = estimate(known);
    const ahead = {
      sizes: sizes[1].map((size) => Array(HORIZON).fill(size)),
      seconds: Array(HORIZON).fill(SECONDS[1]),
      buffer,
      current,
      network,
    };
    const r = forced ?? (taken.length === 0 ? 0 : choose(ahead));
    forced = null;
    const began = now;
    const place = Math.min(taken.length, 1);
    const trips = taken.length === 0 && loaded === 0 ? 1 + HANDSHAKES : 1;
    const first = arrives(trace, now + trips * at(trace, now).rtt, PIECE);
    const bytes = sizes[place][r];
    let given = false;
    for (
      let got = PIECE, time = first;
      ;
      got = Math.min(got + 4 * PIECE, bytes), time = arrives(trace, time, 4 * PIECE)
    ) {
      const rest = got >= bytes ? arrives(trace, first, bytes - PIECE) : time;
      until(Math.max(rest, now));
      if (got >= bytes) break;
      const elapsed = now - began;
      if (r > 0 && abandon({ got, bytes, elapsed }, sizes[place][0], loaded - heard, network.latency)) {
        given = true;
        break;
      }
    }
    if (given) {
      forced = 0;
      continue;
    }
    known = learn(known, {
      bytes,
      later: bytes - PIECE,
      first: 1000 * (first - began),
      whole: 1000 * (now - began),
    });
    if (!playing) playing = true;
    loaded += SECONDS[place];
    taken.push(r);
    current = r;
  }
  const length = (k) => SECONDS[Math.min(k, 1)];
  const played = taken.slice(0, 1 + Math.ceil(Math.max(0, heard - SECONDS[0]) / SECONDS[1]));
  const sum = (of) => played.reduce((all, r, k) => all + of(r) * length(k), 0);
  return {
    rate: sum((r) => RUNGS[r]) / sum(() => 1),
    silence,
    switches: played.filter((r, i) => i > 0 && r !== played[i - 1]).length,
    taken: played.join(""),
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const seconds = Number(process.argv[2] ?? 120);
  const all = Object.entries(made(Number(process.argv[3] ?? 0))).map(([name, trace]) => ({
    name,
    ...listen(trace, seconds),
  }));
  for (const { name, rate, silence, switches, taken } of all)
    console.log(
      name.padEnd(16),
      rate.toFixed(0).padStart(4),
      silence.toFixed(1).padStart(6),
      String(switches).padStart(3),
      taken,
    );
  const mean = (key) => all.reduce((sum, one) => sum + one[key], 0) / all.length;
  console.log(
    "mean".padEnd(16),
    mean("rate").toFixed(1),
    mean("silence").toFixed(2),
    mean("switches").toFixed(1),
  );
}
