// Plays a song on the player page and says at which media time each word of the main text was lit.
//
// stdin:  { "edge", "edgeHeaders": headers for the edge, "play": { "path": signed path of a multivariant playlist, "player":
//           "hls.js" or "native", "level": the rendition, from the lowest, "stretches": [[from, until], …] in media seconds:
//           where it starts, then seeks to, "switches": [renditions to change to, one after the other] } }
// stdout: { "levels": [those heard, by hls.js], "stretches": [[from, until], …] as they were played, "lit": [{ "word": its
//           index in the song, "ms": media time, "since": milliseconds since the frame before }], "errors" }
import { front } from "./front.mjs";
import { input, output, withPage } from "./chromium.mjs";

const { edge, edgeHeaders, play } = await input();
const { path, player, level, stretches, switches } = play;

/** Runs before the page's own scripts: pins hls.js to a rendition and a place, or takes Media Source Extensions away. */
function prepare({ player, level, from, after }) {
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
        this.on(Hls.Events.FRAG_CHANGED, (_, { frag }) => {
          if (window.heard.at(-1) === frag.level) return;
          window.heard.push(frag.level);
          if (after.length > 0) this.nextLevel = after.shift();
        });
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

/** Runs in the page: plays one stretch, and says where it began and ended; waits with a clock that does not disturb the
 * frames. */
function stretch([from, until]) {
  const audio = document.getElementById("audio");
  const reached = (seconds) =>
    new Promise((done) => {
      const look = () => (!audio.seeking && audio.currentTime >= seconds ? done() : setTimeout(look, 20));
      look();
    });
  if (Math.abs(audio.currentTime - from) > 1) audio.currentTime = from;
  if (audio.paused) document.getElementById("play").click();
  return reached(from)
    .then(() => reached(until))
    .then(() => [from, audio.currentTime]);
}

const site = await front(edge, [], edgeHeaders, player === "native" ? level : null);
try {
  output(
    await withPage(async (page, errors) => {
      await page.addInitScript(prepare, { player, level, from: stretches[0][0], after: switches });
      await page.goto(`${site.address}/player/#${path}`);
      await page.waitForFunction(() => document.querySelector(".row.main .word"));
      await page.waitForFunction(() => document.documentElement.dataset.state !== "loading");
      await page.evaluate(watch);
      const played = [];
      for (const one of stretches) played.push(await page.evaluate(stretch, one));
      const seen = await page.evaluate(() => ({ levels: window.heard ?? [], lit: window.lit }));
      return { ...seen, stretches: played, errors };
    }),
  );
} finally {
  site.close();
}
