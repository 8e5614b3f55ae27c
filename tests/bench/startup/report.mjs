// Tables of what was measured: medians in milliseconds, and against the MP3.
import { readFileSync } from "node:fs";

const runs = readFileSync(process.argv[2], "utf8")
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line));
const unique = (key) => [...new Set(runs.map((run) => run[key]))];
const median = (values) => {
  const sorted = values.filter(Number.isFinite).sort((a, b) => a - b);
  return sorted.length > 0 ? (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2 : NaN;
};
const of = (link, way, warm) =>
  runs.filter((run) => run.link === link && run.way === way && run.warm === warm);
const sound = (...which) => median(of(...which).map(({ sound }) => sound ?? NaN));
const row = (cells) => console.log(`| ${cells.join(" | ")} |`);

row(["", ...unique("link").map((link) => `${link}, cold / warm`)]);
row(["---", ...unique("link").map(() => "---")]);
for (const way of unique("way"))
  row([
    way,
    ...unique("link").map((link) => {
      const [cold, warm] = [false, true].map((is) => sound(link, way, is));
      const [a, b] = [cold / sound(link, "MP3", false), warm / sound(link, "MP3", true)];
      const ratios = way === "MP3" || !(a > 0) ? "" : ` (${a.toFixed(2)} / ${b.toFixed(2)})`;
      return `${Math.round(cold)} / ${Math.round(warm)}${ratios}`;
    }),
  ]);
const dry = runs.filter(({ stalls }) => stalls.length > 0);
if (dry.length > 0)
  console.log(
    `\nStalls: ${dry.map(({ link, way, stalls }) => `${way} on ${link} ${stalls.map(Math.round).join(" + ")} ms`).join("; ")}`,
  );
