// The player with what the packager makes and the edge serves. Needs the program `nada`, which NADA_PROGRAM names.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { createInterface } from "node:readline";
import { after, before, describe, test } from "node:test";
import { BUNDLES, bundle } from "../build.mjs";
import { Edge } from "./browser/edge.mjs";
import { join } from "./browser/join.mjs";
import { RATE, tone } from "./browser/media.mjs";
import { MISSING, packaged, PROGRAM, RUNGS } from "./browser/packaged.mjs";
import { browser, open } from "./browser/page.mjs";

const CUT = 4 * RATE + 1311;

describe("with the packager and the edge", { skip: MISSING }, () => {
  let chromium;
  let folder;
  before(async () => {
    await Promise.all(BUNDLES.map((one) => bundle(one)));
    folder = mkdtempSync(`${tmpdir()}/nada-player-`);
    chromium = await browser();
  });
  after(async () => {
    await chromium?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Two tracks, each in one rendition, one after the other. */
  async function joined(t, first, second) {
    const tracks = [
      packaged(folder, "one", tone(CUT), [first]),
      packaged(folder, "two", tone(3 * RATE, CUT), [second]),
    ];
    const edge = await Edge.start(...tracks);
    t.after(() => edge.stop());
    const context = await chromium.newContext();
    t.after(() => context.close());
    await context.addInitScript(
      (ladder) => localStorage.setItem("nada.ladder", ladder),
      JSON.stringify([first]),
    );
    const settings = { normalise: null, lossless: true };
    const heard = await join(() => open(context, edge, settings), CUT, first === second ? 0.1 : Infinity);
    const { shift, step, silence, level } = heard;
    t.diagnostic(
      `${first}, ${second}: ${shift.toFixed(3)} samples, ${silence} of silence, a step of ${step.toFixed(3)} in a tone of ${level.toFixed(3)}`,
    );
    return heard;
  }

  for (const name of RUNGS)
    test(`two tracks in ${name} join to the sample`, { timeout: 60_000 }, async (t) => {
      const { shift, step, level } = await joined(t, name, name);
      assert.ok(Math.abs(shift) < 0.1, `${shift} samples of shift`);
      assert.ok(step < 0.4 * level, `a step of ${step} in a tone of ${level}`);
    });

  for (const [first, second] of [
    ["flac", "aac-128"],
    ["aac-128", "flac"],
  ])
    test(`${first} joins ${second}, with the dip of a browser that changes its decoder`, async (t) => {
      const { shift, silence } = await joined(t, first, second);
      assert.ok(silence < 0.15 * RATE, `${silence} samples of silence`);
      assert.ok(Number.isFinite(shift));
    });

  /** The songs of a demo of its own. */
  async function demo(t) {
    const demo = spawn(PROGRAM, ["demo", "--json", "--port", "0", "--dir", `${folder}/demo`], {
      stdio: ["ignore", "pipe", "ignore"],
    });
    t.after(async () => {
      demo.kill();
      await once(demo, "exit");
    });
    const [line] = await once(createInterface(demo.stdout), "line");
    return JSON.parse(line).songs;
  }

  test("the demo's page plays its protected song, too", { timeout: 120_000 }, async (t) => {
    const song = (await demo(t)).find((song) => song.protected);
    const page = await (await chromium.newContext()).newPage();
    t.after(() => page.context().close());
    const licences = [];
    page.on("request", (request) => request.method() === "POST" && licences.push(request.url()));
    await page.goto(song.player);
    await page.click("#play");
    // the clear lead is 9 s
    await page.waitForFunction(() => document.getElementById("audio").currentTime > 10, null, {
      timeout: 60_000,
    });
    assert.equal(licences.length, 1);
    assert.ok(licences[0].endsWith("/license/clearkey"), licences[0]);
    assert.equal(await page.isVisible("#notice"), false);
  });

  test(
    "the demo's songs play from its edge, begin without a playlist, and come again for 1 KB at most",
    { timeout: 120_000 },
    async (t) => {
      const songs = (await demo(t)).filter((song) => !song.protected);
      const items = songs.map(({ player }) => {
        const url = player.replace("/player/#", "");
        return { track: /\/t\/([^/]+)\//.exec(url)[1], url, expires_in: 3600 };
      });
      assert.ok(items.length >= 3);
      const edge = await Edge.start();
      t.after(() => edge.stop());
      const context = await chromium.newContext();
      t.after(() => context.close());
      const played = [];
      for (const again of [false, true]) {
        const page = await open(context, edge, { cache: 50e6, buffer: 200 });
        const network = await context.newCDPSession(page);
        await network.send("Network.enable");
        let moved = 0;
        const asked = [];
        network.on("Network.dataReceived", ({ encodedDataLength }) => (moved += encodedDataLength));
        page.on("request", (request) =>
          asked.push(new URL(request.url()).pathname.replace(/.*\/t\/[^/]+\//, "")),
        );
        for (const item of items) {
          moved = 0;
          asked.length = 0;
          const title = await page.evaluate(async (item) => {
            player.play(item);
            await until(
              () => player.id === item.track && player.state === "playing" && player.currentTime > 1,
              20,
            );
            await new Promise((done) => setTimeout(done, 500));
            return player.track.title;
          }, item);
          assert.ok(title);
          assert.ok(!asked.some((path) => path.endsWith(".m3u8")), asked.join());
          if (again)
            assert.deepEqual(
              // the lock screen's picture is asked for by the browser, and has not changed either
              asked.filter((path) => path !== "later.js" && !path.startsWith("artwork/")),
              ["track.json"],
            );
          if (again) assert.ok(moved <= 1024, `${moved} bytes`);
          played.push(await page.evaluate(() => heard.metrics.findLast(({ name }) => name === "start").from));
        }
        assert.deepEqual(await page.evaluate(() => heard.errors), []);
        assert.deepEqual(page.faults, []);
        await page.close();
      }
      assert.deepEqual(played, [...items.map(() => "network"), ...items.map(() => "cache")]);
    },
  );
});
