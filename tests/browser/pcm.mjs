// Decodes renditions in Chromium and puts the samples on the site they came from.
//
// stdin:  { "site": "http://127.0.0.1:N/", "renditions": [{ "name", "rate": hertz, "files": [init and all segments] }] }
// stdout: {}; `{name}.f32` on the site is the rendition, interleaved stereo in single precision
import { input, output, withPage } from "./chromium.mjs";

const { site, renditions } = await input();

await withPage(async (page) => {
  await page.goto(site);
  for (const rendition of renditions) {
    await page.evaluate(async ({ name, rate, files }) => {
      const whole = await new Blob(
        await Promise.all(files.map(async (file) => (await fetch(file)).blob())),
      ).arrayBuffer();
      const decoded = await new OfflineAudioContext(2, 1, rate).decodeAudioData(whole);
      const samples = new Float32Array(2 * decoded.length);
      for (const channel of [0, 1]) {
        decoded.getChannelData(channel).forEach((sample, i) => (samples[2 * i + channel] = sample));
      }
      const put = await fetch(`${name}.f32`, { method: "PUT", body: samples });
      if (!put.ok) throw new Error(`${name}: ${put.status}`);
    }, rendition);
  }
});

output({});
