// What an app says to the player, and hears of it.
import type { Signed } from "./address.ts";
import type { Normalise } from "./gain.ts";
import type { Metric } from "./host.ts";
import type { Protection } from "./protection.ts";
import type { Track } from "./track.ts";

/** A track by its id, with its address where the app has one already: then nothing is asked before sound. */
export type Item = string | ({ track: string; start?: Early } & Partial<Signed>);

/** `start/{rendition}.mp4`, which the page asked for before this script was here. */
export interface Early {
  rendition: string;
  /** When, by `performance.now()`. */
  at: number;
  answer: Promise<Response>;
}

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
  /** Whether the edge is told of bit rates and stalls (CMCD): yes, in version 1; 2 is version 2. */
  cmcd?: boolean | 2;
  /** `protection(audio, […])` of `@nada/player/protection`: plays protected tracks, too. */
  protection?: Protection;
  /** What plays; by itself the first that the browser has. */
  engine?: Engine;
}

export interface PlayerEvents {
  /** Another track is heard, or `track.json` of it came. */
  track: { id: string; track: Track | null };
  state: State;
  /** It does not go on: a code of the edge, "media", "unsupported", "protection" or "sign". */
  error: { id: string; code: string };
  /** A track of the queue that cannot be played was passed over. */
  skip: { id: string; code: string };
  metric: Metric;
}
