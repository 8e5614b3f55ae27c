// Cloudflare's cache before the origins, as far as `cf.cacheEverything` and `cf.cacheTtlByStatus` describe it and workerd
// leaves it out: keyed by URL, telling `Age`. It is filled with whole objects whatever range was asked for, or, as where
// Origin Range Requests is on, an immutable object with the aligned pieces of 1 MiB that a range lies in.
import { Headers, Response, fetch } from "miniflare";

/** The pieces of Origin Range Requests. */
const PIECE = 1024 * 1024;
const NOT_KEPT = ["age", "cf-cache-status", "connection", "content-encoding", "transfer-encoding"];

export class Platform {
  #now;
  #pieces;
  #entries = new Map();
  /** URLs of what was written. */
  kept = [];

  /**
   * @param {() => number} now milliseconds since 1970
   * @param {boolean} pieces whether a range is filled with aligned pieces
   */
  constructor(now, pieces) {
    this.#now = now;
    this.#pieces = pieces;
  }

  async answer(request) {
    const range = request.headers.get("range");
    const bounded = /^bytes=(\d+)-(\d+)$/.exec(range ?? "");
    if (this.#pieces && bounded) return this.#aligned(request, Number(bounded[1]), Number(bounded[2]));
    const entry = this.#entries.get(request.url);
    const hit = entry !== undefined && this.#now() < entry.until;
    const found = hit ? entry : await this.#fill(request);
    return part(found, this.#heads(found, hit), range);
  }

  #heads(found, hit) {
    const headers = new Headers(found.headers);
    headers.set("cf-cache-status", hit ? "HIT" : "MISS");
    if (hit) headers.set("age", String(Math.floor((this.#now() - found.at) / 1000)));
    return headers;
  }

  // Puts together the pieces that hold the range; each is kept by itself, and never stands for the whole.
  async #aligned(request, first, last) {
    const bodies = [];
    let [hit, head, total] = [true, null, Infinity];
    for (let at = first - (first % PIECE); at <= Math.min(last, total - 1); at += PIECE) {
      const name = `${request.url} ${at}`;
      const entry = this.#entries.get(name);
      const kept = entry !== undefined && this.#now() < entry.until;
      const found = kept ? entry : await this.#fill(request, name, `bytes=${at}-${at + PIECE - 1}`);
      // what is no piece is told as it came
      if (found.status !== 206) return part(found, this.#heads(found, kept), `bytes=${first}-${last}`);
      hit &&= kept;
      head ??= found;
      total = Number(/\/(\d+)$/.exec(new Map(found.headers).get("content-range"))[1]);
      bodies.push(found.body);
    }
    const skipped = first % PIECE;
    const end = Math.min(last, total - 1);
    const body = Buffer.concat(bodies).subarray(skipped, skipped + end - first + 1);
    const headers = this.#heads(head, hit);
    headers.set("content-range", `bytes ${first}-${end}/${total}`);
    headers.set("content-length", String(body.length));
    return new Response(body, { status: 206, headers });
  }

  async #fill(request, name = request.url, range = null) {
    const asked = new Headers(request.headers);
    for (const field of ["range", "accept-encoding"]) asked.delete(field);
    if (range !== null) asked.set("range", range);
    const answer = await fetch(request.url, { headers: asked, redirect: "manual" });
    // a body that ends early throws here: it is kept by nobody
    const body = Buffer.from(await answer.arrayBuffer());
    const headers = [...answer.headers].filter(([field]) => !NOT_KEPT.includes(field));
    const found = { status: answer.status, headers, body, at: this.#now() };
    const seconds = lifetime(request.cf?.cacheTtlByStatus, answer.status);
    // a part is kept under its own name alone
    const keeps = answer.status === 206 ? range !== null : range === null;
    if (request.cf?.cacheEverything && seconds > 0 && keeps) {
      this.#entries.set(name, { ...found, until: found.at + seconds * 1000 });
      this.kept.push(name);
    }
    return found;
  }
}

function lifetime(byStatus, status) {
  for (const [range, seconds] of Object.entries(byStatus ?? {})) {
    const [first, last = first] = range.split("-").map(Number);
    if (first <= status && status <= last) return seconds;
  }
  return 0;
}

/** The part that a single range names, as the platform cuts it from what it keeps. */
function part({ status, body }, headers, range) {
  const asked = status === 200 && /^bytes=(\d*)-(\d*)$/.exec(range ?? "");
  if (asked) {
    const length = body.length;
    const suffix = asked[1] === "";
    const first = suffix ? Math.max(0, length - Number(asked[2])) : Number(asked[1]);
    const last = suffix || asked[2] === "" ? length - 1 : Math.min(length - 1, Number(asked[2]));
    if (first >= length || first > last) {
      headers.set("content-range", `bytes */${length}`);
      headers.set("content-length", "0");
      return new Response(null, { status: 416, headers });
    }
    headers.set("content-range", `bytes ${first}-${last}/${length}`);
    headers.set("content-length", String(last - first + 1));
    return new Response(body.subarray(first, last + 1), { status: 206, headers });
  }
  headers.set("content-length", String(body.length));
  return new Response(body, { status, headers });
}
