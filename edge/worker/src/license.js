// The crossings of licence requests. Nothing is decided here.
import { bounded, fields } from "./platform.js";

// What a promise comes to within so many milliseconds; else it fails as an AbortSignal's timeout does.
async function within(ms, promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new DOMException("too slow", "TimeoutError")), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

// The body of a request as bytes, or the status of what is wrong with it.
export async function asked(request, most, ms) {
  if (Number(request.headers.get("content-length")) > most) return 413;
  try {
    return await within(ms, bounded(request.body, most));
  } catch (why) {
    return why instanceof RangeError ? 413 : why?.name === "TimeoutError" ? 408 : 400;
  }
}

// Status and body of the answer to a POST. It fails where none is there in time, or it is longer than so many bytes.
export async function forward(url, header, body, most, ms) {
  const controller = new AbortController();
  const { signal } = controller;
  const answered = async () => {
    const answer = await fetch(url, {
      method: "POST",
      headers: fields(header),
      body,
      redirect: "manual",
      signal,
    });
    return [answer.status, stream(await bounded(answer.body, most))];
  };
  try {
    return await within(ms, answered());
  } catch (why) {
    controller.abort();
    // an address may hold a secret, and messages may hold addresses
    throw why?.name ?? "Error";
  }
}

// Bytes as the body of an answer.
export const stream = (bytes) => new Response(bytes).body;
