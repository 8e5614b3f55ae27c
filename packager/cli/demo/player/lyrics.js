// Lyrics as values: lines of whole words, with what belongs under each, made of the lines of edge/recipes/lyrics.mjs.
// All times are milliseconds on the media timeline. Nothing here touches the page.
import { lines as linesOf } from "./recipes/lyrics.mjs";

const GAP = 3000; // a pause at least this long is shown as one
const graphemes = Intl.Segmenter && new Intl.Segmenter("und", { granularity: "grapheme" });
const SPACELESS = /[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\p{sc=Thai}\p{sc=Laoo}\p{sc=Khmr}\p{sc=Mymr}]/u;
const RTL_SCRIPTS = new Set(["arab", "hebr", "thaa", "syrc", "nkoo", "adlm"]);
const RTL_LANGUAGES = new Set(["ar", "fa", "he", "ur", "ps", "ug", "yi", "dv", "ckb", "sd", "ks"]);

/**
 * @typedef {{start: number, end: number, share: number}} Part a sung stretch of a word; shares add up to 1
 * @typedef {{text: string, parts: Part[] | null, start?: number, end?: number}} Piece a word with its parts, or text between words (null)
 * @typedef {{kind: string, lang: string, pieces: Piece[]}} Row one text of a line
 * @typedef {{start: number | null, end: number | null, rest: boolean, rows: Row[]}} Line
 */

/** @returns {{synced: boolean, kinds: string[], lines: Line[]}} the main layer's lines with what belongs under each */
export function build(structuredLyrics) {
  const layers = (structuredLyrics ?? []).map(layer).filter((l) => l.lines.length > 0);
  const main = layers.find((l) => l.kind === "main") ?? layers[0];
  if (!main) return { synced: false, kinds: [], lines: [] };
  const lines = main.lines;
  const others = layers.filter((l) => l !== main && l.kind !== "main");
  for (const kind of ["pronunciation", "translation"]) {
    for (const other of others.filter((l) => l.kind === kind)) {
      other.lines.forEach((line, i) => {
        const home = main.synced && other.synced ? nearest(lines, line.start) : lines[i];
        home?.rows.push(...line.rows);
      });
    }
  }
  const kinds = [...new Set(others.map((l) => l.kind))];
  return { synced: main.synced, kinds, lines: main.synced ? withRests(lines) : lines };
}

function layer({ kind = "main", lang = "und", synced = false, ...rest }) {
  const all = linesOf(rest);
  const timed = synced && all.every(({ start }) => start !== null);
  const lines = all.map(({ start, end, voices }) => {
    const rows = voices.map((words) => ({ kind, lang, pieces: pieces(words) }));
    return { start: timed ? start : null, end: timed ? end : null, rest: rows.length === 0, rows };
  });
  const kept = timed ? lines.sort((a, b) => a.start - b.start) : lines.filter((l) => !l.rest);
  return { kind, synced: timed, lines: kept };
}

/** Whole words of a voice, from its words as they are timed: often syllables. */
export function pieces(words) {
  const value = words.map(({ text }) => text).join("");
  const spans = [];
  let until = 0;
  for (const { text, start, end } of words) {
    const from = until;
    until += text.length;
    if (start !== undefined) spans.push({ from, to: until, start, end: Math.max(start, end) });
  }
  const groups = [];
  for (const span of spans) {
    const last = groups.at(-1)?.at(-1);
    const joined =
      last &&
      !/\s/u.test(
        value.slice(last.from, last.to).slice(-1) + value.slice(last.to, span.from) + value[span.from],
      );
    if (joined && !SPACELESS.test(value[last.to - 1] + value[span.from])) groups.at(-1).push(span);
    else groups.push([span]);
  }
  const whole = [];
  let at = 0;
  groups.forEach((group, i) => {
    const limit = groups[i + 1]?.[0].from ?? value.length;
    // Punctuation that hugs a word is lit with it.
    const from = group[0].from - /\S*$/u.exec(value.slice(at, group[0].from))[0].length;
    const to = group.at(-1).to + /^\S*/u.exec(value.slice(group.at(-1).to, limit))[0].length;
    if (from > at) whole.push({ text: value.slice(at, from), parts: null });
    const widths = group.map((s) => letters(value.slice(s.from, s.to)));
    const total = widths.reduce((sum, width) => sum + width, 0) || 1;
    const parts = group.map((s, i) => ({ start: s.start, end: s.end, share: widths[i] / total }));
    whole.push({ text: value.slice(from, to), parts, start: parts[0].start, end: parts.at(-1).end });
    at = to;
  });
  if (at < value.length) whole.push({ text: value.slice(at), parts: null });
  return whole;
}

/** What a reader sees as letters: a consonant with its vowel signs, or a conjunct, is one. */
function letters(text) {
  return graphemes ? [...graphemes.segment(text)].length : [...text].length;
}

function nearest(lines, start) {
  return lines.reduce((best, line) =>
    Math.abs(line.start - start) < Math.abs(best.start - start) ? line : best,
  );
}

/** Long pauses become lines of their own, so that a singer sees them pass. */
function withRests(lines) {
  let sungUntil = 0;
  return lines.flatMap((line) => {
    if (line.rest) return [];
    const pause = line.start - sungUntil >= GAP;
    const rest = { start: sungUntil, end: line.start, rest: true, rows: [] };
    sungUntil = Math.max(sungUntil, line.end);
    return pause ? [rest, line] : [line];
  });
}

/** How much of a word is sung at a time: 0 before it, 1 after it. */
export function progress(parts, ms) {
  let sung = 0;
  for (const { start, end, share } of parts) {
    if (ms >= end) sung += share;
    else if (ms > start) sung += (share * (ms - start)) / (end - start);
  }
  return Math.min(sung, 1);
}

/** `rtl` or `ltr` for a BCP 47 language tag. */
export function direction(lang) {
  const [language, ...rest] = lang.toLowerCase().split("-");
  const script = rest.find((part) => /^[a-z]{4}$/.test(part));
  return (script ? RTL_SCRIPTS.has(script) : RTL_LANGUAGES.has(language)) ? "rtl" : "ltr";
}
