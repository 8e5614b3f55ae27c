// A page to try the player on: every setting, every event, and what it knows at the moment.
import { Player } from "./nada.js";

const at = (id) => document.getElementById(id);
const audio = at("audio");
let player = null;

/** The signed URLs as the player takes them. */
function items() {
  const urls = at("urls").value.split(/\s+/).filter(Boolean);
  return urls.map((url) => ({ track: /\/t\/([^/]+)\//.exec(url)?.[1] ?? "", url, expires_in: 3600 }));
}

/** A new player with what the form says, in the place of the last one. */
function create() {
  const form = new FormData(at("form"));
  const of = (name) => form.get(name) || null;
  player?.destroy();
  player = new Player(audio, {
    // an app has a backend; here a token that has ended is the end
    sign: () => Promise.reject(Object.assign(new Error("paste another URL"), { code: "token_expired" })),
    buffer: Number(of("buffer")),
    cache: Number(of("cache")),
    normalise: of("normalise"),
    lossless: Boolean(of("lossless")),
    cmcd: of("cmcd") === "2" ? 2 : Boolean(of("cmcd")),
    ...(of("engine") && { engine: of("engine") }),
  });
  at("words").player = player;
  for (const name of ["track", "state", "error", "skip", "metric"])
    player.on(name, (detail) => tell(name, detail));
  player.on("track", ({ track }) => track && offer(track.renditions.map(({ name }) => name)));
  player.queue = items();
  globalThis.player = player;
}

/** What happened, the newest on top. */
function tell(name, detail) {
  const line = document.createElement("li");
  const known = name === "track" ? { id: detail.id, title: detail.track?.title } : detail;
  line.textContent = `${(performance.now() / 1000).toFixed(3)} ${name} ${JSON.stringify(known)}`;
  at("events").prepend(line);
}

function offer(names) {
  const { value } = at("only");
  at("only").replaceChildren(new Option("by the network", ""), ...names.map((name) => new Option(name)));
  at("only").value = value;
}

function show() {
  requestAnimationFrame(show);
  if (!player) return;
  const { buffered } = audio;
  const end = buffered.length > 0 ? buffered.end(buffered.length - 1) : 0;
  const all = {
    state: player.state,
    engine: player.engine,
    track: player.id ?? "",
    rendition: player.rendition,
    time: `${player.currentTime.toFixed(2)} of ${player.duration.toFixed(2)} s`,
    "clock of lyrics": `${player.mediaTime.toFixed(0)} ms`,
    "ahead on the element": `${Math.max(0, end - audio.currentTime).toFixed(1)} s`,
    "volume of the element": audio.volume.toFixed(2),
  };
  at("now").replaceChildren(
    ...Object.entries(all).flatMap(([name, value]) => [cell("dt", name), cell("dd", String(value))]),
  );
}

function cell(kind, text) {
  const node = document.createElement(kind);
  node.textContent = text;
  return node;
}

at("form").addEventListener("submit", (event) => {
  event.preventDefault();
  create();
});
at("play").addEventListener("click", () => {
  if (!player) create();
  if (!audio.paused) player.pause();
  else if (player.id) player.play();
  else player.play(items()[0]);
});
at("prefetch").addEventListener("click", () => {
  if (!player) create();
  void player.prefetch(items());
});
at("previous").addEventListener("click", () => player?.previous());
at("next").addEventListener("click", () => player?.next());
at("only").addEventListener("change", ({ target }) => player && (player.only = target.value || null));
at("rate").addEventListener("change", ({ target }) => player && (player.rate = Number(target.value)));
show();
