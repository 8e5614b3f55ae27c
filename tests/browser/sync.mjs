// Plays a song on the player page and says at which media time each word of the main text was lit.
//
// stdin:  { "edge", "path": signed path of the multivariant playlist, "told": headers for the edge, "plays": [{ "name",
//           "player": "hls.js" or "native", "level": the rendition, from the lowest, "from": media seconds, "until",
//           "seek": null or [at, to, until], "switch": null or [at, level] }] }
// stdout: [{ "name", "levels": [those heard, by hls.js], "lit": [{ "word": its index in the song, "ms": media time,
//           "since": milliseconds since the frame before }], "errors" }]
import { front } from "./front.mjs";
import { input, output, withPage } from "./chromium.mjs";

const { edge, path, told, plays } = await input();

/** Runs before the page's own scripts: pins hls.js to a rendition and a place, or takes Media Source Extensions away. */
function prepare({ player, level, from }) {
  if (player === "native") {
    for (const name of ["MediaSource", "ManagedMediaSource", "WebKitMediaSource"]) delete window[name];
    return;
  }
  const pinned = (Hls) =>
    class extends Hls {
      constructor(config) {
        super({ ...config, startLevel: level, startPosition: from > 0 ? from : -1 });
        window.player = this;
        window.heard = [];
        this.on(Hls.Events.MANIFEST_PARSED, () => (this.loadLevel = level));
        this.on(Hls.Events.FRAG_CHANGED, (_, { frag }) => window.heard.at(-1) !== frag.level && window.heard.push(frag.level));
      }
    };
  Object.defineProperty(window, "Hls", {
    configurable: true,
    set: (Hls) => Object.defineProperty(window, "Hls", { value: pinned(Hls) }),
  });
}

/** Runs in the page: notes every word as it is lit. */
function watch() {
  const audio = document.getElementById("audio");
  const words = () => [...document.querySelectorAll(".row.main .word")];
  window.lit = [];
  let [last, before] = [-1, -1];
  const tick = () => {
    [before, last] = [last, audio.currentTime * 1000];
    requestAnimationFrame(tick);
  };
  requestAnimationFrame(tick);
  new MutationObserver((changes) => {
    const ms = audio.currentTime * 1000;
    // this frame's own tick may have run already
    const since = ms - (ms - last < 1 ? before : last);
    for (const { target } of changes) {
      if (target.hasAttribute("data-lit")) window.lit.push({ word: words().indexOf(target), ms, since });
    }
  }).observe(document.getElementById("lines"), { subtree: true, attributeFilter: ["data-lit"] });
}

/** Runs in the page: waits for a media time, with a clock that does not disturb the frames. */
const reach = (seconds) =>
  new Promise((done) => {
    const audio = document.getElementById("audio");
    const look = () => (audio.currentTime >= seconds ? done() : setTimeout(look, 20));
    look();
  });

async function play({ name, player, level, from, until, seek, switch: change }) {
  const site = await front(edge, [], told, player === "native" ? level : null);
  try {
    return await withPage(async (page, errors) => {
      await page.addInitScript(prepare, { player, level, from });
      await page.goto(`${site.address}/player/#${path}`);
      await page.waitForFunction(() => document.querySelector(".row.main .word"));
      await page.waitForFunction(() => document.documentElement.dataset.state !== "loading");
      await page.evaluate(watch);
      await page.evaluate((at) => {
        const audio = document.getElementById("audio");
        if (Math.abs(audio.currentTime - at) > 1) audio.currentTime = at;
        document.getElementById("play").click();
      }, from);
      if (change) {
        await page.evaluate(reach, change[0]);
        await page.evaluate((next) => (window.player.nextLevel = next), change[1]);
      }
      if (seek) {
        await page.evaluate(reach, seek[0]);
        await page.evaluate((to) => (document.getElementById("audio").currentTime = to), seek[1]);
      }
      await page.evaluate(reach, seek ? seek[2] : until);
      const seen = await page.evaluate(() => ({ levels: window.heard ?? [], lit: window.lit }));
      return { name, ...seen, errors };
    });
  } finally {
    site.close();
  }
}

const seen = [];
for (const one of plays) seen.push(await play(one));
output(seen);
