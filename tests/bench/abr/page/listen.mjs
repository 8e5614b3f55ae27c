// Plays a song and says when which second of it was heard.
import { Player } from "/player/index.js";
import { play as hls } from "/recipes/hls.mjs";
import { play as shaka } from "/recipes/shaka.mjs";

const ask = (url) => async () => ({ url, expires_in: 3600 });

const WAYS = {
  player: (audio, { track, url }) => {
    const player = new Player(audio, { sign: () => {}, cache: 0, normalise: null });
    player.play({ track, url, expires_in: 3600 });
    return player;
  },
  "hls.js": async (audio, { url }) => {
    const player = await hls(Hls, audio, ask(url));
    audio.play();
    return player;
  },
  Shaka: async (audio, { url }) => {
    const player = await shaka(window.shaka, audio, ask(url));
    audio.play();
    return player;
  },
};

/** Begins as a tap would. */
globalThis.begin = async (way, song) => {
  globalThis.audio = new Audio();
  audio.crossOrigin = "anonymous";
  globalThis.playing = await WAYS[way](audio, song);
};

/** Seconds of the song against the clock: [milliseconds since 1970, seconds of media], ten times a second. */
globalThis.listen = async (way, song, seconds) => {
  const begun = Date.now();
  await begin(way, song);
  const heard = [];
  while (Date.now() < begun + 1000 * seconds) {
    await new Promise((next) => setTimeout(next, 100));
    heard.push([Date.now(), audio.currentTime]);
  }
  return { begun, heard };
};
