// What of the cache goes when it is full.

/** A track that is kept. */
export interface Kept {
  bytes: number;
  /** When it was played last. */
  used: number;
}

/** The tracks to let go of so that at most `limit` bytes are kept: those not played for longest, never the one that is `playing`. */
export function evict(all: Readonly<Record<string, Kept>>, limit: number, playing: string | null): string[] {
  let bytes = Object.values(all).reduce((sum, kept) => sum + kept.bytes, 0);
  const gone: string[] = [];
  const oldest = Object.entries(all).sort(([, a], [, b]) => a.used - b.used);
  for (const [track, kept] of oldest) {
    if (bytes <= limit) break;
    if (track === playing) continue;
    bytes -= kept.bytes;
    gone.push(track);
  }
  return gone;
}
