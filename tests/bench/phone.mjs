// A phone: the app's pages from this side of the link, where they cost nothing, and a browser that sees the edge.
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));
const { chromium } = createRequire(`${root}tests/package.json`)("playwright-core");
const TYPES = { ".html": "text/html", ".js": "text/javascript", ".mjs": "text/javascript" };
const HEADLESS = "/usr/bin/chromium-headless-shell";

export const HOST = "https://edge.test";

/** Serves a bench's own `page`, and what other players and ours are made of; a server on 127.0.0.1. */
export function app(page) {
  const served = {
    page: fileURLToPath(page),
    npm: `${root}tests/node_modules`,
    recipes: `${root}edge/recipes`,
    player: `${root}edge/player/dist`,
  };
  const server = createServer((request, response) => {
    const [, folder, ...rest] = normalize(new URL(request.url, "http://app").pathname).split("/");
    try {
      const body = readFileSync(join(served[folder], ...rest));
      response.writeHead(200, { "content-type": TYPES[extname(rest.at(-1))] ?? "text/plain" }).end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  return new Promise((ready) => server.listen(0, "127.0.0.1", () => ready(server)));
}

/** Chromium, headless. */
export function launch(more = []) {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? (existsSync(HEADLESS) ? HEADLESS : "/usr/bin/chromium"),
    args: [
      ...["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"],
      ...["--disable-background-networking", "--disable-component-update", "--disable-sync"],
      "--autoplay-policy=no-user-gesture-required",
      ...more,
    ],
  });
}

/** The same, for which the edge is at `address`, with the certificate that is in `work`. */
export function browse(work, address) {
  return launch([
    `--host-resolver-rules=MAP edge.test ${address}`,
    `--ignore-certificate-errors-spki-list=${readFileSync(`${work}/fingerprint`, "utf8").trim()}`,
  ]);
}

/** The song of the bench, as an app gets it. */
export function song(work, host = HOST) {
  const { songs } = JSON.parse(readFileSync(`${work}/ready.json`, "utf8").split("\n")[0]);
  const track = "STARTUP0001";
  const { player } = songs.find(({ player }) => player.includes(`/t/${track}/`));
  const path = player.split("#")[1];
  return { track, url: host + path, mp3: `${host}/peer/song.mp3`, healthz: `${host}/healthz`, page: player };
}
