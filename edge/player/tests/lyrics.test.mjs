// Lyrics as values, held against what singers do.
import assert from "node:assert/strict";
import test from "node:test";
import { build, direction, pieces, progress } from "../src/lyrics/model.ts";
import { lines as linesOf, sounds, underWay } from "../src/lyrics/lines.ts";

const bytes = (s) => new TextEncoder().encode(s).length;

/** Cues for the given slices of a text, in order, one second each. */
function cues(value, slices) {
  let from = 0;
  return slices.map((slice, i) => {
    const at = value.indexOf(slice, from);
    from = at + slice.length;
    const byteStart = bytes(value.slice(0, at));
    return {
      start: i * 1000,
      end: (i + 1) * 1000,
      value: slice,
      byteStart,
      byteEnd: byteStart + bytes(slice) - 1,
    };
  });
}

/** Whole words of a line with these cues. */
const words = (value, cue) =>
  pieces(
    linesOf({ line: [{ start: 0, value }], cueLine: [{ index: 0, value, cue, end: 9000 }] })[0].voices[0],
  );

/** The places of the lines under way. */
const at = (lines, ms) => underWay(lines, ms).map((line) => lines.indexOf(line));

test("Devanagari words are whole, and punctuation goes with its word", () => {
  const value = "पोथी पढ़ि पढ़ि जग मुआ।";
  const pieces = words(value, cues(value, ["पोथी", "पढ़ि", "पढ़ि", "जग", "मुआ"]));
  assert.deepEqual(
    pieces.filter((p) => p.parts).map((p) => p.text),
    ["पोथी", "पढ़ि", "पढ़ि", "जग", "मुआ।"],
  );
  assert.equal(pieces.map((p) => p.text).join(""), value);
});

test("syllables of one word become one word that fills in parts", () => {
  const pieces = words("le-ga-to now", cues("le-ga-to now", ["le-", "ga-", "to", "now"]));
  const [word] = pieces;
  assert.equal(word.text, "le-ga-to");
  assert.equal(word.parts.length, 3);
  assert.equal(progress(word.parts, 1000), 3 / 8);
  assert.equal(progress(word.parts, 5000), 1);
  assert.equal(sounds(word, 2999), true);
  assert.equal(sounds(word, 3000), false);
});

test("a word fills by letters, not by code points", () => {
  // four code points and one letter, then one code point and one letter
  const [word] = words("क्षिक", cues("क्षिक", ["क्षि", "क"]));
  assert.deepEqual(
    word.parts.map((part) => part.share),
    [0.5, 0.5],
  );
});

test("scripts without spaces keep their cues apart", () => {
  const pieces = words("東京の夜", cues("東京の夜", ["東京", "の", "夜"]));
  assert.deepEqual(
    pieces.map((p) => p.text),
    ["東京", "の", "夜"],
  );
});

test("of cues that do not fit the text only the text is taken", () => {
  const inside = [{ start: 0, end: 1, byteStart: 1, byteEnd: 2 }]; // inside the first code point
  const past = [{ start: 0, end: 1, byteStart: 0, byteEnd: 900 }];
  const overlapping = [...cues("one two", ["one"]), { start: 2, end: 3, byteStart: 1, byteEnd: 4 }];
  assert.deepEqual(words("दो", inside), [{ text: "दो", parts: null }]);
  assert.deepEqual(words("दो", past), [{ text: "दो", parts: null }]);
  assert.deepEqual(words("one two", overlapping), [{ text: "one two", parts: null }]);
  assert.deepEqual(words("one", [{ end: 3, byteStart: 0, byteEnd: 2 }]), [{ text: "one", parts: null }]);
});

test("layers gather under the nearest main line; long pauses show", () => {
  const layers = [
    {
      kind: "main",
      lang: "hi",
      synced: true,
      line: [
        { start: 4000, value: "एक" },
        { start: 8000, value: "दो" },
      ],
    },
    {
      kind: "translation",
      lang: "en",
      synced: true,
      line: [
        { start: 8100, value: "two" },
        { start: 4000, value: "one" },
      ],
    },
  ];
  const { lines, kinds, synced } = build(layers);
  assert.equal(synced, true);
  assert.deepEqual(kinds, ["translation"]);
  assert.deepEqual(
    lines.map((l) => l.rest),
    [true, false, false],
  );
  assert.deepEqual(
    lines[1].rows.map((r) => r.pieces[0].text),
    ["एक", "one"],
  );
  assert.deepEqual(
    lines[2].rows.map((r) => r.pieces[0].text),
    ["दो", "two"],
  );
  assert.deepEqual([at(lines, -1), at(lines, 3999), at(lines, 4000), at(lines, 1e9)], [[], [0], [1], [2]]);
});

