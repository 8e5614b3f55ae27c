// A stand-in for the edge with faults on demand: the URLs, codes and conditions of the real one, over a link of any speed.
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";

const dist = new URL("../../dist/", import.meta.url);
/** What other players are made of. */
const OTHERS = {
  npm: new URL("../../../../tests/node_modules/", import.meta.url),
  recipes: new URL("../../../recipes/", import.meta.url),
};
const TYPES = { html: "text/html", js: "text/javascript", mjs: "text/javascript", css: "text/css" };
const CORS = {
  "access-control-allow-origin": "*",
  "access-control-expose-headers": "Content-Location, ETag, Retry-After",
  "access-control-allow-headers": "If-None-Match, Range",
  "access-control-max-age": "3600",
};
const PIECE = 1400;

export class Edge {
  tracks = new Map();
  /** Every request: token, track, path, status, bytes of the body, headers, time. */
  log = [];
  /** What is done with a request instead: { status, code, headers }, { lost: true }, { cut: bytes }, { silent: true }. */
  rule = () => undefined;
  /** Seconds before each first byte, and bytes per second for all together; a function of the seconds since `since`. */
  link = { latency: 0, rate: Infinity };
  dead = new Set();
  signs = 0;
  #free = 0;
  #server;

  static async start(...tracks) {
    const edge = new Edge();
    for (const track of tracks) edge.tracks.set(track.id, track);
    edge.#server = createServer((request, response) =>
      edge.#answer(request, response).catch(() => response.destroy()),
    );
    await new Promise((ready) => edge.#server.listen(0, "127.0.0.1", ready));
    edge.port = edge.#server.address().port;
    edge.url = `http://127.0.0.1:${edge.port}`;
    return edge;
  }

  stop() {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  /** The requests of tracks' files, as `path`. */
  paths() {
    return this.log.map(({ path }) => path);
  }

  async #answer(request, response) {
    const url = new URL(request.url, this.url);
    const asked = /^\/~([^/]+)\/t\/([^/]+)\/(.+)$/.exec(url.pathname);
    if (!asked) return this.#site(url, response);
    const [, token, id, path] = asked;
    if (request.method === "OPTIONS") {
      await pause(this.#now().latency);
      return response.writeHead(204, CORS).end();
    }
    const entry = {
      token,
      track: id,
      path,
      query: url.search,
      headers: request.headers,
      at: Date.now(),
      bytes: 0,
    };
    this.log.push(entry);
    const { latency } = this.#now();
    if (latency) await pause(latency);
    const rule = this.rule(entry) ?? {};
    if (rule.silent) return;
    if (rule.lost) return response.destroy();
    const problem = (status, code, headers = {}) => {
      entry.status = status;
      response.writeHead(status, { ...CORS, ...headers, "content-type": "application/problem+json" });
      response.end(JSON.stringify({ status, code }));
    };
    if (rule.code) return problem(rule.status, rule.code, rule.headers);
    if (this.dead.has(token)) return problem(403, "token_expired");
    if (request.method === "POST") {
      const asked = Buffer.concat(await request.toArray());
      const license = this.tracks.get(id)?.license?.(path, asked);
      if (!license) return problem(404, "not_found");
      entry.status = 200;
      return response.writeHead(200, { ...CORS, "content-type": "application/json" }).end(license);
    }
    const found = this.#find(id, path);
    if (!found) return problem(404, "not_found");
    const { body, headers } = found;
    const etag = `"${createHash("sha256").update(body).digest("hex").slice(0, 16)}"`;
    if (request.headers["if-none-match"] === etag) {
      entry.status = 304;
      return response.writeHead(304, { ...CORS, etag }).end();
    }
    const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "");
    const from = range ? Number(range[1]) : 0;
    const until = range?.[2] ? Number(range[2]) + 1 : body.length;
    const part = body.subarray(from, until);
    entry.status = range ? 206 : 200;
    response.writeHead(entry.status, {
      ...CORS,
      ...headers,
      etag,
      "cache-control": "private, no-cache",
      "content-length": part.length,
      "accept-ranges": "bytes",
      ...(range && { "content-range": `bytes ${from}-${from + part.length - 1}/${body.length}` }),
    });
    await this.#send(part, response, entry, rule.cut ?? Infinity);
  }

