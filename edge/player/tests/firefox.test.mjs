// The player in Firefox, which FIREFOX names: what can be had there.
import assert from "node:assert/strict";
import { test } from "node:test";
import { BUNDLES, bundle } from "../build.mjs";
import { Edge } from "./browser/edge.mjs";
import { Firefox } from "./browser/firefox.mjs";
import { join } from "./browser/join.mjs";
import { RATE, scale, tone, track } from "./browser/media.mjs";
import { prepare } from "./browser/page.mjs";

const JOIN = 4 * RATE + 1311;
const program = process.env.FIREFOX;

test("in Firefox", { skip: !program && "FIREFOX names no program", timeout: 120_000 }, async (t) => {
  await Promise.all(BUNDLES.map((one) => bundle(one)));
  const songs = [track("song", scale(60)), track("one", tone(JOIN)), track("two", tone(3 * RATE, JOIN))];
  const edge = await Edge.start(...songs);
  t.after(() => edge.stop());
  const firefox = await Firefox.start(program, edge.url);
  t.after(() => firefox.stop());
  t.diagnostic(`Firefox ${firefox.version}`);
  await firefox.evaluate(() => localStorage.setItem("nada.ladder", '["aac-24","aac-48","aac-96","aac-192"]'));
  await firefox.evaluate(prepare, { settings: { cache: 50e6, normalise: null }, life: 3600 });

  await t.test("it plays, seeks and switches", async () => {
    const found = await firefox.evaluate(async () => {
      player.play("song");
      await until(() => player.currentTime > 3.5);
      player.seek(40);
      await until(() => player.currentTime > 41);
      return {
        engine: player.engine,
        errors: heard.errors,
        switches: heard.metrics.filter(({ name }) => name === "switch"),
      };
    });
    assert.deepEqual([found.engine, found.errors], ["mse", []]);
    assert.ok(found.switches.length > 0);
  });

  await t.test("a second play comes from the cache", async () => {
    edge.log = [];
    const from = await firefox.evaluate(async () => {
      player.play("song");
      await until(() => heard.metrics.filter(({ name }) => name === "start").length === 2);
      return heard.metrics.findLast(({ name }) => name === "start").from;
    });
    assert.equal(from, "cache");
    assert.deepEqual(
      edge.log.map(({ path, status }) => [path, status]),
      [["track.json", 304]],
    );
  });

  await t.test("two tracks join", async (t) => {
    const { shift, step, level } = await join(() => firefox, JOIN);
    t.diagnostic(
      `${shift.toFixed(3)} samples of shift, a step of ${step.toFixed(3)} in a tone of ${level.toFixed(3)}`,
    );
    assert.ok(Math.abs(shift) < 2, `${shift} samples of shift`);
    assert.ok(step < 0.4 * level, `a step of ${step} in a tone of ${level}`);
  });
});
