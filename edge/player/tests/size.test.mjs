// How large the built files are, as an edge sends them.
import assert from "node:assert/strict";
import { test } from "node:test";
import { brotliCompressSync } from "node:zlib";
import { BUNDLES, bundle } from "../build.mjs";

const KB = 1024;
const bytes = async (name) =>
  brotliCompressSync(await bundle(BUNDLES.find((one) => one.name === name))).length;

test("what stands before sound is 8 KB at most", async () => {
  const size = await bytes("index");
  assert.ok(size <= 8 * KB, `${size} bytes`);
});

test("with everything, words too, it is 14 KB at most: 2 KB are left for a page's controls", async () => {
  const size = await bytes("nada");
  assert.ok(size <= 14 * KB, `${size} bytes`);
});
