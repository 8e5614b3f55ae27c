// The player: a queue of tracks behind one audio element that the app owns.
import { Address, type Signed } from "./address.ts";
import { Entry } from "./entry.ts";
import { Events, listener } from "./events.ts";
import { gain, type Normalise } from "./gain.ts";
import type { Host, Later, Metric, Source } from "./host.ts";
import type { Remote } from "./media-session.ts";
import { Network } from "./network.ts";
import { Problem, request } from "./request.ts";
import { mediaSource } from "./sink.ts";
import type { Store } from "./store.ts";
import { Stream } from "./stream.ts";
import { typeOf, type Timeline, type Track } from "./track.ts";

/** A track by its id, with its address where the app has one already: then nothing is asked before sound. */
export type Item = string | ({ track: string } & Partial<Signed>);

export type State = "idle" | "loading" | "playing" | "paused" | "ended" | "error";

export type Engine = "mse" | "hls" | "file";

export interface Settings {
  /** Your backend: signs for a track. */
  sign: (track: string) => Promise<Signed>;
  /** Seconds to have ahead at most: 60. */
  buffer?: number;
  /** Bytes that may stay on the device: 50 MB; 0 keeps nothing. */
  cache?: number;
  /** As loud as each other, by track or by album: "album"; null leaves them. */
  normalise?: Normalise;
  /** In LUFS: -14. */
  loudness?: number;
  /** FLAC where the track has it, the browser plays it and the network brings it. */
  lossless?: boolean;
  /** Whether the edge is told of bit rates and stalls (CMCD): yes. */
  cmcd?: boolean;
  /** What plays; by itself the first that the browser has. */
  engine?: Engine;
}

export interface PlayerEvents {
  /** Another track is heard, or `track.json` of it came. */
  track: { id: string; track: Track | null };
  state: State;
  /** It does not go on: a code of the edge, "network", "media", "unsupported" or "sign". */
  error: { id: string; code: string };
  /** A track of the queue that cannot be played was passed over. */
  skip: { id: string; code: string };
  metric: Metric;
}

/** Of a track of which nothing is known. */
const UNKNOWN: Timeline = { rate: 44_100, priming: 2048, samples: NaN };

