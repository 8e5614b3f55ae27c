// What a way of playing is given, and what it tells.
import type { Entry } from "./entry.ts";
import type { Network } from "./network.ts";
import type { Protection } from "./protection.ts";
import type { Store } from "./store.ts";

/** What comes after the first sound. */
export type Later = typeof import("./later.ts");

/** Figures, as `player.on("metric")` gives them; times in milliseconds. */
export type Metric =
  | { name: "start"; milliseconds: number; rendition: string; from: "network" | "memory" | "cache" }
  | { name: "stall"; milliseconds: number }
  | { name: "switch"; from: string; to: string }
  | { name: "segment"; rendition: string; bytes: number; milliseconds: number; rate: number }
  | { name: "abandon"; rendition: string };

export interface Host {
  readonly audio: HTMLAudioElement;
  readonly network: Network;
  /** Where what was played stays, if it may. */
  readonly store: Promise<Store> | null;
  readonly later: Promise<Later>;
  /** Tells the edge of the playing (CMCD): a query. */
  readonly tell: (facts: Omit<Parameters<Later["cmcd"]>[0], "sid">) => string;
  /** Seconds to have ahead at most. */
  readonly most: number;
  readonly lossless: boolean;
  only(): string | null;
  /** Whether it is to play, whatever the element does now. */
  wanted(): boolean;
  /** The track to be joined to this one, if any. */
  following(entry: Entry): Entry | null;
  /** `track.json` is here. */
  about(entry: Entry): void;
  /** Another track is heard now. */
  entered(entry: Entry): void;
  /** The one to follow cannot be played. */
  skipped(entry: Entry, code: string): void;
  failed(code: string): void;
  readonly protection: Protection;
  metric(metric: Metric): void;
}

/** A way of playing: Media Source Extensions, or what the browser has by itself. */
export interface Source {
  load(entry: Entry, at: number): void;
  /** The track that is heard. */
  readonly entry: Entry | null;
  /** Where its source's first sample lies on the element's clock, in seconds. */
  readonly origin: number;
  readonly rendition: string;
  readonly from: "network" | "memory" | "cache";
  /** The queue is another one now. */
  changed(): void;
  /** Goes to a track that is joined already; false where none is. */
  skip(entry: Entry): boolean;
  close(): void;
}

/** What a thrown thing means to a listener. */
export function problemOf(error: unknown): string {
  const { code } = error as { code?: unknown };
  return typeof code === "string" ? code : "media";
}
