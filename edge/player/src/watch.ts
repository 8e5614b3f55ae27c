// What the element's events mean: states, how soon it sounds, and stalls.
import type { State } from "./api.ts";
import { listener } from "./events.ts";
import type { Metric, Source } from "./host.ts";

/** Milliseconds of standing still that somebody may notice: a decoder that starts anew reports less. */
const NOTICED = 50;

/** Whose element it is. */
export interface Watched {
  readonly audio: HTMLAudioElement;
  state(): State;
  failed(): boolean;
  source(): Source | null;
  become(state: State): void;
  metric(metric: Metric): void;
  ended(): void;
  broken(): void;
}

export class Watch {
  /** Whether it is to play, whatever the element does now. */
  wanted = false;
  #tapped = 0;
  #stalled = 0;

  constructor(watched: Watched, signal: AbortSignal) {
    const { audio } = watched;
    const on = listener(audio, signal);
    on("playing", () => {
      const now = performance.now();
      const { rendition, from } = watched.source()!;
      const stalled = this.#stalled ? now - this.#stalled : 0;
      if (this.#tapped) watched.metric({ name: "start", milliseconds: now - this.#tapped, rendition, from });
      else if (stalled >= NOTICED) watched.metric({ name: "stall", milliseconds: stalled });
      this.#tapped = this.#stalled = 0;
      watched.become("playing");
    });
    on("waiting", () => {
      if (watched.failed() || audio.seeking) return;
      if (!this.#tapped) this.#stalled ||= performance.now();
      setTimeout(() => {
        if (this.#stalled && !audio.paused) watched.become("loading");
      }, NOTICED);
    });
    on("seeking", () => (this.#stalled = 0));
    on("play", () => (this.wanted = true));
    on("pause", () => {
      if (audio.readyState > 0) this.wanted = false; // not for another source
      if (watched.failed() || audio.ended) return;
      this.#tapped = this.#stalled = 0;
      watched.become("paused");
    });
    on("canplay", () => {
      if (audio.paused && watched.state() === "loading") watched.become("paused");
    });
    on("ended", () => watched.ended());
    on("error", () => {
      if (audio.error && !watched.failed()) watched.broken();
    });
  }

  /** A track is to sound from now on. */
  tap(): void {
    this.#tapped = performance.now();
    this.#stalled = 0;
  }
}
