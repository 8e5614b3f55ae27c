// The player with what the packager makes and the edge serves. Needs the program `nada`, which NADA_PROGRAM names.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { createInterface } from "node:readline";
import { after, before, describe, test } from "node:test";
import { BUNDLES, bundle } from "../build.mjs";
import { Edge } from "./browser/edge.mjs";
import { join } from "./browser/join.mjs";
import { parse, PRIMING, RATE, tone } from "./browser/media.mjs";
import { browser, open } from "./browser/page.mjs";

const program = process.env.NADA_PROGRAM ?? "";
const CUT = 4 * RATE + 1311;
const RUNGS = ["heaac2-24", "heaac-64", "aac-128"];
const FRAMES = { heaac2: 2048, heaac: 2048, aac: 1024 };

describe(
  "with the packager and the edge",
  { skip: !existsSync(program) && "NADA_PROGRAM names no program" },
  () => {
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

    /** A track as `nada package` makes it, in one rendition. */
    function packaged(id, samples, name) {
      const out = `${folder}/${id}`;
      if (!existsSync(out)) {
        writeFileSync(`${out}.wav`, wav(samples));
        execFileSync(program, ["package", "--out", out, "--ladder", RUNGS.join(), `${out}.wav`], {
          stdio: "pipe",
        });
      }
      const file = parse(readFileSync(`${out}/${name}.mp4`), FRAMES[name.split("-")[0]]);
      const version = Buffer.from(id).toString("hex").padStart(32, "0");
      const segment_bytes = file.segments.map(({ length }) => length);
      return {
        id,
        version,
        files: { [name]: file },
        about: {
          ...{ id, title: id, artists: [], album: "", lyrics: null, versions: [version] },
          timeline: { rate: RATE, priming: PRIMING, samples: samples.length },
          segment_samples: file.samples,
          renditions: [{ name, bandwidth: 1000, segment_bytes }],
        },
      };
    }

    for (const name of RUNGS)
      test(`two tracks in ${name} join to the sample`, { timeout: 60_000 }, async (t) => {
        const tracks = [packaged("one", tone(CUT), name), packaged("two", tone(3 * RATE, CUT), name)];
        const edge = await Edge.start(...tracks);
        t.after(() => edge.stop());
        const context = await chromium.newContext();
        t.after(() => context.close());
        await context.addInitScript(
          (ladder) => localStorage.setItem("nada.ladder", ladder),
          JSON.stringify([name]),
        );
        const { shift, step, level } = await join(await open(context, edge, { normalise: null }), CUT);
        t.diagnostic(
          `${name}: ${shift.toFixed(3)} samples, a step of ${step.toFixed(3)} in a tone of ${level.toFixed(3)}`,
        );
        assert.ok(Math.abs(shift) < 0.1, `${shift} samples of shift`);
        assert.ok(step < 0.4 * level, `a step of ${step} in a tone of ${level}`);
      });

    test(
      "the demo's songs play from its edge, begin without a playlist, and come again for 1 KB at most",
      { timeout: 120_000 },
      async (t) => {
        const demo = spawn(program, ["demo", "--json", "--port", "0", "--dir", `${folder}/demo`], {
          stdio: ["ignore", "pipe", "ignore"],
        });
        t.after(() => demo.kill());
        const [line] = await once(createInterface(demo.stdout), "line");
        const items = JSON.parse(line).songs.map(({ player }) => {
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
                asked.filter((path) => path !== "later.js"),
                ["track.json"],
              );
            if (again) assert.ok(moved <= 1024, `${moved} bytes`);
            played.push(
              await page.evaluate(() => heard.metrics.findLast(({ name }) => name === "start").from),
            );
          }
          assert.deepEqual(await page.evaluate(() => heard.errors), []);
          assert.deepEqual(page.faults, []);
          await page.close();
        }
        assert.deepEqual(played, [...items.map(() => "network"), ...items.map(() => "cache")]);
      },
    );
  },
);

/** 16-bit stereo. */
function wav(samples) {
  const bytes = Buffer.alloc(44 + 4 * samples.length);
  bytes.write("RIFF\0\0\0\0WAVEfmt ", "latin1");
  bytes.writeUInt32LE(36 + 4 * samples.length, 4);
  [16, RATE, 4 * RATE, 4 * samples.length].forEach((value, i) =>
    bytes.writeUInt32LE(value, [16, 24, 28, 40][i]),
  );
  [1, 2, 4, 16].forEach((value, i) => bytes.writeUInt16LE(value, [20, 22, 32, 34][i]));
  bytes.write("data", 36);
  samples.forEach((sample, i) => {
    for (const at of [44, 46]) bytes.writeInt16LE(Math.round(32_767 * sample), at + 4 * i);
  });
  return bytes;
}
