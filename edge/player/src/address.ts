// A track's signed address, and the ones that follow it before its token ends.

/** Your backend's answer: the signed URL of anything of the track, and the seconds that its token still lives. */
export interface Signed {
  url: string;
  expires_in: number;
}

const BASE = /^(.*?\/~[A-Za-z0-9_-]+\/t\/[^/?#]+\/)/;
const MARGIN = 60_000; // a new address is asked for when so many milliseconds are left

export class Address {
  #ask: () => Promise<Signed>;
  #base = "";
  #until = 0;
  #asking: Promise<void> | null = null;

  /** Lifetimes are counted from the answer, so a wrong clock does no harm. */
  constructor(ask: () => Promise<Signed>) {
    this.#ask = ask;
  }

  /** An address the app has without being asked. */
  take({ url, expires_in }: Signed): void {
    const base = BASE.exec(url)?.[1];
    if (!base) throw new TypeError("not a signed url of a track");
    this.#base = base;
    this.#until = Date.now() + expires_in * 1000;
  }

  /** Everything of the track lies under this: waits for the backend only where no token is alive. */
  async base(): Promise<string> {
    const left = this.#until - Date.now();
    if (left < MARGIN) {
      const asked = this.#renew();
      if (left <= 0) {
        // where the backend fails, the edge has the last word on an old token
        await (this.#base ? asked.catch(() => {}) : asked);
      } else asked.catch(() => {});
    }
    return this.#base;
  }

  /** What is there now, without asking: "" before the first address. */
  get known(): string {
    return this.#base;
  }

  /** The edge refused the token of `base`: asks for another, unless there is one already. */
  async refused(base: string): Promise<void> {
    if (base !== this.#base) return;
    this.#until = 0;
    await this.#renew();
  }

  #renew(): Promise<void> {
    this.#asking ??= this.#ask()
      .then((signed) => this.take(signed))
      .finally(() => (this.#asking = null));
    return this.#asking;
  }
}

/** The same without its token: what does not change with the listener, and may be kept under this name. */
export function bare(url: string): string {
  return url.replace(/\/~[A-Za-z0-9_-]+(?=\/t\/)/, "").replace(/[?#].*$/, "");
}
