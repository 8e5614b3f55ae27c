// Media Source Extensions behind an audio element: what is asked of the source buffer, one after the other.
import type { Range } from "./buffer.ts";
import type { Place } from "./timeline.ts";
import { typeOf } from "./track.ts";

interface Managed extends MediaSource {
  streaming: boolean;
}

const scope = globalThis as { MediaSource?: typeof MediaSource; ManagedMediaSource?: typeof MediaSource };

/** What there is: the plain one, else the one that iPhones have; null where there is none. */
export function mediaSource(): typeof MediaSource | null {
  return scope.MediaSource ?? scope.ManagedMediaSource ?? null;
}

/** Whether the browser plays a rendition. */
export function plays(name: string): boolean {
  return mediaSource()!.isTypeSupported(typeOf(name));
}

export class Sink {
  #audio: HTMLAudioElement;
  #media: MediaSource;
  #buffer: SourceBuffer | null = null;
  #type = "";
  #last: Promise<void>;
  #url: string;

  constructor(audio: HTMLAudioElement) {
    this.#audio = audio;
    const Media = mediaSource()!;
    this.#media = new Media();
    if (!scope.MediaSource) audio.disableRemotePlayback = true; // a managed one opens only so
    this.#last = new Promise((open) => {
      this.#media.addEventListener("sourceopen", () => open(), { once: true });
    });
    this.#url = URL.createObjectURL(this.#media);
    audio.src = this.#url;
  }

  /** Whether the system wants more, where it has a say. */
  get hungry(): boolean {
    return (this.#media as Managed).streaming ?? true;
  }

  get ranges(): Range[] {
    if (!this.#buffer || this.#media.readyState === "closed") return [];
    const { buffered } = this.#buffer;
    return Array.from({ length: buffered.length }, (_, i) => [buffered.start(i), buffered.end(i)] as const);
  }

  /** Appends bytes; `place` comes with the first ones of a segment. */
  append(bytes: Uint8Array<ArrayBuffer>, type: string, place?: Place): Promise<void> {
    return this.#then(async () => {
      const buffer = this.#of(type);
      if (place) {
        buffer.timestampOffset = place.offset;
        // the end first, where both move forward
        buffer.appendWindowEnd = Infinity;
        buffer.appendWindowStart = place.from;
        buffer.appendWindowEnd = place.until;
      }
      try {
        await this.#done(() => buffer.appendBuffer(bytes));
      } catch (error) {
        if ((error as DOMException).name !== "QuotaExceededError") throw error;
        const now = this.#audio.currentTime;
        if (now > 1) await this.#done(() => buffer.remove(0, now - 1));
        await this.#done(() => buffer.appendBuffer(bytes));
      }
    });
  }

  /** Forgets half a segment that will not be completed. */
  reset(): Promise<void> {
    return this.#then(() => {
      if (this.#buffer && this.#media.readyState === "open") this.#buffer.abort();
    });
  }

  remove(begin: number, end: number): Promise<void> {
    return this.#then(async () => {
      const buffer = this.#buffer;
      if (buffer && end > begin) await this.#done(() => buffer.remove(begin, end));
    });
  }

  /** How long it is, for the element's own controls. */
  lasts(seconds: number): Promise<void> {
    return this.#then(() => {
      if (this.#media.readyState !== "open" || this.#media.duration === seconds) return;
      const until = this.ranges.at(-1)?.[1] ?? 0;
      this.#media.duration = Math.max(seconds, until);
    });
  }

  /** Nothing follows: what is there plays to its end. */
  end(): Promise<void> {
    return this.#then(() => {
      if (this.#media.readyState === "open") this.#media.endOfStream();
    });
  }

  /** Lets go of the element, unless another source follows at once. */
  close(detach = true): void {
    URL.revokeObjectURL(this.#url);
    if (!detach || this.#audio.src !== this.#url) return;
    this.#audio.removeAttribute("src");
    this.#audio.load();
  }

  #of(type: string): SourceBuffer {
    if (!this.#buffer) this.#buffer = this.#media.addSourceBuffer(type);
    else if (type !== this.#type) this.#buffer.changeType?.(type);
    this.#type = type;
    return this.#buffer;
  }

  #then(act: () => Promise<void> | void): Promise<void> {
    const now = this.#last.then(act);
    this.#last = now.catch(() => {});
    return now;
  }

  #done(act: () => void): Promise<void> {
    const buffer = this.#buffer!;
    act();
    return new Promise((done, failed) => {
      const end = (event: Event) => {
        buffer.removeEventListener("updateend", end);
        buffer.removeEventListener("error", end);
        if (event.type === "error") failed(new Error("media"));
        else done();
      };
      buffer.addEventListener("updateend", end);
      buffer.addEventListener("error", end);
    });
  }
}
