// The decisions, as functions from values to values.
import assert from "node:assert/strict";
import { test } from "node:test";
import { listen } from "../../../tests/bench/abr/imagined.mjs";
import { made } from "../../../tests/bench/abr/traces.mjs";
import { abandon, choose } from "../src/abr.ts";
import { ahead, covers, goal, jump, past } from "../src/buffer.ts";
import { fields as cmcd } from "../src/cmcd.ts";
import { evict } from "../src/evict.ts";
import { below, first, LADDER } from "../src/first.ts";
import { gain } from "../src/gain.ts";
import { actionOn, backoff, codeOf, forgets } from "../src/refusal.ts";
import { estimate, learn, UNKNOWN } from "../src/throughput.ts";
import { guess, heard, place, segmentAt, segmentTimes } from "../src/timeline.ts";
import { nominal, typeOf } from "../src/track.ts";
import { wholeFrames } from "../src/trun.ts";

test("a name tells bit rate and codec", () => {
  assert.deepEqual(["heaac2-24", "aac-256", "flac"].map(nominal), [24, 256, Infinity]);
  assert.deepEqual(
    ["heaac2-24", "heaac-64", "aac-128", "flac"].map((name) => /"(.*)"/.exec(typeOf(name))[1]),
    ["mp4a.40.29", "mp4a.40.5", "mp4a.40.2", "fLaC"],
  );
});

test("a song begins low where nothing is known, and better where the network was seen to bring it", () => {
  const of = (known, ceiling) => first(LADDER, known, ceiling);
  const fourG = { effectiveType: "4g", downlink: 10 };
  assert.equal(of({}), "heaac2-24");
  assert.equal(of({ connection: fourG }), "heaac2-24", "what the browser believes is not enough");
  assert.equal(of({ last: { rate: 8e6, age: 60 }, connection: fourG }), "aac-128");
  assert.equal(of({ last: { rate: 50e6, age: 60 } }), "aac-256");
  assert.equal(of({ last: { rate: 50e6, age: 60 } }, 64), "heaac-64", "never above the token's ceiling");
  assert.equal(of({ last: { rate: 50e6, age: 100_000 } }), "heaac2-24", "yesterday is long ago");
  assert.equal(of({ last: { rate: 50e6, age: 60 }, connection: { effectiveType: "2g" } }), "heaac2-24");
  assert.equal(of({ last: { rate: 50e6, age: 60 }, connection: { saveData: true } }), "heaac2-24");
  assert.equal(
    of({ last: { rate: 50e6, age: 60 }, connection: { effectiveType: "4g", downlink: 1 } }),
    "heaac2-24",
  );
});

test("below a rendition is the next one", () => {
  assert.equal(below(LADDER, "aac-128"), "heaac-64");
  assert.equal(below(LADDER, "heaac2-24"), null);
});

test("throughput follows the network down soon and up with care", () => {
  const answer = (rate, bytes = 50_000, latency = 100) => ({
    bytes,
    later: bytes - 1400,
    first: latency,
    whole: latency + (8000 * bytes) / rate,
  });
  let known = UNKNOWN;
  for (let i = 0; i < 20; i++) known = learn(known, answer(2e6));
  assert.ok(Math.abs(estimate(known).rate / 2e6 - 1) < 0.05, `${estimate(known).rate}`);
  assert.ok(Math.abs(estimate(known).latency - 0.1) < 0.01);
  let slower = known;
  for (let i = 0; i < 5; i++) slower = learn(slower, answer(2e5));
  assert.ok(estimate(slower).rate < 3.5e5, `${estimate(slower).rate}`);
  const once = learn(slower, answer(2e6));
  assert.ok(estimate(once).rate < 6e5, "one good answer is not a good network");
});

test("an answer in one piece is a floor: it neither lowers nor leaps", () => {
  const small = { bytes: 9000, later: 0, first: 300, whole: 300 };
  const alone = learn(UNKNOWN, small);
  assert.equal(estimate(alone).rate, (8 * 9000) / 0.3);
  let known = UNKNOWN;
  for (let i = 0; i < 10; i++) known = learn(known, { bytes: 50_000, later: 48_000, first: 300, whole: 500 });
  const after = learn(known, small);
  assert.equal(after.fast, known.fast);
});

