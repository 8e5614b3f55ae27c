// What is remembered from visit to visit, and answers at once.
import type { Kept } from "./evict.ts";

/** What is kept of a track: the version it is of, `track.json` with its ETag, and of each segment the rendition. */
export interface KeptTrack extends Kept {
  version: string;
  etag: string;
  about: string;
  has: (string | null)[];
  urls: string[];
}

export type Index = Record<string, KeptTrack>;

/** A value of the last visit; undefined where nothing may be kept. */
export function recall<T>(key: string): T | undefined {
  try {
    return JSON.parse(localStorage.getItem(`nada.${key}`)!) ?? undefined;
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

/** What is kept of a track. */
export function kept(track: string): KeptTrack | undefined {
  return recall<Index>("cache")?.[track];
}
