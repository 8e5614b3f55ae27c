// What was played stays on the device, bounded: immutable files in Cache Storage under names without tokens, and an index of
// them that answers at once.
import { evict } from "./evict.ts";
import { recall, remember, type Index, type KeptTrack } from "./memory.ts";
import { forgets } from "./refusal.ts";

const NAME = "nada";

export class Store {
  #limit: number;
  #open: Promise<Cache> | null = null;

  /** `limit` in bytes. */
  constructor(limit: number) {
    this.#limit = limit;
    // what no index knows of would stay for ever
    if (!recall("cache")) caches.delete(NAME).catch(() => {});
  }

  /** The track may be played: what is known of it now. What is kept of another version goes. */
  async begin(track: string, version: string, etag: string, about: string): Promise<void> {
    const old = this.#index()[track];
    if (old && old.version !== version) await this.#forget(track);
    this.#change(track, (kept) => ({ ...kept, version, etag, about }));
  }

  /** The edge refused it: what may not be heard does not stay. */
  async refused(track: string, code: string): Promise<void> {
    if (forgets(code)) await this.#forget(track);
  }

  async get(url: string): Promise<Response | undefined> {
    return (await this.#cache()).match(url);
  }

  /** Keeps a file, and notes which segment it is; nothing fails where there is no room. */
  async put(track: string, url: string, bytes: BlobPart[], rendition = "", segment = -1): Promise<void> {
    if (this.#limit <= 0 || !this.#index()[track]) return;
    const body = new Blob(bytes);
    try {
      await (await this.#cache()).put(url, new Response(body));
    } catch {
      return;
    }
    this.#change(track, (kept) => {
      const has = [...kept.has];
      if (segment >= 0) has[segment] = rendition;
      return { ...kept, has, bytes: kept.bytes + body.size, urls: [...kept.urls, url] };
    });
    for (const gone of evict(this.#index(), this.#limit, track)) await this.#forget(gone);
  }

  async #forget(track: string): Promise<void> {
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
