// The start of a protected track beside that of one in the clear: see `protection`.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { BUNDLES, bundle } from "../../edge/player/build.mjs";
import { Edge } from "../../edge/player/tests/browser/edge.mjs";
import { RATE, tone } from "../../edge/player/tests/browser/media.mjs";
import { packaged } from "../../edge/player/tests/browser/packaged.mjs";
import { browser, open } from "../../edge/player/tests/browser/page.mjs";
import { median } from "./workerd/load.mjs";

const rounds = Number(process.argv[2]);
const NAME = "aac-128";
const WAYS = { clear: undefined, lead: "cbcs,lead=2,clearkey", locked: "cbcs,lead=0,clearkey" };

await Promise.all(BUNDLES.map((one) => bundle(one)));
const folder = mkdtempSync(`${tmpdir()}/nada-bench-`);
const ids = Object.keys(WAYS);
const edge = await Edge.start(...ids.map((id) => packaged(folder, id, tone(20 * RATE), [NAME], WAYS[id])));
const chromium = await browser();
const context = await chromium.newContext();
await context.addInitScript((ladder) => localStorage.setItem("nada.ladder", ladder), JSON.stringify([NAME]));
const times = Object.fromEntries(ids.map((id) => [id, []]));
for (let round = 0; round <= rounds; round++)
  for (const id of round % 2 ? ids : ids.toReversed()) {
    const page = await open(context, edge, { normalise: null, systems: ["clearkey"] });
    const milliseconds = await page.evaluate(async (id) => {
      // a tap comes when the page has been looked at
      await new Promise((done) => setTimeout(done, 500));
      player.play(id);
      await until(() => heard.metrics.some(({ name }) => name === "start"), 20);
      return heard.metrics.find(({ name }) => name === "start").milliseconds;
    }, id);
    // the first is for the caches
    if (round > 0) times[id].push(milliseconds);
    await page.close();
  }
await chromium.close();
edge.stop();
rmSync(folder, { recursive: true });
const later = (id) => median(times[id].map((time, i) => time - times.clear[i]));
console.log(`from the tap to the sound, ${rounds} rounds, medians in ms`);
console.log(`in the clear                    ${median(times.clear).toFixed(1)}`);
console.log(`with a clear lead, later by     ${later("lead").toFixed(1)}  (at most 10)`);
console.log(`without one, later by           ${later("locked").toFixed(1)}`);
