// Where Media Source Extensions are missing: the browser's own HLS, else one rendition as a plain file. The browser loads by
// itself, under the token it began with: a newer one is a new beginning at the same place.
import type { Entry } from "./entry.ts";
import { type Host, problemOf, type Source } from "./host.ts";
import { Problem, request } from "./request.ts";
import { nominal } from "./track.ts";
import { below } from "./first.ts";

export class Native implements Source {
  readonly from = "network";
  entry: Entry | null = null;
  rendition = "";
  #host: Host;
  #turn = new AbortController();
  #off = new AbortController();
  #hls: boolean;
  #renewed = false;

  constructor(host: Host, hls: boolean) {
    this.#host = host;
    this.#hls = hls;
    const { signal } = this.#off;
    host.audio.addEventListener("error", () => void this.#broken(), { signal });
    host.audio.addEventListener("playing", () => (this.#renewed = false), { signal });
  }

  /** The media begin with the priming; before `track.json` it is as in every rendition. */
  get origin(): number {
    const { priming, rate } = this.entry?.track?.timeline ?? { priming: 2048, rate: 44_100 };
    return priming / rate;
  }

  load(entry: Entry, at: number): void {
    this.#turn.abort();
    const { signal } = (this.#turn = new AbortController());
    this.entry = entry;
    this.#renewed = false;
    const failed = (error: unknown) => {
      if (!signal.aborted) this.#host.failed(problemOf(error));
    };
    this.#begin(at > 0 ? at + this.origin : 0, signal).catch(failed);
    entry.about(signal).then(() => this.#host.about(entry), failed);
  }

  changed(): void {}

  skip(): boolean {
    return false;
  }

  close(): void {
    this.#off.abort();
    this.#turn.abort();
    this.entry = null;
    this.#host.audio.removeAttribute("src");
    this.#host.audio.load();
  }

  async #begin(at: number, signal: AbortSignal): Promise<void> {
    const { audio, network } = this.#host;
    const { address, ceiling } = this.entry!;
    const base = await address.base();
    if (signal.aborted) return;
    const move = () => (audio.currentTime = at);
    if (at > 0) audio.addEventListener("loadedmetadata", move, { once: true, signal });
    this.rendition = this.#hls ? "" : (this.#host.only() ?? network.first(ceiling));
    const only = this.#host.only();
    // by itself it leaps to the highest
    const most = only ? nominal(only) : network.connection?.saveData ? 0 : null;
    const cap = most === null ? "" : `?max=${most}`;
    audio.src = base + (this.#hls ? `multivariant.m3u8${cap}` : `${this.rendition}.mp4`);
    // another source pauses
    if (this.#host.wanted()) audio.play().catch(() => {});
  }

  /** The element does not say why: the edge is asked. */
  async #broken(): Promise<void> {
    const { audio, network } = this.#host;
    const { entry } = this;
    const { signal } = this.#turn;
    if (!entry || audio.error?.code === MediaError.MEDIA_ERR_ABORTED) return;
    const [at, base] = [audio.currentTime, entry.address.known];
    try {
      const path = this.#hls ? "multivariant.m3u8" : `${this.rendition}.mp4`;
      const answer = await request(entry.address, path, {
        signal,
        headers: this.#hls ? {} : { range: "bytes=0-0" },
      });
      await answer.body?.cancel();
      // it answers now: a token was renewed, or the connection is back
      if (this.#renewed && base === entry.address.known) throw new Problem("media");
    } catch (error) {
      if (signal.aborted) return;
      const code = problemOf(error);
      const lower = this.#hls ? null : below(network.ladder, this.rendition);
      if (code !== "rendition_not_allowed" || !lower) return this.#host.failed(code);
      entry.ceiling = nominal(lower);
    }
    this.#renewed = true;
    await this.#begin(at, signal);
  }
}
