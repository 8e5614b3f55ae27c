// The phone: Chromium and the app's page, in a network namespace whose only way out is the link. One JSON line a run.
import { spawn } from "node:child_process";
import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { extname, join, normalize } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { links } from "./links.mjs";

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
const root = fileURLToPath(new URL("../../../", import.meta.url));
const { chromium } = createRequire(`${root}tests/package.json`)("playwright-core");
const SERVED = {
  page: fileURLToPath(new URL("page", import.meta.url)),
  npm: `${root}tests/node_modules`,
  recipes: `${root}edge/recipes`,
  player: `${root}edge/player/dist`,
};
const TYPES = { ".html": "text/html", ".js": "text/javascript", ".mjs": "text/javascript" };
const HEADLESS = "/usr/bin/chromium-headless-shell";
const HOST = "https://edge.test";

/** The app comes from this side of the link: it costs nothing. */
function app() {
  const server = createServer((request, response) => {
    const [, folder, ...rest] = normalize(new URL(request.url, "http://app").pathname).split("/");
    try {
      const body = readFileSync(join(SERVED[folder], ...rest));
      response.writeHead(200, { "content-type": TYPES[extname(rest.at(-1))] ?? "text/plain" }).end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  return new Promise((ready) => server.listen(0, "127.0.0.1", () => ready(server)));
}

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

const server = await app();
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? (existsSync(HEADLESS) ? HEADLESS : "/usr/bin/chromium"),
  args: [
    ...["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"],
    ...["--disable-background-networking", "--disable-component-update", "--disable-sync"],
    "--autoplay-policy=no-user-gesture-required",
    "--host-resolver-rules=MAP edge.test 10.77.0.1",
    `--ignore-certificate-errors-spki-list=${readFileSync(`${work}/fingerprint`, "utf8").trim()}`,
  ],
});
const signed = JSON.parse(readFileSync(`${work}/ready.json`, "utf8").split("\n")[0]);
const path = signed.tracks ?? signed.songs;
const track = "STARTUP0001";
const found = path.find(({ player }) => player.includes(`/t/${track}/`)).player.split("#")[1];
const song = { track, url: HOST + found, mp3: `${HOST}/peer/song.mp3`, healthz: `${HOST}/healthz` };

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
        await tab.goto(`http://localhost:${server.address().port}/page/index.html`);
        await tab.waitForFunction(() => globalThis.measure);
        const before = received();
        const settings = { warm, follow: Number(option.follow), patience: 60 };
        const result = await tab
          .evaluate(([way, song, settings]) => measure(way, song, settings), [way, song, settings])
          .catch((error) => ({ sound: null, stalls: [], failed: String(error).slice(0, 200) }));
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
