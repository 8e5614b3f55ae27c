// A track of the queue: where it is, what is known of it, and the start that was fetched before it was asked for.
import type { Address } from "./address.ts";
import { bare } from "./address.ts";
import type { Early } from "./api.ts";
import { nominal, type Rendition, type Track } from "./track.ts";
import { kept } from "./memory.ts";
import { Problem, read, request } from "./request.ts";
import type { Store } from "./store.ts";

/** A start in memory. */
export interface Start {
  rendition: string;
  version: string;
  bytes: Uint8Array<ArrayBuffer>;
  at: number;
}

const FRESH = 600_000; // milliseconds for which a start counts as allowed: as a token's leeway, it is short

export class Entry {
  id: string;
  address: Address;
  track: Track | null = null;
  version = "";
  /** Nominal kbit/s above which the token does not allow. */
  ceiling = Infinity;
  /** Why it cannot be played, so that the queue passes over it. */
  problem: string | null = null;
  early: Early | null = null;
  #store: Promise<Store> | null;
  #etag = "";
  #start: Start | null = null;

  constructor(id: string, address: Address, store: Promise<Store> | null) {
    this.id = id;
    this.address = address;
    this.#store = store;
  }

  /** `track.json`, asked for at every play: the edge judges whether it may be heard. Nothing moves if it did not change. */
  async about(signal: AbortSignal): Promise<Track> {
    const { etag = this.#etag, about } = (this.#store && kept(this.id)) || {};
    const here = this.track ? etag : about && etag;
    try {
      const headers = here ? { "if-none-match": here } : {};
      const answer = await request(this.address, "track.json", { signal, headers });
      const same = answer.status === 304;
      if (!same) this.track = (await answer.json()) as Track;
      this.track ??= JSON.parse(about!) as Track;
      this.#etag = same ? etag : (answer.headers.get("etag") ?? "");
    } catch (error) {
      if (error instanceof Problem) await (await this.#store)?.refused(this.id, error.code);
      throw error;
    }
    this.version = this.track.versions[0] ?? "";
    this.problem = null;
    await (await this.#store)?.begin(this.id, this.version, this.#etag, JSON.stringify(this.track));
    return this.track;
  }

  /** The name of the rendition in which a segment is on the device. */
  kept(segment: number): string | null | undefined {
    const { version, has = [] } = (this.#store && kept(this.id)) || {};
    return version === this.version ? has[segment] : null;
  }

  /** Whether anything of it is. */
  get known(): boolean {
    return Boolean(this.#store && kept(this.id));
  }

  /** The renditions that may be played here, lowest first. */
  renditions(plays: (name: string) => boolean): Rendition[] {
    const all = this.track?.renditions ?? [];
    return all
      .filter(({ name }) => nominal(name) <= this.ceiling && plays(name))
      .sort((a, b) => a.bandwidth - b.bandwidth);
  }

  /** Fetches the start, to be played later without the network. */
  async prefetch(rendition: string, signal: AbortSignal): Promise<void> {
    if (this.start) return;
    const answer = await request(this.address, `start/${rendition}.mp4`, { signal, priority: "low" });
    const pieces: Uint8Array<ArrayBuffer>[] = [];
    await read(answer, signal, (bytes) => pieces.push(bytes));
    const bytes = new Uint8Array(await new Blob(pieces).arrayBuffer());
    this.#start = { rendition, version: versionOf(answer), bytes, at: Date.now() };
  }

  /** The start that is in memory. */
  get start(): Start | null {
    if (this.#start && Date.now() - this.#start.at > FRESH) this.#start = null;
    return this.#start;
  }

  drop(): void {
    this.#start = null;
  }

  /** The name under which a file of the current version is kept. */
  url(path: string): string {
    return bare(this.address.known + path);
  }
}

/** The version that `start/{rendition}.mp4` is of: Content-Location names it; "" where it is not said. */
export function versionOf(answer: Response): string {
  return /(?:^|\/)([0-9a-f]{32,64})\//.exec(answer.headers.get("content-location") ?? "")?.[1] ?? "";
}
