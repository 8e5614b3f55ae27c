// Loading what comes after a start: segment after segment, track after track, each in the rendition that the network brings.
import { choose } from "./abr.ts";
import { ahead, covers, goal, past } from "./buffer.ts";
import type { Entry } from "./entry.ts";
import { type Host, problemOf } from "./host.ts";
import { type File, keyOf, type Loader, type Part, TOO_LATE } from "./load.ts";
import { pause, Problem } from "./request.ts";
import { plays } from "./sink.ts";
import { heard } from "./timeline.ts";
import { nominal, type Rendition } from "./track.ts";

const HORIZON = 6; // segments that one looks ahead

/** The tracks in the line, and what is done about each. */
export interface Line {
  readonly parts: Part[];
  /** Asks for `track.json`, and finds its place. */
  about(part: Part, signal: AbortSignal): Promise<void>;
  /** Keeps a file on the device; `index` where it is a segment. */
  keep(part: Part, path: string, bytes: BlobPart[], index?: number): void;
}

export class Filler {
  /** What is on its way, on the element's clock. */
  loading: readonly [number, number] | null = null;
  #host: Host;
  #loader: Loader;
  #line: Line;

  constructor(host: Host, loader: Loader, line: Line) {
    this.#host = host;
    this.#loader = loader;
    this.#line = line;
  }

  /** Loads what is missing, from this part on to the end of the line. */
  async fill(part: Part, signal: AbortSignal): Promise<void> {
    this.loading = null;
    for (;;) {
      if (part.times.length === 0) await this.#line.about(part, signal);
      for (; part.index < part.times.length - 1; part.index++) {
        const span = heard(part.times, part.index, part.place!);
        if (span[1] - span[0] < 0.001 || covers(this.#loader.sink.ranges, span)) continue;
        await this.#room(signal);
        this.loading = span;
        await this.#segment(part, signal);
        this.loading = null;
      }
      const next = await this.#join(part, signal);
      if (!next) return this.#loader.sink.end();
      part = next;
    }
  }

  /** The part after this one, placed where this one ends; null where nothing follows. */
  async #join(part: Part, signal: AbortSignal): Promise<Part | null> {
    const { parts } = this.#line;
    for (;;) {
      const at = parts.indexOf(part);
      const there = parts[at + 1];
      const entry = there?.entry ?? this.#host.following(part.entry);
      if (!entry) return null;
      const start = part.place!.until;
      const next = there ?? { entry, start, place: null, times: [], index: 0, rendition: part.rendition };
      if (!there) await this.#room(signal);
      try {
        await this.#line.about(next, signal);
        if (!there) parts.push(next);
        return next;
      } catch (error) {
        const { code } = error as { code?: unknown };
        if (signal.aborted || typeof code !== "string") throw error;
        parts.splice(at + 1);
        this.#host.skipped(entry, code);
      }
    }
  }

  /** Waits until more may be loaded, and lets go of what is long past. */
  async #room(signal: AbortSignal): Promise<void> {
    const { audio, most } = this.#host;
    const { sink } = this.#loader;
    for (;;) {
      const { ranges } = sink;
      const gone = past(ranges, audio.currentTime);
      if (gone) await sink.remove(...gone);
      const { played } = audio;
      let listened = 0;
      for (let i = 0; i < played.length; i++) listened += played.end(i) - played.start(i);
      const more = ahead(ranges, audio.currentTime) - goal(listened, most);
      if (more < 0 && sink.hungry) return;
      await pause(Math.min(Math.max(1000 * more, 200), 2000), signal);
    }
  }

  async #segment(part: Part, signal: AbortSignal): Promise<void> {
    const { entry, index } = part;
    let version = entry.version;
    for (let forced: Rendition | undefined; ;) {
      const all = this.#candidates(entry);
      const lowest = all[0];
      if (!lowest) throw new Problem(entry.ceiling < Infinity ? "rendition_not_allowed" : "unsupported");
      const kept = entry.kept(index);
      const chosen = all.find(({ name }) => name === kept) ?? forced ?? this.#choose(part, all);
      try {
        return await this.#bring(part, chosen, lowest, signal);
      } catch (error) {
        this.#loader.header = "";
        const code = problemOf(error);
        if (code === TOO_LATE) {
          this.#host.metric({ name: "abandon", rendition: chosen.name });
          forced = lowest;
        } else if (code === "rendition_not_allowed") entry.ceiling = nominal(chosen.name) - 1;
        else if (code === "not_found") {
          await entry.about(signal);
          if (entry.version === version) throw error;
          version = entry.version;
        } else throw error;
      }
    }
  }

  /** One segment of that rendition, and its header where the source buffer has another. */
  async #bring(
    part: Part,
    { name, segment_bytes }: Rendition,
    lowest: Rendition,
    signal: AbortSignal,
  ): Promise<void> {
    const { entry, index } = part;
    const loader = this.#loader;
    const folder = `${entry.version}/${name}`;
    const key = keyOf(entry, name);
    const joined = loader.header !== key && index === 0;
    const path = joined
      ? `${entry.version}/start/${name}.mp4`
      : `${folder}/${String(index + 1).padStart(5, "0")}.m4s`;
    const header =
      joined || loader.header === key ? undefined : this.#init(part, `${folder}/init.mp4`, name, signal);
    const bytes = segment_bytes[index] ?? 0;
    const least = lowest.segment_bytes[index] ?? 0;
    const instead = name === lowest.name ? undefined : { bytes, lowest: least };
    const file: File = { path, rendition: name, after: header, instead, urgent: part.rendition === "" };
    header?.catch(() => {});
    if (!(await loader.kept(part, file))) {
      const { pieces } = await loader.fetch(part, file, signal);
      await header;
      this.#line.keep(part, path, pieces, index);
    }
    signal.throwIfAborted();
    loader.header = key;
    if (part.rendition && part.rendition !== name)
      this.#host.metric({ name: "switch", from: part.rendition, to: name });
    part.rendition = name;
  }

  async #init(part: Part, path: string, rendition: string, signal: AbortSignal): Promise<void> {
    const file = { path, rendition };
    if (await this.#loader.kept(part, file)) return;
    const { pieces } = await this.#loader.fetch(part, file, signal);
    this.#line.keep(part, path, pieces);
  }

  #choose(part: Part, all: Rendition[]): Rendition {
    const { audio, network } = this.#host;
    const { index, times } = part;
    const seconds = times.slice(index + 1, index + 1 + HORIZON).map((end, k) => end - times[index + k]!);
    const sizes = all.map(({ segment_bytes }) => segment_bytes.slice(index, index + HORIZON));
    const current = all.findLastIndex(({ name }) => nominal(name) <= nominal(part.rendition || all[0]!.name));
    const buffer = ahead(this.#loader.sink.ranges, audio.currentTime);
    // who saves data has the lowest
    const known = network.connection?.saveData ? { rate: 1, latency: 0, weight: 0 } : network.estimate;
    return all[choose({ sizes, seconds, buffer, current, network: known })] ?? all[0]!;
  }

  #candidates(entry: Entry): Rendition[] {
    const { lossless, only } = this.#host;
    const all = entry.renditions((name) => (lossless || name !== "flac") && plays(name));
    const one = all.find(({ name }) => name === only());
    return one ? [one] : all;
  }
}
