// Plays a song on the player page and says at which media time each word of the main text was lit.
//
// stdin:  { "edge", "edgeHeaders": headers for the edge, "play": { "path": signed path of a multivariant playlist, "player":
//           "nada" or "native", "level": the rendition, from the lowest, "stretches": [[from, until], …] in media seconds:
//           where it starts, then seeks to, "switches": [renditions to change to, one after the other] } }
// stdout: { "levels": [those loaded, by the player], "stretches": [[from, until], …] as they were played, "lit": [{ "word": its
//           index in the song, "ms": media time, "since": milliseconds since the frame before }], "errors" }
import { front } from "./front.mjs";
import { input, output, withPage } from "./chromium.mjs";

const { edge, edgeHeaders, play } = await input();
const { path, player, level, stretches, switches } = play;

/** Runs before the page's own scripts: begins with a rendition, and takes another at every segment after it, or takes Media
 * Source Extensions away. */
function prepare({ player, ladder, level, after }) {
  if (player === "native") {
    for (const name of ["MediaSource", "ManagedMediaSource", "WebKitMediaSource"]) delete window[name];
    return;
  }
  localStorage.setItem("nada.ladder", JSON.stringify([ladder[level]]));
  document.addEventListener("DOMContentLoaded", () => {
    const { player } = document.getElementById("lyrics");
    window.levels = [level];
    player.only = ladder[level];
    player.on("metric", ({ name, rendition, to }) => {
      if (name === "switch") window.levels.push(ladder.indexOf(to));
      const last = window.levels.at(-1);
      // a header may come before its segment: what is loaded counts when it is switched to
      if (name === "switch" || (name === "segment" && rendition === ladder[level] && last === level)) {
        if (after.length > 0) player.only = ladder[after.shift()];
      }
    });
  });
}

/** Runs in the page: notes every word as it is lit. */
function watch() {
  const { player } = document.getElementById("lyrics");
  const words = () => [...document.querySelectorAll(".row.main .word")];
  window.lit = [];
  let [last, before] = [-1, -1];
  const tick = () => {
    [before, last] = [last, player.mediaTime];
    requestAnimationFrame(tick);
  };
  requestAnimationFrame(tick);
  new MutationObserver((changes) => {
    const ms = player.mediaTime;
    // this frame's own tick may have run already
    const since = ms - (ms - last < 1 ? before : last);
    for (const { target } of changes) {
      if (target.hasAttribute("data-lit")) window.lit.push({ word: words().indexOf(target), ms, since });
    }
  }).observe(document.getElementById("lyrics"), { subtree: true, attributeFilter: ["data-lit"] });
}

/** Runs in the page: plays one stretch, and says where it began and ended; waits with a clock that does not disturb the
 * frames. */
function stretch([from, until]) {
  const { player } = document.getElementById("lyrics");
  const { audio } = player;
  const now = () => player.mediaTime / 1000;
  const reached = (seconds) =>
    new Promise((done) => {
      const look = () => (!audio.seeking && now() >= seconds ? done() : setTimeout(look, 20));
      look();
    });
  if (Math.abs(now() - from) > 1) player.seekMedia(1000 * from);
  if (audio.paused) document.getElementById("play").click();
  return reached(from)
    .then(() => reached(until))
    .then(() => [from, now()]);
}

const site = await front(edge, [], edgeHeaders, player === "native" ? level : null);
/** The renditions of the playlist, lowest first. */
const ladder = path.endsWith("lossless.m3u8")
  ? ["flac"]
  : ["heaac2-24", "heaac2-32", "heaac-64", "aac-128", "aac-256"];
try {
  output(
    await withPage(async (page, errors) => {
      await page.addInitScript(prepare, { player, ladder, level, after: switches });
      await page.goto(`${site.address}/player/#${path}`);
      await page.waitForFunction(() => document.querySelector(".row.main .word"));
      await page.waitForFunction(() => document.documentElement.dataset.state !== "loading");
      await page.evaluate(watch);
      const played = [];
      for (const one of stretches) played.push(await page.evaluate(stretch, one));
      const seen = await page.evaluate(() => ({ levels: window.levels ?? [], lit: window.lit }));
      return { ...seen, stretches: played, errors };
    }),
  );
} finally {
  site.close();
}
