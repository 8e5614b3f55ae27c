// Plays a song with hls.js in Chromium, several times side by side, and captures what sounds to the sample.
//
// stdin:  { "site": "http://127.0.0.1:N/", "rate": hertz, "plays": [{ "name", "at": [media seconds: where it starts, then
//           seeks to], "levels": [where it starts, then switches to] }] }; the site has hls.js and multivariant.m3u8
// stdout: [{ "name", "starts": [captured samples when playing began], "switches": [{ "level", "frame": captured samples
//           when the first fragment of that level was heard }], "stalls": times that the player ran dry,
//           "errors": [] }]; `{name}.f32` on the site is what
//           sounded, the mean of both channels in single precision
import { input, output, withPage } from "./chromium.mjs";
import { recorder } from "./recorder.mjs";

const { site, rate, plays } = await input();

/** Runs in the page. */
async function capture({ rate, plays, recorder }) {
  const { Hls } = window;
  const context = new AudioContext({ sampleRate: rate });
  await context.audioWorklet.addModule(
    URL.createObjectURL(new Blob([recorder], { type: "text/javascript" })),
  );
  const pause = (ms) => new Promise((done) => setTimeout(done, ms));
  const once = (target, event) => new Promise((done) => target.addEventListener(event, done, { once: true }));

  async function play({ name, at: [start, ...seeks], levels: [level, ...next] }) {
    const [blocks, starts, switches, errors] = [[], [], [], []];
    const frames = () => 128 * blocks.length;
    const node = new AudioWorkletNode(context, "recorder");
    node.port.onmessage = ({ data }) => blocks.push(data);
    const audio = new Audio();
    context.createMediaElementSource(audio).connect(node).connect(context.destination);
    const hls = new Hls({
      startPosition: start,
      startLevel: level,
      maxBufferLength: 12,
      backBufferLength: 60,
    });
    hls.on(Hls.Events.ERROR, (_, { details, fatal }) => {
      // a switch gives up what it was loading
      const ordinary = !fatal && details === Hls.ErrorDetails.INTERNAL_ABORTED;
      if (!ordinary) errors.push(`${fatal ? "fatal " : ""}${details}`);
    });
    hls.on(Hls.Events.MANIFEST_PARSED, () => (hls.loadLevel = level));
    // every time that another level is heard, the next switch is asked for
    let stalls = 0;
    audio.addEventListener("waiting", () => (stalls += switches.length > 0 && !audio.seeking));
    const switched = new Promise((done) => {
      hls.on(Hls.Events.FRAG_CHANGED, (_, { frag }) => {
        if (frag.level !== level) return;
        switches.push({ level, frame: frames(), at: audio.currentTime });
        if (next.length === 0) return done();
        level = next.shift();
        hls.nextLevel = level;
      });
    });
    hls.loadSource("multivariant.m3u8");
    hls.attachMedia(audio);
    await once(audio, "canplay");
    for (const to of [null, ...seeks]) {
      if (to !== null) {
        audio.pause();
        await pause(250);
        const seeked = once(audio, "seeked");
        audio.currentTime = to;
        await seeked;
        await pause(250);
      }
      starts.push(frames());
      await audio.play();
      await pause(1200);
    }
    await switched;
    await pause(1500);
    hls.destroy();
    const whole = new Float32Array(frames());
    blocks.forEach((block, i) => whole.set(block, 128 * i));
    await fetch(`${name}.f32`, { method: "PUT", body: whole });
    return { name, starts, switches, stalls, errors };
  }
  return Promise.all(plays.map(play));
}

output(
  await withPage(async (page) => {
    await page.goto(site);
    await page.addScriptTag({ url: "hls.min.js" });
    return page.evaluate(capture, { rate, plays, recorder });
  }),
);
