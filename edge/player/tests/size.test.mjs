// How large the built files are, as an edge sends them.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { brotliCompressSync } from "node:zlib";
import { BUNDLES, bundle, PAGE } from "../build.mjs";

const KB = 1024;
const bytes = async (name) =>
  brotliCompressSync(await bundle(BUNDLES.find((one) => one.name === name))).length;

test("what stands before sound is 8 KB at most", async () => {
  const size = await bytes("index");
  assert.ok(size <= 8 * KB, `${size} bytes`);
});

test("with words and a page's controls it is 16 KB at most, and the demo has it as it is built", async () => {
  const [page] = PAGE;
  for (const one of PAGE) {
    const built = await bundle(one, false);
    const committed = await readFile(new URL(`../dist/${one.name}.js`, import.meta.url));
    assert.ok(committed.equals(built), "the demo has another build: node edge/player/build.mjs --page");
  }
  const size = brotliCompressSync(await bundle(page, false)).length;
  assert.ok(size <= 16 * KB, `${size} bytes`);
});
