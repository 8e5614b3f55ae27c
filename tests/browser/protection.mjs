// Plays protected songs by the recipes of edge/recipes, side by side, each in a page of its own, and captures what sounds.
//
// stdin:  { "site": "http://127.0.0.1:N/", "rate": hertz, "plays": [{ "name", "with": "hls" | "shaka", "ask": path of the
//           site that signs, "level": which rendition, "until": media seconds, "seek": media seconds or null,
//           "change": { "at": media seconds, "level": the rendition from then on } or null, "protected": whether the recipe for protected tracks is used }] }
// stdout: [{ "name", "started": captured samples when playing began, "ended": media seconds, "codes": [codes], "errors",
//            "licenses": [{ "status", "url" }], "media": [URLs of segments], "seconds": until there was sound }]; `{name}.f32` on the site is what sounded
import { input, output, withPage } from "./chromium.mjs";
import { recorder } from "./recorder.mjs";

const { site, rate, plays } = await input();

/** Runs in the page. */
async function listen({ rate, play, recorder }) {
  const { Hls, shaka } = window;
  const { Address } = await import("/recipes/address.mjs");
  const recipes = { hls: await import("/recipes/hls.mjs"), shaka: await import("/recipes/shaka.mjs") };
  const { protectedHls, protectedShaka } = await import("/recipes/protection.mjs");
  const context = new AudioContext({ sampleRate: rate });
  await context.audioWorklet.addModule(
    URL.createObjectURL(new Blob([recorder], { type: "text/javascript" })),
  );
  const pause = (seconds) => new Promise((done) => setTimeout(done, 1000 * seconds));
  const until = async (so, seconds) => {
    for (let i = 0; i < 10 * seconds && !so(); i += 1) await pause(0.1);
  };
  const [blocks, codes, errors] = [[], [], []];
  const node = new AudioWorkletNode(context, "recorder");
  node.port.onmessage = ({ data }) => blocks.push(data);
  const audio = new Audio();
  context.createMediaElementSource(audio).connect(node).connect(context.destination);
  audio.addEventListener("error", () => errors.push(audio.error?.message ?? "error"));
  const tell = (code) => codes.push(code);
  const address = await Address.of(async () => (await fetch(play.ask)).json(), 3);
  const systems = play.protected ? ["clearkey"] : [];
  const began = performance.now();
  let player, change;
  if (play.with === "shaka") {
    player = await recipes.shaka.play(shaka, audio, address, {
      tell,
      abr: { enabled: false, defaultBandwidthEstimate: 1_000_000 },
      ...(play.protected && protectedShaka(address, systems)),
    });
    const tracks = player.getVariantTracks().sort((a, b) => a.bandwidth - b.bandwidth);
    if (tracks[play.level]) player.selectVariantTrack(tracks[play.level], true);
    change = (level) => player.selectVariantTrack(tracks[level], true);
  } else {
    player = await recipes.hls.play(Hls, audio, address, {
      tell,
      startLevel: play.level,
      ...(play.protected && protectedHls(address, systems)),
    });
    player.on(Hls.Events.MANIFEST_PARSED, () => (player.loadLevel = play.level));
    change = (level) => (player.nextLevel = level);
    player.on(Hls.Events.ERROR, (_, { details, fatal, response, error }) => {
      errors.push(`${fatal ? "fatal " : ""}${details} ${response?.code ?? ""} ${error?.message ?? ""}`);
    });
  }
  await until(() => audio.readyState >= 3 || codes.length > 0, 20);
  const seconds = (performance.now() - began) / 1000;
  const started = 128 * blocks.length;
  audio.play().catch(() => {});
  if (play.seek !== null) {
    await until(() => audio.currentTime >= 1 || codes.length > 0, 10);
    audio.currentTime = play.seek;
  }
  if (play.change) {
    await until(() => audio.currentTime >= play.change.at || codes.length > 0, 20);
    change(play.change.level);
  }
  await until(() => audio.currentTime >= play.until || audio.ended || codes.length > 0, 30);
  const ended = audio.currentTime;
  await pause(0.3);
  await player?.destroy?.();
  const whole = new Float32Array(128 * blocks.length);
  blocks.forEach((block, i) => whole.set(block, 128 * i));
  await fetch(`${play.name}.f32`, { method: "PUT", body: whole });
  return { name: play.name, started, ended, codes, errors, seconds };
}

/** One play in a page of its own. */
const through = (play) =>
  withPage(async (page, said) => {
    const [licenses, media] = [[], []];
    page.on("request", (request) => request.url().includes(".m4s") && media.push(request.url()));
    page.on("response", (response) => {
      const url = response.url();
      if (url.includes("/license/")) licenses.push({ status: response.status(), url });
    });
    await page.goto(site);
    await page.addScriptTag({ url: "hls.min.js" });
    await page.addScriptTag({ url: "shaka.js" });
    const report = await page.evaluate(listen, { rate, play, recorder });
    return { ...report, licenses, media, said };
  });

output(await Promise.all(plays.map(through)));
