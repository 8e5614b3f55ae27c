// The player: a queue of tracks behind one audio element that the app owns.
import type { Engine, Item, PlayerEvents, Settings, State } from "./api.ts";
import type { Entry } from "./entry.ts";
import { Events } from "./events.ts";
import { gain, type Normalise } from "./gain.ts";
import type { Host, Later, Source } from "./host.ts";
import type { Remote } from "./media-session.ts";
import { Network } from "./network.ts";
import { Queue } from "./queue.ts";
import { Problem, request } from "./request.ts";
import { mediaSource } from "./sink.ts";
import type { Store } from "./store.ts";
import { Stream } from "./stream.ts";
import { typeOf, type Timeline, type Track } from "./track.ts";
import { Watch } from "./watch.ts";

/** Of a track of which nothing is known. */
const UNKNOWN: Timeline = { rate: 44_100, priming: 2048, samples: NaN };

export class Player extends Events<PlayerEvents> implements Remote {
  readonly audio: HTMLAudioElement;
  /** The one rendition to load from now on, as a listener may choose; null chooses by the network. */
  only: string | null = null;
  /** What plays: "mse", "hls" or "file"; null where the browser can do nothing of it. */
  readonly engine: Engine | null;
  #settings: Required<Omit<Settings, "engine">>;
  #network = new Network();
  #store: Promise<Store> | null = null;
  #source: Source | null = null;
  #coming: Promise<void> | null = null;
  #later: Promise<Later>;
  #tell: Host["tell"] = () => "";
  #queue: Queue;
  #watch: Watch;
  #state: State = "idle";
  #error: string | null = null;
  #volume: number;
  #rate = 1;
  /** Whether it ran dry since the edge was told last. */
  #starved = false;
  #prefetching = new AbortController();
  #off = new AbortController();

