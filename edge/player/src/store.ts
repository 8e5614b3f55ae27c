// What was played stays on the device, bounded: immutable files in Cache Storage under names without tokens, and an index of
// them in localStorage, which answers at once.
import { evict, type Kept } from "./evict.ts";

/** What is kept of a track: the version it is of, the ETag of its `track.json`, and of each segment the rendition. */
export interface KeptTrack extends Kept {
  version: string;
  etag: string;
  about: string;
  has: (string | null)[];
  urls: string[];
}

type Index = Record<string, KeptTrack>;

const NAME = "nada";

export class Store {
  #limit: number;
  #open: Promise<Cache> | null = null;
  playing: string | null = null;

  /** `limit` in bytes; 0 keeps nothing. */
  constructor(limit: number) {
    this.#limit = typeof caches === "undefined" ? 0 : limit;
    if (this.#limit > 0 && Object.keys(this.#index()).length === 0) caches.delete(NAME).catch(() => {});
  }

  of(track: string): KeptTrack | null {
    return this.#limit > 0 ? (this.#index()[track] ?? null) : null;
  }

  /** The rendition in which a segment is kept, of that version. */
  rendition(track: string, version: string, segment: number): string | null {
    const kept = this.of(track);
    return kept?.version === version ? (kept.has[segment] ?? null) : null;
  }

  /** The track is played: what is known of it now. What is kept of another version goes. */
  async begin(track: string, version: string, etag: string, about: string): Promise<void> {
    if (this.#limit <= 0) return;
    const old = this.of(track);
    if (old && old.version !== version) await this.forget(track);
    this.#change(track, (kept) => ({ ...kept, version, etag, about }));
  }

  async get(url: string): Promise<Response | null> {
    if (this.#limit <= 0) return null;
    return (await (await this.#cache()).match(url)) ?? null;
  }

  /** Keeps a file, and notes which segment it is; nothing fails where there is no room. */
  async put(
    track: string,
    url: string,
    bytes: BlobPart[],
    segment?: [index: number, rendition: string],
  ): Promise<void> {
    if (this.#limit <= 0 || !this.of(track)) return;
    const body = new Blob(bytes);
    try {
      await (await this.#cache()).put(url, new Response(body));
    } catch {
      return;
    }
    this.#change(track, (kept) => {
      const has = [...kept.has];
      if (segment) has[segment[0]] = segment[1];
      return { ...kept, has, bytes: kept.bytes + body.size, urls: [...kept.urls, url] };
    });
    for (const gone of evict(this.#index(), this.#limit, this.playing)) await this.forget(gone);
  }

  async forget(track: string): Promise<void> {
    const all = this.#index();
    const kept = all[track];
    if (!kept) return;
    delete all[track];
    this.#write(all);
    const cache = await this.#cache();
    await Promise.all(kept.urls.map((url) => cache.delete(url)));
  }

  #change(track: string, act: (kept: KeptTrack) => KeptTrack): void {
    const all = this.#index();
    const kept = all[track] ?? { bytes: 0, used: 0, version: "", etag: "", about: "", has: [], urls: [] };
    all[track] = { ...act(kept), used: Date.now() };
    this.#write(all);
  }

  #index(): Index {
    return recall<Index>("cache") ?? {};
  }

  #write(index: Index): void {
    // what cannot be found again must not be kept
    if (!remember("cache", index)) this.#limit = 0;
  }

  #cache(): Promise<Cache> {
    return (this.#open ??= caches.open(NAME));
  }
}

/** A value of the last visit; undefined where nothing may be kept. */
export function recall<T>(key: string): T | undefined {
  try {
    const text = localStorage.getItem(`nada.${key}`);
    return text ? (JSON.parse(text) as T) : undefined;
  } catch {
    return undefined;
  }
}

export function remember(key: string, value: unknown): boolean {
  try {
    localStorage.setItem(`nada.${key}`, JSON.stringify(value));
    return true;
  } catch {
    return false;
  }
}
