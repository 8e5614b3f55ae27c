// Plays playlists and track files to their end in Chromium's audio elements, side by side, and captures what sounds to the
// sample.
//
// stdin:  { "site": "http://127.0.0.1:N/", "rate": hertz, "played": ["multivariant.m3u8", …] }
// stdout: [{ "name", "duration", "ended": media seconds, "error": null or a message }]; `{name}.f32` on the site is what
//           sounded, the mean of both channels in single precision
import { input, output, withPage } from "./chromium.mjs";
import { recorder } from "./recorder.mjs";

const { site, rate, played } = await input();

/** Runs in the page. */
async function play({ rate, played, recorder }) {
  const context = new AudioContext({ sampleRate: rate });
  await context.audioWorklet.addModule(
    URL.createObjectURL(new Blob([recorder], { type: "text/javascript" })),
  );
  const through = async (name) => {
    const blocks = [];
    const node = new AudioWorkletNode(context, "recorder");
    node.port.onmessage = ({ data }) => blocks.push(data);
    const audio = new Audio(name);
    context.createMediaElementSource(audio).connect(node).connect(context.destination);
    await audio.play().catch(() => {});
    await new Promise((done) => ["ended", "error"].forEach((event) => audio.addEventListener(event, done)));
    const { duration, currentTime: ended, error } = audio;
    await new Promise((done) => setTimeout(done, 300));
    const whole = new Float32Array(128 * blocks.length);
    blocks.forEach((block, i) => whole.set(block, 128 * i));
    await fetch(`${name}.f32`, { method: "PUT", body: whole });
    return { name, duration, ended, error: error && error.message };
  };
  return Promise.all(played.map(through));
}

output(
  await withPage(async (page) => {
    await page.goto(site);
    return page.evaluate(play, { rate, played, recorder });
  }),
);