test("a small answer that takes its time tells a rate, too", () => {
  const slow = { bytes: 9000, later: 7600, first: 700, whole: 700 + (8000 * 7600) / 160_000 };
  const { rate, latency } = estimate(learn(UNKNOWN, slow));
  assert.ok(Math.abs(rate / 160_000 - 1) < 0.01, `${rate}`);
  assert.equal(latency, 0.7);
});

test("after one answer it leaves out the step on the way to the highest, and takes it once more is known", () => {
  const sizes = LADDER.map((name) => Array(6).fill((nominal(name) * 1000 * 6) / 8));
  const ahead = { sizes, seconds: Array(6).fill(6), buffer: 2.7, current: 0 };
  const after = (rate, weight) => choose({ ...ahead, network: { rate, latency: 0.2, weight } });
  assert.equal(after(8e5, 0.25), 0);
  assert.ok(after(8e5, 1) > 1);
  assert.equal(after(1.5e5, 0.25), 0, "a single step");
  assert.ok(after(3.5e5, 0.25) > 1, "more where it will not be the highest");
});

test("over ten traces of networks it is silent for a moment at most, and seldom wavers", () => {
  for (const other of [0, 1000, 2000]) {
    const all = Object.values(made(other)).map((trace) => listen(trace, 180));
    const sum = (key) => all.reduce((sum, one) => sum + one[key], 0);
    assert.ok(sum("silence") < 2, `${sum("silence")} s of silence`);
    assert.ok(sum("switches") < 45, `${sum("switches")} switches`);
    assert.ok(sum("rate") / all.length > 180, `${sum("rate") / all.length} kbit/s`);
  }
});

/** A ladder of 24, 48, 96 and 192 kbit/s in segments of 3 s. */
const ladder = (horizon = 6) => ({
  sizes: [24, 48, 96, 192].map((kbps) => Array(horizon).fill((kbps * 1000 * 3) / 8)),
  seconds: Array(horizon).fill(3),
});

test("the highest rendition that the buffer lasts for", () => {
  const at = (rate, buffer, current, latency = 0.1) =>
    choose({ ...ladder(), buffer, current, network: { rate, latency } });
  assert.equal(at(0, 3, 0), 0, "nothing is known: stay");
  assert.equal(at(10e6, 3, 0), 3);
  assert.equal(at(200e3, 3, 0), 1, "little is in the buffer: one step");
  assert.equal(at(200e3, 10, 0), 2);
  assert.equal(at(60e3, 3, 0), 0);
  assert.equal(at(150e3, 20, 3), 3, "a full buffer is used before one goes down");
  assert.equal(at(150e3, 4, 3), 2);
  assert.equal(at(150e3, 4, 2), 2);
  assert.equal(at(10e6, 0, 3), 3, "after a seek there is nothing in the buffer, and no reason to go down");
  assert.equal(at(20e3, 0, 0), 0, "the lowest is always taken");
  assert.deepEqual([at(280e3, 8, 0, 0.1), at(280e3, 8, 0, 1.6)], [2, 1], "round trips are counted");
});

test("what lasts is kept: the same network does not make it waver", () => {
  for (const rate of [50e3, 100e3, 150e3, 250e3, 400e3]) {
    let current = 0;
    let buffer = 3;
    const taken = [];
    for (let i = 0; i < 60; i++) {
      const noise = 1 + 0.15 * Math.sin(i * 1.7);
      current = choose({ ...ladder(), buffer, current, network: { rate: rate * noise, latency: 0.2 } });
      buffer = Math.min(60, Math.max(0, buffer - 0.2 - (8 * ladder().sizes[current][0]) / rate) + 3);
      taken.push(current);
    }
    const switches = taken.filter((r, i) => i > 0 && r !== taken[i - 1]).length;
    assert.ok(switches <= 4, `${rate}: ${taken.join("")}`);
  }
});

