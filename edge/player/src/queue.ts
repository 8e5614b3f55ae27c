// The tracks that follow each other, and all that were ever named.
import { Address, type Signed } from "./address.ts";
import type { Item } from "./api.ts";
import { Entry } from "./entry.ts";
import type { Store } from "./store.ts";

export class Queue {
  list: Entry[] = [];
  #all = new Map<string, Entry>();
  #sign: (track: string) => Promise<Signed>;
  #store: Promise<Store> | null;

  constructor(sign: (track: string) => Promise<Signed>, store: Promise<Store> | null) {
    this.#sign = sign;
    this.#store = store;
  }

  /** The track that an app means, under the newest address that it gave. */
  entry(item: Item): Entry {
    const {
      track,
      url,
      expires_in = 0,
      start,
    } = typeof item === "string" ? ({ track: item } as Exclude<Item, string>) : item;
    let entry = this.#all.get(track);
    if (!entry)
      this.#all.set(track, (entry = new Entry(track, new Address(() => this.#sign(track)), this.#store)));
    if (url) entry.address.take({ url, expires_in });
    if (start) entry.early = start;
    return entry;
  }

  /** The nearest track after (1) or before (-1) that can be played. */
  beside(entry: Entry, by: number): Entry | null {
    for (let at = this.list.indexOf(entry) + by; ; at += by) {
      const other = this.list[at];
      if (!other || (at - by < 0 && by > 0)) return null;
      if (!other.problem) return other;
    }
  }
}
