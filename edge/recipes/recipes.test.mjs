// What needs no browser: the words of lyrics, addresses that follow each other, and that the README quotes these files.
import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { test } from "node:test";
import { Address, codeOf } from "./address.mjs";
import { lines, sounds, underWay } from "./lyrics.mjs";

const here = new URL("./", import.meta.url);

test("the README quotes every recipe as it is", async () => {
  const readme = await readFile(new URL("../README.md", here), "utf8");
  const recipes = (await readdir(here)).filter(
    (name) => name.endsWith(".mjs") && !name.endsWith(".test.mjs"),
  );
  assert.ok(recipes.length >= 4, recipes.join());
  for (const name of recipes) {
    const text = await readFile(new URL(name, here), "utf8");
    assert.ok(
      readme.includes(`\`\`\`js\n${text}\`\`\``),
      `README.md does not quote recipes/${name} as it is`,
    );
  }
});

test("a word is lit while it sounds, whatever its script", () => {
  const value = "बुरा जो";
  const cue = [
    { start: 1046, byteStart: 0, byteEnd: 11, value: "बुरा" },
    { start: 1500, byteStart: 13, byteEnd: 18, value: "जो" },
  ];
  const layer = {
    line: [
      { start: 1046, value },
      { start: 3000, value: "…" },
    ],
    cueLine: [{ index: 0, start: 1046, end: 2046, value, cue }],
  };
  const all = lines(layer);
  const lit = (ms) =>
    underWay(all, ms).flatMap(({ voices }) =>
      voices
        .flat()
        .filter((word) => sounds(word, ms))
        .map(({ text }) => text),
    );
  assert.deepEqual(underWay(all, 1000), []);
  assert.deepEqual(lit(1046), ["बुरा"]);
  assert.deepEqual(lit(1500), ["जो"]);
  assert.deepEqual(lit(2046), []);
  const [line] = underWay(all, 2046);
  assert.equal(
    line.voices
      .flat()
      .map((word) => word.text)
      .join(""),
    value,
  );
  assert.deepEqual(
    underWay(all, 3000).map(({ text, voices }) => [text, voices]),
    [["…", [[{ text: "…" }]]]],
  );
  assert.deepEqual(underWay(lines({ line: [{ value }] }), 3000), []);
});

test("a duet has two lines under way, and a background is part of its line", () => {
  const cue = (start, value) => [{ start, byteStart: 0, byteEnd: value.length - 1, value }];
  const layer = {
    line: [
      { start: 1000, value: "one (echo)" },
      { start: 3000, value: "two" },
    ],
    cueLine: [
      { index: 0, start: 1000, end: 6000, value: "one", cue: cue(1000, "one") },
      { index: 0, start: 1000, end: 6000, value: "(echo)", cue: cue(4000, "(echo)") },
      { index: 1, start: 3000, end: 8000, value: "two", cue: cue(3000, "two") },
    ],
  };
  const marked = (ms) => (word) => (sounds(word, ms) ? `*${word.text}` : word.text);
  const texts = (ms) =>
    underWay(lines(layer), ms).map(({ voices }) =>
      voices.map((voice) => voice.map(marked(ms)).join("")).join(" "),
    );
  assert.deepEqual(texts(2000), ["*one (echo)"]);
  assert.deepEqual(texts(4500), ["*one *(echo)", "*two"]);
  assert.deepEqual(texts(7000), ["*two"]);
  assert.deepEqual(texts(9000), ["two"]);
});

test("a voice without word times is shown beside one that has them", () => {
  const agents = [
    { id: "x", role: "main" },
    { id: "x/bg", role: "bg" },
  ];
  const cueLine = [
    {
      index: 0,
      agentId: "x/bg",
      end: 5000,
      value: "echo",
      cue: [{ start: 4000, end: 4500, byteStart: 0, byteEnd: 3 }],
    },
  ];
  const [line] = lines({ agents, line: [{ start: 1000, value: "one echo" }], cueLine });
  assert.deepEqual(line.voices, [[{ text: "one" }], [{ text: "echo", start: 4000, end: 4500 }]]);
  assert.equal(line.end, 5000);
});

/** A backend that signs `a`, `b`, `c` …, each good for so many seconds, and counts. */
function backend(...lives) {
  const asked = async () => {
    const life = lives[Math.min(asked.count, lives.length - 1)];
    if (life === null) throw new Error("down");
    return {
      url: `https://edge.example/~${"abcdefg"[asked.count++]}/t/x/multivariant.m3u8`,
      expires_in: life,
    };
  };
  asked.count = 0;
  return asked;
}
const segment = "https://edge.example/~old/t/x/v/aac-128/00007.m4s?CMCD=su";
const fresh = async (address) => (await address.fresh(segment)).slice(21, 24);

test("a living token is kept, a dying one is renewed meanwhile, a dead one is waited for", async () => {
  const living = backend(3600);
  const kept = await Address.of(living);
  assert.equal(await kept.fresh(segment), "https://edge.example/~a/t/x/v/aac-128/00007.m4s?CMCD=su");
  assert.equal(living.count, 1);
  const dying = await Address.of(backend(30, 3600));
  assert.equal(await fresh(dying), "~a/", "nobody waits while the old one lives");
  await new Promise(setImmediate);
  assert.equal(await fresh(dying), "~b/");
  const dead = await Address.of(backend(0, 3600));
  assert.equal(await fresh(dead), "~b/");
});

test("many requests ask the backend once", async () => {
  const ask = backend(0, 3600);
  const address = await Address.of(ask);
  await Promise.all(Array.from({ length: 20 }, () => address.fresh(segment)));
  assert.equal(ask.count, 2);
});

test("an edge that says token_expired is believed, once for all its requests", async () => {
  const ask = backend(3600, 3600, 3600);
  const address = await Address.of(ask);
  const [one, two] = [await address.fresh(segment), await address.fresh(segment)];
  await address.expired(one);
  await address.expired(two);
  assert.equal(ask.count, 2);
  assert.equal(await fresh(address), "~b/");
});

test("while the backend is down the old address stands, and the edge has the last word", async () => {
  const address = await Address.of(backend(0, null));
  assert.equal(await fresh(address), "~a/");
  await assert.rejects(address.expired(await address.fresh(segment)), /down/);
});

test("a problem's code, and nothing else's", () => {
  const problem = JSON.stringify({ title: "Forbidden", status: 403, code: "token_expired" });
  assert.equal(codeOf(problem), "token_expired");
  assert.equal(codeOf(new TextEncoder().encode(problem).buffer), "token_expired");
  for (const other of ["", "<html>", undefined, new ArrayBuffer(3), "null"])
    assert.equal(codeOf(other), null);
});
