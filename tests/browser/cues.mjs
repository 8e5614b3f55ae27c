// Plays a song's beginning with hls.js or Shaka Player, its lyrics as WebVTT cues, and says which cues it has and which it
// showed when.
//
// stdin:  { "edge", "path": signed path of the multivariant playlist, "with": "hls" | "shaka", "edgeHeaders": headers for the edge,
//           "from": media seconds, "until": media seconds }
// stdout: { "tracks": [{ "lang", "characteristics", "cues": [{ "start", "end", "text" }], "shown": [{ "at": media seconds,
//           "start": of the cue, "text" }] }], one for each subtitle track, in its order; "errors" }
import { createRequire } from "node:module";
import { front } from "./front.mjs";
import { input, output, withPage } from "./chromium.mjs";

const { edge, path, with: player, edgeHeaders, from, until } = await input();
const site = await front(edge, [], edgeHeaders);

/** Runs in the page. */
async function play({ path, player, from, until }) {
  const once = (target, event) => new Promise((done) => target.addEventListener(event, done, { once: true }));
  const pause = (ms) => new Promise((done) => setTimeout(done, ms));
  const errors = [];

  /** Shows the subtitle track at `index`: what it is, how many there are, and how to end. */
  async function hls(video, index) {
    const hls = new Hls({ startPosition: from > 0 ? from : -1, startLevel: 0 });
    hls.on(Hls.Events.ERROR, (_, { details, fatal }) => fatal && errors.push(details));
    hls.loadSource(path);
    hls.attachMedia(video);
    await once(video, "canplay");
    hls.subtitleDisplay = true;
    hls.subtitleTrack = index;
    const { lang, attrs } = hls.subtitleTracks[index];
    const end = async () => hls.destroy();
    return { count: hls.subtitleTracks.length, lang, characteristics: attrs.CHARACTERISTICS, end };
  }

  async function shakaPlayer(video, index) {
    const player = new shaka.Player();
    player.addEventListener("error", ({ detail }) => errors.push(`${detail.code}`));
    await player.attach(video);
    await player.load(path, from);
    const tracks = player.getTextTracks();
    player.selectTextTrack(tracks[index]);
    const { originalLanguage, accessibilityPurpose, roles } = tracks[index];
    const characteristics = roles.join(",") || accessibilityPurpose;
    return { count: tracks.length, lang: originalLanguage, characteristics, end: () => player.destroy() };
  }

  const tracks = [];
  for (let index = 0, count = 1; index < count; index += 1) {
    // cues are shown by a video element alone
    const video = document.createElement("video");
    document.body.append(video);
    const showing = await (player === "hls" ? hls : shakaPlayer)(video, index);
    count = showing.count;
    const having = () => [...video.textTracks].find(({ cues }) => cues?.length > 0);
    while (!having()) await pause(50);
    const track = having();
    const shown = [];
    track.addEventListener("cuechange", () => {
      for (const { startTime: start, text } of track.activeCues) {
        if (shown.every((cue) => cue.start !== start)) shown.push({ at: video.currentTime, start, text });
      }
    });
    await video.play();
    while (video.currentTime < until) await pause(50);
    video.pause();
    const cues = [...track.cues].map(({ startTime: start, endTime: end, text }) => ({ start, end, text }));
    const { lang, characteristics } = showing;
    tracks.push({ lang, characteristics, cues, shown });
    await showing.end();
    video.remove();
  }
  return { tracks, errors };
}

try {
  output(
    await withPage(async (page) => {
      await page.route("**/blank", (route) =>
        route.fulfill({ contentType: "text/html", body: "<!doctype html>" }),
      );
      await page.goto(`${site.address}/blank`);
      const { resolve } = createRequire(import.meta.url);
      await page.addScriptTag({
        path: resolve(player === "hls" ? "hls.js/dist/hls.min.js" : "shaka-player"),
      });
      return page.evaluate(play, { path, player, from, until });
    }),
  );
} finally {
  site.close();
}