test("a segment is given up only where that helps", () => {
  const bytes = 72_000;
  assert.equal(abandon({ got: 5000, bytes, elapsed: 2 }, 9000, 3, 0.1), true);
  assert.equal(abandon({ got: 5000, bytes, elapsed: 0.5 }, 9000, 3, 0.1), false, "too soon to say");
  assert.equal(abandon({ got: 60_000, bytes, elapsed: 2 }, 9000, 1, 0.1), false, "it is nearly here");
  assert.equal(abandon({ got: 5000, bytes, elapsed: 2 }, 9000, 40, 0.1), false, "the buffer lasts");
  assert.equal(
    abandon({ got: 1400, bytes, elapsed: 9 }, 9000, 9, 0.1),
    false,
    "in a tunnel there is time yet",
  );
  assert.equal(abandon({ got: 5000, bytes, elapsed: 2 }, 60_000, 3, 0.1), false, "the other is as large");
});

test("the buffer: how much, what of it, what is past, and holes", () => {
  assert.deepEqual([goal(0, 60), goal(10, 60), goal(500, 60)], [15, 25, 60]);
  assert.equal(
    ahead(
      [
        [0, 5],
        [5.02, 8],
        [9, 12],
      ],
      2,
    ),
    6,
  );
  assert.equal(ahead([[3, 5]], 1), 0);
  assert.equal(covers([[0, 5.97]], [3, 6]), true);
  assert.equal(covers([[0, 5.8]], [3, 6]), false);
  assert.equal(past([[0, 90]], 50), null);
  assert.deepEqual(past([[0, 90]], 61), [0, 31]);
  assert.equal(
    jump(
      [
        [0, 5],
        [5.3, 9],
      ],
      5,
    ),
    5.301,
  );
  assert.equal(
    jump(
      [
        [0, 5],
        [7, 9],
      ],
      5,
    ),
    null,
    "what is missing is loaded, not jumped",
  );
  assert.equal(jump([[0, 5]], 3), null);
});

test("of the cache goes what was not heard for longest, and never what is playing", () => {
  const all = { a: { bytes: 4, used: 1 }, b: { bytes: 4, used: 2 }, c: { bytes: 4, used: 3 } };
  assert.deepEqual(evict(all, 12, null), []);
  assert.deepEqual(evict(all, 8, null), ["a"]);
  assert.deepEqual(evict(all, 7, "a"), ["b", "c"]);
});

test("refusals", () => {
  const what = (...args) => actionOn(...args).do;
  assert.deepEqual(
    [0, 2, 3].map((tried) => what("token_expired", 403, tried)),
    ["renew", "renew", "stop"],
  );
  assert.deepEqual(
    [0, 1].map((tried) => what("token_invalid", 403, tried)),
    ["renew", "stop"],
  );
  for (const code of ["territory", "not_yet", "ended", "withdrawn", "of_tomorrow"])
    assert.equal(what(code, 451, 0), "stop", code);
  assert.equal(what("rendition_not_allowed", 403, 0), "lower");
  assert.equal(what("not_found", 404, 0), "reload");
  assert.deepEqual(actionOn("origin_unavailable", 503, 0, 7), { do: "retry", after: 7000 });
  assert.deepEqual(actionOn("internal", 500, 1), { do: "retry", after: 1000 });
  assert.equal(what("origin_unavailable", 503, 6), "stop");
  assert.equal(backoff(20), 4000);
  assert.deepEqual(["withdrawn", "token_expired"].map(forgets), [true, false]);
  assert.equal(codeOf('{"code":"territory"}', 451), "territory");
  assert.deepEqual(
    [410, 502, 418].map((status) => codeOf("<html>", status)),
    ["internal", "origin_unavailable", "internal"],
  );
});

