// The playground plays what is pasted, and shows what happens.
import assert from "node:assert/strict";
import { test } from "node:test";
import { serve } from "../playground/serve.mjs";
import { Edge } from "./browser/edge.mjs";
import { scale, track } from "./browser/media.mjs";
import { browser } from "./browser/page.mjs";

test("the playground plays a signed URL and shows its events", { timeout: 40_000 }, async (t) => {
  const edge = await Edge.start(track("song", scale(60)));
  t.after(() => edge.stop());
  const server = await serve(0);
  t.after(() => server.close());
  const chromium = await browser();
  t.after(() => chromium.close());
  const page = await chromium.newPage();
  const faults = [];
  page.on("pageerror", (error) => faults.push(String(error)));
  await page.goto(`http://127.0.0.1:${server.address().port}/`);
  await page.fill("#urls", `${edge.url}/~pasted/t/song/multivariant.m3u8`);
  await page.selectOption("[name=cmcd]", "2");
  await page.click("#play");
  await page.waitForFunction(() => globalThis.player?.currentTime > 3.5);
  const events = await page.locator("#events li").allTextContents();
  for (const name of ["state", "track", "metric"])
    assert.ok(
      events.some((line) => line.split(" ")[1] === name),
      name,
    );
  assert.match(await page.locator("#now").textContent(), /playing.*mse.*song/s);
  assert.ok(edge.log.some(({ query }) => decodeURIComponent(query).includes("v=2")));
  await page.selectOption("#only", "aac-48");
  await page.evaluate(() => player.seek(30));
  await page.waitForFunction(() => player.rendition === "aac-48");
  assert.deepEqual(faults, []);
});
