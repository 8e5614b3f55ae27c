// The worker that Nada's is measured against: media of a track for a signed URL, by hand in JavaScript and WebCrypto.
// It checks, asks, caches, logs and answers what Nada's worker does for a segment, and so serves segments and init.mp4 of
// current versions alone; what it can spare by being written in JavaScript it spares. Keys and day keys are imported once.
// With the binding PEER_REMEMBERS it keeps manifests, changes.json and revocations.json between requests as Nada's does,
// else it reads them on each.

const text = new TextEncoder();
const utf8 = new TextDecoder("utf-8", { fatal: true });
const EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
const FIRST_BYTE_MS = 1500;
const LAST_MS = 3500;
const BODY_MS = 5000;
const LEEWAY = 60;
const hex = (buffer) => new Uint8Array(buffer).toHex();
const hmacKey = (secret, use) =>
  crypto.subtle.importKey("raw", secret, { name: "HMAC", hash: "SHA-256" }, false, [use]);
const hmac = (key, message) => crypto.subtle.sign("HMAC", key, message);

class Denied extends Error {
  constructor(status, code) {
    super(code);
    Object.assign(this, { status, code });
  }
}
const invalid = () => new Denied(403, "token_invalid");
const unavailable = () => new Denied(503, "origin_unavailable");

// ── bindings, read once per isolate

let setup;
async function setupOf(env) {
  if (setup?.env === env) return setup;
  const keys = new Map();
  for (const { kid, alg, k, nbf, exp } of JSON.parse(env.NADA_KEYS).keys) {
    if (alg === "HS256")
      keys.set(kid, {
        nbf,
        exp,
        key: await hmacKey(Uint8Array.fromBase64(k, { alphabet: "base64url" }), "verify"),
      });
  }
  const origins = JSON.parse(env.NADA_ORIGINS).map(({ endpoint, bucket, region, path_style, near = [] }) => {
    const { protocol, host } = new URL(endpoint);
    const [name, prefix] = path_style ? [host, `/${bucket}/`] : [`${bucket}.${host}`, "/"];
    return { base: `${protocol}//${name}`, host: name, prefix, region, near, days: new Map() };
  });
  return (setup = { env, keys, origins });
}

// ── token: CWT in COSE_Mac0 (RFC 8392, RFC 9052), canonical CBOR

function cbor(bytes) {
  let at = 0;
  const head = () => {
    const [major, info] = [bytes[at] >> 5, bytes[at] & 31];
    at++;
    if (info < 24) return [major, info];
    const width = { 24: 1, 25: 2, 26: 4, 27: 8 }[info];
    if (!width || at + width > bytes.length) throw invalid();
    let value = 0;
    for (const end = at + width; at < end; at++) value = value * 256 + bytes[at];
    if (value < { 1: 24, 2: 256, 4: 65536, 8: 2 ** 32 }[width] || !Number.isSafeInteger(value))
      throw invalid();
    return [major, value];
  };
  const item = (depth) => {
    if (at >= bytes.length || depth > 6) throw invalid();
    const [major, value] = head();
    switch (major) {
      case 0:
        return value;
      case 1:
        return -1 - value;
      case 2:
      case 3: {
        if (at + value > bytes.length) throw invalid();
        const part = bytes.subarray(at, (at += value));
        return major === 2 ? part : utf8.decode(part);
      }
      case 4: {
        const list = [];
        for (let n = 0; n < value; n++) list.push(item(depth + 1));
        return list;
      }
      case 5: {
        const map = new Map();
        for (let n = 0; n < value; n++) {
          const key = item(depth + 1);
          if (map.has(key)) throw invalid();
          map.set(key, item(depth + 1));
        }
        return map;
      }
      case 6:
        return { tag: value, item: item(depth + 1) };
      default:
        throw invalid();
    }
  };
  const value = item(0);
  if (at !== bytes.length) throw invalid();
  return value;
}