test("loudness: down to the target, never up", () => {
  const track = {
    loudness: { integrated: -8, true_peak: 0 },
    album_loudness: { integrated: -10, true_peak: 0 },
  };
  const dB = (factor) => 20 * Math.log10(factor);
  assert.ok(Math.abs(dB(gain(track, "track", -14)) + 6) < 1e-9);
  assert.ok(Math.abs(dB(gain(track, "album", -14)) + 4) < 1e-9);
  assert.ok(
    Math.abs(dB(gain({ loudness: track.loudness }, "album", -14)) + 6) < 1e-9,
    "a single is its own album",
  );
  assert.deepEqual([gain(track, null, -14), gain({}, "track", -14), gain(track, "track", -5)], [1, 1, 1]);
});

const timeline = { rate: 44_100, priming: 2048, samples: 310_011 };

test("tracks follow each other to the sample, and nothing of a beginning is lost to rounding", () => {
  let start = 0;
  let samples = 0;
  for (let i = 0; i < 50; i++) {
    const { offset, from, until } = place(timeline, start);
    assert.equal(from, start);
    const firstSample = offset + 2048 / 44_100;
    assert.ok(firstSample >= from && firstSample - from < 1.1e-6, `${firstSample - from}`);
    start = until;
    samples += timeline.samples;
    assert.ok(Math.abs(until - samples / 44_100) < 1e-6);
  }
});

test("before track.json a header's time scale tells the priming", () => {
  const header = (scale, version = 0) => {
    const bytes = new Uint8Array(80);
    bytes.set([0x6d, 0x64, 0x68, 0x64, version], 20);
    new DataView(bytes.buffer).setUint32(24 + (version ? 20 : 12), scale);
    return bytes;
  };
  for (const [scale, rate] of [
    [44_100, 44_100],
    [48_000, 48_000],
    [96_000, 48_000],
    [88_200, 44_100],
    [24_000, 48_000],
  ])
    for (const version of [0, 1])
      assert.equal(guess(header(scale, version), 3).offset, place({ ...timeline, rate }, 3).offset);
  assert.equal(guess(new Uint8Array(9), 0).offset, place(timeline, 0).offset);
});

test("segments on the clock", () => {
  const times = segmentTimes({ segment_samples: [44_100, 88_200, 44_100], timeline });
  assert.deepEqual(times, [0, 1, 3, 4]);
  assert.deepEqual(
    [-1, 0, 0.99, 1, 3.5, 9].map((time) => segmentAt(times, time)),
    [0, 0, 0, 1, 2, 2],
  );
  const where = { offset: 9.9, from: 10, until: 13.5 };
  assert.deepEqual(heard(times, 0, where), [10, 10.9]);
  assert.deepEqual(heard(times, 2, where), [12.9, 13.5]);
});

test("the last frame is told its whole length", () => {
  // version and flags, count, data offset, then duration and size of each
  const fields = [0x301, 2, 99, 1024, 300, 763, 200];
  const bytes = new Uint8Array(8 + 4 * fields.length);
  bytes.set([0x74, 0x72, 0x75, 0x6e], 4);
  const view = new DataView(bytes.buffer);
  fields.forEach((value, i) => view.setUint32(8 + 4 * i, value));
  wholeFrames(bytes, 1024);
  assert.deepEqual(
    [20, 24, 28, 32].map((at) => view.getUint32(at)),
    [1024, 300, 1024, 200],
  );
  view.setUint32(8, 0x201);
  const before = bytes.slice();
  wholeFrames(bytes, 1024);
  assert.deepEqual(bytes, before, "without durations there is nothing to mend");
  wholeFrames(new Uint8Array(5), 1024);
});

test("what the edge is told", () => {
  assert.equal(
    cmcd({ sid: "s", ot: "a", br: 64, bl: 12_345, mtp: 987, su: true }),
    'bl=12300,br=64,mtp=1000,ot=a,sf=v,sid="s",su',
  );
  assert.equal(cmcd({ sid: "s", su: false }), 'sf=v,sid="s"');
  assert.equal(
    cmcd({ sid: "s", ot: "a", br: 64, bl: 12_345, mtp: 987, bs: true, v: 2 }),
    'bl=(12300),br=(64),bs,mtp=(1000),ot=a,sf=v,sid="s",v=2',
  );
});