/** A cueLine of one word or several, each from its start to its end. */
function cueLine(index, value, times, end, agentId) {
  const timed = cues(value, value.split(" ")).map((cue, i) => ({
    ...cue,
    start: times[i][0],
    end: times[i][1],
  }));
  return { index, agentId, start: times[0][0], end, value, cue: timed };
}

const texts = (line) => line.rows.map((row) => row.pieces.map((piece) => piece.text).join(""));
const layer = (line, cueLine, agents) =>
  build([{ kind: "main", lang: "en", synced: true, agents, line, cueLine }]);

test("of overlapping lines all are under way; between lines it is the last that has begun", () => {
  const line = [
    { start: 1000, value: "a b" },
    { start: 3000, value: "c" },
    { start: 9000, value: "d" },
  ];
  const { lines } = layer(line, [
    cueLine(
      0,
      "a b",
      [
        [1000, 2000],
        [4000, 6000],
      ],
      6000,
    ),
    cueLine(1, "c", [[3000, 8000]], 8000),
    cueLine(2, "d", [[9000, 9500]], 10000),
  ]);
  const times = [999, 1000, 3000, 5999, 6000, 8500, 9000, 1e9];
  assert.deepEqual(
    times.map((ms) => at(lines, ms)),
    [[], [0], [0, 1], [0, 1], [1], [1], [2], [2]],
  );
});

test("lines that begin together are under way together", () => {
  const { lines } = layer([
    { start: 0, value: "high" },
    { start: 0, value: "low" },
    { start: 2000, value: "both" },
  ]);
  assert.deepEqual([at(lines, 0), at(lines, 1999), at(lines, 2000)], [[0, 1], [0, 1], [2]]);
});

test("a pause begins when the last of overlapping lines is over", () => {
  const line = [
    { start: 0, value: "long" },
    { start: 1000, value: "short" },
    { start: 9000, value: "next" },
  ];
  const { lines } = layer(line, [
    cueLine(0, "long", [[0, 5000]], 5000),
    cueLine(1, "short", [[1000, 2000]], 9000),
  ]);
  assert.deepEqual(lines.map(({ start, end, rest }) => [start, end, rest]).slice(2), [
    [5000, 9000, true],
    [9000, Infinity, false],
  ]);
  assert.deepEqual(at(lines, 7000), [2]);
});

test("a text without word times is shown beside one that has them, as long as its line", () => {
  const agents = [
    { id: "main", role: "main" },
    { id: "main/bg", role: "bg" },
  ];
  const line = (value) => [
    { start: 0, value },
    { start: 8000, value: "next" },
  ];
  const lead = layer(
    line("oh hey oh"),
    [
      cueLine(
        0,
        "oh hey",
        [
          [0, 1000],
          [1000, 2000],
        ],
        5000,
        "main",
      ),
    ],
    agents,
  ).lines[0];
  assert.deepEqual([texts(lead), lead.rows[1].pieces[0].parts, lead.end], [["oh hey", "oh"], null, 5000]);
  const behind = layer(line("oh hey oh"), [cueLine(0, "oh", [[1000, 2000]], 5000, "main/bg")], agents)
    .lines[0];
  assert.deepEqual(texts(behind), ["oh hey", "oh"]);
  assert.notEqual(behind.rows[1].pieces[0].parts, null, "the one that is timed");
  const both = layer(
    line("oh hey oh"),
    [
      cueLine(
        0,
        "oh hey",
        [
          [0, 1],
          [1, 2],
        ],
        5000,
        "main",
      ),
      cueLine(0, "oh", [[3, 4]], 5000, "main/bg"),
    ],
    agents,
  );
  assert.deepEqual(texts(both.lines[0]), ["oh hey", "oh"]);
  const other = layer(
    line("Oh, hey!"),
    [
      cueLine(
        0,
        "oh hey",
        [
          [0, 1],
          [1, 2],
        ],
        5000,
        "main",
      ),
    ],
    agents,
  );
  assert.deepEqual(texts(other.lines[0]), ["oh hey"], "a text that is not found is not shown twice");
});

test("lyrics without times are text alone", () => {
  const { lines, synced } = build([
    { kind: "main", lang: "id", synced: false, line: [{ value: "satu" }, { value: "" }] },
  ]);
  assert.equal(synced, false);
  assert.equal(lines.length, 1);
  assert.equal(lines[0].start, null);
  assert.deepEqual(build(null).lines, []);
});

test("directions", () => {
  assert.equal(direction("ur"), "rtl");
  assert.equal(direction("ur-Latn"), "ltr");
  assert.equal(direction("sd-Deva"), "ltr");
  assert.equal(direction("pa-Arab-PK"), "rtl");
  assert.equal(direction("hi"), "ltr");
});
