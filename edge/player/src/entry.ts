// A track of the queue: where it is, what is known of it, and the start that was fetched before it was asked for.
import type { Address } from "./address.ts";
import { bare } from "./address.ts";
import { nominal, type Rendition, type Track } from "./track.ts";
import { forgets } from "./refusal.ts";
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
  problem: Problem | null = null;
  #store: Store;
  #etag = "";
  #start: Start | null = null;

  constructor(id: string, address: Address, store: Store) {
    this.id = id;
    this.address = address;
    this.#store = store;
  }

  /** `track.json`, asked for at every play: the edge judges whether it may be heard. Nothing moves if it did not change. */
  async about(signal: AbortSignal): Promise<Track> {
    const kept = this.#store.of(this.id);
    const etag = this.#etag || kept?.etag || "";
    try {
      const headers = etag ? { "if-none-match": etag } : {};
      const answer = await request(this.address, "track.json", { signal, headers });
      if (answer.status === 304) {
        this.track ??= JSON.parse(kept?.about ?? "null") as Track;
        this.#etag = etag;
      } else {
        this.track = (await answer.json()) as Track;
        this.#etag = answer.headers.get("etag") ?? "";
      }
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof Problem && forgets(error.code)) await this.#store.forget(this.id);
      throw error;
    }
    this.version = this.track.versions[0] ?? "";
    this.problem = null;
    await this.#store.begin(this.id, this.version, this.#etag, JSON.stringify(this.track));
    return this.track;
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
