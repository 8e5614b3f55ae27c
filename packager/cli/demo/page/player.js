// The page: a player, its words, its controls and the list of songs.
import { retryable, sentence } from "./errors.js";
import { Player } from "../../../../edge/player/src/nada.ts";
import { addressOf, clock, pathIn, trackIn, TrackList } from "./track-list.js";

const at = (id) => document.getElementById(id);
const root = document.documentElement;
const audio = at("audio");
const seek = at("seek");
const words = at("lyrics");
const HUES = [300, 255, 48, 15, 190, 130, 210];
const KINDS = ["pronunciation", "translation"];

let licences;
const tracks = new TrackList(at("tracks"), at("track-list"), at("open-tracks"), at("veil"), (path) =>
  play(path),
);
const player = new Player(audio, {
  sign: (track) => tracks.sign(track),
  lossless: location.hash.endsWith("/lossless.m3u8"),
  // loaded where a song is protected; the demo has ClearKey alone
  protection: async (...asked) => {
    licences ??= import("./protection.js").then(({ protection }) => protection(audio, ["clearkey"]));
    return (await licences)(...asked);
  },
});
words.player = player;

/** The path of the song on the page, and its length in seconds. */
let current = null;
let seconds = 0;

function state(name) {
  root.dataset.state = name;
  at("play").setAttribute("aria-label", audio.paused ? "Play" : "Pause");
  root.toggleAttribute("data-playing", !audio.paused);
}

/** Draws the position. */
function paint() {
  const now = player.currentTime;
  if (document.activeElement !== seek || !seek.matches(":active")) seek.value = now;
  const share = seconds > 0 ? Math.min(now / seconds, 1) : 0;
  seek.style.setProperty("--played", share.toFixed(4));
  const elapsed = clock(now);
  if (at("elapsed").textContent === elapsed) return;
  at("elapsed").textContent = elapsed;
  seek.setAttribute("aria-valuetext", `${elapsed} of ${clock(seconds + 0.5)}`);
}

function length(time) {
  if (!(time > 0)) return;
  seconds = time;
  seek.max = time;
  seek.disabled = false;
  at("length").textContent = clock(time + 0.5);
}

function name(title, artists) {
  at("title").textContent = title;
  at("artists").textContent = artists;
  document.title = [title, artists, "Nada"].filter(Boolean).join(" · ");
}

function tell(text, canRetry) {
  at("message").textContent = text;
  at("retry").hidden = !canRetry;
  at("notice").hidden = false;
}

function fail(code) {
  tell(sentence(code), retryable(code));
  at("play").disabled = !retryable(code);
  state("error");
}

/** Makes a song the page's, without what was told of the one before. */
function introduce(path) {
  current = path;
  at("notice").hidden = true;
  at("play").disabled = false;
  at("silent").hidden = true;
  history.replaceState(null, "", `#${path}`);
  describe(path);
}

/** What the list knows of a song, until the song has told about itself. */
function describe(path) {
  tracks.mark(path);
  const hash = [...(trackIn(path) ?? "")].reduce((sum, c) => (sum * 31 + c.codePointAt(0)) >>> 0, 7);
  root.style.setProperty("--hue", HUES[hash % HUES.length]);
  const known = tracks.get(path);
  name(known?.title ?? "Nada", known?.artists ?? "");
  length(known?.seconds);
}

/** Shows a song, and has it ready or plays it. */
function open(path, begin) {
  introduce(path);
  if (!path.startsWith("/~")) return fail("token_missing");
  state("loading");
  begin(addressOf(path));
}

const load = (path, start) => open(path, (address) => player.load({ ...address, start }));
const play = (path) => open(path, (address) => player.play(address));

function toggle() {
  if (audio.paused) player.play();
  else player.pause();
}

