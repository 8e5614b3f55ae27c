// Protected tracks, by the browser's ClearKey. Needs the program `nada`, which NADA_PROGRAM names.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { after, before, describe, test } from "node:test";
import { BUNDLES, bundle } from "../build.mjs";
import { Edge } from "./browser/edge.mjs";
import { RATE, tone } from "./browser/media.mjs";
import { MISSING, packaged, RUNGS } from "./browser/packaged.mjs";
import { browser, open } from "./browser/page.mjs";

describe("protected tracks", { skip: MISSING }, () => {
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

  /** A page whose player has licences by ClearKey, or none. */
  async function page(t, track, name, systems = ["clearkey"]) {
    const edge = await Edge.start(track);
    t.after(() => edge.stop());
    const context = await chromium.newContext();
    t.after(() => context.close());
    await context.addInitScript(
      (ladder) => localStorage.setItem("nada.ladder", ladder),
      JSON.stringify([name]),
    );
    return { edge, at: await open(context, edge, { lossless: true, normalise: null, systems }) };
  }

  const licenses = (edge) => edge.paths().filter((path) => path.startsWith("license/"));

  for (const name of RUNGS)
    test(
      `${name} plays through its clear lead and behind it, by one licence`,
      { timeout: 60_000 },
      async (t) => {
        const track = packaged(folder, "locked", tone(12 * RATE), [name], "cbcs,lead=1,clearkey");
        const { edge, at } = await page(t, track, name);
        const level = await at.evaluate(async () => {
          const heard = await ear();
          player.play("locked");
          await until(() => player.currentTime > 5, 30);
          return Math.max(...heard().slice(-44_100).map(Math.abs));
        });
        assert.ok(level > 0.3 && level < 0.5, `a level of ${level} behind the lead, of a tone of 0.4`);
        await at.evaluate(async () => {
          player.seek(9);
          await until(() => player.currentTime > 10, 20);
        });
        assert.deepEqual(await at.evaluate(() => heard.errors), []);
        assert.deepEqual(licenses(edge), ["license/clearkey"]);
      },
    );

  for (const [first, second, keys] of [
    ["heaac2-24", "aac-128", 1],
    ["aac-128", "flac", 2],
  ])
    test(`from ${first} it goes to ${second}, with ${keys} licences`, { timeout: 60_000 }, async (t) => {
      const track = packaged(folder, "switched", tone(40 * RATE), [first, second], "cbcs,lead=1,clearkey");
      const { edge, at } = await page(t, track, first);
      const rendition = await at.evaluate(
        async (names) => {
          player.only = names[0];
          player.play("switched");
          await until(() => player.currentTime > 1, 30);
          player.only = names[1];
          player.seek(33);
          await until(() => player.currentTime > 35, 30);
          return player.rendition;
        },
        [first, second],
      );
      assert.equal(rendition, second);
      assert.deepEqual(await at.evaluate(() => heard.errors), []);
      assert.equal(licenses(edge).length, keys);
    });

  test("the clear lead sounds while the licence is on its way", { timeout: 60_000 }, async (t) => {
    const track = packaged(folder, "leading", tone(20 * RATE), ["aac-128"], "cbcs,lead=2,clearkey");
    const { edge, at } = await page(t, track, "aac-128");
    let wait = true;
    edge.rule = ({ path }) =>
      wait && path.startsWith("license/") ? { status: 503, code: "origin_unavailable" } : undefined;
    await at.evaluate(async () => {
      player.play("leading");
      await until(() => player.currentTime > 3, 20);
    });
    wait = false;
    await at.evaluate(() => until(() => player.currentTime > 11, 30));
    assert.deepEqual(await at.evaluate(() => heard.errors), []);
    assert.ok(licenses(edge).length > 1);
  });

  test("the licence's token is renewed", { timeout: 60_000 }, async (t) => {
    const track = packaged(folder, "renewed", tone(6 * RATE), ["aac-128"], "cbcs,lead=0,clearkey");
    const { edge, at } = await page(t, track, "aac-128");
    let refused = 0;
    edge.rule = ({ path }) =>
      path.startsWith("license/") && refused++ === 0 ? { status: 403, code: "token_expired" } : undefined;
    await at.evaluate(async () => {
      player.play("renewed");
      await until(() => player.currentTime > 2, 20);
    });
    assert.deepEqual(await at.evaluate(() => heard.errors), []);
    assert.deepEqual([licenses(edge).length, edge.signs], [2, 2]);
  });

  for (const [code, status] of [
    ["withdrawn", 410],
    ["territory", 451],
  ])
    test(`a licence that is refused as ${code} is told by its code`, { timeout: 60_000 }, async (t) => {
      const track = packaged(folder, code, tone(6 * RATE), ["aac-128"], "cbcs,lead=0,clearkey");
      const { edge, at } = await page(t, track, "aac-128");
      edge.rule = ({ path }) => (path.startsWith("license/") ? { status, code } : undefined);
      await at.evaluate(async (code) => {
        player.play(code);
        await until(() => player.state === "error", 20);
      }, code);
      assert.deepEqual(await at.evaluate(() => heard.errors.map(({ code }) => code)), [code]);
    });

  test("without a key system a protected track is told to be one", { timeout: 60_000 }, async (t) => {
    const track = packaged(folder, "refused", tone(6 * RATE), ["aac-128"], "cbcs,lead=0,clearkey");
    for (const systems of [null, ["fairplay"]]) {
      const { at } = await page(t, track, "aac-128", systems);
      await at.evaluate(async () => {
        player.play("refused");
        await until(() => player.state === "error", 20);
      });
      assert.deepEqual(await at.evaluate(() => heard.errors.map(({ code }) => code)), ["protection"]);
    }
  });
});
