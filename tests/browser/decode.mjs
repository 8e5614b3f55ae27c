// Decodes a rendition in Chromium and says how long it is and where the source lies in it.
//
// stdin:  { "page": any page of the edge's origin, "files": [URLs of init.mp4 and all segments], "rate": hertz,
//           "source": a WAV of the source at that rate as base64 }
// stdout: { "samples": decoded, "source": samples of the source, "lag": where the source begins }
import { input, output, withPage } from "./chromium.mjs";

const { page: address, files, rate, source } = await input();

output(
  await withPage(async (page) => {
    await page.goto(address);
    return page.evaluate(
      async ({ files, rate, source }) => {
        const context = new OfflineAudioContext(2, 1, rate);
        const parts = await Promise.all(
          files.map(async (url) => new Uint8Array(await (await fetch(url)).arrayBuffer())),
        );
        const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
        parts.reduce((at, part) => (whole.set(part, at), at + part.length), 0);
        const decoded = await context.decodeAudioData(whole.buffer);
        const bytes = Uint8Array.from(atob(source), (c) => c.charCodeAt(0));
        const original = await context.decodeAudioData(bytes.buffer);

        // the lag with the highest normalised correlation, over a stretch in the middle of the song
        const mono = (buffer) => {
          const [left, right] = [
            buffer.getChannelData(0),
            buffer.getChannelData(buffer.numberOfChannels - 1),
          ];
          return left.map((sample, i) => (sample + right[i]) / 2);
        };
        const [a, b] = [mono(decoded), mono(original)];
        const length = Math.min(65536, b.length >> 1);
        const start = (b.length - length) >> 1;
        let best = { lag: NaN, score: -Infinity };
        for (let lag = 1900; lag <= 2200; lag += 1) {
          let [dot, energy] = [0, 0];
          for (let i = start; i < start + length; i += 1) {
            const x = a[i + lag];
            dot += x * b[i];
            energy += x * x;
          }
          const score = dot / Math.sqrt(energy || 1);
          if (score > best.score) best = { lag, score };
        }
        return { samples: decoded.length, source: original.length, lag: best.lag };
      },
      { files, rate, source },
    );
  }),
);
