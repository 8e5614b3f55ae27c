// Playing through Media Source Extensions: tracks in a line on one source buffer, each cut where the next begins.
import { ahead, covers } from "./buffer.ts";
import { listener } from "./events.ts";
import { versionOf, type Entry, type Start } from "./entry.ts";
import { below } from "./first.ts";
import { type Host, problemOf, type Source } from "./host.ts";
import type { Filler } from "./fill.ts";
import { keyOf, Loader, type Part } from "./load.ts";
import { plays, Sink } from "./sink.ts";
import { place, segmentAt, segmentTimes } from "./timeline.ts";
import { nominal } from "./track.ts";

/** A start that is in the sink. */
interface Begun {
  version: string;
  rendition: string;
  bytes: BlobPart[];
}

export class Stream implements Source {
  from: "network" | "memory" | "cache" = "network";
  #host: Host;
  #sink: Sink | null = null;
  #loader: Loader | null = null;
  #filler: Filler | null = null;
  /** Tracks that follow each other on the source buffer. */
  #line: Part[] = [];
  #heard: Part | null = null;
  #turn = new AbortController();
  #running: Promise<void> = Promise.resolve();
  #ended = false;
  #off = new AbortController();

  constructor(host: Host) {
    this.#host = host;
    const on = listener(host.audio, this.#off.signal);
    on("timeupdate", () => this.#enter());
    on("seeking", () => this.#sought());
    on("waiting", () => setTimeout(() => this.#unstick(), 300));
  }

  get entry(): Entry | null {
    return this.#enter()?.entry ?? null;
  }

  get origin(): number {
    return this.#heard?.start ?? 0;
  }

  get rendition(): string {
    return this.#heard?.rendition ?? "";
  }

  load(entry: Entry, at: number): void {
    this.#turn.abort();
    this.#sink?.close(false);
    this.#sink = new Sink(this.#host.audio);
    this.#loader = new Loader(this.#host, this.#sink);
    this.#filler = null;
    const part: Part = { entry, start: 0, place: null, times: [], index: 0, rendition: "" };
    this.#line = [part];
    this.#heard = part;
    if (at > 0) this.#host.audio.currentTime = at;
    this.#running = Promise.resolve();
    this.#go(async (signal) => {
      await this.#begin(part, at, signal);
      await this.#fill(part, signal);
    });
  }

  changed(): void {
    const part = this.#enter();
    const sink = this.#sink;
    if (!part?.place || !sink) return;
    const rest = this.#line.splice(this.#line.indexOf(part) + 1);
    const same = rest[0]?.entry === (this.#host.following(part.entry) ?? undefined);
    if (same) this.#line.push(...rest);
    // what is not yet joined is asked for when its time comes
    if (same || (!rest[0] && !this.#ended)) return;
    this.#go(async (signal) => {
      if (rest[0]) await sink.remove(rest[0].start, Infinity);
      await this.#fill(part, signal);
    });
  }

  skip(entry: Entry): boolean {
    const part = this.#line.find((other) => other.entry === entry && other.start > this.origin);
    if (!part || ahead(this.#sink!.ranges, part.start) < 0.5) return false;
    this.#host.audio.currentTime = part.start;
    return true;
  }

  close(): void {
    this.#off.abort();
    this.#turn.abort();
    this.#sink?.close();
    this.#line = [];
    this.#heard = null;
  }

  /** One piece of work at a time; what was under way is given up. */
  #go(work: (signal: AbortSignal) => Promise<void>): void {
    this.#turn.abort();
    const { signal } = (this.#turn = new AbortController());
    this.#ended = false;
    const turn = async (before: Promise<void> | null) => {
      await before;
      if (signal.aborted) return;
      try {
        await work(signal);
      } catch (error) {
        if (!signal.aborted) this.#host.failed(problemOf(error));
      }
    };
    // a tap must ask the edge in the same moment
    const idle = this.#line.length === 1 && this.#line[0]?.place === null;
    this.#running = turn(idle ? null : this.#running);
  }

  /** The start and `track.json`, side by side; what is in memory sounds at once, what is in the cache when it may. */
  async #begin(part: Part, at: number, signal: AbortSignal): Promise<void> {
    const { entry } = part;
    const { start } = entry;
    const kept = at > 0 || (!start && entry.known);
    this.from = start ? "memory" : kept && at === 0 ? "cache" : "network";
    const starting = start ? this.#given(part, start) : kept ? null : this.#start(part, signal);
    const about = this.#about(part, signal);
    about.catch(() => {});
    const here = await starting;
    if (here) part.rendition = here.rendition;
    await about;
    const now = segmentAt(part.times, this.#host.audio.currentTime - part.place!.offset);
    part.index = now;
    if (here && (!here.version || here.version === entry.version)) {
      part.index = Math.max(1, now);
      this.#loader!.header = keyOf(entry, here.rendition);
      this.#keep(part, `${entry.version}/start/${here.rendition}.mp4`, here.bytes, 0);
    } else if (here) {
      // of another version, for one was published meanwhile
      entry.drop();
      part.rendition = "";
      await this.#sink!.remove(0, Infinity);
    }
  }

  async #given(part: Part, { bytes, rendition, version }: Start): Promise<Begun> {
    await this.#loader!.give(part, bytes, rendition);
    return { version, rendition, bytes: [bytes] };
  }

  /** Asks for the start in the rendition that is likely to be right; null where there is no such rendition. */
  async #start(part: Part, signal: AbortSignal): Promise<Begun | null> {
    const { network } = this.#host;
    const { entry } = part;
    const { early } = entry;
    entry.early = null;
    let name = early?.rendition ?? this.#host.only() ?? network.first(entry.ceiling, plays);
    for (;;) {
      try {
        const path = `start/${name}.mp4`;
        const file = { path, rendition: name, urgent: true, early };
        const { answer, pieces } = await this.#loader!.fetch(part, file, signal);
        return { version: versionOf(answer), rendition: name, bytes: pieces };
      } catch (error) {
        const code = problemOf(error);
        if (code === "not_found") return null; // another ladder: track.json tells
        const lower = below(network.ladder, name);
        if (code !== "rendition_not_allowed" || !lower) throw error;
        entry.ceiling = nominal(lower);
        name = lower;
      }
    }
  }

  /** Loads what is missing, from this part on to the end of the line. */
  async #fill(part: Part, signal: AbortSignal): Promise<void> {
    const { Filler } = await this.#host.later;
    this.#filler ??= new Filler(this.#host, this.#loader!, {
      parts: this.#line,
      about: (part, signal) => this.#about(part, signal),
      keep: (part, path, bytes, index) => this.#keep(part, path, bytes, index),
    });
    await this.#filler.fill(part, signal);
    this.#ended = true;
  }

  #keep({ entry }: Part, path: string, bytes: BlobPart[], index?: number): void {
    const [name, folder] = path.split("/").reverse() as [string, string];
    const rendition = folder === "start" ? name.slice(0, -4) : folder;
    void this.#host.store?.then((store) => store.put(entry.id, entry.url(path), bytes, rendition, index));
  }

