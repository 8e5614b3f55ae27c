// What went wrong, as a code, and what a listener is told about it.
import { codeOf as codeIn } from "./recipes/address.mjs";

/** An error with the stable `code` of the edge's problem JSON, or one of this page's own. */
export class Problem extends Error {
  constructor(code) {
    super(code);
    this.code = code;
  }
}

const SENTENCES = {
  token_missing: "This link is not complete. Ask for a new one.",
  token_invalid: "This link is not valid any more. Ask for a new one.",
  token_expired: "This link has expired. A new one is needed to go on.",
  token_scope: "This link does not open this song here.",
  rendition_not_allowed: "This link does not open this quality of the song.",
  not_yet: "This song is not out yet.",
  territory: "This song is not available in your country.",
  withdrawn: "This song was withdrawn by its label.",
  ended: "This song is no longer available.",
  not_found: "There is no such song.",
  origin_unavailable: "The music store cannot be reached right now. Try again in a moment.",
  network: "The connection was lost. The song goes on when it is back.",
  media: "This browser could not play the song.",
  unsupported: "This browser cannot play streamed audio. A current Chrome, Firefox or Safari can.",
  no_track: "No song was chosen.",
};

/** Codes that no retry can mend. */
const FINAL = new Set([
  "rendition_not_allowed",
  "token_scope",
  "territory",
  "withdrawn",
  "ended",
  "not_found",
  "unsupported",
  "no_track",
]);

/** The sentence for a code; codes of tomorrow get an honest general one. */
export function sentence(code) {
  return Object.hasOwn(SENTENCES, code) ? SENTENCES[code] : "Something went wrong on the way to the song.";
}

/** Whether "Try again" makes sense. */
export function retryable(code) {
  return !FINAL.has(code);
}

/** The code of a response that is not ok: from its problem JSON, else by its status. */
export async function codeOf(response) {
  const code = codeIn(await response.text().catch(() => ""));
  if (code) return code;
  const byStatus = {
    401: "token_missing",
    403: "token_invalid",
    404: "not_found",
    410: "withdrawn",
    451: "territory",
  };
  return byStatus[response.status] ?? (response.status >= 500 ? "origin_unavailable" : "internal");
}
