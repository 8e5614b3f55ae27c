// Lyrics as values: from the OpenSubsonic songLyrics v2 shape to lines of whole words, and what is sung at a time.
// All times are milliseconds on the media timeline. Nothing here touches the page.

const GAP = 3000; // a pause at least this long is shown as one
const encoder = new TextEncoder();
const graphemes = Intl.Segmenter && new Intl.Segmenter('und', { granularity: 'grapheme' });
const SPACELESS = /[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\p{sc=Thai}\p{sc=Laoo}\p{sc=Khmr}\p{sc=Mymr}]/u;
const RTL_SCRIPTS = new Set(['arab', 'hebr', 'thaa', 'syrc', 'nkoo', 'adlm']);
const RTL_LANGUAGES = new Set(['ar', 'fa', 'he', 'ur', 'ps', 'ug', 'yi', 'dv', 'ckb', 'sd', 'ks']);

/**
 * @typedef {{start: number, end: number, share: number}} Part a sung stretch of a word; shares add up to 1
 * @typedef {{text: string, parts: Part[] | null}} Piece a word with its parts, or text between words (null)
 * @typedef {{kind: string, lang: string, pieces: Piece[]}} Row one text of a line
 * @typedef {{start: number | null, end: number | null, rest: boolean, rows: Row[]}} Line
 */

