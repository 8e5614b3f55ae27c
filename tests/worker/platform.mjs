// Cloudflare's cache before the origins, as far as `cf.cacheEverything` and `cf.cacheTtlByStatus` describe it and workerd
// leaves it out: keyed by URL, filled with whole objects whatever range was asked for, telling `Age`.
import { Headers, Response, fetch } from "miniflare";

const NOT_KEPT = ["age", "cf-cache-status", "connection", "content-encoding", "transfer-encoding"];

export class Platform {
  #now;
  #entries = new Map();
  /** URLs of what was written. */
  kept = [];

  /** @param {() => number} now milliseconds since 1970 */
  constructor(now) {
    this.#now = now;
  }

  async answer(request) {
    const entry = this.#entries.get(request.url);
    const hit = entry !== undefined && this.#now() < entry.until;
    const found = hit ? entry : await this.#fill(request);
    const headers = new Headers(found.headers);
    headers.set("cf-cache-status", hit ? "HIT" : "MISS");
    if (hit) headers.set("age", String(Math.floor((this.#now() - found.at) / 1000)));
    return part(found, headers, request.headers.get("range"));
  }

  async #fill(request) {
    const asked = new Headers(request.headers);
    for (const name of ["range", "accept-encoding"]) asked.delete(name);
    const answer = await fetch(request.url, { headers: asked, redirect: "manual" });
    // a body that ends early throws here: it is kept by nobody
    const body = Buffer.from(await answer.arrayBuffer());
    const headers = [...answer.headers].filter(([name]) => !NOT_KEPT.includes(name));
    const found = { status: answer.status, headers, body, at: this.#now() };
    const seconds = lifetime(request.cf?.cacheTtlByStatus, answer.status);
    if (request.cf?.cacheEverything && seconds > 0) {
      this.#entries.set(request.url, { ...found, until: found.at + seconds * 1000 });
      this.kept.push(request.url);
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