const CONTEXT = [0x84, 0x64, 0x4d, 0x41, 0x43, 0x30]; // an array of 4, of which "MAC0" is the first
function byteString(bytes) {
  const n = bytes.length;
  return n < 24 ? [0x40 | n] : n < 256 ? [0x58, n] : [0x59, n >> 8, n & 255];
}
function macStructure(header, payload) {
  const [h, p] = [byteString(header), byteString(payload)];
  const whole = new Uint8Array(CONTEXT.length + h.length + header.length + 1 + p.length + payload.length);
  let at = 0;
  for (const part of [CONTEXT, h, header, [0x40], p, payload]) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

const CLAIMS = new Set([1, 2, 3, 4, 5, 6, 7, 310, 312, 313, 316, -70001]);
async function verify(token, keys) {
  if (token.length > 4096 || !/^[A-Za-z0-9_-]+$/.test(token)) throw invalid();
  let bytes;
  try {
    bytes = Uint8Array.fromBase64(token, { alphabet: "base64url", lastChunkHandling: "loose" });
  } catch {
    throw invalid();
  }
  const outer = cbor(bytes);
  if (outer.tag !== 61 || outer.item.tag !== 17 || outer.item.item.length !== 4) throw invalid();
  const [header, open, payload, mac] = outer.item.item;
  const headers = cbor(header);
  const kid = headers.get(4) ?? open.get(4);
  if (headers.get(1) !== 5 || headers.size + open.size > 2 || !kid) throw invalid();
  const key = keys.get(utf8.decode(kid));
  if (!key || !(await crypto.subtle.verify("HMAC", key.key, mac, macStructure(header, payload))))
    throw invalid();
  const claims = cbor(payload);
  for (const label of claims.keys()) if (!CLAIMS.has(label)) throw invalid();
  const exp = claims.get(4);
  if (!Number.isInteger(exp) || !claims.get(312)?.size || (claims.get(310) ?? 1) !== 1) throw invalid();
  return {
    exp: Math.min(exp, key.exp ?? exp),
    nbf: Math.max(claims.get(5) ?? 0, key.nbf ?? 0),
    iat: claims.get(6),
    iss: claims.get(1),
    sub: claims.get(2),
    aud: [claims.get(3) ?? []].flat(),
    cti: claims.get(7),
    uri: claims.get(312),
    methods: claims.get(313),
    countries: claims.get(316),
    ceiling: claims.get(-70001),
  };
}

const PARTS = { 0: "scheme", 1: "host", 3: "path" };
function judge(claims, asked, env) {
  if (Math.max(claims.nbf, claims.iat ?? 0) - LEEWAY > asked.now) throw invalid();
  if (asked.now >= claims.exp + LEEWAY) throw new Denied(403, "token_expired");
  const scope = () => new Denied(403, "token_scope");
  if (env.NADA_ISSUER && claims.iss !== env.NADA_ISSUER) throw scope();
  if (env.NADA_AUDIENCE ? !claims.aud.includes(env.NADA_AUDIENCE) : claims.aud.length) throw scope();
  for (const [part, tests] of claims.uri) {
    const value = asked[PARTS[part]];
    if (value === undefined) throw scope();
    for (const [test, wanted] of tests) {
      const prefix = test === 1 && value.startsWith(wanted);
      const bounded =
        prefix && (wanted.endsWith("/") || value.length === wanted.length || value[wanted.length] === "/");
      if (!(test === 0 ? value === wanted : bounded)) throw scope();
    }
  }
  if (claims.methods && !claims.methods.includes(asked.method)) throw scope();
  if (claims.countries && !claims.countries.includes(asked.country)) throw scope();
}

// ── origins: Signature Version 4, one after the other

const dateOf = (now) => new Date(now * 1000).toISOString().replace(/\.\d+|[:-]/g, "");

async function dayKey(origin, env, day) {
  let key = origin.days.get(day);
  if (!key) {
    let secret = text.encode(`AWS4${env.NADA_S3_SECRET_ACCESS_KEY}`);
    for (const part of [day, origin.region, "s3", "aws4_request"]) {
      secret = await hmac(await hmacKey(secret, "sign"), text.encode(part));
    }
    origin.days.clear();
    origin.days.set(day, (key = await hmacKey(secret, "sign")));
  }
  return key;
}

async function sign(origin, env, path, query, now) {
  const date = dateOf(now);
  const day = date.slice(0, 8);
  const scope = `${day}/${origin.region}/s3/aws4_request`;
  const names = "host;x-amz-checksum-mode;x-amz-content-sha256;x-amz-date";
  const request =
    `GET\n${path}\n${query}\nhost:${origin.host}\nx-amz-checksum-mode:ENABLED\n` +
    `x-amz-content-sha256:${EMPTY}\nx-amz-date:${date}\n\n${names}\n${EMPTY}`;
  const [key, digest] = await Promise.all([
    dayKey(origin, env, day),
    crypto.subtle.digest("SHA-256", text.encode(request)),
  ]);
  const signature = hex(await hmac(key, text.encode(`AWS4-HMAC-SHA256\n${date}\n${scope}\n${hex(digest)}`)));
  return {
    "x-amz-checksum-mode": "ENABLED",
    "x-amz-content-sha256": EMPTY,
    "x-amz-date": date,
    authorization: `AWS4-HMAC-SHA256 Credential=${env.NADA_S3_ACCESS_KEY_ID}/${scope}, SignedHeaders=${names}, Signature=${signature}`,
  };
}

const ttl = (found) => ({ "200-206": found, "207-402": -1, "403-404": 5, "405-599": -1 });
const FRESH = { cacheEverything: true, cacheTtlByStatus: ttl(15) };
const HOUR = { cacheEverything: true, cacheTtlByStatus: ttl(3600) };
const YEAR = { cacheEverything: true, cacheTtlByStatus: ttl(31_536_000) };

function order({ origins }, cf) {
  const place = origins.some(({ near }) => near.includes(cf.colo)) ? cf.colo : cf.country;
  return origins.toSorted((a, b) => b.near.includes(place) - a.near.includes(place));
}

// The first answer that counts: 200, 206, 416, and of the primary absence, too.
async function read(origins, primary, env, key, query, cf, now, range) {
  for (const [at, origin] of origins.entries()) {
    const path = origin.prefix + key;
    const headers = await sign(origin, env, path, query, now);
    if (range) headers.range = range;
    const controller = new AbortController();
    const timer = setTimeout(() => controller.abort(), at + 1 < origins.length ? FIRST_BYTE_MS : LAST_MS);
    try {
      const url = origin.base + path + (query && `?${query}`);
      const response = await fetch(url, {
        method: "GET",
        headers,
        redirect: "manual",
        signal: controller.signal,
        cf,
      });
      const { status } = response;
      if (status === 200 || status === 206 || status === 416) return { response, origin };
      if (origin === primary && (status === 403 || status === 404)) return { response, origin };
      await response.body?.cancel();
    } catch (error) {
      console.warn(`${origin.base}: ${key}: ${error}`);
    } finally {
      clearTimeout(timer);
    }
  }
  throw unavailable();
}

// What was read lately, by key and query, as long as the platform's cache may keep it.
const memory = new Map();

async function whole(setup, env, key, query, cf, now) {
  if (!env.PEER_REMEMBERS) return anew(setup, env, key, query, cf, now);
  const name = `${key}?${query}`;
  const kept = memory.get(name);
  if (kept && now - kept.at < cf.cacheTtlByStatus["200-206"]) return kept;
  const found = await anew(setup, env, key, query, cf, now);
  if (memory.size >= 512) memory.delete(memory.keys().next().value);
  memory.delete(name);
  if (found.value) memory.set(name, found);
  return found;
}

async function anew(setup, env, key, query, cf, now) {
  const { response } = await read(setup.origins, setup.origins[0], env, key, query, cf, now);
  const { status, headers } = response;
  const at = now - (Number(headers.get("age")) || 0);
  if (status !== 200 || Number(headers.get("content-length")) > 4 * 1024 * 1024) {
    await response.body?.cancel();
    if (status === 200) throw unavailable();
    return { at };
  }
  let timer;
  const late = new Promise((_, reject) => (timer = setTimeout(() => reject(unavailable()), BODY_MS)));
  try {
    return { at, value: await Promise.race([response.json(), late]) };
  } finally {
    clearTimeout(timer);
  }
}

// ── rights, from manifest, changes.json and revocations.json as they are read now

const seconds = (instant) => Date.parse(instant) / 1000;

function covers(revocations, { cti, sub, iat }) {
  const older = (instant) => instant !== undefined && (iat === undefined || iat < seconds(instant));
  if (older(revocations.issued_before ?? undefined)) return true;
  if (cti && Object.hasOwn(revocations.ids, cti.toHex())) return true;
  return sub !== undefined && Object.hasOwn(revocations.subjects, sub) && older(revocations.subjects[sub]);
}

async function manifestOf(setup, env, claims, track, now) {
  const key = `tracks/${track}/manifest.json`;
  let [changes, revocations, manifest] = await Promise.all([
    whole(setup, env, "changes.json", "", FRESH, now),
    whole(setup, env, "revocations.json", "", FRESH, now),
    whole(setup, env, key, "", HOUR, now),
  ]);
  const window = `t=${Math.floor(now / 15)}`;
  if (now - changes.at > 15) changes = await whole(setup, env, "changes.json", window, FRESH, now);
  if (!changes.value || changes.value.format !== 2) throw unavailable();
  if (revocations.value && covers(revocations.value, claims)) throw invalid();
  let named;
  for (const entry of changes.value.entries) {
    if (entry.track === track && now - seconds(entry.at) < 7200) named = Math.max(named ?? 0, entry.revision);
  }
  const have = manifest.value?.revision ?? 0;
  let query;
  if (named > have) query = `r=${named}`;
  else if (!manifest.value) throw new Denied(404, "not_found");
  else if (now - manifest.at > 3600) query = window;
  else if (named === undefined && changes.value.floor > 0) query = `f=${changes.value.floor}`;
  if (query) {
    const again = await whole(setup, env, key, query, FRESH, now);
    if (!again.value) throw new Denied(404, "not_found");
    if (again.value.revision > have) manifest = again;
  }
  if (manifest.value.format !== 2 || manifest.value.track !== track) throw unavailable();
  return manifest.value;
}

function mayBeHeard({ status, rights }, country, now) {
  if (status === "withdrawn") throw new Denied(410, "withdrawn");
  const named = rights.territories.filter(({ code }) => code === country);
  const asked = named.length ? named : rights.territories.filter(({ code }) => code === "*");
  let denied;
  for (const { from, until } of asked) {
    if (from && now < seconds(from)) denied = "not_yet";
    else if (until && now >= seconds(until)) denied ??= "ended";
    else return;
  }
  throw new Denied({ not_yet: 403, ended: 410 }[denied] ?? 451, denied ?? "territory");
}

const RATES = {
  "heaac2-24": 24e3,
  "heaac2-32": 32e3,
  "heaac-64": 64e3,
  "aac-128": 128e3,
  "aac-256": 256e3,
  flac: 2 ** 31,
};

// ── one request

const ROUTE =
  /^(?:\/~([A-Za-z0-9_=+-]*))?(\/t\/([A-Za-z0-9][A-Za-z0-9_-]{0,63})\/([0-9a-f]{32})\/([a-z0-9-]+)\/(init\.mp4|(\d{5})\.m4s))$/;
const ALWAYS = {
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "access-control-allow-origin": "*",
  "access-control-expose-headers":
    "Accept-Ranges, Content-Length, Content-Location, Content-Range, Date, ETag, Retry-After, Server-Timing",
  "cross-origin-resource-policy": "cross-origin",
  "timing-allow-origin": "*",
};
const ASKED = [
  "cta-common-access-token",
  "cookie",
  "range",
  "if-range",
  "if-none-match",
  "cmcd-request",
  "cmcd-status",
  "cf-ray",
  "cf-connecting-ip",
];

// The number after a key of CMCD (CTA-5004).
const cmcd = (values, name) => Number(new RegExp(`(?:^|,)\\s*${name}=\\(?(\\d+)`).exec(values)?.[1] ?? -1);

async function serve(request, env, line) {
  const cf = request.cf ?? {};
  const now = Math.floor(Date.now() / 1000);
  const [token, cookie, range, ifRange, ifNoneMatch, cmcdRequest, cmcdStatus, id] = ASKED.map((name) =>
    request.headers.get(name),
  );
  const start = request.url.indexOf("/", 8);
  const [path, query = ""] = request.url.slice(start).split("?", 2);
  const [scheme, authority] = request.url.slice(0, start).split("://");
  Object.assign(line, { id: id ?? "", method: request.method, country: cf.country ?? "XX" });
  const parameters = query.split("&");
  const values = [
    cmcdRequest,
    cmcdStatus,
    decodeURIComponent(parameters.find((one) => one.startsWith("CMCD="))?.slice(5) ?? ""),
  ].join(",");
  Object.assign(line, {
    buffer: cmcd(values, "bl"),
    throughput: cmcd(values, "mtp"),
    starved: /(?:^|,)bs(?:,|$)/.test(values),
    startup: /(?:^|,)su(?:,|$)/.test(values),
  });
  if (request.method !== "GET" && request.method !== "HEAD") throw new Denied(405, "method");
  const route = path.length <= 8192 && ROUTE.exec(path);
  if (!route) throw new Denied(404, "not_found");
  const [, inPath, plain, track, version, rendition, file, number] = route;
  Object.assign(line, { route: "media", track, rendition, segment: number && Number(number) });
  const credentials = new Set(
    [inPath, token, parameters.find((one) => one.startsWith("CAT="))?.slice(4)].filter((one) => one != null),
  );
  if (credentials.size > 1) throw new Denied(400, "bad_request");
  const [credential = /(?:^|;\s*)CTA-Common-Access-Token=([^;]*)/.exec(cookie ?? "")?.[1]] = credentials;
  if (credential === undefined) throw new Denied(401, "token_missing");

  const setup = await setupOf(env);
  const claims = await verify(credential, setup.keys);
  judge(
    claims,
    { now, method: request.method, scheme, host: authority.split(":")[0], path: plain, country: cf.country },
    env,
  );
  const manifest = await manifestOf(setup, env, claims, track, now);
  mayBeHeard(manifest, cf.country, now);
  const { presentation } = manifest;
  const layout =
    presentation.version === version && presentation.renditions.find(({ name }) => name === rendition)?.file;
  const lies = layout && lie(layout, Number(number ?? 0));
  if (!lies) throw new Denied(404, "not_found");
  if (claims.ceiling !== undefined && RATES[rendition] > claims.ceiling)
    throw new Denied(403, "rendition_not_allowed");

  const name = `tracks/${track}/${version}/${rendition}/${file}`;
  const etag = `"${hex(await crypto.subtle.digest("SHA-256", text.encode(name))).slice(0, 24)}"`;
  const left = Math.min(Math.max(claims.exp - now, 0), 86_400);
  const headers = { ...ALWAYS, etag, "cache-control": `private, max-age=${left}, immutable` };
  if (
    ifNoneMatch &&
    ifNoneMatch.split(",").some((one) => one.trim().replace(/^W\//, "") === etag || one.trim() === "*")
  ) {
    return new Response(null, { status: 304, headers });
  }
  let [first, last] = [0, lies.bytes - 1];
  const part =
    range && (ifRange === null || ifRange === etag) && /^bytes=(?:(\d+)-(\d*)|-(\d+))$/.exec(range);
  if (part) {
    if (part[3]) first = Math.max(0, lies.bytes - Number(part[3]));
    else [first, last] = [Number(part[1]), Math.min(last, part[2] ? Number(part[2]) : last)];
    if (first > last || part[3] === "0") throw new Denied(416, "range");
  }
  const [from, to] = [lies.at + first, lies.at + last];
  const asked = Date.now();
  const key = `tracks/${track}/${version}/${rendition}/${lies.part}.mp4`;
  const field = to - from + 1 === lies.length ? undefined : `bytes=${from}-${to}`;
  const { response, origin } = await read(order(setup, cf), setup.origins[0], env, key, "", YEAR, now, field);
  Object.assign(line, {
    origin: setup.origins.indexOf(origin) + 1,
    originMs: Date.now() - asked,
    cache: response.headers.get("cf-cache-status") ?? undefined,
  });
  const given =
    field === undefined
      ? response.status === 200
      : response.status === 206 &&
        response.headers.get("content-range") === `bytes ${from}-${to}/${lies.length}`;
  const bytes = Number(response.headers.get("content-length"));
  if (!given || response.headers.get("content-encoding") || bytes !== to - from + 1) {
    await response.body?.cancel();
    throw response.status === 403 || response.status === 404 ? new Denied(404, "not_found") : unavailable();
  }
  headers["content-type"] = "audio/mp4";
  headers["content-length"] = String(bytes);
  if (part) headers["content-range"] = `bytes ${first}-${last}/${lies.bytes}`;
  headers["accept-ranges"] = "bytes";
  return new Response(response.body, { status: part ? 206 : 200, headers });
}

// Where a segment lies, or, with number 0, the header: the part, its length, and the bytes in it.
function lie({ header, index, segments, parts }, number) {
  const count = segments.length / 4;
  if (number > count) return null;
  const length = (n) => {
    let value = 0;
    for (let at = n * 4; at < n * 4 + 4; at++) value = value * 64 + DIGITS.indexOf(segments[at]);
    return value;
  };
  let [part, end, before, held] = [0, 0, header + index, 0];
  let [at, bytes] = [0, header];
  for (let n = 0; n < count; n++) {
    if (n === end) {
      if (part > 0 && number <= n) break;
      end += parts[part++];
      held = part === 1 ? before : 0;
    }
    if (n + 1 === number) [at, bytes] = [held, length(n)];
    held += length(n);
  }
  return { part, length: held, at, bytes };
}

const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

function denial({ status, code }) {
  const body = JSON.stringify({ title: code, status, code });
  return new Response(body, {
    status,
    headers: { ...ALWAYS, "content-type": "application/problem+json", "cache-control": "no-store" },
  });
}

export default {
  async fetch(request, env) {
    const began = Date.now();
    const line = {};
    let response;
    try {
      response = await serve(request, env, line);
    } catch (error) {
      if (!(error instanceof Denied)) console.error(error);
      response = denial(error instanceof Denied ? error : new Denied(500, "internal"));
      line.code = error.code;
    }
    line.status = response.status;
    line.ms = Date.now() - began;
    const origin = line.origin ? `origin;desc="${line.origin}";dur=${line.originMs}, ` : "";
    response.headers.set("server-timing", `${origin}total;dur=${line.ms}`);
    console.log(JSON.stringify(line));
    env.NADA_POINTS?.writeDataPoint({
      indexes: [line.track ?? ""],
      blobs: [
        line.route ?? "",
        line.code ?? "ok",
        line.country,
        line.rendition ?? "",
        line.cache ?? "",
        String(line.origin ?? ""),
      ],
      doubles: [
        line.status,
        line.ms,
        line.originMs ?? -1,
        line.buffer,
        line.throughput,
        +line.starved,
        +line.startup,
        line.segment ?? -1,
      ],
    });
    return response;
  },
};