  #find(id, path) {
    const track = this.tracks.get(id);
    if (!track) return null;
    if (path === "track.json")
      return {
        body: Buffer.from(JSON.stringify(track.about)),
        headers: { "content-type": "application/json" },
      };
    if (path.endsWith(".m3u8"))
      return {
        body: Buffer.from(path.startsWith("multivariant") ? multivariant(track) : playlist(track)),
        headers: { "content-type": "application/vnd.apple.mpegurl" },
      };
    const extra = track.extra?.[path];
    if (extra) return { body: Buffer.from(extra), headers: { "content-type": "application/json" } };
    const parts = path.replace(".mp4", "").split("/");
    const versioned = parts[0] === track.version;
    if (versioned) parts.shift();
    const [first, second] = parts;
    const start = first === "start";
    const file = track.files[start ? second : first];
    if (!file) return null;
    const headers = { "content-type": "audio/mp4" };
    const named = start ? `start/${second}` : first;
    if (!versioned) headers["content-location"] = `/t/${id}/${track.version}/${named}.mp4`;
    const { header, index, segments } = file;
    if (start) return { body: Buffer.concat([header, index, segments[0]]), headers };
    if (!second) return { body: Buffer.concat([header, index, ...segments]), headers };
    if (second === "init") return { body: header, headers };
    const body = segments[Number(/^(\d{5})\.m4s$/.exec(second)?.[1]) - 1];
    return body ? { body, headers } : null;
  }

  #now() {
    return typeof this.link === "function"
      ? this.link((Date.now() - (this.since ?? Date.now())) / 1000)
      : this.link;
  }

  async #send(body, response, entry, cut) {
    for (let at = 0; at < body.length; at += PIECE) {
      const piece = body.subarray(at, at + PIECE);
      if (response.destroyed) return;
      const { rate } = this.#now();
      if (rate !== Infinity) {
        const begin = Math.max(this.#free, Date.now());
        this.#free = begin + (1000 * piece.length) / Math.max(rate, 1);
        // a link that stands still is looked at again
        while (this.#free > Date.now() + 1) {
          await pause(Math.min(this.#free - Date.now(), 100) / 1000);
          if (this.#now().rate !== rate) this.#free = Math.min(this.#free, Date.now());
        }
      }
      if (at + piece.length > cut) return response.destroy();
      response.write(piece);
      entry.bytes += piece.length;
    }
    response.end();
  }

  async #site({ pathname, searchParams }, response) {
    if (pathname === "/sign") {
      this.signs += 1;
      const life = Number(searchParams.get("life") ?? 3600);
      const url = `${searchParams.get("edge") ?? this.url}/~token${this.signs}/t/${searchParams.get("track")}/multivariant.m3u8`;
      return response
        .writeHead(200, { "content-type": "application/json" })
        .end(JSON.stringify({ url, expires_in: life }));
    }
    const name = pathname === "/" ? "index.html" : pathname.slice(1);
    const body =
      name === "index.html"
        ? "<!doctype html><title>Player</title><audio></audio>"
        : await readFile(fileOf(name));
    response.writeHead(200, { "content-type": `${TYPES[name.split(".").at(-1)]}; charset=utf-8` }).end(body);
  }
}

/** `npm/…` and `recipes/…` are those of others. */
function fileOf(name) {
  const [folder, ...rest] = name.split("/");
  return OTHERS[folder] ? new URL(rest.join("/"), OTHERS[folder]) : new URL(name, dist);
}

function multivariant({ about, version }) {
  const streams = about.renditions.map(
    ({ name, codecs, bandwidth }) =>
      `#EXT-X-STREAM-INF:BANDWIDTH=${bandwidth},CODECS="${codecs}"\n${version}/${name}/media.m3u8`,
  );
  return ["#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-INDEPENDENT-SEGMENTS", ...streams, ""].join("\n");
}

function playlist({ about: { segment_samples, timeline } }) {
  const seconds = segment_samples.map((samples) => samples / timeline.rate);
  const segments = seconds.map(
    (length, i) => `#EXTINF:${length.toFixed(5)},\n${String(i + 1).padStart(5, "0")}.m4s`,
  );
  const head = ["#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-PLAYLIST-TYPE:VOD", '#EXT-X-MAP:URI="init.mp4"'];
  return [
    ...head,
    `#EXT-X-TARGETDURATION:${Math.ceil(Math.max(...seconds))}`,
    ...segments,
    "#EXT-X-ENDLIST",
    "",
  ].join("\n");
}

function pause(seconds) {
  return new Promise((done) => setTimeout(done, 1000 * seconds));
}