player.on("state", (now) => {
  if (now !== "error") state({ paused: "ready", ended: "ready", idle: "ready" }[now] ?? now);
});
player.on("error", ({ code }) => fail(code));
player.on("skip", ({ code }) => tell(sentence(code), false));
player.on("track", ({ id, track }) => {
  if (id !== trackIn(current ?? "")) {
    const path = tracks.paths().find((other) => trackIn(other) === id);
    if (path) introduce(path);
  }
  if (!track) return;
  name(track.title, track.artists.join(", "));
  const { artwork } = track;
  const picture = current.replace(/[^/]*$/, "artwork/320.webp");
  root.toggleAttribute("data-cover", !!artwork);
  root.style.setProperty("--cover", artwork ? `url(${picture}), url(${artwork.placeholder})` : "");
  length(player.duration);
  paint();
});
words.addEventListener("lyrics", ({ detail: { kinds, lines, failed } }) => {
  if (failed) tell("The lyrics could not be loaded.", false);
  at("silent").hidden = lines > 0;
  root.toggleAttribute("data-silent", lines === 0);
  at("layers").hidden = !KINDS.some((kind) => kinds.includes(kind));
  for (const kind of KINDS) at(`show-${kind}`).hidden = !kinds.includes(kind);
});

function frame() {
  paint();
  if (!audio.paused) requestAnimationFrame(frame);
}
audio.addEventListener("play", () => {
  root.toggleAttribute("data-playing", true);
  requestAnimationFrame(frame);
});
for (const event of ["seeked", "timeupdate"]) audio.addEventListener(event, paint);

at("play").addEventListener("click", toggle);
at("retry").addEventListener("click", () => {
  at("notice").hidden = true;
  player.play();
});
at("previous").addEventListener("click", () => player.previous());
at("next").addEventListener("click", () => player.next());
seek.addEventListener("input", () => player.seek(Number(seek.value)));
for (const kind of KINDS)
  at(`show-${kind}`).addEventListener("click", ({ currentTarget }) => {
    const shown = currentTarget.getAttribute("aria-pressed") !== "true";
    currentTarget.setAttribute("aria-pressed", String(shown));
    const hidden = KINDS.filter((one) => at(`show-${one}`).getAttribute("aria-pressed") !== "true");
    words.setAttribute("hide", hidden.join(" "));
    words.settle();
  });

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const own = event.target.closest("input, button");
  const actions = {
    " ": () => !own && toggle(),
    ArrowLeft: () => event.target !== seek && player.seek(player.currentTime - 5),
    ArrowRight: () => event.target !== seek && player.seek(player.currentTime + 5),
    ArrowUp: () => event.target !== seek && words.step(-1),
    ArrowDown: () => event.target !== seek && words.step(1),
    n: () => player.next(),
    p: () => player.previous(),
    Escape: () => tracks.close(),
  };
  const action = actions[event.key];
  if (action && action() !== false) event.preventDefault();
});

// Chromium keeps the title as it was drawn without the font, unless the language is another
document.fonts.addEventListener("loadingdone", () => (root.lang = "en-IN"));

const offline = "You are offline. What was loaded plays.";
addEventListener("offline", () => player.state === "error" || tell(offline, false));
addEventListener("online", () => player.state === "error" || (at("notice").hidden = true));
addEventListener("hashchange", () => {
  const path = pathIn(location.hash);
  if (path && path !== current) load(path);
});

const asked = pathIn(location.hash);
// `index.html` has asked for its beginning already
if (asked) load(asked, globalThis.early);
const known = (await tracks.refresh()) ?? [];
for (const id of ["previous", "next"]) at(id).hidden = known.length < 2;
if (asked && !player.track) describe(asked);
else if (asked) tracks.mark(asked);
else if (known.length > 0) load(known[0]);
else fail("no_track");
// the song that the page was opened for stays under its own address
const now = trackIn(current ?? "");
const items = known.map((path) => (trackIn(path) === now ? now : addressOf(path)));
if (items.includes(now)) player.queue = items;
// what may be tapped next sounds without the network
const ready = player.on("state", () => {
  ready();
  void player.prefetch(items.filter(({ url }) => url));
});
