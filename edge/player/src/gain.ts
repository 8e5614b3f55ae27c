// Loudness: songs as loud as each other.
import type { Track } from "./track.ts";

/** `album` keeps the differences within a release. */
export type Normalise = "track" | "album" | null;

/** The factor for a track, at most 1: an audio element can only be turned down. `target` is in LUFS. */
export function gain(
  { loudness, album_loudness }: Pick<Track, "loudness" | "album_loudness">,
  by: Normalise,
  target: number,
): number {
  const measured = by && ((by === "album" ? album_loudness : null) ?? loudness);
  return measured ? Math.min(1, 10 ** ((target - measured.integrated) / 20)) : 1;
}
