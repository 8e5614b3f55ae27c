// Plays tracks one behind the other without a gap, by Media Source Extensions alone: each is trimmed to the sample by the
// numbers of its track.json. `await play(audio, [askForFirst, askForSecond, …], { rendition: "aac-128", tell })` resolves
// when the last one is loaded.
import { Address, codeOf } from "./address.mjs";

const AHEAD = 30; // seconds that are loaded before they sound
const KEPT = 30; // seconds that are kept after

/** `tell(code)` is called when it cannot go on. */
export async function play(audio, asks, { rendition = "aac-128", tell = () => {}, margin } = {}) {
  const source = new MediaSource();
  audio.src = URL.createObjectURL(source);
  await new Promise((open) => source.addEventListener("sourceopen", open, { once: true }));
  URL.revokeObjectURL(audio.src);
  let buffer;
  let at = 0; // where the track begins, in seconds
  try {
    for (const ask of asks) {
      const address = await Address.of(ask, margin);
      const track = await (await get(address, new URL("track.json", address.url))).json();
      const numbers = track.renditions.find(({ name }) => name === rendition);
      if (!numbers) throw new Error("not_found");
      const { codecs, rate, priming, samples } = numbers;
      buffer ??= source.addSourceBuffer(`audio/mp4; codecs="${codecs}"`);
      buffer.timestampOffset = at - priming / rate;
      buffer.appendWindowEnd = Infinity;
      buffer.appendWindowStart = at;
      buffer.appendWindowEnd = at + samples / rate;
      const playlist = new URL(`${track.versions[0]}/${rendition}/media.m3u8`, address.url);
      for (const file of files(await (await get(address, playlist)).text())) {
        while (loaded(audio) > AHEAD) await pause(0.5);
        const bytes = await (await get(address, new URL(file, playlist))).arrayBuffer();
        await updated(buffer, () => buffer.appendBuffer(bytes));
        const past = audio.currentTime - KEPT;
        if (past > KEPT) await updated(buffer, () => buffer.remove(0, past));
      }
      at += samples / rate;
    }
    source.endOfStream();
  } catch (error) {
    tell(error.message);
  }
}

/** The init section and the segments of a media playlist. */
const files = (text) => [/#EXT-X-MAP:URI="([^"]+)"/.exec(text)[1], ...text.split("\n").filter((line) => /^[^#\s]/.test(line))];
const pause = (seconds) => new Promise((done) => setTimeout(done, 1000 * seconds));
const loaded = ({ buffered, currentTime }) => (buffered.length ? buffered.end(buffered.length - 1) - currentTime : 0);

function updated(buffer, change) {
  return new Promise((done, failed) => {
    buffer.addEventListener("updateend", done, { once: true });
    buffer.addEventListener("error", () => failed(new Error("media")), { once: true });
    change();
  });
}

async function get(address, url) {
  for (let tries = 0; ; tries += 1) {
    const signed = await address.fresh(String(url));
    const answer = await fetch(signed, { credentials: "omit", referrerPolicy: "no-referrer" }).catch(() => null);
    if (answer?.ok) return answer;
    const code = answer && codeOf(await answer.text());
    if (code === "token_expired" && tries < 3) await address.expired(signed);
    else if (answer && answer.status < 500) throw new Error(code ?? "network");
    else await pause(Math.min(4, tries + 1));
  }
}
