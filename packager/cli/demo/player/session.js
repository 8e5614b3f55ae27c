// Where a song's files are and how its sound reaches the audio element.
import { codeOf, Problem } from './errors.js';

const SONG = /^\/(?:~[A-Za-z0-9_-]+\/)?t\/([A-Za-z0-9][A-Za-z0-9_-]{0,63})\/(?:multivariant|lossless)\.m3u8$/;
const REFUSALS = new Set([401, 403, 410, 451]);

/** The path of a song's playlist in a location hash, or null: only this server's songs are played. */
export function pathIn(hash) {
  const path = hash.replace(/^#/, '');
  return SONG.test(path) ? path : null;
}

/** The track a path is about, whatever its token. */
export function trackIn(path) {
  return SONG.exec(path)?.[1] ?? null;
}

/** Fetches JSON beside the playlist (`track.json`, `lyrics.json`): relative, so the token comes along. */
export async function sibling(path, name) {
  return json(new URL(name, new URL(path, location.href)));
}

/** Fetches JSON or throws a Problem. */
export async function json(url) {
  let response;
  try {
    response = await fetch(url, { credentials: 'omit', referrerPolicy: 'no-referrer' });
  } catch {
    throw new Problem('network');
  }
  if (!response.ok) throw new Problem(await codeOf(response));
  try {
    return await response.json();
  } catch {
    throw new Problem('internal');
  }
}

/** Asks the server why a file of the song does not come. */
async function reason(urls) {
  for (const url of urls) {
    try {
      const response = await fetch(url, { credentials: 'omit', cache: 'no-store', referrerPolicy: 'no-referrer' });
      if (!response.ok) return codeOf(response);
      await response.body?.cancel();
    } catch {
      return 'network';
    }
  }
  return 'network';
}

/**
 * Streams a song into the audio element from `at` seconds of media time on; `fail(code)` is called once
 * when it cannot go on. Returns a function that lets go of it.
 */
export function stream(audio, path, at, fail) {
  const Hls = globalThis.Hls;
  if (Hls?.isSupported()) return streamByHls(Hls, audio, path, at, fail);
  if (audio.canPlayType('application/vnd.apple.mpegurl')) return streamNatively(audio, path, at, fail);
  fail('unsupported');
  return () => {};
}

function streamByHls(Hls, audio, path, at, fail) {
  const hls = new Hls({
    enableWorker: false, // fMP4 is passed through: a worker costs more to start than it saves
    startLevel: 0, // lowest first: sound soon, then better
    maxMaxBufferLength: 60, // seconds: what is skipped should not have been paid for
    startPosition: at > 0 ? at : -1,
    enableWebVTT: false, // lyrics are drawn from lyrics.json
    enableIMSC1: false,
    enableCEA708Captions: false,
  });
  let mended = false;
  let over = false;
  hls.on(Hls.Events.MANIFEST_PARSED, () => {
    hls.subtitleTrack = -1;
  });
  hls.on(Hls.Events.ERROR, async (_, data) => {
    // A refusal is not retried: it will not change by itself.
    const refused = REFUSALS.has(data.response?.code);
    if (over || !(data.fatal || refused)) return;
    if (data.type === Hls.ErrorTypes.MEDIA_ERROR && !mended) {
      mended = true;
      hls.recoverMediaError();
      return;
    }
    over = true;
    hls.stopLoad();
    const network = data.type === Hls.ErrorTypes.NETWORK_ERROR;
    fail(network ? await reason([path, data.frag?.url ?? data.url ?? path]) : 'media');
  });
  hls.loadSource(new URL(path, location.href).href);
  hls.attachMedia(audio);
  return () => {
    over = true;
    hls.destroy();
  };
}

function streamNatively(audio, path, at, fail) {
  const stop = new AbortController();
  const once = { once: true, signal: stop.signal };
  audio.addEventListener('error', async () => fail(audio.error?.code === 3 ? 'media' : await reason([path])), once);
  if (at > 0) audio.addEventListener('loadedmetadata', () => (audio.currentTime = at), once);
  audio.src = path;
  audio.load();
  return () => {
    stop.abort();
    audio.removeAttribute('src');
    audio.load();
  };
}
