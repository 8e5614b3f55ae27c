// Tables of what was heard.  report.mjs WORK
import { readFileSync } from "node:fs";
import { arrivals, judge } from "./heard.mjs";
import { traces } from "./traces.mjs";

const [work] = process.argv.slice(2);
const lines = (name) => readFileSync(`${work}/${name}`, "utf8");
const { segment_samples, timeline } = JSON.parse(lines("track.json"));
const times = [0];
for (const samples of segment_samples) times.push(times.at(-1) + samples / timeline.rate);
const all = arrivals(lines("asked.log"));
const runs = lines("runs.jsonl")
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line))
  .map((run) => ({
    ...run,
    ...judge(
      run,
      all.filter(({ at }) => at >= run.begun && at <= run.heard.at(-1)[0]),
      times,
    ),
  }));

const ways = [...new Set(runs.map(({ way }) => way))];
const names = Object.keys(traces).filter((name) => runs.some(({ trace }) => trace === name));
const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
const of = (way, name) => runs.filter((run) => run.way === way && (!name || run.trace === name));
const cell = (some) => {
  const [rate, silence, switches, start] = ["rate", "silence", "switches", "start"].map((key) =>
    mean(some.map((run) => run[key])),
  );
  return `${rate.toFixed(0)}, ${silence.toFixed(1)}, ${switches.toFixed(1)} (${start.toFixed(1)})`;
};
const row = (cells) => console.log(`| ${cells.join(" | ")} |`);

console.log("kbit/s, seconds of silence, switches (seconds until the sound)\n");
row(["", ...ways]);
row(["---", ...ways.map(() => "---")]);
for (const name of names) row([name, ...ways.map((way) => cell(of(way, name)))]);
row(["mean", ...ways.map((way) => cell(of(way)))]);
const total = (way, key) => mean(of(way).map((run) => run[key]));
for (const peer of ways.filter((way) => way !== "player"))
  if (ways.includes("player"))
    console.log(
      `\nagainst ${peer}: bit rate ${(total("player", "rate") / total(peer, "rate")).toFixed(2)}, silence ${(total("player", "silence") / total(peer, "silence")).toFixed(2)}, switches ${(total("player", "switches") / total(peer, "switches")).toFixed(2)}`,
    );
for (const { way, trace, said } of runs.filter(({ said }) => said.length > 0))
  console.log(way, trace, said.join(" "));
