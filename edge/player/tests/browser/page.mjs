// Chromium with a page that has a player and an ear on it.
import { createRequire } from "node:module";

const { chromium } = createRequire(new URL("../../../../tests/package.json", import.meta.url))(
  "playwright-core",
);
const { existsSync } = await import("node:fs");

const HEADLESS = "/usr/bin/chromium-headless-shell";
const args = [
  ...["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"],
  ...["--disable-background-networking", "--disable-component-update", "--disable-sync"],
  "--autoplay-policy=no-user-gesture-required",
  ...(process.env.CHROMIUM_FLAGS?.split(" ") ?? []),
];

export function browser() {
  const executablePath = process.env.CHROMIUM ?? (existsSync(HEADLESS) ? HEADLESS : "/usr/bin/chromium");
  return chromium.launch({ executablePath, args });
}

/** A page of `edge` where `player` plays what `settings` say, and `heard` collects what happens. `before` runs first. */
export async function open(context, edge, settings = {}, before) {
  const page = await context.newPage();
  page.faults = [];
  page.on("pageerror", (error) => page.faults.push(String(error)));
  if (before) await page.addInitScript(before);
  await page.goto(edge.url);
  await page.evaluate(prepare, { settings, life: settings.life ?? 3600, other: settings.edge });
  return page;
}

/** Runs in a page: a player on it, what happens, and ways to wait and to listen. */
export async function prepare({ settings, life, other }) {
  const { Player } = await import("/index.js");
  const audio = document.querySelector("audio");
  const sign = async (track) => {
    const query = new URLSearchParams({ track, life, ...(other && { edge: other }) });
    return (await fetch(`/sign?${query}`)).json();
  };
  globalThis.heard = { states: [], errors: [], skips: [], tracks: [], metrics: [] };
  const keys = settings.systems && {
    protection: (await import("/protection.js")).protection(audio, settings.systems),
  };
  globalThis.player = new Player(audio, { sign, cache: 0, ...settings, ...keys });
  player.on("state", (state) => heard.states.push(state));
  player.on("error", (error) => heard.errors.push(error));
  player.on("skip", (error) => heard.skips.push(error));
  player.on("track", ({ id }) => heard.tracks.push(id));
  player.on("metric", (metric) => heard.metrics.push(metric));
  globalThis.until = async (test, seconds = 10) => {
    const end = performance.now() + 1000 * seconds;
    while (!test()) {
      if (performance.now() > end)
        throw new Error(
          `never: ${test}; ${JSON.stringify({ heard, at: player.currentTime, state: player.state })}`,
        );
      await new Promise((done) => setTimeout(done, 20));
    }
  };
  globalThis.ear = async () => {
    const context = new AudioContext({ sampleRate: 44_100 });
    const worklet = `registerProcessor("ear", class extends AudioWorkletProcessor {
      process([[left]]) {
        const block = left ? left.slice() : new Float32Array(128);
        this.port.postMessage(block, [block.buffer]);
        return true;
      }
    });`;
    await context.audioWorklet.addModule(
      URL.createObjectURL(new Blob([worklet], { type: "text/javascript" })),
    );
    const node = new AudioWorkletNode(context, "ear");
    const blocks = [];
    node.port.onmessage = ({ data }) => blocks.push(data);
    context.createMediaElementSource(audio).connect(node).connect(context.destination);
    await context.resume();
    return () => {
      const all = new Float32Array(128 * blocks.length);
      blocks.forEach((block, i) => all.set(block, 128 * i));
      return all;
    };
  };
}
