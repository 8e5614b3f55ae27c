// What is done about an answer that is not the one asked for.

/** `renew`: ask the app for another address; `lower`: take a lower rendition; `reload`: read `track.json` again;
 * `retry`: after some milliseconds; `stop`: it is over, and the listener is told. */
export type Action = { do: "renew" | "lower" | "reload" | "stop" } | { do: "retry"; after: number };

const TRIES = 6;

/** By the edge's code, its status where it has none, how often this was tried, and Retry-After in seconds. */
export function actionOn(code: string, status: number, tried: number, after: number | null = null): Action {
  switch (code) {
    case "token_expired":
    case "token_missing":
      return { do: tried < 3 ? "renew" : "stop" };
    case "token_invalid":
    case "token_scope":
      return { do: tried < 1 ? "renew" : "stop" };
    case "rendition_not_allowed":
      return { do: "lower" };
    case "not_found":
      return { do: "reload" };
  }
  if ((status >= 500 || status === 429) && tried < TRIES)
    return { do: "retry", after: after === null ? backoff(tried) : 1000 * after };
  return { do: "stop" };
}

/** Milliseconds before the next attempt. Without a connection there is no last one. */
export function backoff(tried: number): number {
  return Math.min(500 * 2 ** tried, 4000);
}

/** The codes after which nothing of a track may be kept. */
export function forgets(code: string): boolean {
  return ["withdrawn", "ended", "territory", "not_found"].includes(code);
}

/** The code of a problem (RFC 9457), or what its status says. */
export function codeOf(body: string, status: number): string {
  try {
    const { code } = JSON.parse(body) as { code?: unknown };
    if (typeof code === "string") return code;
  } catch {
    // something between here and the edge answered
  }
  return status >= 500 ? "origin_unavailable" : "internal";
}
