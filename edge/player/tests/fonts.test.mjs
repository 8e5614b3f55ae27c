// The demo's font has what the demo's songs need.
import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { test } from "node:test";

const demo = new URL("../../../packager/cli/demo/", import.meta.url);
/** Letters for which many machines have no font: those of the scripts of India. */
const INDIC = /[\u0900-\u0dff]/g;

test("every letter of India in the demo's songs is in the page's font", async () => {
  const css = await readFile(new URL("player/player.css", demo), "utf8");
  const [, stated] = /unicode-range:([^;]+);/.exec(css);
  const ranges = stated.split(",").map((range) => {
    const [, from, to = from] = /U\+([0-9A-F]+)(?:-([0-9A-F]+))?/.exec(range);
    return [parseInt(from, 16), parseInt(to, 16)];
  });
  const files = await readdir(new URL("releases/", demo), { recursive: true });
  const texts = files.filter((name) => /\.(lrc|toml)$/.test(name));
  assert.ok(texts.length > 4);
  const missing = new Set();
  let letters = 0;
  for (const name of texts)
    for (const letter of (await readFile(new URL(`releases/${name}`, demo), "utf8")).match(INDIC) ?? []) {
      letters += 1;
      const code = letter.codePointAt(0);
      if (!ranges.some(([from, to]) => from <= code && code <= to)) missing.add(letter);
    }
  assert.ok(letters > 100);
  assert.deepEqual([...missing], [], "packager/cli/demo/player/README.md says how the font is made");
});
