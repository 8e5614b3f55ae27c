// hls.js by its recipe, against the stand-in for the edge: what it asks for, and what it says.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Edge } from "./browser/edge.mjs";
import { scale, track } from "./browser/media.mjs";
import { browser } from "./browser/page.mjs";

let chromium;
before(async () => (chromium = await browser()));
after(() => chromium?.close());

/** A page on which hls.js plays by the recipe; `codes` is what it was told. */
async function play(t, edge) {
  const page = await chromium.newPage();
  t.after(() => page.close());
  await page.goto(edge.url);
  await page.addScriptTag({ url: "/npm/hls.js/dist/hls.min.js" });
  await page.evaluate(async () => {
    const { play } = await import("/recipes/hls.mjs");
    globalThis.codes = [];
    globalThis.audio = document.querySelector("audio");
    const ask = async () => (await fetch("/sign?track=song&life=3600")).json();
    globalThis.hls = await play(Hls, audio, ask, { tell: (code) => codes.push(code) });
    audio.play().catch(() => {});
  });
  return page;
}

async function withEdge(t) {
  const edge = await Edge.start(track("song", scale(60), {}, [24, 48, 96, 192], "heaac2"));
  t.after(() => edge.stop());
  return edge;
}

const sounds = (page, seconds) =>
  page.waitForFunction((seconds) => audio.currentTime > seconds, seconds, { timeout: 15_000 });

test("before its first sound it asks for the start and track.json, side by side", async (t) => {
  const edge = await withEdge(t);
  edge.rule = ({ path }) => (/00002|media|multivariant/.test(path) ? { silent: true } : undefined);
  const page = await play(t, edge);
  await sounds(page, 0.5);
  assert.deepEqual(edge.paths().slice(0, 2).sort(), ["start/heaac2-24.mp4", "track.json"]);
  assert.ok(!edge.paths().some((path) => /m3u8|00001|heaac2-24\/init/.test(path)), edge.paths().join());
  const estimate = await page.evaluate(() => hls.bandwidthEstimate);
  assert.ok(estimate < 1e9, `${estimate} bit/s: what was here already tells of no network`);
});

test("it goes up by what the network gave, and to no more than the token allows", async (t) => {
  const edge = await withEdge(t);
  edge.rule = ({ path }) =>
    /-(96|192)\//.test(path) ? { status: 403, code: "rendition_not_allowed" } : undefined;
  const page = await play(t, edge);
  await sounds(page, 8);
  assert.deepEqual(await page.evaluate(() => codes), []);
  assert.ok(edge.log.some(({ path, status }) => /-48\/0000/.test(path) && status === 200));
});

test("a song that may not be heard is told by its code", async (t) => {
  const edge = await withEdge(t);
  edge.rule = () => ({ status: 410, code: "withdrawn" });
  const page = await play(t, edge);
  await page.waitForFunction(() => codes.length > 0, null, { timeout: 15_000 });
  assert.deepEqual(await page.evaluate(() => codes), ["withdrawn"]);
});
