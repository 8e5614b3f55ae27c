// Plays a song on the player page in Chromium and says what a listener would hear and see.
//
// stdin:  { "edge": "http://127.0.0.1:N", "path": signed path of the multivariant playlist, "seek": seconds of
//           media time, "edgeHeaders": headers that tell the edge where the listener is, "tracks": the page's list,
//           "screenshot": file or null }
// stdout: { "state", "message", "title", "begun": seconds played from the start, "decoded": bytes,
//           "lit": [{ "ms": media time, "word": text lit }], "errors": [what the console said] }
import { front } from "./front.mjs";
import { input, output, withPage } from "./chromium.mjs";

const { edge, path, seek, edgeHeaders, tracks, screenshot } = await input();
const site = await front(edge, tracks, edgeHeaders);

/** The media time and the lit word, read together in one animation frame. */
const glance = () =>
  new Promise((seen) => {
    requestAnimationFrame(() => {
      const { mediaTime } = document.getElementById("lyrics").player;
      const lit = document.querySelector("[data-lit]");
      seen({ ms: mediaTime, word: lit ? lit.textContent : null });
    });
  });

const playing = () => document.documentElement.dataset.state === "playing";
const ended = () => ["playing", "error"].includes(document.documentElement.dataset.state);

try {
  output(
    await withPage(async (page, errors) => {
      await page.goto(`${site.address}/player/#${path}`);
      await page.waitForFunction(() => document.documentElement.dataset.state !== "loading");
      const play = page.locator("#play");
      if (await play.isEnabled()) await play.click();
      await page.waitForFunction(ended, null, { timeout: 30_000 });
      const lit = [];
      let begun = 0;
      if (await page.evaluate(playing)) {
        await page.waitForFunction(() => document.getElementById("audio").currentTime > 2, null, {
          timeout: 30_000,
        });
        begun = await page.evaluate(() => document.getElementById("audio").currentTime);
        if (seek > 0) {
          await page.evaluate((to) => (document.getElementById("audio").currentTime = to), seek);
          await page.waitForFunction((to) => document.getElementById("audio").currentTime > to + 0.3, seek);
          for (let i = 0; i < 20; i += 1) {
            lit.push(await page.evaluate(glance));
            await page.waitForTimeout(150);
          }
        }
      }
      if (screenshot) await page.screenshot({ path: screenshot });
      const seen = await page.evaluate(() => ({
        state: document.documentElement.dataset.state,
        message: document.getElementById("message").textContent,
        title: document.getElementById("title").textContent,
        decoded: document.getElementById("audio").webkitAudioDecodedByteCount,
      }));
      return { ...seen, begun, lit, errors };
    }),
  );
} finally {
  site.close();
}
