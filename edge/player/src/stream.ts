// Playing through Media Source Extensions: tracks in a line on one source buffer, each cut where the next begins.
import { ahead, covers, goal, jump, past } from "./buffer.ts";
import { listener } from "./events.ts";
import { versionOf, type Entry, type Start } from "./entry.ts";
import { below } from "./first.ts";
import { type Host, problemOf, type Source } from "./host.ts";
import { type File, Loader, type Part, TOO_LATE } from "./load.ts";
import { pause, Problem } from "./request.ts";
import { plays, Sink } from "./sink.ts";
import { heard, place, segmentAt, segmentTimes } from "./timeline.ts";
import { nominal, type Rendition } from "./track.ts";

const HORIZON = 6; // segments that one looks ahead

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
  #line: Part[] = [];
  #heard: Part | null = null;
  /** The header that the source buffer has: of which track, version and rendition. */
  #header = "";
  #turn = new AbortController();
  #running: Promise<void> = Promise.resolve();
  #ended = false;
  #loading: readonly [number, number] | null = null;
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
    this.#header = "";
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
    this.#loading = null;
    this.#ended = false;
    const turn = async (before: Promise<void> | null) => {
      await before;
      if (signal.aborted) return;
      try {
        await work(signal);
      } catch (error) {
        if (!signal.aborted) this.#host.failed(new Problem(problemOf(error)));
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
      this.#header = this.#key(entry, here.rendition);
      this.#keep(part, 0, here.bytes, `${entry.version}/start/${here.rendition}.mp4`);
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
    for (let name = this.#host.only() ?? network.first(entry.ceiling, plays); ;) {
      try {
        const file = { path: `start/${name}.mp4`, rendition: name, urgent: true };
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

  /** Loads what is missing, from this part on to the end of the line. */
  async #fill(part: Part, signal: AbortSignal): Promise<void> {
    for (;;) {
      if (part.times.length === 0) await this.#about(part, signal);
      for (; part.index < part.times.length - 1; part.index++) {
        const span = heard(part.times, part.index, part.place!);
        if (span[1] - span[0] < 0.001 || covers(this.#sink!.ranges, span)) continue;
        await this.#room(signal);
        this.#loading = span;
        await this.#segment(part, signal);
        this.#loading = null;
      }
      const next = await this.#join(part, signal);
      if (!next) {
        this.#ended = true;
        return this.#sink!.end();
      }
      part = next;
    }
  }

  /** The part after this one, placed where this one ends; null where nothing follows. */
  async #join(part: Part, signal: AbortSignal): Promise<Part | null> {
    for (;;) {
      const at = this.#line.indexOf(part);
      const there = this.#line[at + 1];
      const entry = there?.entry ?? this.#host.following(part.entry);
      if (!entry) return null;
      const start = part.place!.until;
      const next = there ?? { entry, start, place: null, times: [], index: 0, rendition: part.rendition };
      if (!there) await this.#room(signal);
      try {
        await this.#about(next, signal);
        if (!there) this.#line.push(next);
        return next;
      } catch (error) {
        if (signal.aborted || !(error instanceof Problem)) throw error;
        this.#line.splice(at + 1);
        this.#host.skipped(entry, error);
      }
    }
  }

  /** Waits until more may be loaded, and lets go of what is long past. */
  async #room(signal: AbortSignal): Promise<void> {
    const { audio, most } = this.#host;
    for (;;) {
      const sink = this.#sink!;
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
      const chosen = all.find(({ name }) => name === kept) ?? forced ?? (await this.#choose(part, all));
      try {
        return await this.#bring(part, chosen, lowest, signal);
      } catch (error) {
        this.#header = "";
        const code = problemOf(error);
        if (error === TOO_LATE) {
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
    const loader = this.#loader!;
    const folder = `${entry.version}/${name}`;
    const key = this.#key(entry, name);
    const joined = this.#header !== key && index === 0;
    const path = joined
      ? `${entry.version}/start/${name}.mp4`
      : `${folder}/${String(index + 1).padStart(5, "0")}.m4s`;
    const header =
      joined || this.#header === key ? undefined : this.#init(part, `${folder}/init.mp4`, name, signal);
    const bytes = segment_bytes[index] ?? 0;
    const least = lowest.segment_bytes[index] ?? 0;
    const instead = name === lowest.name ? undefined : { bytes, lowest: least };
    const file: File = { path, rendition: name, after: header, instead, urgent: part.rendition === "" };
    header?.catch(() => {});
    if (!(await loader.kept(part, file))) {
      const { pieces } = await loader.fetch(part, file, signal);
      await header;
      this.#keep(part, index, pieces, path);
    }
    signal.throwIfAborted();
    this.#header = key;
    if (part.rendition && part.rendition !== name)
      this.#host.metric({ name: "switch", from: part.rendition, to: name });
    part.rendition = name;
  }

  async #init(part: Part, path: string, rendition: string, signal: AbortSignal): Promise<void> {
    const file = { path, rendition };
    if (await this.#loader!.kept(part, file)) return;
    const { pieces } = await this.#loader!.fetch(part, file, signal);
    void this.#host.store?.then((store) => store.put(part.entry.id, part.entry.url(path), pieces));
  }

  #keep({ entry }: Part, index: number, bytes: BlobPart[], path: string): void {
    const folder = path.split("/").at(-2)!;
    const name = folder === "start" ? path.split("/").at(-1)!.slice(0, -4) : folder;
    void this.#host.store?.then((store) => store.put(entry.id, entry.url(path), bytes, [index, name]));
  }

  async #choose(part: Part, all: Rendition[]): Promise<Rendition> {
    const { audio, network } = this.#host;
    const { index, times } = part;
    const seconds = times.slice(index + 1, index + 1 + HORIZON).map((end, k) => end - times[index + k]!);
    const sizes = all.map(({ segment_bytes }) => segment_bytes.slice(index, index + HORIZON));
    const current = all.findLastIndex(({ name }) => nominal(name) <= nominal(part.rendition || all[0]!.name));
    const buffer = ahead(this.#sink!.ranges, audio.currentTime);
    // who saves data has the lowest
    const known = network.connection?.saveData ? { rate: 1, latency: 0 } : network.estimate;
    const { choose } = await this.#host.later;
    return all[choose({ sizes, seconds, buffer, current, network: known })] ?? all[0]!;
  }

  #candidates(entry: Entry): Rendition[] {
    const { lossless, only } = this.#host;
    const all = entry.renditions((name) => (lossless || name !== "flac") && plays(name));
    const one = all.find(({ name }) => name === only());
    return one ? [one] : all;
  }

  #key(entry: Entry, name: string): string {
    return `${entry.id}/${entry.version}/${name}`;
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
    const loading = this.#loading && this.#loading[0] <= now && now < this.#loading[1];
    if (loading || covers(ranges, [now, Math.min(now + 1, part.place.until)])) return;
    part.index = segmentAt(part.times, now - part.place.offset);
    for (const later of this.#line.slice(this.#line.indexOf(part) + 1)) later.index = 0;
    this.#go((signal) => this.#fill(part, signal));
  }

  #unstick(): void {
    const { audio } = this.#host;
    if (audio.paused || audio.readyState > 2) return;
    const to = jump(this.#sink?.ranges ?? [], audio.currentTime);
    if (to !== null) audio.currentTime = to;
  }
}
