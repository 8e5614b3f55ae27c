// Shows lyrics of several voices on the player page and says what is lit at given times.
//
// stdin:  { "edge", "path": signed path of the multivariant playlist, "lyrics": what lyrics.json says, "at": [media seconds],
//           "screenshots": folder or null }
// stdout: { "seen": [{ "current": [text of each line under way], "lit": [each word], "bright": [text of each row without
//           word times that stands out], "inside": whether all of that is on the screen }], "errors" }
import { front } from "./front.mjs";
import { input, output, withPage } from "./chromium.mjs";

const { edge, path, lyrics, at, screenshots } = await input();

/** Runs in the page. */
function look() {
  const all = (selector) => [...document.querySelectorAll(selector)];
  const texts = (nodes) => nodes.map((node) => node.textContent);
  const bright = getComputedStyle(document.body).color;
  const box = document.getElementById("lyrics").getBoundingClientRect();
  const current = all(".current");
  const inside = current
    .map((line) => line.getBoundingClientRect())
    .every(({ top, bottom }) => top >= box.top && bottom <= box.bottom);
  const untimed = all(".row.main:not(.timed)").filter((row) => getComputedStyle(row).color === bright);
  return { current: texts(current), lit: texts(all("[data-lit]")), bright: texts(untimed), inside };
}

const site = await front(edge, [], {});
try {
  output(
    await withPage(async (page, errors) => {
      await page.route("**/lyrics.json", (route) => route.fulfill({ json: lyrics }));
      await page.goto(`${site.address}/player/#${path}`);
      await page.waitForFunction(() => document.querySelector(".row.main .word"));
      await page.waitForFunction(() => document.getElementById("audio").readyState > 2);
      const seen = [];
      for (const [index, seconds] of at.entries()) {
        await page.evaluate(
          (to) =>
            new Promise((done) => {
              const audio = document.getElementById("audio");
              audio.addEventListener("seeked", done, { once: true });
              audio.currentTime = to;
            }),
          seconds,
        );
        await page.waitForTimeout(1000); // colours fade in and the box scrolls
        seen.push(await page.evaluate(look));
        if (screenshots) await page.screenshot({ path: `${screenshots}/voices-${index}.png` });
      }
      return { seen, errors };
    }),
  );
} finally {
  site.close();
}
