// Plays in turns and reads what the main thread has spent: CPU time of its tasks, from the tap on.
import { readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import { app, launch, song } from "../phone.mjs";

const { values: option } = parseArgs({
  options: Object.fromEntries(["seconds", "rounds", "ways"].map((name) => [name, { type: "string" }])),
});
const { CPU_WORK: work } = process.env;
const ways = option.ways.split(",");
const server = await app(new URL("../abr/page", import.meta.url));
const browser = await launch();
const { edge } = JSON.parse(readFileSync(`${work}/ready.json`, "utf8").split("\n")[0]);
const asked = song(work, edge);
const spent = Object.fromEntries(ways.map((way) => [way, []]));

for (let round = 0; round < Number(option.rounds); round++)
  for (const way of ways) {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(`http://localhost:${server.address().port}/page/index.html`);
    await page.waitForFunction(() => globalThis.begin);
    const session = await context.newCDPSession(page);
    await session.send("Performance.enable", { timeDomain: "threadTicks" });
    const read = async () => {
      const { metrics } = await session.send("Performance.getMetrics");
      return Object.fromEntries(metrics.map(({ name, value }) => [name, value]));
    };
    await pause(1000);
    const before = await read();
    await page.evaluate((all) => begin(...all), [way, asked]);
    await pause(1000 * Number(option.seconds));
    const after = await read();
    const at = await page.evaluate(() => globalThis.audio.currentTime);
    if (at < 0.9 * Number(option.seconds)) throw new Error(`${way} played ${at} s only`);
    const [task, script] = ["TaskDuration", "ScriptDuration"].map((name) => after[name] - before[name]);
    spent[way].push({ task, script });
    console.error(way, `${Math.round(1000 * task)} ms, scripts ${Math.round(1000 * script)} ms`);
    await context.close();
  }
await browser.close();
server.close();

const median = (values) => {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
};
const of = (way, kind) => median(spent[way].map((one) => one[kind]));
console.log(`| main thread, ms of CPU in ${option.seconds} s | all tasks | scripts |\n|---|---|---|`);
for (const way of ways)
  console.log(
    `| ${way} | ${["task", "script"].map((kind) => `${Math.round(1000 * of(way, kind))} (${(of(way, kind) / of("hls.js", kind)).toFixed(2)})`).join(" | ")} |`,
  );
