// The page: one audio element, its controls, the lyrics and the list of songs.
import { retryable, sentence } from "./errors.js";
import { build } from "./lyrics.js";
import { LyricsView } from "./lyrics-view.js";
import { lyrics as lyricsBeside } from "./recipes/lyrics.mjs";
import { addressOf, pathIn, reason, sibling, stream, trackIn } from "./session.js";
import { TrackList } from "./track-list.js";

const at = (id) => document.getElementById(id);
const audio = at("audio");
const seek = at("seek");
// A frame is seen for 16 ms: a word is lit in the one nearest to its start, not in the first after it.
const HALF_FRAME = 8;
const HUES = [300, 255, 48, 15, 190, 130, 210];

const view = new LyricsView(at("lyrics"), at("lines"), (ms) => {
  moveTo(ms / 1000);
  start();
});
const tracks = new TrackList(at("tracks"), at("track-list"), at("open-tracks"), at("veil"), (path) =>
  load(path, { play: true }),
);

/** The song on the page: `origin` is where its first sample sits on the media clock, in seconds. */
let current = { path: null, named: false, origin: 0, seconds: 0, release: () => {} };
let failed = null;

function state(name) {
  document.documentElement.dataset.state = name;
  const playing = !audio.paused;
  at("play").setAttribute("aria-label", playing ? "Pause" : "Play");
  document.documentElement.toggleAttribute("data-playing", playing);
}

function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

const position = () => Math.max(0, audio.currentTime - current.origin);

function moveTo(mediaSeconds) {
  audio.currentTime = Math.min(Math.max(mediaSeconds, 0), audio.duration || Infinity);
  paint();
}

async function start() {
  try {
    await audio.play();
  } catch (error) {
    // NotAllowedError: the browser wants a tap first; AbortError: another song was chosen.
    if (error.name === "NotAllowedError") state("ready");
  }
}

function toggle() {
  if (failed) return retry();
  return audio.paused ? start() : audio.pause();
}

/** Draws position and lyrics for this moment. */
function paint() {
  view.update(audio.currentTime * 1000 + HALF_FRAME);
  const now = position();
  if (document.activeElement !== seek || !seek.matches(":active")) seek.value = now;
  const share = current.seconds > 0 ? Math.min(now / current.seconds, 1) : 0;
  seek.style.setProperty("--played", share.toFixed(4));
  const elapsed = clock(now);
  if (at("elapsed").textContent !== elapsed) {
    at("elapsed").textContent = elapsed;
    seek.setAttribute("aria-valuetext", `${elapsed} of ${clock(Math.round(current.seconds))}`);
  }
}

function frame() {
  paint();
  if (!audio.paused) requestAnimationFrame(frame);
}

function length(seconds) {
  if (!(seconds > 0) || !Number.isFinite(seconds)) return;
  current.seconds = seconds;
  seek.max = seconds;
  seek.disabled = false;
  at("length").textContent = clock(Math.round(seconds));
}

function tell(text, canRetry) {
  at("message").textContent = text;
  at("retry").hidden = !canRetry;
  at("notice").hidden = false;
}

function fail(code) {
  failed = { code, at: audio.currentTime, play: !audio.paused };
  audio.pause();
  tell(sentence(code), retryable(code));
  at("play").disabled = !retryable(code);
  state("error");
}

async function retry() {
  const { at: where, play } = failed ?? { at: 0, play: false };
  await tracks.refresh();
  return load(tracks.get(current.path)?.path ?? current.path, { at: where, play });
}

function name(title, artists) {
  at("title").textContent = title;
  at("artists").textContent = artists;
  document.title = artists ? `${title} · ${artists} · Nada` : `${title} · Nada`;
  if (!("mediaSession" in navigator)) return;
  navigator.mediaSession.metadata = new MediaMetadata({ title, artist: artists });
}

/** What the list knows of the song, until the song has told about itself. */
function introduce() {
  const known = tracks.get(current.path);
  name(known?.title ?? "Nada", known?.artists ?? "");
  length(known?.seconds);
}

function tint(path) {
  const hash = [...(trackIn(path) ?? "")].reduce((sum, c) => (sum * 31 + c.codePointAt(0)) >>> 0, 7);
  document.documentElement.style.setProperty("--hue", HUES[hash % HUES.length]);
}

function showLyrics(lyrics) {
  view.show(lyrics);
  const none = lyrics.lines.length === 0;
  at("silent").hidden = !none;
  at("lines").hidden = none;
  document.documentElement.toggleAttribute("data-silent", none);
  const kinds = lyrics.kinds.filter((kind) => at(`show-${kind}`));
  at("layers").hidden = kinds.length === 0;
  for (const kind of ["pronunciation", "translation"]) at(`show-${kind}`).hidden = !kinds.includes(kind);
  view.update(audio.currentTime * 1000);
}

