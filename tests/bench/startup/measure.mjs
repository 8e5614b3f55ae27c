// The phone: Chromium and the app's page, in a network namespace whose only way out is the link. One JSON line a run.
import { spawn } from "node:child_process";
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import { app, browse, HOST, song as signed } from "../phone.mjs";
import { links } from "./links.mjs";

/** The demo's page as a stranger finds it: named in --ways only. */
const PAGE = "page";
const { STARTUP_WORK: work, STARTUP_PHONE: phone, STARTUP_EDGE: edge } = process.env;
const { values: option } = parseArgs({
  options: {
    links: { type: "string" },
    runs: { type: "string" },
    ways: { type: "string" },
    cpu: { type: "string" },
    out: { type: "string" },
    follow: { type: "string", default: "0" },
  },
});

/** The link, until the function that it gives is called. */
async function shape({ down, up, rtt, loss }, seed) {
  const program = spawn(`${work}/link`, [phone, edge, down, up, rtt, loss, seed].map(String), {
    stdio: "inherit",
  });
  process.once("exit", () => program.kill());
  await pause(300);
  return () =>
    new Promise((ended) => {
      program.once("exit", ended);
      program.kill("SIGTERM");
    });
}

/** Bytes of IP packets that have come over the link. */
const received = () => Number(/wire:\s*(\d+)/.exec(readFileSync("/proc/self/net/dev", "utf8"))[1]);

const server = await app(new URL("page", import.meta.url));
const browser = await browse(work, "10.77.0.1");
const song = signed(work);

/** A visit of the demo's page by somebody who taps as soon as that can be: until the element's clock moves. A second visit, if
 * warm. In milliseconds from the navigation on. */
async function visit(tab, { page }, { warm, patience }) {
  await tab.addInitScript(() => {
    const look = () => {
      const [play, audio] = [document.getElementById("play"), document.getElementById("audio")];
      if (play && !play.disabled && audio.paused && !globalThis.tapped) {
        globalThis.tapped = performance.now();
        play.click();
      }
      if (audio?.currentTime > 0.01) globalThis.sound ??= performance.now();
      else setTimeout(look, 5);
    };
    look();
  });
  let sound = null;
  for (let visits = warm ? 2 : 1; visits > 0; visits--) {
    await tab.goto("about:blank");
    await tab.goto(page.replace(/^https?:\/\/[^/]+/, HOST), {
      waitUntil: "commit",
      timeout: 1000 * patience,
    });
    await tab.waitForFunction(() => globalThis.sound, null, { timeout: 1000 * patience });
    sound = await tab.evaluate(() => globalThis.sound);
    if (visits > 1) await pause(5000);
  }
  return { sound, stalls: [], tapped: await tab.evaluate(() => globalThis.tapped) };
}

writeFileSync(option.out, "");
for (const [index, name] of option.links.split(",").entries()) {
  const link = links[name];
  const open = await shape(link, index + 1);
  for (let run = 1; run <= Number(option.runs); run++)
    for (const warm of [false, true]) {
      const page = await browser.newPage();
      await page.goto(`http://localhost:${server.address().port}/page/index.html`);
      const all = await page.waitForFunction(() => globalThis.names).then((handle) => handle.jsonValue());
      await page.close();
      // interleaved, so that a busy minute of the machine meets all of them
      for (const way of option.ways === "all" ? all : option.ways.split(",")) {
        const context = await browser.newContext();
        const tab = await context.newPage();
        const said = [];
        tab.on("pageerror", (error) => said.push(String(error)));
        const session = await context.newCDPSession(tab);
        await session.send("Emulation.setCPUThrottlingRate", { rate: Number(option.cpu) });
        const settings = { warm, follow: Number(option.follow), patience: 60 };
        if (way !== PAGE) {
          await tab.goto(`http://localhost:${server.address().port}/page/index.html`);
          await tab.waitForFunction(() => globalThis.measure);
        }
        const before = received();
        const listening =
          way === PAGE
            ? visit(tab, song, settings)
            : tab.evaluate(([way, song, settings]) => measure(way, song, settings), [way, song, settings]);
        const result = await listening.catch((error) => ({
          sound: null,
          stalls: [],
          failed: String(error).slice(0, 200),
        }));
        const line = {
          link: name,
          way,
          warm,
          cpu: Number(option.cpu),
          run,
          ...result,
          bytes: received() - before,
          said,
        };
        appendFileSync(option.out, `${JSON.stringify(line)}\n`);
        console.error(
          name,
          way,
          warm ? "warm" : "cold",
          Math.round(result.sound),
          result.failed ?? "",
          said.join(" "),
        );
        await context.close();
        // what is still in the queue must not meet the next
        for (let last = -1; last !== received(); await pause(link.rtt + 200)) last = received();
      }
    }
  await open();
}
await browser.close();
server.close();
