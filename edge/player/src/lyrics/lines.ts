// Words to light up: a layer of lyrics.json (OpenSubsonic `songLyrics` version 2) as lines of words on the clock of lyrics.

/** A stretch of text; without times it is only shown. Milliseconds. */
export interface Word {
  text: string;
  start?: number;
  end?: number;
}

/** Voices are the lead and then the background. `start` is null where nothing is timed. */
export interface Sung {
  start: number | null;
  end: number;
  text: string;
  voices: Word[][];
}

interface Cue {
  start?: number;
  end?: number;
  byteStart: number;
  byteEnd: number;
}

interface CueLine {
  index: number;
  agentId?: string;
  end?: number;
  value: string;
  cue: Cue[];
}

/** A layer. */
export interface Layer {
  kind?: string;
  lang?: string;
  synced?: boolean;
  line: { start?: number; value: string }[];
  cueLine?: CueLine[];
  agents?: { id: string; role: string }[];
}

export function lines({ line, cueLine = [], agents = [] }: Layer): Sung[] {
  const background = new Set(agents.filter(({ role }) => role === "bg").map(({ id }) => id));
  return line.map(({ start = null, value }, index) => {
    const timed = cueLine.filter((cues) => cues.index === index);
    const voices = timed.map(words);
    const rest = untimed(value, timed, background);
    if (rest && timed.every(({ agentId = "" }) => background.has(agentId))) voices.unshift([{ text: rest }]);
    else if (rest) voices.push([{ text: rest }]);
    // a line is over with its last word; a voice without times lasts as long as the line may
    const later = line.find((other) => (other.start ?? -1) > (start ?? 0))?.start ?? Infinity;
    const ends = voices.map((voice) => voice.findLast((word) => word.end)?.end ?? timed[0]?.end ?? later);
    return { start, end: Math.max(start ?? 0, ...ends), text: value, voices };
  });
}

/** The lines under way at a time (a duet has two); between lines the one begun last. */
export function underWay<Line extends { start: number | null; end: number | null }>(
  all: Line[],
  ms: number,
): Line[] {
  const begun = all.filter(({ start }) => start !== null && start <= ms);
  const now = begun.filter(({ end }) => ms < (end ?? 0));
  return now.length > 0 ? now : begun.slice(-1);
}

/** Whether a word is to be lit. */
export function sounds({ start = Infinity, end = 0 }: { start?: number; end?: number }, ms: number): boolean {
  return start <= ms && ms < end;
}

/** The words of a voice. Offsets are UTF-8 bytes, the last one included. */
function words({ value, end, cue }: CueLine): Word[] {
  const bytes = new TextEncoder().encode(value);
  const text = (from: number, to: number) => new TextDecoder().decode(bytes.subarray(from, to));
  const found: Word[] = [];
  let at = 0;
  cue.forEach((word, i) => {
    if (word.byteStart > at) found.push({ text: text(at, word.byteStart) });
    at = word.byteEnd + 1;
    const until = word.end ?? cue[i + 1]?.start ?? end;
    const timed = word.start !== undefined && {
      start: word.start,
      ...(until !== undefined && { end: until }),
    };
    found.push({ text: text(word.byteStart, at), ...timed });
  });
  if (at < bytes.length) found.push({ text: text(at, bytes.length) });
  const fits = at <= bytes.length && found.map((word) => word.text).join("") === value;
  return fits ? found : [{ text: value }];
}

/** A line's text is the lead and then the background: what of it has no words of its own. */
function untimed(value: string, timed: CueLine[], background: Set<string>): string {
  let rest = value.trim();
  for (const { value: voice, agentId = "" } of timed) {
    const own = voice.trim();
    if (background.has(agentId) && rest.endsWith(own)) rest = rest.slice(0, rest.length - own.length).trim();
    else if (rest.startsWith(own)) rest = rest.slice(own.length).trim();
    else return ""; // better once than twice
  }
  return rest;
}
