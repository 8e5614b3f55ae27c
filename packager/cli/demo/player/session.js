// Where a song's files are and how its sound reaches the audio element.
import { codeOf, Problem } from "./errors.js";
import { Address } from "./recipes/address.mjs";
import { play } from "./recipes/hls.mjs";

const PLAYLIST =
  /^\/(?:~[A-Za-z0-9_-]+\/)?t\/([A-Za-z0-9][A-Za-z0-9_-]{0,63})\/(?:multivariant|lossless)\.m3u8$/;

/** The path of a song's playlist in a location hash, or null: only this server's songs are played. */
export function pathIn(hash) {
  const path = hash.replace(/^#/, "");
  return PLAYLIST.test(path) ? path : null;
}

/** The track a path is about, whatever its token. */
export function trackIn(path) {
  return PLAYLIST.exec(path)?.[1] ?? null;
}

/**
 * The address of a song: the link that the page was given, for as long as the edge takes it, then those that
 * `ask: () => Promise<{url, expires_in}>` finds.
 */
export function addressOf(path, ask) {
  let given = { url: new URL(path, location.href).href, expires_in: Infinity };
  return Address.of(async () => {
    const first = given;
    given = null;
    return first ?? ask();
  });
}

/** Fetches JSON beside the playlist (`track.json`). */
export async function sibling(address, name) {
  const url = new URL(name, await address.fresh(address.url)).href;
  try {
    return await json(url);
  } catch (problem) {
    if (problem.code !== "token_expired") throw problem;
    await address.expired(url);
    return json(await address.fresh(url));
  }
}

/** Fetches JSON or throws a Problem. */
export async function json(url) {
  let response;
  try {
    response = await fetch(url, { credentials: "omit", referrerPolicy: "no-referrer" });
  } catch {
    throw new Problem("network");
  }
  if (!response.ok) throw new Problem(await codeOf(response));
  try {
    return await response.json();
  } catch {
    throw new Problem("internal");
  }
}

/** Asks the server why a song does not come. */
export async function reason(url) {
  try {
    const response = await fetch(url, {
      credentials: "omit",
      cache: "no-store",
      referrerPolicy: "no-referrer",
    });
    if (!response.ok) return codeOf(response);
    await response.body?.cancel();
  } catch {
    // The network's own error has no code.
  }
  return "network";
}

/**
 * Streams a song into the audio element from `at` seconds of media time on; `fail(code)` is called when it cannot go on.
 * Returns a function that lets go of it.
 */
export function stream(audio, address, at, fail) {
  const Hls = globalThis.Hls;
  if (Hls?.isSupported()) return streamByHls(Hls, audio, address, at, fail);
  if (audio.canPlayType("application/vnd.apple.mpegurl")) return streamNatively(audio, address, at, fail);
  fail("unsupported");
  return () => {};
}

function streamByHls(Hls, audio, address, at, fail) {
  let player = null;
  const playing = play(Hls, audio, address, {
    tell: fail,
    enableWorker: false, // fMP4 is passed through: a worker costs more to start than it saves
    startPosition: at > 0 ? at : -1,
  }).then((hls) => (player = hls));
  return () => (player ? player.destroy() : playing.then((hls) => hls.destroy()));
}

/** The browser's own HLS asks for everything under the token of the playlist: a newer one is a new beginning. */
function streamNatively(audio, address, at, fail) {
  const stop = new AbortController();
  const { signal } = stop;
  let renewed = false;
  const begin = (from) => {
    const move = () => (audio.currentTime = from);
    if (from > 0) audio.addEventListener("loadedmetadata", move, { once: true, signal });
    audio.src = address.url;
    audio.load();
  };
  const renew = async () => {
    renewed = true;
    const [from, paused] = [audio.currentTime, audio.paused];
    await address.expired(address.url);
    if (signal.aborted) return;
    begin(from);
    if (!paused) audio.play().catch(() => {});
  };
  const failed = async () => {
    const code = audio.error?.code === MediaError.MEDIA_ERR_DECODE ? "media" : await reason(address.url);
    if (signal.aborted) return;
    if (code !== "token_expired" || renewed) return fail(code);
    await renew().catch(() => fail(code));
  };
  audio.addEventListener("error", failed, { signal });
  audio.addEventListener("playing", () => (renewed = false), { signal });
  begin(at);
  return () => {
    stop.abort();
    audio.removeAttribute("src");
    audio.load();
  };
}