async function load(path, { at: where = 0, play = false } = {}) {
  current.release();
  const mine = { path, named: false, origin: 0, seconds: 0, release: () => {} };
  current = mine;
  failed = null;
  at("notice").hidden = true;
  at("play").disabled = false;
  state("loading");
  history.replaceState(null, "", `#${path}`);
  tracks.mark(path);
  tint(path);
  if (where === 0) {
    showLyrics({ lines: [], kinds: [], synced: false });
    at("silent").hidden = true;
    introduce();
    paint();
  }
  const failing = (code) => current === mine && fail(code);
  let address;
  try {
    address = await addressOf(path, () => tracks.ask(path));
  } catch {
    return failing(await reason(path)); // a link without a token
  }
  if (current !== mine) return;
  mine.release = stream(audio, address, where, failing);
  if (play) start();
  try {
    const track = await sibling(address, "track.json");
    if (current !== mine) return;
    name(String(track.title ?? "Untitled"), [].concat(track.artists ?? []).join(", "));
    mine.named = true;
    const { rate, priming, samples } = track.timeline ?? {};
    mine.origin = rate > 0 && priming > 0 ? priming / rate : 0;
    length(rate > 0 && samples > 0 ? samples / rate : track.duration_ms / 1000);
    const lyrics = track.lyrics ? await lyricsBeside(address.url) : null;
    if (current === mine) showLyrics(build(lyrics));
  } catch {
    // Without its words the song still plays; where it may not be played, the stream says so.
    if (current === mine && !failed) tell("The lyrics could not be loaded. The music plays on.", false);
  }
}

function skip(by) {
  const path = tracks.neighbour(current.path, by);
  if (path) load(path, { play: true });
}

audio.addEventListener("play", () => requestAnimationFrame(frame));
audio.addEventListener("playing", () => state("playing"));
audio.addEventListener("waiting", () => failed || state("loading"));
audio.addEventListener("canplay", () => failed || state(audio.paused ? "ready" : "playing"));
audio.addEventListener("pause", () => failed || state("ready"));
audio.addEventListener("ended", () => skip(1));
audio.addEventListener("seeked", paint);
audio.addEventListener("timeupdate", paint);
audio.addEventListener("durationchange", () => current.seconds || length(audio.duration - current.origin));

at("play").addEventListener("click", toggle);
at("retry").addEventListener("click", retry);
at("previous").addEventListener("click", () => (position() > 4 ? moveTo(current.origin) : skip(-1)));
at("next").addEventListener("click", () => skip(1));
seek.addEventListener("input", () => moveTo(Number(seek.value) + current.origin));
for (const kind of ["pronunciation", "translation"]) {
  at(`show-${kind}`).addEventListener("click", ({ currentTarget }) => {
    const shown = currentTarget.getAttribute("aria-pressed") !== "true";
    currentTarget.setAttribute("aria-pressed", String(shown));
    document.documentElement.toggleAttribute(`data-no-${kind}`, !shown);
    view.settle();
  });
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const own = event.target.closest("input, button");
  const line = (by) => {
    const ms = view.neighbour(audio.currentTime * 1000, by);
    if (ms !== null) moveTo(ms / 1000);
  };
  const actions = {
    " ": () => !own && toggle(),
    ArrowLeft: () => event.target !== seek && moveTo(audio.currentTime - 5),
    ArrowRight: () => event.target !== seek && moveTo(audio.currentTime + 5),
    ArrowUp: () => event.target !== seek && line(-1),
    ArrowDown: () => event.target !== seek && line(1),
    n: () => skip(1),
    p: () => skip(-1),
    Escape: () => tracks.close(),
  };
  const action = actions[event.key];
  if (action && action() !== false) event.preventDefault();
});

addEventListener("resize", () => view.settle());
addEventListener(
  "offline",
  () => failed || tell("You are offline. The song plays as far as it was loaded.", false),
);
addEventListener("online", () =>
  failed?.code === "network" ? retry() : failed || (at("notice").hidden = true),
);
addEventListener("hashchange", () => {
  const path = pathIn(location.hash);
  if (path && path !== current.path) load(path);
});

if ("mediaSession" in navigator) {
  const handlers = {
    play: start,
    pause: () => audio.pause(),
    previoustrack: () => skip(-1),
    nexttrack: () => skip(1),
    seekto: ({ seekTime }) => moveTo(seekTime + current.origin),
  };
  for (const [action, handler] of Object.entries(handlers)) {
    try {
      navigator.mediaSession.setActionHandler(action, handler);
    } catch {
      // This browser does not know the action.
    }
  }
}

const asked = pathIn(location.hash);
if (asked) load(asked);
const known = await tracks.refresh();
for (const id of ["previous", "next"]) at(id).hidden = (known?.length ?? 0) < 2;
if (asked && !current.named) introduce();
if (asked) tracks.mark(asked);
else if (known?.length > 0) load(known[0]);
else fail("no_track");
