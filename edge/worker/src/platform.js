// The crossings between wasm and the platform, as few as can be: each costs, and a text costs most. Many texts cross
// as one, a line each, and what is absent as the one line that is "\0": no URL and no header field has either.
// Nothing is decided here.

// A task of Rust is woken eight times for one segment, each time through queueMicrotask. workerd's own goes through
// C++ and costs many times the reaction of a promise.
const settled = Promise.resolve();
globalThis.queueMicrotask = (task) => void settled.then(task);

const line = (text) => text ?? "\0";

// Names and values by turns; no name stands there twice.
function fields(text) {
  const parts = text.split("\n");
  const record = {};
  for (let at = 0; at + 1 < parts.length; at += 2) record[parts[at]] = parts[at + 1];
  return record;
}

// The texts that the worker is bound to: variables, its own secrets, and secrets of the account's Secrets Store, whose
// values come as promises. What is absent is null; what the store does not give is undefined.
export const texts = (env, names) =>
  Promise.all(
    names.split("\n").map(async (name) => {
      const binding = env[name] ?? null;
      if (typeof binding !== "object" || binding === null) return binding;
      try {
        return await binding.get();
      } catch (why) {
        console.error(`binding ${name}: ${why}`);
      }
    }),
  );

// What matters of a request, in the order of incoming.rs.
export function asked(request) {
  const { headers, cf } = request;
  let text = `${request.method}\n${request.url}`;
  const add = (value) => (text += `\n${line(value)}`);
  add(headers.get("range"));
  add(headers.get("if-range"));
  add(headers.get("if-none-match"));
  // the platform replaces the header, and tells here what the client sent
  add(cf?.clientAcceptEncoding ?? headers.get("accept-encoding"));
  add(headers.get("cta-common-access-token"));
  add(headers.get("cookie"));
  add(headers.get("cmcd-request"));
  add(headers.get("cmcd-status"));
  add(cf?.country);
  add(cf?.colo);
  add(headers.get("cf-ray"));
  add(headers.get("cf-connecting-ip"));
  return text;
}

// Sends a GET. Its answer is a promise, and who no longer wants it aborts.
export class Sent {
  constructor(url, header, cf) {
    this.controller = new AbortController();
    const { signal } = this.controller;
    this.answer = fetch(url, { method: "GET", headers: fields(header), redirect: "manual", signal, cf });
  }
  abort() {
    this.controller.abort();
  }
}

// What matters of an origin's answer, in the order of origins.rs.
export function head({ status, headers }) {
  // a whole object has no range
  const range = status === 200 ? null : headers.get("content-range");
  const length = line(headers.get("content-length"));
  const coding = line(headers.get("content-encoding"));
  const cache = line(headers.get("cf-cache-status"));
  // what a body is, and how long to leave alone who has none
  const good = status < 300;
  const kind = line(good ? headers.get("content-type") : null);
  const later = line(good ? null : headers.get("retry-after"));
  const age = line(headers.get("age"));
  return `${status}\n${length}\n${line(range)}\n${coding}\n${cache}\n${age}\n${kind}\n${later}`;
}

// What is kept of a mutable object, in bytes: `MAX_JSON`.
const MOST = 4 << 20;

// A body whose length nobody promised, as bytes. It fails where that is too much.
async function counted(body) {
  const parts = [];
  let length = 0;
  // leaving the loop cancels the body
  for await (const part of body ?? []) {
    length += part.byteLength;
    if (length > MOST) throw new RangeError("more bytes than are read");
    parts.push(part);
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.byteLength;
  }
  return bytes;
}

// The whole body, as bytes. It fails where the body is not there in so many milliseconds, ends early or is too long.
export async function body(response, ms) {
  let timer;
  const late = new Promise((_, reject) => (timer = setTimeout(reject, ms)));
  try {
    const { headers } = response;
    // whoever asks has looked at a length; what was coded may become longer
    const promised = headers.has("content-length") && !headers.has("content-encoding");
    const read = promised ? response.arrayBuffer().then((bytes) => new Uint8Array(bytes)) : counted(response.body);
    return await Promise.race([read, late]);
  } finally {
    clearTimeout(timer);
  }
}

export const answer = (status, header, body) => new Response(body, { status, headers: fields(header) });

// A data point: the index and the blobs as lines.
export function point(set, texts, doubles) {
  const [index, ...blobs] = texts.split("\n");
  set.writeDataPoint({ indexes: [index], blobs, doubles: [...doubles] });
}
