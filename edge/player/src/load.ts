// One file of a track into the sink: from the cache, else from the edge while it arrives, and then into the cache.
import type { Early } from "./api.ts";
import { ahead } from "./buffer.ts";
import type { Entry } from "./entry.ts";
import type { Host } from "./host.ts";
import { backoff } from "./refusal.ts";
import { pause, Problem, read, request } from "./request.ts";
import type { Sink } from "./sink.ts";
import { guess, type Place } from "./timeline.ts";
import { nominal, typeOf } from "./track.ts";

/** A track in the line that the element plays. */
export interface Part {
  entry: Entry;
  start: number;
  place: Place | null;
  times: number[];
  /** The segment to load next. */
  index: number;
  /** The rendition of the last segment; "" before the first. */
  rendition: string;
}

export interface File {
  path: string;
  rendition: string;
  /** Milliseconds may matter. */
  urgent?: boolean;
  /** It was asked for before. */
  early?: Early | null;
  /** What must be in the sink before its first byte. */
  after?: Promise<unknown> | undefined;
  /** Bytes of it and of the lowest rendition's, where it may be given up for that. */
  instead?: { bytes: number; lowest: number } | undefined;
}

/** Whether the segment to load is the last one. */
function ends({ index, times }: Part): boolean {
  return index === times.length - 2;
}

const PLENTY = 10; // seconds in the buffer with which pieces are worth no call of their own

/** The code of what would come too late: a lower rendition is to be taken. */
export const TOO_LATE = "too_late";

/** What a header is of. */
export function keyOf({ id, version }: Entry, rendition: string): string {
  return `${id}/${version}/${rendition}`;
}

export class Loader {
  /** The header that the source buffer has. */
  header = "";
  readonly sink: Sink;
  #host: Host;

  constructor(host: Host, sink: Sink) {
    this.#host = host;
    this.sink = sink;
  }

  /** Bytes that are here already. */
  async give(part: Part, bytes: Uint8Array<ArrayBuffer>, rendition: string): Promise<void> {
    part.place ??= guess(bytes, part.start);
    if (ends(part)) bytes = (await this.#host.later).mend(bytes, rendition);
    await this.#append(part, bytes, rendition, part.place);
  }

  /** Appends; the element is ready before a header of protected media (`enca`, ISO/IEC 14496-12 §8.12) is. */
  async #append(
    { entry }: Part,
    bytes: Uint8Array<ArrayBuffer>,
    rendition: string,
    place?: Place,
  ): Promise<void> {
    const head = new TextDecoder().decode(bytes.subarray(0, 999));
    if (/^.{4}ftyp.*enca/s.test(head)) await this.#host.protection(entry.address, this.#host.failed);
    await this.sink.append(bytes, typeOf(rendition), place);
  }

  async kept(part: Part, { path, rendition, after }: File): Promise<boolean> {
    const answer = await (await this.#host.store)?.get(part.entry.url(path));
    if (!answer) return false;
    await after;
    await this.give(part, new Uint8Array(await answer.arrayBuffer()), rendition);
    return true;
  }

  /** From the edge, appended while it arrives. A lost connection begins the file anew. */
  async fetch(
    part: Part,
    file: File,
    signal: AbortSignal,
  ): Promise<{ answer: Response; pieces: Uint8Array<ArrayBuffer>[] }> {
    const { network } = this.#host;
    const { rendition, after, instead } = file;
    // nothing is waited for where there is none: a tap must ask in the same moment
    let early = file.early ? await file.early.answer.catch(() => null) : null;
    if (!early?.ok || early.bodyUsed) early = null;
    for (let lost = 0; ; lost++) {
      // what of it was waiting already came in no time: it tells a bit rate as a whole alone
      const waited = !!early;
      const began = waited ? file.early!.at : performance.now();
      const query = this.#tell(file);
      const answer =
        early ??
        (await request(part.entry.address, file.path, {
          signal,
          query,
          priority: file.urgent ? "high" : "auto",
        }));
      early = null;
      const pieces: Uint8Array<ArrayBuffer>[] = [];
      // appended as a whole: its last frame is to be mended, or nobody waits for its first bytes
      const late = ends(part) || (!file.urgent && this.#ahead > PLENTY);
      let got = 0;
      try {
        const seen = await read(answer, signal, async (bytes) => {
          const opens = pieces.push(bytes) === 1;
          got += bytes.length;
          if (opens) await after;
          if (opens) part.place ??= guess(bytes, part.start);
          if (!late) await this.#append(part, bytes, rendition, opens ? part.place! : undefined);
          if (!instead) return;
          const { abandon } = await this.#host.later;
          const elapsed = (performance.now() - began) / 1000;
          const buffer = this.#ahead;
          const { latency } = network.estimate;
          if (abandon({ got, bytes: instead.bytes, elapsed }, instead.lowest, buffer, latency))
            throw new Problem(TOO_LATE);
        });
        const whole = performance.now() - began;
        if (late) await this.give(part, new Uint8Array(await new Blob(pieces).arrayBuffer()), rendition);
        const later = waited ? 0 : seen.later;
        network.learn({ bytes: seen.bytes, later, first: seen.first - began, whole });
        const rate = network.estimate.rate;
        this.#host.metric({ name: "segment", rendition, bytes: seen.bytes, milliseconds: whole, rate });
        return { answer, pieces };
      } catch (error) {
        await this.sink.reset();
        signal.throwIfAborted();
        if (!(error instanceof TypeError)) throw error;
        await pause(backoff(lost), signal);
      }
    }
  }

  /** Seconds in the buffer. */
  get #ahead(): number {
    return ahead(this.sink.ranges, this.#host.audio.currentTime);
  }

  #tell({ path, rendition, urgent = false }: File): string {
    const { network, tell } = this.#host;
    return tell({
      ot: path.endsWith("init.mp4") ? "i" : "a",
      br: nominal(rendition),
      bl: 1000 * this.#ahead,
      mtp: network.estimate.rate / 1000,
      su: urgent,
    });
  }
}
