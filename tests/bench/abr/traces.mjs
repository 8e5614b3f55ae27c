// What phones' links give while one moves, made up from fixed seeds: the same at every run.

/** Random numbers from 0 to 1 (mulberry32). */
function random(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const between = (draw, low, high) => low + (high - low) * draw();

/** On foot under 4G: some Mbit/s that wander, and shadows of a few seconds in which next to nothing is left. */
function walk(draw) {
  const steps = [];
  let level = Math.log(between(draw, 1500, 5000));
  for (let shadow = 0; steps.length < 300;) {
    level = 0.9 * level + 0.1 * Math.log(2500) + between(draw, -0.45, 0.45);
    if (shadow > 0) shadow -= 1;
    else if (draw() < 0.05) shadow = Math.round(between(draw, 3, 12));
    const down = Math.exp(level) * (shadow > 0 ? 0.04 : 1);
    steps.push([1, down, down / 2, shadow > 0 ? 220 : 90]);
  }
  return steps;
}

/** On a train: cells that come and go within a minute, and tunnels without a bit. */
function train(draw) {
  const steps = [];
  for (let second = 0; second < 300;) {
    const open = Math.round(between(draw, 15, 45));
    const peak = between(draw, 400, 4000);
    for (let k = 0; k < open; k++) {
      const down = Math.max(60, peak * Math.sin((Math.PI * (k + 1)) / (open + 1)) * between(draw, 0.6, 1.2));
      steps.push([1, down, down / 2, 140]);
    }
    const tunnel = Math.round(between(draw, 4, 22));
    steps.push([tunnel, 0, 0, 140]);
    second += open + tunnel;
  }
  return [...steps, [1, 500, 250, 140]];
}

/** From 4G to 3G to 2G and back: each for a while, and a second or two of nothing between. */
function handover(draw) {
  const kinds = [
    [6000, 80],
    [1400, 220],
    [320, 350],
    [150, 700],
  ];
  const steps = [];
  let at = Math.floor(draw() * 2);
  for (let second = 0; second < 300;) {
    const [rate, rtt] = kinds[at];
    const length = Math.round(between(draw, 12, 35));
    for (let k = 0; k < length; k++) {
      const down = rate * between(draw, 0.75, 1.15);
      steps.push([1, down, down / 2, rtt]);
    }
    const gap = between(draw, 0.8, 2.5);
    steps.push([gap, 0, 0, rtt]);
    second += length + gap;
    at = at === 0 ? 1 : at === 3 ? 2 : at + (draw() < 0.5 ? -1 : 1);
  }
  return [...steps, [1, 500, 250, 140]];
}

/** 2G that drops out: 90 to 260 kbit/s, and silences. */
function drops(draw) {
  const steps = [];
  for (let second = 0; second < 300;) {
    const length = Math.round(between(draw, 10, 30));
    const rate = between(draw, 90, 260);
    for (let k = 0; k < length; k++) steps.push([1, rate * between(draw, 0.8, 1.2), rate, 700]);
    const gap = Math.round(between(draw, 2, 9));
    steps.push([gap, 0, 0, 700]);
    second += length + gap;
  }
  return [...steps, [1, 150, 100, 700]];
}

/** Steps of [seconds, kbit/s down, kbit/s up, round trip in ms], by name; `other` gives ten others. */
export const made = (other = 0) =>
  Object.fromEntries(
    [
      ["4G walk 1", walk, 11],
      ["4G walk 2", walk, 12],
      ["4G walk 3", walk, 13],
      ["train 1", train, 21],
      ["train 2", train, 22],
      ["handover 1", handover, 31],
      ["handover 2", handover, 32],
      ["handover 3", handover, 33],
      ["2G drop-outs 1", drops, 41],
      ["2G drop-outs 2", drops, 42],
    ].map(([name, make, seed]) => [name, make(random(seed + other))]),
  );

export const traces = made();

/** As startup/link.c reads it. */
export function text(trace) {
  return trace.map((step) => step.map((value) => value.toFixed(2)).join(" ")).join("\n") + "\n";
}
