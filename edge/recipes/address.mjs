// A track's signed address, and the ones that follow it before its token ends.
//
// `ask` is your call to your backend: () => Promise<{ url, expires_in }>, the signed URL of the track's playlist and
// the seconds that its token still lives. Lifetimes are counted from the answer, so a wrong clock does no harm.

const TOKEN = /\/~[A-Za-z0-9_-]+(?=\/t\/)/;

/** What a player tells the edge of itself (CMCD): all but `nor`, which would spell out the next object's token. */
export const CMCD = ["bl", "br", "bs", "d", "mtp", "ot", "sf", "sid", "st", "su"];

export class Address {
  #ask;
  #margin;
  #until = 0;
  #asking = null;

  /** Asks for the first address. Asks again when less than `margin` seconds are left, with the request that finds it so. */
  static async of(ask, margin = 60) {
    const address = new Address(ask, margin);
    await address.#renew();
    return address;
  }

  constructor(ask, margin) {
    this.#ask = ask;
    this.#margin = margin * 1000;
  }

  /** `url`, whatever token it was made with, under the newest one. Waits for the backend only where none is alive. */
  async fresh(url) {
    const left = this.#until - Date.now();
    if (left < this.#margin) {
      // where the backend fails too, the edge has the last word
      const asked = this.#renew().catch(() => {});
      if (left <= 0) await asked;
    }
    return url.replace(TOKEN, TOKEN.exec(this.url)[0]);
  }

  /** The edge said `token_expired` to `url`: asks for another address, unless there is one already. */
  async expired(url) {
    if (TOKEN.exec(url)?.[0] !== TOKEN.exec(this.url)[0]) return;
    this.#until = 0;
    await this.#renew();
  }

  #renew() {
    this.#asking ??= this.#ask()
      .then(({ url, expires_in }) => {
        if (!TOKEN.test(url)) throw new TypeError("the backend's answer has no signed url");
        this.url = url;
        this.#until = Date.now() + expires_in * 1000;
      })
      .finally(() => (this.#asking = null));
    return this.#asking;
  }
}

/** The stable code of a problem (RFC 9457), from its text or bytes; null where it is none. */
export function codeOf(body) {
  try {
    return JSON.parse(typeof body === "string" ? body : new TextDecoder().decode(body)).code ?? null;
  } catch {
    return null;
  }
}