  constructor(audio: HTMLAudioElement, settings: Settings) {
    super();
    this.audio = audio;
    this.#settings = {
      buffer: 60,
      cache: 50e6,
      normalise: "album",
      loudness: -14,
      lossless: false,
      cmcd: true,
      protection: () => Promise.reject(new Problem("protection")),
      ...settings,
    };
    this.#volume = audio.volume;
    this.engine = settings.engine ?? (mediaSource() ? "mse" : native(audio));
    const { cache, cmcd } = this.#settings;
    const sid = String(Math.random()).slice(2);
    this.#later = import("./later.ts");
    if (cache > 0 && globalThis.caches) this.#store = this.#later.then(({ Store }) => new Store(cache));
    void this.#later.then((later) => {
      if (navigator.mediaSession) later.control(this);
      if (cmcd)
        this.#tell = (facts) => {
          const bs = this.#starved;
          this.#starved = false;
          return later.cmcd({ ...facts, sid, bs, v: cmcd === 2 ? 2 : undefined });
        };
    });
    this.#queue = new Queue((track) => this.#settings.sign(track), this.#store);
    this.#watch = this.#watched();
    const host = this.#host();
    if (this.engine === "mse") this.#source = new Stream(host);
    else if (this.engine)
      this.#coming = import("./native.ts").then(({ Native }) => {
        this.#source = new Native(host, this.engine === "hls");
      });
  }

  /** Plays: the track that is on, or another one, of the queue or in its stead. Call it in the tap's own handler. */
  play(item?: Item): void {
    this.#prefetching.abort();
    if (item !== undefined) this.load(item);
    else if (this.#error) this.#load(this.#now!, this.currentTime);
    else if (!this.#now && this.#queue.list[0]) this.#load(this.#queue.list[0], 0);
    else if (this.#state === "ended") this.seek(0);
    this.#watch.wanted = true;
    this.audio.play().catch((error: DOMException) => {
      if (error.name === "NotAllowedError") this.#become("paused"); // the browser wants a tap first
    });
  }

  /** Loads a track to be played at once later, or from somewhere in the middle. */
  load(item: Item, at = 0): void {
    const entry = this.#queue.entry(item);
    if (!this.#queue.list.includes(entry)) this.#queue.list = [entry];
    this.#load(entry, at);
  }

  pause(): void {
    this.audio.pause();
  }

  /** The tracks that follow each other. The one that is on plays on. */
  get queue(): string[] {
    return this.#queue.list.map(({ id }) => id);
  }

  set queue(items: Item[]) {
    this.#queue.list = items.map((item) => this.#queue.entry(item));
    this.#source?.changed();
  }

  next(): void {
    this.#step(1);
  }

  /** The track before, or the beginning of this one when more than four seconds were heard. */
  previous(): void {
    if (this.currentTime > 4 || !this.#step(-1)) this.seek(0);
  }

  /** Fetches the first seconds of tracks that may be tapped next, so that a tap sounds without the network. */
  async prefetch(items: Item[]): Promise<void> {
    if (this.engine !== "mse" || this.#network.connection?.saveData) return;
    this.#prefetching.abort();
    const { signal } = (this.#prefetching = new AbortController());
    const entries = items.map((item) => this.#queue.entry(item));
    const work = entries.values();
    const fetchAll = async () => {
      for (const entry of work) {
        const [lowest = ""] = this.#network.ladder;
        await entry.prefetch(lowest, signal).catch(() => {});
        if (signal.aborted) return;
      }
    };
    await Promise.all([fetchAll(), fetchAll()]);
  }

  seek(seconds: number): void {
    this.audio.currentTime = this.#origin + Math.min(Math.max(seconds, 0), this.duration || Infinity);
    this.#position();
  }

  /** The track that is heard. */
  get track(): Track | null {
    return this.#now?.track ?? null;
  }

  get id(): string | null {
    return this.#now?.id ?? null;
  }

  /** Seconds since the track's first sample. */
  get currentTime(): number {
    return this.#now ? Math.max(0, this.audio.currentTime - this.#origin) : 0;
  }

  set currentTime(seconds: number) {
    this.seek(seconds);
  }

  get duration(): number {
    const { samples, rate } = this.track?.timeline ?? UNKNOWN;
    return samples / rate;
  }

  /** Milliseconds on the clock of lyrics: a word sounds while `start <= player.mediaTime < end`. */
  get mediaTime(): number {
    return this.#now ? 1000 * (this.audio.currentTime - this.#origin + this.#lead) : 0;
  }

  /** Goes to a time on the clock of lyrics. */
  seekMedia(milliseconds: number): void {
    this.seek(milliseconds / 1000 - this.#lead);
  }

  get rendition(): string {
    return this.#source?.rendition ?? "";
  }

  get state(): State {
    return this.#state;
  }

  get volume(): number {
    return this.#volume;
  }

  set volume(volume: number) {
    this.#volume = Math.min(Math.max(volume, 0), 1);
    this.#loud();
  }

  get rate(): number {
    return this.#rate;
  }

  set rate(rate: number) {
    this.#rate = rate;
    this.audio.defaultPlaybackRate = this.audio.playbackRate = rate;
    this.#position();
  }

  get normalise(): Normalise {
    return this.#settings.normalise;
  }

  set normalise(by: Normalise) {
    this.#settings.normalise = by;
    this.#loud();
  }

  /** The lyrics of the track that is heard: all layers, as `lyrics.json` has them; empty where there are none. */
  async lyrics(): Promise<unknown[]> {
    const entry = this.#now;
    const { digest } = entry?.track?.lyrics ?? {};
    if (!entry || !digest) return [];
    const path = `lyrics/${digest}/lyrics.json`;
    const store = await this.#store;
    const kept = await store?.get(entry.url(path));
    const answer = kept ?? (await request(entry.address, path, { signal: this.#off.signal }));
    const text = await answer.text();
    if (!kept) void store?.put(entry.id, entry.url(path), [text]);
    return (JSON.parse(text) as { structuredLyrics: unknown[] }).structuredLyrics;
  }

  /** Lets go of the element. */
  destroy(): void {
    this.#off.abort();
    this.#prefetching.abort();
    this.#source?.close();
    this.#source = null;
  }

  get #now(): Entry | null {
    return this.#source?.entry ?? null;
  }

  /** Seconds of media before the source. */
  get #lead(): number {
    const { priming, rate } = this.track?.timeline ?? UNKNOWN;
    return priming / rate;
  }

  get #origin(): number {
    return this.#source?.origin ?? 0;
  }

  #host(): Host {
    const { buffer, lossless, protection } = this.#settings;
    return {
      audio: this.audio,
      network: this.#network,
      later: this.#later,
      store: this.#store,
      most: buffer,
      lossless,
      protection,
      only: () => this.only,
      wanted: () => this.#watch.wanted,
      tell: (facts) => this.#tell(facts),
      following: (entry) => this.#queue.beside(entry, 1),
      about: (entry) => {
        if (entry === this.#now) this.#heard(entry);
      },
      entered: (entry) => this.#heard(entry),
      skipped: (entry, code) => {
        entry.problem = code;
        this.emit("skip", { id: entry.id, code });
      },
      failed: (code) => this.#fail(code),
      metric: (metric) => this.emit("metric", metric),
    };
  }

  #watched(): Watch {
    return new Watch(
      {
        audio: this.audio,
        state: () => this.#state,
        failed: () => this.#error !== null,
        source: () => this.#source,
        become: (state) => this.#become(state),
        metric: (metric) => {
          if (metric.name === "stall") this.#starved = true;
          this.emit("metric", metric);
        },
        ended: () => {
          if (!this.#step(1)) this.#become("ended");
        },
        broken: () => {
          // a native source asks the edge why
          if (this.engine === "mse") this.#fail("media");
        },
      },
      this.#off.signal,
    );
  }

  #load(entry: Entry, at: number): void {
    this.#error = null;
    if (!this.#source)
      return this.#coming ? void this.#coming.then(() => this.#load(entry, at)) : this.#fail("unsupported");
    this.#watch.tap();
    this.#become("loading");
    this.#source.load(entry, at);
    this.rate = this.#rate;
    this.#heard(entry);
  }

  #step(by: number): boolean {
    const entry = this.#now && this.#queue.beside(this.#now, by);
    if (!entry) return false;
    if (by < 0 || !this.#source!.skip(entry)) this.#load(entry, 0);
    this.play();
    return true;
  }

  #heard(entry: Entry): void {
    this.#loud();
    const { track, address } = entry;
    if (track) void this.#later.then(({ show }) => show(track, address.known));
    this.#position();
    this.emit("track", { id: entry.id, track: entry.track });
  }

  #loud(): void {
    const { normalise, loudness } = this.#settings;
    this.audio.volume = this.#volume * (this.track ? gain(this.track, normalise, loudness) : 1);
  }

  #fail(code: string): void {
    this.#error = code;
    this.audio.pause();
    this.#become("error");
    this.emit("error", { id: this.id ?? "", code });
  }

  #become(state: State): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#position();
    this.emit("state", state);
  }

  #position(): void {
    void this.#later.then(({ position }) => position(this, !this.audio.paused));
  }
}

/** What a browser without Media Source can. */
function native(audio: HTMLAudioElement): Engine | null {
  if (audio.canPlayType("application/vnd.apple.mpegurl")) return "hls";
  return audio.canPlayType(typeOf("aac-128")) ? "file" : null;
}
