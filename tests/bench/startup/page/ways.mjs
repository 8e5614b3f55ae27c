// The ways to play the same minute. Each has what an app has before a tap, and begins as an app's handler would.
import { Player } from "/player/index.js";
import { play as hls } from "/recipes/hls.mjs";
import { play as shaka } from "/recipes/shaka.mjs";

const ask = (url) => async () => ({ url, expires_in: 3600 });
const nothing = () => {};

/** `ready` may prepare; what it gives is called by the tap. */
const WAYS = {
  player: (audio, { track, url }) => {
    const player = new Player(audio, { sign: nothing, cache: 0 });
    return () => player.play({ track, url, expires_in: 3600 });
  },
  "player, prefetched": async (audio, { track, url }) => {
    const player = new Player(audio, { sign: nothing, cache: 0 });
    const item = { track, url, expires_in: 3600 };
    await player.prefetch([item]);
    return () => player.play(item);
  },
  "hls.js":
    (audio, { url }) =>
    async () => {
      await hls(Hls, audio, ask(url));
      audio.play();
    },
  Shaka:
    (audio, { url }) =>
    async () => {
      await shaka(window.shaka, audio, ask(url));
      audio.play();
    },
  MP3:
    (audio, { mp3 }) =>
    () => {
      audio.src = mp3;
      audio.play();
    },
};

globalThis.names = Object.keys(WAYS);

/** From the tap to the sound in milliseconds, and the stalls of `follow` seconds after it. */
globalThis.measure = async (name, song, { warm, follow, patience }) => {
  const audio = new Audio();
  audio.crossOrigin = "anonymous";
  const context = new AudioContext();
  await context.audioWorklet.addModule("/page/ear.js");
  const ear = new AudioWorkletNode(context, "ear");
  context.createMediaElementSource(audio).connect(ear).connect(context.destination);
  await context.resume();
  const tap = await WAYS[name](audio, song);
  if (warm) await (await fetch(song.healthz)).text();
  await new Promise((settled) => setTimeout(settled, 500));
  const begun = performance.now();
  const heard = new Promise((sound) => (ear.port.onmessage = () => sound(performance.now() - begun)));
  await tap();
  const late = new Promise((done) => setTimeout(done, 1000 * patience, null));
  const sound = await Promise.race([heard, late]);
  const stalls = [];
  let dry = 0;
  audio.addEventListener("waiting", () => (dry = performance.now()));
  audio.addEventListener("playing", () => {
    if (dry && performance.now() - dry >= 50) stalls.push(performance.now() - dry);
    dry = 0;
  });
  if (sound !== null && follow > 0) await new Promise((done) => setTimeout(done, 1000 * follow));
  if (dry) stalls.push(performance.now() - dry);
  return { sound, stalls };
};
