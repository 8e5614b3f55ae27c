// Plays a song's beginning with hls.js, its lyrics as WebVTT cues, and says which cues it has and which it showed when.
//
// stdin:  { "edge", "path": signed path of the multivariant playlist, "told": headers for the edge, "from": media seconds,
//           "until": media seconds }
// stdout: [{ "name", "lang", "characteristics", "cues": [{ "start", "end", "text" }], "shown": [{ "at": media seconds,
//           "start": of the cue, "text" }] }], one for each subtitle track, in its order; "errors"
import { front } from "./front.mjs";
import { input, output, withPage } from "./chromium.mjs";

const { edge, path, told, from, until } = await input();
const site = await front(edge, [], told);

/** Runs in the page. */
async function play({ path, from, until }) {
  const once = (target, event) => new Promise((done) => target.addEventListener(event, done, { once: true }));
  const pause = (ms) => new Promise((done) => setTimeout(done, ms));
  const tracks = [];
  const errors = [];
  for (let index = 0; index === 0 || index < tracks.count; index += 1) {
    // cues are shown by a video element alone
    const video = document.createElement("video");
    document.body.append(video);
    const hls = new Hls({ startPosition: from > 0 ? from : -1, startLevel: 0 });
    hls.on(Hls.Events.ERROR, (_, { details, fatal }) => fatal && errors.push(details));
    hls.loadSource(path);
    hls.attachMedia(video);
    await once(video, "canplay");
    tracks.count = hls.subtitleTracks.length;
    hls.subtitleDisplay = true;
    hls.subtitleTrack = index;
    const { name, lang, attrs } = hls.subtitleTracks[index];
    while (!(video.textTracks[index]?.cues?.length > 0)) await pause(50);
    const track = video.textTracks[index];
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
    tracks.push({ name, lang, characteristics: attrs.CHARACTERISTICS, cues, shown });
    hls.destroy();
    video.remove();
  }
  return { tracks: [...tracks], errors };
}

try {
  output(
    await withPage(async (page) => {
      await page.route("**/blank", (route) => route.fulfill({ contentType: "text/html", body: "<!doctype html>" }));
      await page.goto(`${site.address}/blank`);
      await page.addScriptTag({ url: "player/hls.min.js" });
      return page.evaluate(play, { path, from, until });
    }),
  );
} finally {
  site.close();
}
