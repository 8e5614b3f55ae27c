// The songs this server offers, as a list beside the player or a sheet over it.
import { Problem } from "./errors.js";
import { json, pathIn, trackIn } from "./session.js";

/** The list; `choose(path)` is called with the signed path of the song that was tapped. */
export class SongList {
  #sheet;
  #list;
  #opener;
  #veil;
  #choose;
  #songs = [];
  #current = null;

  constructor(sheet, list, opener, veil, choose) {
    this.#sheet = sheet;
    this.#list = list;
    this.#opener = opener;
    this.#veil = veil;
    this.#choose = choose;
    opener.addEventListener("click", () => (sheet.classList.contains("open") ? this.close() : this.#open()));
    veil.addEventListener("click", () => this.close());
  }

  /** Fetches the list anew, with fresh links. Returns the songs' paths, or null where there is no list. */
  async refresh() {
    let songs;
    try {
      songs = await json("songs.json");
    } catch {
      return null;
    }
    if (!Array.isArray(songs)) return null;
    this.#songs = songs
      .map(({ title, artists, album, url, expires_in, duration_seconds }) => ({
        title: String(title ?? "Untitled"),
        artists: [].concat(artists ?? []).join(", "),
        album: String(album ?? ""),
        seconds: Number(duration_seconds) || 0,
        path: pathIn(String(url)),
        life: Number(expires_in) || Infinity,
      }))
      .filter((song) => song.path !== null);
    this.#list.replaceChildren(...this.#songs.map((song) => this.#item(song)));
    const some = this.#songs.length > 1;
    this.#sheet.hidden = !some;
    this.#opener.hidden = !some;
    this.mark(this.#current);
    return this.#songs.map((song) => song.path);
  }

  /** The newest address of a song, as a recipe asks a backend for it. */
  async ask(path) {
    const known = await this.refresh();
    const song = known && this.get(path);
    if (!song) throw new Problem("no_song");
    return { url: new URL(song.path, location.href).href, expires_in: song.life };
  }

  #item(song) {
    const item = document.createElement("li");
    const button = document.createElement("button");
    button.type = "button";
    button.dataset.track = trackIn(song.path);
    const artists =
      song.album && song.album !== song.title ? `${song.artists} · ${song.album}` : song.artists;
    for (const [className, text] of [
      ["song-title", song.title],
      ["song-artists", artists],
      ["song-length", length(song.seconds)],
    ]) {
      const span = document.createElement("span");
      span.className = className;
      span.dir = "auto";
      span.textContent = text;
      button.append(span);
    }
    button.addEventListener("click", () => {
      this.close();
      this.#choose(song.path);
    });
    item.append(button);
    return item;
  }

  #index(path) {
    return this.#songs.findIndex((song) => trackIn(song.path) === trackIn(path ?? ""));
  }

  get(path) {
    return this.#songs[this.#index(path)];
  }

  /** Shows which song is on. */
  mark(path) {
    this.#current = path;
    for (const button of this.#list.querySelectorAll("button")) {
      if (path && button.dataset.track === trackIn(path)) button.setAttribute("aria-current", "true");
      else button.removeAttribute("aria-current");
    }
  }

  /** The path of the song `by` places away, or null at the ends. */
  neighbour(path, by) {
    return this.#songs[this.#index(path) + by]?.path ?? null;
  }

  #open() {
    this.#sheet.classList.add("open");
    this.#veil.hidden = false;
    this.#opener.setAttribute("aria-expanded", "true");
    (this.#list.querySelector("[aria-current]") ?? this.#list.querySelector("button"))?.focus();
  }

  close() {
    if (!this.#sheet.classList.contains("open")) return false;
    this.#sheet.classList.remove("open");
    this.#veil.hidden = true;
    this.#opener.setAttribute("aria-expanded", "false");
    this.#opener.focus();
    return true;
  }
}

function length(seconds) {
  if (!(seconds > 0)) return "";
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}
