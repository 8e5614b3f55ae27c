// The crossings between wasm and the platform, as few as can be: each costs, and a text costs most. Many texts cross
// as one, a line each, and what is absent as the one line that is "\0": no URL and no header field has either.
// Nothing is decided here.

// A task of Rust is woken eight times for one segment, each time through queueMicrotask. workerd's own goes through C++ and
// costs more than the reaction of a promise: with it a segment takes 1.13, 1.13 and 1.19 of the peer's CPU in three runs of
// tests/bench/worker by turns, without it 1.11, 1.08 and 1.11 (workerd 2026-07-30). An exception in a task would become an
// unhandled rejection; wasm-bindgen's tasks throw none, since a panic aborts the instance.
const settled = Promise.resolve();
globalThis.queueMicrotask = (task) => void settled.then(task);

const line = (text) => text ?? "\0";

// Names and values by turns; no name stands there twice.
export function fields(text) {
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

// What the names in fields.rs mean that are no header field's, or not always.
const ofRequest = {
  method: ({ method }) => method,
  url: ({ url }) => url,
  // the platform replaces the header, and tells here what the client sent
  "accept-encoding": ({ cf, headers }) => cf?.clientAcceptEncoding ?? headers.get("accept-encoding"),
  "cf.country": ({ cf }) => cf?.country,
  "cf.colo": ({ cf }) => cf?.colo,
};
const ofAnswer = {
  status: ({ status }) => status,
  // a whole object has no range
  "content-range": ({ status, headers }) => (status === 200 ? null : headers.get("content-range")),
  // what a body is, and how long to leave an origin alone that has none
  "content-type": ({ status, headers }) => (status < 300 ? headers.get("content-type") : null),
  "retry-after": ({ status, headers }) => (status < 300 ? null : headers.get("retry-after")),
};

// Reads what the names say, a line each.
function reader(names, special) {
  const read = names.split("\n").map((name) => special[name] ?? (({ headers }) => headers.get(name)));
  return (message) => read.map((field) => line(field(message))).join("\n");
}

let readRequest, readAnswer;

// Tells once, by name, what matters of a request and of an origin's answer.
export function describe(requestFields, answerFields) {
  readRequest = reader(requestFields, ofRequest);
  readAnswer = reader(answerFields, ofAnswer);
}

export const asked = (request) => readRequest(request);

// How wasm waits: it gives one callback, which is told of each wait by its number. Numbers are those of one instance of wasm: what
// an earlier one waits for is told to its own callback, which refuses.
let told;
export const tell = (callback) => void (told = callback);
export function follow(promise, number) {
  const tell = told;
  promise.then(
    (value) => tell(number, value, true),
    (why) => tell(number, why, false),
  );
}
export const after = (number, ms) => setTimeout(told, ms, number, undefined, true);
export const forget = (timer) => clearTimeout(timer);

// Sends a GET. Its answer is a promise; a caller that no longer wants it aborts it.
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

export const head = (response) => readAnswer(response);

// The most bytes that are read of an object whose length nobody promised: `MAX_JSON` of the core.
const MOST = 4 << 20;

// All bytes of a stream; it fails where they are more than so many.
export async function bounded(stream, most) {
  const pieces = [];
  let length = 0;
  // leaving the loop cancels the stream
  for await (const piece of stream ?? []) {
    length += piece.byteLength;
    if (length > most) throw new RangeError("too long");
    pieces.push(piece);
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.byteLength;
  }
  return bytes;
}

// The whole body, as bytes. It fails where the body is not there in so many milliseconds, ends early or is too long.
export async function body(response, ms) {
  let timer;
  const late = new Promise((_, reject) => (timer = setTimeout(reject, ms)));
  try {
    const { headers } = response;
    // the caller has looked at the length; what was coded may become longer
    const promised = headers.has("content-length") && !headers.has("content-encoding");
    const read = promised
      ? response.arrayBuffer().then((bytes) => new Uint8Array(bytes))
      : bounded(response.body, MOST);
    return await Promise.race([read, late]);
  } finally {
    clearTimeout(timer);
  }
}

// A stream of so many bytes, written piece after piece. Not a byte of them is looked at here, and where one is missing the
// stream fails: what was sent never looks complete.
export class Joined {
  constructor(length) {
    const { readable, writable } = new FixedLengthStream(length);
    this.body = readable;
    this.writable = writable;
  }
  append(piece) {
    return piece.pipeTo(this.writable, { preventClose: true });
  }
  end(whole) {
    return whole ? this.writable.close() : this.writable.abort(new Error("a piece is missing"));
  }
}

export const answer = (status, header, body) => new Response(body, { status, headers: fields(header) });

// A data point: the index and the blobs as lines.
export function point(set, texts, doubles) {
  const [index, ...blobs] = texts.split("\n");
  set.writeDataPoint({ indexes: [index], blobs, doubles: [...doubles] });
}
