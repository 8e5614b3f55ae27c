// The player in Firefox and in WebKitGTK, where Debian's packages of them are installed.
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { after, before, describe, test } from "node:test";
import { BUNDLES, bundle } from "../build.mjs";
import { Edge } from "./browser/edge.mjs";
import * as Firefox from "./browser/firefox.mjs";
import { join } from "./browser/join.mjs";
import { RATE, scale, tone, track } from "./browser/media.mjs";
import { MISSING, packaged } from "./browser/packaged.mjs";
import { prepare } from "./browser/page.mjs";
import { silence } from "./browser/silence.mjs";
import * as WebKit from "./browser/webkit.mjs";

const JOIN = 4 * RATE + 1311;
const LADDER = '["aac-24","aac-48","aac-96","aac-192"]';
/** What each can: `managed` Media Source beside the plain one, its own `hls`; samples by which a join may shift, of which
 * WebKitGTK, which cuts whole frames, is not asked. */
const ENGINES = [
  {
    name: "Firefox",
    program: Firefox.PROGRAM,
    start: Firefox.firefox,
    managed: false,
    hls: false,
    shift: 2,
    keys: true,
  },
  { name: "WebKitGTK", program: WebKit.DRIVER, start: WebKit.webkit, managed: true, hls: true },
];

