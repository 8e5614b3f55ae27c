// Words to light up: lyrics.json as lines of words on the media's own timeline, so that a word sounds while
// word.start <= 1000 * audio.currentTime < word.end.

/** Fetches the lyrics beside a signed playlist: all layers, or the one in `lang`. */
export async function lyrics(url, lang) {
  const address = new URL(lang ? `lyrics.json?lang=${lang}` : "lyrics.json", url);
  const answer = await fetch(address, { credentials: "omit", referrerPolicy: "no-referrer" });
  if (!answer.ok) throw new Error((await answer.json()).code);
  return (await answer.json()).structuredLyrics;
}

/** The lines of one layer: [{ start, end, text, words: [{ text, start, end }] }], in milliseconds; `words`, of lead and
 * background one after the other, is empty where only lines are timed, `start` null where nothing is. Text between words
 * has no times. */
export function lines({ line, cueLine = [] }) {
  return line.map(({ start = null, value }, index) => {
    const voices = cueLine.filter((cues) => cues.index === index);
    const later = line.find((other) => other.start > start)?.start ?? Infinity;
    const end = voices.length > 0 ? Math.max(...voices.map((cues) => cues.end)) : later;
    const spoken = voices.flatMap((cues, i) => (i > 0 ? [{ text: " " }, ...words(cues)] : words(cues)));
    return { start, end, text: value, words: spoken };
  });
}

/** What a screen shows at a time: the lines under way (a duet has two), between lines the one begun last; their words with
 * `lit` where they sound. */
export function shown(lines, ms) {
  const begun = lines.filter(({ start }) => start !== null && start <= ms);
  const underWay = begun.filter(({ end }) => ms < end);
  const lit = (word) => ({ ...word, lit: word.start <= ms && ms < word.end });
  return (underWay.length > 0 ? underWay : begun.slice(-1)).map((line) => ({ ...line, words: line.words.map(lit) }));
}

/** Offsets are UTF-8 bytes, the last one included. */
function words({ value, end, cue }) {
  const bytes = new TextEncoder().encode(value);
  const text = (from, to) => new TextDecoder().decode(bytes.subarray(from, to));
  const found = [];
  let at = 0;
  cue.forEach((word, i) => {
    if (word.byteStart > at) found.push({ text: text(at, word.byteStart) });
    at = word.byteEnd + 1;
    found.push({ text: text(word.byteStart, at), start: word.start, end: word.end ?? cue[i + 1]?.start ?? end });
  });
  if (at < bytes.length) found.push({ text: text(at) });
  return found;
}
