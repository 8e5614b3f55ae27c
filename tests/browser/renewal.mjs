// Plays a song with tokens that die on the way, by the recipes of edge/recipes, several times side by side, and captures
// what sounds to the sample.
//
// stdin:  { "site": "http://127.0.0.1:N/", "rate": hertz, "plays": [{ "name", "with": "hls" | "shaka" | "bare" (hls.js
//           without the recipe), "ask": path of the site that signs, "level": which rendition, "until": media seconds,
//           "pause": { "at": media seconds, "for": seconds }?, "offline": the same? }] }; the site has the players,
//           `recipes/` and signs; a play is offline that asks `localhost`
// stdout: { "plays": [{ "name", "started": captured samples when playing began, "ended": media seconds, "codes": [codes], "errors": [what hls.js said], "stalls" }],
//           "requests": [{ "url", "status": 0 where there was no answer, "at": seconds since 1970 }] }; `{name}.f32` on the
//           site is what sounded, the mean of both channels in single precision
import { input, output, withPage } from "./chromium.mjs";
import { recorder } from "./recorder.mjs";

const { site, rate, plays } = await input();

/** Runs in the page. */
async function listen({ rate, plays, recorder }) {
  const { Hls, shaka } = window;
  const recipes = { hls: await import("/recipes/hls.mjs"), shaka: await import("/recipes/shaka.mjs") };
  const context = new AudioContext({ sampleRate: rate });
  await context.audioWorklet.addModule(
    URL.createObjectURL(new Blob([recorder], { type: "text/javascript" })),
  );
  const pause = (seconds) => new Promise((done) => setTimeout(done, 1000 * seconds));
  const until = async (so, seconds) => {
    for (let i = 0; i < 10 * seconds && !so(); i += 1) await pause(0.1);
  };

  async function start(play, audio, tell, errors) {
    const ask = async () => (await fetch(play.ask)).json();
    if (play.with === "shaka") {
      const { level } = play;
      const player = await recipes.shaka.play(shaka, audio, ask, {
        tell,
        margin: 3,
        // where it loads the presentation anew, it begins with what it takes the network for
        abr: { enabled: false, defaultBandwidthEstimate: 1_000_000 },
        streaming: { bufferingGoal: 6 },
      });
      const tracks = player.getVariantTracks().sort((a, b) => a.bandwidth - b.bandwidth);
      player.selectVariantTrack(tracks[level], true);
      return player;
    }
    const settings = { startLevel: play.level, maxBufferLength: 6, maxMaxBufferLength: 6 };
    let hls;
    if (play.with === "bare") {
      hls = new Hls(settings);
      hls.loadSource((await ask()).url);
      hls.attachMedia(audio);
    } else {
      hls = await recipes.hls.play(Hls, audio, ask, { tell, margin: 3, ...settings });
    }
    hls.on(Hls.Events.MANIFEST_PARSED, () => (hls.loadLevel = play.level));
    hls.on(Hls.Events.ERROR, (_, { details, fatal, response }) => {
      errors.push(`${fatal ? "fatal " : ""}${details} ${response?.code ?? ""}`);
    });
    return hls;
  }

  async function through(play) {
    const [blocks, codes, errors] = [[], [], []];
    const node = new AudioWorkletNode(context, "recorder");
    node.port.onmessage = ({ data }) => blocks.push(data);
    const audio = new Audio();
    context.createMediaElementSource(audio).connect(node).connect(context.destination);
    const player = await start(play, audio, (code) => codes.push(code), errors);
    await until(() => audio.readyState >= 3, 30);
    let stalls = 0;
    audio.addEventListener("waiting", () => (stalls += 1));
    const started = 128 * blocks.length;
    await audio.play().catch(() => {});
    const { pause: rest, offline } = play;
    if (rest) {
      await until(() => audio.currentTime >= rest.at, 30);
      audio.pause();
      await pause(rest.for);
      await audio.play();
    }
    if (offline) {
      await until(() => audio.currentTime >= offline.at, 30);
      await window.connect(false);
      await pause(offline.for);
      await window.connect(true);
    }
    await until(() => audio.currentTime >= play.until || audio.ended, play.until + 15);
    const ended = audio.currentTime;
    await pause(0.3);
    await player.destroy();
    const whole = new Float32Array(128 * blocks.length);
    blocks.forEach((block, i) => whole.set(block, 128 * i));
    await fetch(`${play.name}.f32`, { method: "PUT", body: whole });
    return { name: play.name, started, ended, codes, errors, stalls };
  }
  return Promise.all(plays.map(through));
}

output(
  await withPage(async (page) => {
    const requests = [];
    const seen = (status) => (request) =>
      requests.push({ url: request.url(), status, at: Date.now() / 1000 });
    page.on("response", (response) => seen(response.status())(response.request()));
    page.on("requestfailed", seen(0));
    let connected = true;
    await page.exposeFunction("connect", (is) => (connected = is));
    const away = (url) => url.hostname === "localhost";
    await page.route(away, (route) => (connected ? route.continue() : route.abort("internetdisconnected")));
    await page.goto(site);
    await page.addScriptTag({ url: "hls.min.js" });
    await page.addScriptTag({ url: "shaka.js" });
    const reports = await page.evaluate(listen, { rate, plays, recorder });
    return { plays: reports, requests: requests.filter(({ url }) => url.includes("/~")) };
  }),
);
