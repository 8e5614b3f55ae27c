// One request to the edge, repeated as long as that makes sense.
import type { Address } from "./address.ts";
import { actionOn, backoff, codeOf } from "./refusal.ts";

/** Why it does not go on: a code of the edge, or "media", "unsupported", "protection", "sign". */
export class Problem extends Error {
  code: string;

  constructor(code: string) {
    super(code);
    this.code = code;
  }
}

export interface How {
  signal: AbortSignal;
  headers?: Record<string, string>;
  priority?: "high" | "low" | "auto";
  query?: string;
  /** What is posted. */
  body?: BufferSource;
}

const SILENCE = 10_000; // milliseconds without a byte after which a connection counts as lost

/** An answer of 200, 206 or 304 to `path` of a track. Without a connection it goes on trying: phones seldom know that they
 * are offline. A refusal is a Problem. */
export async function request(address: Address, path: string, how: How): Promise<Response> {
  const { signal, headers = {}, priority = "auto", query = "", body } = how;
  for (let tried = 0, lost = 0; ;) {
    signal.throwIfAborted();
    let base: string | undefined;
    let answer: Response;
    const attempt = new AbortController();
    const stop = () => attempt.abort(signal.reason);
    signal.addEventListener("abort", stop, { once: true });
    const silent = setTimeout(stop, SILENCE);
    try {
      base = await address.base();
      const options = { headers, priority, signal: attempt.signal, referrerPolicy: "no-referrer" } as const;
      const posted = body && ({ method: "POST", body } as const);
      answer = await fetch(base + path + query, { ...options, ...posted });
    } catch (error) {
      signal.throwIfAborted();
      // the app's own refusal to sign is final, a lost connection is not
      const refused = base === undefined && !(error instanceof TypeError) && navigator.onLine;
      if (refused) throw new Problem((error as { code?: string }).code ?? "sign");
      await pause(backoff(lost++), signal);
      continue;
    } finally {
      clearTimeout(silent);
    }
    if (answer.ok || answer.status === 304) return answer;
    const code = codeOf(await answer.text().catch(() => ""), answer.status);
    const after = Number(answer.headers.get("retry-after")) || null;
    const action = actionOn(code, answer.status, tried++, after);
    if (action.do === "retry") await pause(action.after, signal);
    else if (action.do !== "renew") throw new Problem(code);
    else await address.refused(base).catch(() => Promise.reject(new Problem(code)));
  }
}

/** Reads a body piece by piece. Says in milliseconds when the first came and how many bytes came later. */
export async function read(
  answer: Response,
  signal: AbortSignal,
  piece: (bytes: Uint8Array<ArrayBuffer>) => unknown,
): Promise<{ bytes: number; later: number; first: number }> {
  const reader = answer.body!.getReader();
  let bytes = 0;
  let later = 0;
  let first = 0;
  try {
    for (;;) {
      const { done, value } = await within(reader.read(), SILENCE);
      signal.throwIfAborted();
      if (done) return { bytes, later, first };
      if (first) later += value.length;
      else first = performance.now();
      bytes += value.length;
      await piece(value);
    }
  } catch (error) {
    reader.cancel().catch(() => {});
    throw error;
  }
}

function within<T>(promise: Promise<T>, milliseconds: number): Promise<T> {
  let timer: ReturnType<typeof setTimeout>;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new TypeError("silence")), milliseconds);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** Waits, or less when the connection is said to be back. */
export function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((done, failed) => {
    const end = () => {
      clearTimeout(timer);
      removeEventListener("online", end);
      signal.removeEventListener("abort", end);
      if (signal.aborted) failed(signal.reason);
      else done();
    };
    const timer = setTimeout(end, milliseconds);
    addEventListener("online", end);
    signal.addEventListener("abort", end);
    if (signal.aborted) end();
  });
}
