// Shows lyrics of other scripts on the player page, on a phone's screen, and measures how they are laid out.
//
// stdin:  { "edge", "path": signed path of the multivariant playlist, "lyrics": [what lyrics.json says], "at": media
//           seconds, "screenshots": folder or null }
// stdout: [{ "direction", "words": [{ "text", "left", "top" }], "wide": whether anything sticks out sideways, "errors" }]
import { front } from "./front.mjs";
import { input, output, withPage } from "./chromium.mjs";

const { edge, path, lyrics, at, screenshots } = await input();

/** Runs in the page: the current line as it is laid out. */
function measure() {
  const row = document.querySelector(".current .row.main");
  const words = [...row.querySelectorAll(".word")].map((word) => {
    const { left, top } = word.getBoundingClientRect();
    return { text: word.textContent, left, top };
  });
  const sides = [...document.querySelectorAll(".row")].map((line) => line.getBoundingClientRect());
  const wide =
    sides.some(({ left, right }) => left < 0 || right > innerWidth) ||
    document.documentElement.scrollWidth > innerWidth;
  return { direction: getComputedStyle(row).direction, words, wide };
}

async function show(json, index) {
  const site = await front(edge, [], {});
  try {
    return await withPage(
      async (page, errors) => {
        await page.route("**/lyrics.json", (route) => route.fulfill({ json }));
        await page.goto(`${site.address}/player/#${path}`);
        await page.waitForFunction(() => document.querySelector(".row.main .word"));
        await page.waitForFunction(() => document.getElementById("audio").readyState > 2);
        await page.evaluate((to) => (document.getElementById("audio").currentTime = to), at);
        await page.waitForFunction(() => document.querySelector(".current .row.main .word"));
        const seen = await page.evaluate(measure);
        if (screenshots) await page.screenshot({ path: `${screenshots}/script-${index}.png` });
        return { ...seen, errors };
      },
      { width: 320, height: 640 },
    );
  } finally {
    site.close();
  }
}

const seen = [];
for (const [index, json] of lyrics.entries()) seen.push(await show(json, index));
output(seen);
