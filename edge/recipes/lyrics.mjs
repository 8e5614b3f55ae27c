// Words to light up: lyrics.json as lines of words on the media's own timeline, so that a word sounds while
// word.start <= 1000 * audio.currentTime < word.end.

/** Fetches the lyrics beside a signed playlist: all layers, or the one in `lang`. */
export async function lyrics(url, lang) {
  const address = new URL(lang ? `lyrics.json?lang=${lang}` : "lyrics.json", url);
  const answer = await fetch(address, { credentials: "omit", referrerPolicy: "no-referrer" });
  if (!answer.ok) throw new Error((await answer.json()).code);
  return (await answer.json()).structuredLyrics;
}

/** The lines of one layer: [{ start, end, text, voices: [[{ text, start, end }]] }], in milliseconds. Voices are the lead
 * and then the background, each a list of words; what has no times (text between words, a whole voice) has only `text`.
 * `start` is null where nothing is timed. */
export function lines({ line, cueLine = [], agents = [] }) {
  const background = new Set(agents.filter(({ role }) => role === "bg").map(({ id }) => id));
  return line.map(({ start = null, value }, index) => {
    const timed = cueLine.filter((cues) => cues.index === index);
    const voices = timed.map(words);
    const rest = untimed(value, timed, background);
    if (rest && timed.every(({ agentId }) => background.has(agentId))) voices.unshift([{ text: rest }]);
    else if (rest) voices.push([{ text: rest }]);
    // a line is over with its last word; a voice without times lasts as long as the line may
    const later = line.find((other) => other.start > start)?.start ?? Infinity;
    const ends = voices.map((voice) => voice.findLast((word) => word.end)?.end ?? timed[0]?.end ?? later);
    return { start, end: Math.max(start, ...ends), text: value, voices };
  });
}

/** The lines under way at a time (a duet has two); between lines the one begun last. */
export function underWay(lines, ms) {
  const begun = lines.filter(({ start }) => start !== null && start <= ms);
  const now = begun.filter(({ end }) => ms < end);
  return now.length > 0 ? now : begun.slice(-1);
}

/** Whether a word is to be lit. */
export function sounds(word, ms) {
  return word.start <= ms && ms < word.end;
}

/** The words of a voice. Offsets are UTF-8 bytes, the last one included. */
function words({ value, end, cue }) {
  const bytes = new TextEncoder().encode(value);
  const text = (from, to) => new TextDecoder().decode(bytes.subarray(from, to));
  const found = [];
  let at = 0;
  cue.forEach((word, i) => {
    if (word.byteStart > at) found.push({ text: text(at, word.byteStart) });
    at = word.byteEnd + 1;
    found.push({
      text: text(word.byteStart, at),
      start: word.start,
      end: word.end ?? cue[i + 1]?.start ?? end,
    });
  });
  if (at < bytes.length) found.push({ text: text(at) });
  const fits = at <= bytes.length && found.map((word) => word.text).join("") === value;
  return fits ? found : [{ text: value }];
}

/** A line's text is the lead and then the background: what of it has no words of its own. */
function untimed(value, timed, background) {
  let rest = value.trim();
  for (const { value: voice, agentId } of timed) {
    const own = voice.trim();
    if (background.has(agentId) && rest.endsWith(own)) rest = rest.slice(0, rest.length - own.length).trim();
    else if (rest.startsWith(own)) rest = rest.slice(own.length).trim();
    else return ""; // better once than twice
  }
  return rest;
}