  async #about(part: Part, signal: AbortSignal): Promise<void> {
    const { entry } = part;
    const track = await entry.about(signal);
    const placed = place(track.timeline, part.start);
    part.place = { ...placed, offset: part.place?.offset ?? placed.offset };
    part.times = segmentTimes(track);
    this.#host.network.found(track.renditions.map(({ name }) => name).filter((name) => name !== "flac"));
    this.#host.about(entry);
    void this.#sink!.lasts(placed.until);
  }

  /** The part that is heard now; tells when it is another one. */
  #enter(): Part | null {
    const now = this.#host.audio.currentTime + 0.001;
    const part = this.#line.findLast(({ start }) => start <= now) ?? this.#line[0] ?? null;
    if (part && part !== this.#heard) {
      this.#heard = part;
      this.#host.entered(part.entry);
    }
    return part;
  }

  /** The element was told to be elsewhere: loading goes on from there. */
  #sought(): void {
    const part = this.#enter();
    const now = this.#host.audio.currentTime;
    const ranges = this.#sink?.ranges ?? [];
    if (!part?.place || part.times.length === 0) return;
    const [begin, end] = this.#filler?.loading ?? [0, 0];
    if ((begin <= now && now < end) || covers(ranges, [now, Math.min(now + 1, part.place.until)])) return;
    part.index = segmentAt(part.times, now - part.place.offset);
    for (const later of this.#line.slice(this.#line.indexOf(part) + 1)) later.index = 0;
    this.#go((signal) => this.#fill(part, signal));
  }

  async #unstick(): Promise<void> {
    const { audio, later } = this.#host;
    const { jump } = await later;
    if (audio.paused || audio.readyState > 2) return;
    const to = jump(this.#sink?.ranges ?? [], audio.currentTime);
    if (to !== null) audio.currentTime = to;
  }
}
