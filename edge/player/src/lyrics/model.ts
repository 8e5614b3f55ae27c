// Lyrics as values: lines of whole words, with what belongs under each. Nothing here touches the page.
import { lines as sungLines, type Layer, type Sung, type Word } from "./lines.ts";

/** A sung stretch of a word; shares add up to 1. */
export interface Stretch {
  start: number;
  end: number;
  share: number;
}

/** A word with its stretches, or text between words (null). */
export interface Piece {
  text: string;
  parts: Stretch[] | null;
  start?: number;
  end?: number;
}

/** One text of a line. */
export interface Row {
  kind: string;
  lang: string;
  pieces: Piece[];
}

/** A line, or a rest between lines. */
export interface Line {
  start: number | null;
  end: number | null;
  rest: boolean;
  rows: Row[];
}

export interface Lyrics {
  synced: boolean;
  /** What there is besides the main text: "pronunciation", "translation". */
  kinds: string[];
  lines: Line[];
}

interface Built extends Lyrics {
  kind: string;
}

const GAP = 3000; // a pause at least this long is shown as one
const SPACELESS = /[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\p{sc=Thai}\p{sc=Laoo}\p{sc=Khmr}\p{sc=Mymr}]/u;
const RTL_SCRIPTS = new Set(["arab", "hebr", "thaa", "syrc", "nkoo", "adlm"]);
const RTL_LANGUAGES = new Set(["ar", "fa", "he", "ur", "ps", "ug", "yi", "dv", "ckb", "sd", "ks"]);
const graphemes = Intl.Segmenter && new Intl.Segmenter("und", { granularity: "grapheme" });

/** The main layer's lines with what belongs under each. */
export function build(layers: Layer[] | null | undefined): Lyrics {
  const built = (layers ?? []).map(layer).filter(({ lines }) => lines.length > 0);
  const main = built.find(({ kind }) => kind === "main") ?? built[0];
  if (!main) return { synced: false, kinds: [], lines: [] };
  const { lines, synced } = main;
  const others = built.filter((other) => other !== main && other.kind !== "main");
  for (const kind of ["pronunciation", "translation"])
    for (const other of others.filter((one) => one.kind === kind))
      other.lines.forEach((line, i) => {
        const home = synced && other.synced ? nearest(lines, line.start!) : lines[i];
        home?.rows.push(...line.rows);
      });
  const kinds = [...new Set(others.map(({ kind }) => kind))];
  return { synced, kinds, lines: synced ? withRests(lines) : lines };
}

function layer(given: Layer): Built {
  const { kind = "main", lang = "und", synced = false } = given;
  const all = sungLines(given);
  const timed = synced && all.every(({ start }) => start !== null);
  const lines = all.map(({ start, end, voices }: Sung): Line => {
    const rows = voices.map((words) => ({ kind, lang, pieces: pieces(words) }));
    return { start: timed ? start : null, end: timed ? end : null, rest: rows.length === 0, rows };
  });
  const kept = timed ? lines.sort((a, b) => a.start! - b.start!) : lines.filter(({ rest }) => !rest);
  return { kind, synced: timed, kinds: [], lines: kept };
}

/** Whole words of a voice, from its words as they are timed: often syllables. */
export function pieces(words: Word[]): Piece[] {
  const value = words.map(({ text }) => text).join("");
  const spans: { from: number; to: number; start: number; end: number }[] = [];
  let until = 0;
  for (const { text, start, end = 0 } of words) {
    const from = until;
    until += text.length;
    if (start !== undefined) spans.push({ from, to: until, start, end: Math.max(start, end) });
  }
  const groups: (typeof spans)[] = [];
  for (const span of spans) {
    const last = groups.at(-1)?.at(-1);
    const between = last && value[last.to - 1]! + value.slice(last.to, span.from) + value[span.from];
    const joined = last && !/\s/u.test(between!) && !SPACELESS.test(value[last.to - 1]! + value[span.from]);
    if (joined) groups.at(-1)!.push(span);
    else groups.push([span]);
  }
  const whole: Piece[] = [];
  let at = 0;
  groups.forEach((group, i) => {
    const [head, tail] = [group[0]!, group.at(-1)!];
    const limit = groups[i + 1]?.[0]?.from ?? value.length;
    // punctuation that hugs a word is lit with it
    const from = head.from - /\S*$/u.exec(value.slice(at, head.from))![0].length;
    const to = tail.to + /^\S*/u.exec(value.slice(tail.to, limit))![0].length;
    if (from > at) whole.push({ text: value.slice(at, from), parts: null });
    const widths = group.map((span) => letters(value.slice(span.from, span.to)));
    const total = widths.reduce((sum, width) => sum + width, 0) || 1;
    const parts = group.map(({ start, end }, k) => ({ start, end, share: widths[k]! / total }));
    whole.push({ text: value.slice(from, to), parts, start: head.start, end: tail.end });
    at = to;
  });
  if (at < value.length) whole.push({ text: value.slice(at), parts: null });
  return whole;
}

/** What a reader sees as letters: a consonant with its vowel signs, or a conjunct, is one. */
function letters(text: string): number {
  return graphemes ? [...graphemes.segment(text)].length : [...text].length;
}

function nearest(lines: Line[], start: number): Line {
  const far = (line: Line) => Math.abs(line.start! - start);
  return lines.reduce((best, line) => (far(line) < far(best) ? line : best));
}

/** Long pauses become lines of their own, so that a singer sees them pass. */
function withRests(lines: Line[]): Line[] {
  let until = 0;
  return lines.flatMap((line) => {
    if (line.rest) return [];
    const pause = line.start! - until >= GAP;
    const rest = { start: until, end: line.start, rest: true, rows: [] };
    until = Math.max(until, line.end!);
    return pause ? [rest, line] : [line];
  });
}

/** How much of a word is sung at a time: 0 before it, 1 after it. */
export function progress(parts: Stretch[], ms: number): number {
  let sung = 0;
  for (const { start, end, share } of parts) {
    if (ms >= end) sung += share;
    else if (ms > start) sung += (share * (ms - start)) / (end - start);
  }
  return Math.min(sung, 1);
}

/** `rtl` or `ltr` for a BCP 47 language tag. */
export function direction(lang: string): "rtl" | "ltr" {
  const [language = "", ...rest] = lang.toLowerCase().split("-");
  const script = rest.find((part) => /^[a-z]{4}$/.test(part));
  return (script ? RTL_SCRIPTS.has(script) : RTL_LANGUAGES.has(language)) ? "rtl" : "ltr";
}