for (const engine of ENGINES) {
  const skip = !existsSync(engine.program) && `${engine.program} is not installed`;
  describe(engine.name, { skip }, () => {
    let edge;
    let device;
    let browser;
    before(async () => {
      await Promise.all(BUNDLES.map((one) => bundle(one)));
      edge = await Edge.start(
        track("song", scale(60)),
        track("one", tone(JOIN)),
        track("two", tone(3 * RATE, JOIN)),
      );
      if (!MISSING) {
        const folder = mkdtempSync(`${tmpdir()}/nada-engines-`);
        const rungs = ["heaac2-24", "heaac-64", "aac-128"];
        edge.tracks.set("codecs", packaged(folder, "codecs", scale(30), rungs));
        const locked = packaged(folder, "locked", scale(12), ["aac-128"], "cbcs,lead=1,clearkey");
        edge.tracks.set("locked", locked);
        rmSync(folder, { recursive: true });
      }
      device = await silence();
      browser = await engine.start(device.environment);
    });
    after(async () => {
      await browser?.close();
      device?.stop();
      edge?.stop();
    });

    /** A test on a page with a player; `without` names what the browser has to do without. */
    function plays(name, { settings, without = [] }, body) {
      test(name, { timeout: 90_000 }, async (t) => {
        edge.log = [];
        edge.rule = () => undefined;
        edge.dead.clear();
        let page;
        t.after(() => page.close());
        // a page of its own, in the place of the one before: WebKit's driver has one at a time
        const open = async () => {
          await page?.close();
          page = await browser.page(edge.url);
          await page.evaluate((ladder) => localStorage.setItem("nada.ladder", ladder), LADDER);
          await page.evaluate((names) => names.forEach((name) => delete globalThis[name]), without);
          await page.evaluate(prepare, { settings: { normalise: null, ...settings }, life: 3600 });
          return page;
        };
        await body({ page: await open(), open, t });
        assert.deepEqual(await page.evaluate(() => heard.errors.map(({ code }) => code)), []);
      });
    }

    plays("it plays, seeks and switches", {}, async ({ page }) => {
      const found = await page.evaluate(async () => {
        player.play("song");
        await until(() => player.currentTime > 3.5);
        player.seek(40);
        await until(() => player.currentTime > 41);
        return [player.engine, heard.metrics.some(({ name }) => name === "switch")];
      });
      assert.deepEqual(found, ["mse", true]);
    });

    plays("a token that dies is renewed", { settings: { buffer: 4 } }, async ({ page }) => {
      await page.evaluate(async () => {
        player.play("song");
        await until(() => player.currentTime > 0.3);
      });
      edge.dead.add(`token${edge.signs}`);
      await page.evaluate(() => until(() => player.currentTime > 7, 20));
      assert.ok(edge.log.some(({ status }) => status === 403));
    });

    if (engine.keys && !MISSING)
      plays(
        "a protected track plays behind its clear lead, by ClearKey",
        { settings: { systems: ["clearkey"] } },
        async ({ page }) => {
          await page.evaluate(async () => {
            player.only = "aac-128";
            player.play("locked");
            await until(() => player.currentTime > 6, 30);
          });
          assert.equal(edge.paths().filter((path) => path === "license/clearkey").length, 1);
        },
      );

    plays("what was prefetched sounds without the network", {}, async ({ page }) => {
      await page.evaluate(() => player.prefetch(["song"]));
      edge.rule = () => ({ silent: true });
      const from = await page.evaluate(async () => {
        player.play("song");
        await until(() => player.currentTime > 0.2);
        return heard.metrics.find(({ name }) => name === "start").from;
      });
      assert.equal(from, "memory");
      edge.rule = () => undefined;
    });

    plays(
      "a second play comes from the cache if it may, and what was withdrawn is gone",
      { settings: { cache: 50e6 } },
      async ({ page }) => {
        await page.evaluate(async () => {
          player.play("song");
          await until(() => player.track && player.currentTime > 3.5);
        });
        edge.log = [];
        const from = await page.evaluate(async () => {
          player.play("song");
          await until(() => player.currentTime < 1);
          await until(() => player.currentTime > 1 && player.currentTime < 3);
          return heard.metrics.findLast(({ name }) => name === "start").from;
        });
        assert.equal(from, "cache");
        // a segment that the first play asked for last may stand before it
        const asked = edge.log.find(({ path }) => path === "track.json");
        assert.equal(asked?.status, 304);
        assert.ok(!edge.paths().some((path) => /start|00001/.test(path)), edge.paths().join());
        edge.rule = () => ({ status: 410, code: "withdrawn" });
        const left = await page.evaluate(async () => {
          player.play("song");
          await until(() => player.state === "error");
          const codes = heard.errors.splice(0).map(({ code }) => code);
          return [codes, (await (await caches.open("nada")).keys()).length];
        });
        assert.deepEqual(left, [["withdrawn"], 0]);
      },
    );

    plays("two tracks join without silence", {}, async ({ page, open, t }) => {
      const pages = [page];
      const next = () => pages.pop() ?? open();
      const { shift, step, silence, level } = await join(next, JOIN, engine.shift ?? Infinity);
      t.diagnostic(
        `${shift.toFixed(3)} samples of shift, ${silence} of silence, a step of ${step.toFixed(3)} in ${level.toFixed(3)}`,
      );
      assert.ok(silence < 10, `${silence} samples of silence`);
      assert.ok(step < 0.4 * level, `a step of ${step} in a tone of ${level}`);
      if (engine.shift) assert.ok(Math.abs(shift) < engine.shift, `${shift} samples of shift`);
    });

    const codecs = { settings: { buffer: 4 } };
    if (!MISSING)
      plays("it goes from one codec to another", codecs, async ({ page }) => {
        const found = await page.evaluate(async () => {
          player.only = "heaac2-24";
          player.play("codecs");
          for (const name of ["aac-128", "heaac-64", "heaac2-24"]) {
            await until(() => player.currentTime > 0.5 && player.track);
            const from = player.currentTime;
            player.only = name;
            await until(() => player.currentTime > from + 6, 15);
          }
          return [
            heard.metrics.filter(({ name }) => name === "switch").map(({ to }) => to),
            player.audio.error,
          ];
        });
        assert.deepEqual(found, [["aac-128", "heaac-64", "heaac2-24"], null]);
      });

    const managed = { without: ["MediaSource"] };
    if (engine.managed)
      plays("with a managed media source alone it plays, and seeks", managed, async ({ page }) => {
        const found = await page.evaluate(async () => {
          player.play("song");
          await until(() => player.currentTime > 3.5);
          player.seek(40);
          await until(() => player.currentTime > 41);
          return [player.engine, typeof MediaSource, player.audio.disableRemotePlayback];
        });
        assert.deepEqual(found, ["mse", "undefined", true]);
      });

    const without = ["MediaSource", "ManagedMediaSource"];
    if (engine.hls)
      plays("without Media Source its own HLS plays, and seeks", { without }, async ({ page }) => {
        const found = await page.evaluate(async () => {
          player.play("song");
          await until(() => player.track && player.currentTime > 1, 20);
          player.seek(40);
          await until(() => player.currentTime > 41, 20);
          return player.engine;
        });
        assert.equal(found, "hls");
      });

    const file = { without, settings: { engine: "file" } };
    plays("without Media Source one rendition plays as a file, and seeks", file, async ({ page }) => {
      const found = await page.evaluate(async () => {
        player.play("song");
        await until(() => player.track && player.currentTime > 1, 20);
        player.seek(40);
        await until(() => player.currentTime > 41, 20);
        return [player.engine, player.rendition];
      });
      assert.deepEqual(found, ["file", "aac-24"]);
    });
  });
}