/** Milliseconds of standing still that somebody may notice: a decoder that starts anew reports less. */
const NOTICED = 50;

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
  #entries = new Map<string, Entry>();
  #queue: Entry[] = [];
  #state: State = "idle";
  #error: Problem | null = null;
  #volume: number;
  #rate = 1;
  #wanted = false;
  #tapped = 0;
  #stalled = 0;
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
      if (cmcd) this.#tell = (facts) => later.cmcd({ ...facts, sid });
    });
    const host = this.#host();
    if (this.engine === "mse") this.#source = new Stream(host);
    else if (this.engine)
      this.#coming = import("./native.ts").then(({ Native }) => {
        this.#source = new Native(host, this.engine === "hls");
      });
    this.#listen();
  }

  /** Plays: the track that is on, or another one, of the queue or in its stead. Call it in the tap's own handler. */
  play(item?: Item): void {
    this.#prefetching.abort();
    if (item !== undefined) this.load(item);
    else if (this.#error) this.#load(this.#now!, this.currentTime);
    else if (!this.#now && this.#queue[0]) this.#load(this.#queue[0], 0);
    else if (this.#state === "ended") this.seek(0);
    this.#wanted = true;
    this.audio.play().catch((error: DOMException) => {
      if (error.name === "NotAllowedError") this.#become("paused"); // the browser wants a tap first
    });
  }

  /** Loads a track to be played at once later, or from somewhere in the middle. */
  load(item: Item, at = 0): void {
    const entry = this.#entry(item);
    if (!this.#queue.includes(entry)) this.#queue = [entry];
    this.#load(entry, at);
  }

  pause(): void {
    this.audio.pause();
  }

  /** The tracks that follow each other. The one that is on plays on. */
  get queue(): string[] {
    return this.#queue.map(({ id }) => id);
  }

  set queue(items: Item[]) {
    this.#queue = items.map((item) => this.#entry(item));
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
    const entries = items.map((item) => this.#entry(item));
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
    const { buffer, lossless } = this.#settings;
    return {
      audio: this.audio,
      network: this.#network,
      later: this.#later,
      store: this.#store,
      most: buffer,
      lossless,
      only: () => this.only,
      wanted: () => this.#wanted,
      tell: (facts) => this.#tell(facts),
      following: (entry) => this.#beside(entry, 1),
      about: (entry) => {
        if (entry === this.#now) this.#heard(entry);
      },
      entered: (entry) => this.#heard(entry),
      skipped: (entry, problem) => {
        entry.problem = problem;
        this.emit("skip", { id: entry.id, code: problem.code });
      },
      failed: (problem) => this.#fail(problem),
      metric: (metric) => this.emit("metric", metric),
    };
  }

  #entry(item: Item): Entry {
    const { track, url, expires_in = 0 } = typeof item === "string" ? { track: item } : item;
    let entry = this.#entries.get(track);
    if (!entry) {
      const address = new Address(() => this.#settings.sign(track));
      this.#entries.set(track, (entry = new Entry(track, address, this.#store)));
    }
    if (url) entry.address.take({ url, expires_in });
    return entry;
  }

  #load(entry: Entry, at: number): void {
    this.#error = null;
    if (!this.#source)
      return this.#coming
        ? void this.#coming.then(() => this.#load(entry, at))
        : this.#fail(new Problem("unsupported"));
    this.#tapped = performance.now();
    this.#stalled = 0;
    this.#become("loading");
    this.#source.load(entry, at);
    this.rate = this.#rate;
    this.#heard(entry);
  }

  #step(by: number): boolean {
    const entry = this.#now && this.#beside(this.#now, by);
    if (!entry) return false;
    this.#load(entry, 0);
    this.play();
    return true;
  }

  #beside(entry: Entry, by: number): Entry | null {
    for (let at = this.#queue.indexOf(entry) + by; ; at += by) {
      const other = this.#queue[at];
      if (!other || (at - by < 0 && by > 0)) return null;
      if (!other.problem) return other;
    }
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

  #fail(problem: Problem): void {
    this.#error = problem;
    this.audio.pause();
    this.#become("error");
    this.emit("error", { id: this.id ?? "", code: problem.code });
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

  #listen(): void {
    const { audio } = this;
    const on = listener(audio, this.#off.signal);
    on("playing", () => {
      const now = performance.now();
      const { rendition, from } = this.#source!;
      const stalled = this.#stalled ? now - this.#stalled : 0;
      if (this.#tapped)
        this.emit("metric", { name: "start", milliseconds: now - this.#tapped, rendition, from });
      else if (stalled >= NOTICED) this.emit("metric", { name: "stall", milliseconds: stalled });
      this.#tapped = this.#stalled = 0;
      this.#become("playing");
    });
    on("waiting", () => {
      if (this.#error || audio.seeking) return;
      if (!this.#tapped) this.#stalled ||= performance.now();
      setTimeout(() => {
        if (this.#stalled && !audio.paused) this.#become("loading");
      }, NOTICED);
    });
    on("seeking", () => (this.#stalled = 0));
    on("play", () => (this.#wanted = true));
    on("pause", () => {
      if (audio.readyState > 0) this.#wanted = false; // not for another source
      if (this.#error || audio.ended) return;
      this.#tapped = this.#stalled = 0;
      this.#become("paused");
    });
    on("canplay", () => {
      if (audio.paused && this.#state === "loading") this.#become("paused");
    });
    on("ended", () => {
      if (!this.#step(1)) this.#become("ended");
    });
    on("error", () => {
      // a native source asks the edge why
      if (this.engine === "mse" && audio.error && !this.#error) this.#fail(new Problem("media"));
    });
  }
}

/** What a browser without Media Source can. */
function native(audio: HTMLAudioElement): Engine | null {
  if (audio.canPlayType("application/vnd.apple.mpegurl")) return "hls";
  return audio.canPlayType(typeOf("aac-128")) ? "file" : null;
}
