// What went wrong, as a code, and what a listener is told about it.

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
  origin_unavailable: "The music store cannot be reached. Try again in a moment.",
  media: "This browser could not play the song.",
  unsupported: "This browser cannot play streamed music.",
  protection: "This browser cannot play protected songs.",
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
  "protection",
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