/** @returns {{synced: boolean, kinds: string[], lines: Line[]}} the main layer's lines with what belongs under each */
export function build(json) {
  const layers = (json?.structuredLyrics ?? []).map(layer).filter((l) => l.lines.length > 0);
  const main = layers.find((l) => l.kind === 'main') ?? layers[0];
  if (!main) return { synced: false, kinds: [], lines: [] };
  const lines = main.lines;
  const others = layers.filter((l) => l !== main && l.kind !== 'main');
  for (const kind of ['pronunciation', 'translation']) {
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

function layer({ kind = 'main', lang = 'und', synced = false, offset = 0, agents = [], line = [], cueLine = [] }) {
  const shift = (ms) => (Number.isFinite(ms) ? ms - offset : null);
  const timed = synced && line.every((l) => Number.isFinite(l.start));
  const starts = [...new Set(line.map((l) => l.start))].sort((a, b) => a - b);
  const background = new Set(agents.filter((agent) => agent.role === 'bg').map((agent) => agent.id));
  const row = (text, pieces) => ({ kind, lang, pieces: pieces ?? [{ text, parts: null }] });
  const lines = line.map(({ start, value = '' }, index) => {
    if (!timed) return { start: null, end: null, rest: value.trim() === '', rows: value.trim() === '' ? [] : [row(value)] };
    const next = shift(starts.find((later) => later > start));
    const voices = cueLine
      .filter((c) => c.index === index && c.cue?.length > 0)
      .map((c) => ({ text: c.value ?? value, cue: c.cue, end: shift(c.end) ?? next, behind: background.has(c.agentId) }));
    const rows = voices.map(({ text, cue, end }) => row(text, words(text, cue, shift, end)));
    const left = uncovered(value, voices);
    if (left !== '' && voices.every((voice) => voice.behind)) rows.unshift(row(left));
    else if (left !== '') rows.push(row(left));
    // A line is over with its last word; text without word times lasts as long as the line may.
    const last = voices[0]?.end ?? next ?? Infinity;
    return { start: shift(start), end: Math.max(...rows.map((r) => lastEnd(r) ?? last)), rest: rows.length === 0, rows };
  });
  const kept = timed ? lines.sort((a, b) => a.start - b.start) : lines.filter((l) => !l.rest);
  return { kind, synced: timed, lines: kept };
}

/**
 * What no cueLine covers of a line's text, which holds the lead and then the background vocals: whichever of them has no
 * word times. Where a cueLine's text is not found there nothing is: better once than twice.
 */
function uncovered(value, voices) {
  let left = value.trim();
  for (const { text, behind } of voices) {
    const voice = text.trim();
    if (behind && left.endsWith(voice)) left = left.slice(0, left.length - voice.length).trim();
    else if (left.startsWith(voice)) left = left.slice(voice.length).trim();
    else return '';
  }
  return left;
}

/** Whole words of a line from its cues (inclusive UTF-8 byte offsets), or null where the cues do not fit the text. */
export function words(value, cues, shift = (ms) => ms, lineEnd = null) {
  const units = unitsAtBytes(value);
  const spans = [];
  for (const [i, cue] of cues.entries()) {
    const start = shift(cue.start);
    const end = shift(cue.end) ?? shift(cues[i + 1]?.start) ?? lineEnd ?? start;
    const from = units.get(cue.byteStart);
    const to = units.get(cue.byteEnd + 1);
    if (!Number.isFinite(start) || from === undefined || to === undefined || to < from) return null;
    if (spans.length > 0 && from < spans.at(-1).to) return null;
    spans.push({ from, to, start, end: Math.max(start, end) });
  }
  const groups = [];
  for (const span of spans) {
    const last = groups.at(-1)?.at(-1);
    const joined = last && !/\s/u.test(value.slice(last.from, last.to).slice(-1) + value.slice(last.to, span.from) + value[span.from]);
    if (joined && !SPACELESS.test(value[last.to - 1] + value[span.from])) groups.at(-1).push(span);
    else groups.push([span]);
  }
  const pieces = [];
  let at = 0;
  groups.forEach((group, i) => {
    const limit = groups[i + 1]?.[0].from ?? value.length;
    // Punctuation that hugs a word is lit with it.
    const from = group[0].from - /\S*$/u.exec(value.slice(at, group[0].from))[0].length;
    const to = group.at(-1).to + /^\S*/u.exec(value.slice(group.at(-1).to, limit))[0].length;
    if (from > at) pieces.push({ text: value.slice(at, from), parts: null });
    const widths = group.map((s) => letters(value.slice(s.from, s.to)));
    const total = widths.reduce((sum, width) => sum + width, 0) || 1;
    const parts = group.map((s, i) => ({ start: s.start, end: s.end, share: widths[i] / total }));
    pieces.push({ text: value.slice(from, to), parts });
    at = to;
  });
  if (at < value.length) pieces.push({ text: value.slice(at), parts: null });
  return pieces;
}

/** What a reader sees as letters: a consonant with its vowel signs, or a conjunct, is one. */
function letters(text) {
  return graphemes ? [...graphemes.segment(text)].length : [...text].length;
}

/** UTF-16 index of every byte offset at which a code point begins, the end included. */
function unitsAtBytes(value) {
  const units = new Map();
  let bytes = 0;
  let index = 0;
  for (const point of value) {
    units.set(bytes, index);
    bytes += encoder.encode(point).length;
    index += point.length;
  }
  return units.set(bytes, index);
}

function lastEnd(row) {
  const ends = row.pieces.flatMap((p) => p.parts?.map((q) => q.end) ?? []);
  return ends.length > 0 ? Math.max(...ends) : null;
}

function nearest(lines, start) {
  return lines.reduce((best, line) => (Math.abs(line.start - start) < Math.abs(best.start - start) ? line : best));
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

/** Indices of the lines under way at a time, all of those that overlap; between lines the last that has begun. */
export function linesAt(lines, ms) {
  const last = lineAt(lines, ms);
  const begun = lines.slice(0, last + 1);
  const now = begun.flatMap((line, i) => (line.end > ms ? [i] : []));
  return now.length > 0 || last < 0 ? now : [last];
}

/** Index of the last line that has begun at a time, or −1. */
export function lineAt(lines, ms) {
  let low = 0;
  let high = lines.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (lines[middle].start <= ms) low = middle + 1;
    else high = middle;
  }
  return low - 1;
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

/** Whether a word sounds at a time. */
export function sounding(parts, ms) {
  return ms >= parts[0].start && ms < parts.at(-1).end;
}

/** `rtl` or `ltr` for a BCP 47 language tag. */
export function direction(lang) {
  const [language, ...rest] = lang.toLowerCase().split('-');
  const script = rest.find((part) => /^[a-z]{4}$/.test(part));
  return (script ? RTL_SCRIPTS.has(script) : RTL_LANGUAGES.has(language)) ? 'rtl' : 'ltr';
}
