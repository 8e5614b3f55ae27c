// Plays an album by the recipe of edge/recipes, and captures what sounds to the sample.
//
// stdin:  { "site": "http://127.0.0.1:N/", "rate": hertz, "plays": [{ "rendition", "asks": [paths of the site that sign] }] };
//         the site has `recipes/`
// stdout: [{ "rendition", "ended": seconds, "told": [codes], "stalls" }]; `{rendition}.f32` on the site is what sounded, the
//         mean of both channels in single precision
import { input, output, withPage } from "./chromium.mjs";
import { recorder } from "./recorder.mjs";

const { site, rate, plays } = await input();

/** Runs in the page. */
async function listen({ rate, plays, recorder }) {
  const album = await import("/recipes/album.mjs");
  const context = new AudioContext({ sampleRate: rate });
  await context.audioWorklet.addModule(URL.createObjectURL(new Blob([recorder], { type: "text/javascript" })));
  const through = async ({ rendition, asks }) => {
    const [blocks, told] = [[], []];
    const node = new AudioWorkletNode(context, "recorder");
    node.port.onmessage = ({ data }) => blocks.push(data);
    const audio = new Audio();
    context.createMediaElementSource(audio).connect(node).connect(context.destination);
    const calls = asks.map((ask) => async () => (await fetch(ask)).json());
    const played = album.play(audio, calls, { rendition, tell: (code) => told.push(code), margin: 3 });
    await new Promise((done) => audio.addEventListener("canplay", done, { once: true }));
    let stalls = 0;
    audio.addEventListener("waiting", () => (stalls += 1));
    await audio.play();
    await played;
    await new Promise((done) => ["ended", "error"].forEach((event) => audio.addEventListener(event, done)));
    await new Promise((done) => setTimeout(done, 300));
    const whole = new Float32Array(128 * blocks.length);
    blocks.forEach((block, i) => whole.set(block, 128 * i));
    await fetch(`${rendition}.f32`, { method: "PUT", body: whole });
    return { rendition, ended: audio.currentTime, told, stalls };
  };
  return Promise.all(plays.map(through));
}

output(
  await withPage(async (page) => {
    await page.goto(site);
    return page.evaluate(listen, { rate, plays, recorder });
  }),
);
