// The songs this server offers, as a list beside the player or a sheet over it.

const TRACK =
  /^\/(?:~[A-Za-z0-9_-]+\/)?t\/([A-Za-z0-9][A-Za-z0-9_-]{0,63})\/(?:multivariant|lossless)\.m3u8$/;

/** The path of a song's playlist in a location hash, or null: only this server's songs are played. */
export function pathIn(hash) {
  const path = hash.replace(/^#/, "");
  return TRACK.test(path) ? path : null;
}

/** The track a path is about, whatever its token. */
export function trackIn(path) {
  return TRACK.exec(path)?.[1] ?? null;
}

/** A path as the player takes it. */
export function addressOf(path, life = Infinity) {
  return { track: trackIn(path), url: new URL(path, location.href).href, expires_in: life };
}

/** The list; `choose(path)` is called with the signed path of the song that was tapped. */
export class TrackList {
  #sheet;
  #list;
  #opener;
  #veil;
  #choose;
  #tracks = [];
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
    const answer = await fetch("tracks.json", { referrerPolicy: "no-referrer" }).catch(() => null);
    const tracks = await answer?.json().catch(() => null);
    if (!Array.isArray(tracks)) return null;
    this.#tracks = tracks
      .map(({ title, artists, album, url, expires_in, duration_seconds }) => ({
        title,
        artists: artists.join(", "),
        album,
        seconds: duration_seconds,
        path: pathIn(String(url)),
        life: Number(expires_in) || Infinity,
      }))
      .filter((track) => track.path !== null);
    this.#list.replaceChildren(...this.#tracks.map((track) => this.#item(track)));
    const some = this.#tracks.length > 1;
    this.#sheet.hidden = !some;
    this.#opener.hidden = !some;
    this.mark(this.#current);
    return this.paths();
  }

  /** The newest address of a track, as the player asks a backend for it. */
  async sign(id) {
    await this.refresh();
    const track = this.#tracks.find(({ path }) => trackIn(path) === id);
    if (!track) throw Object.assign(new Error("not in the list"), { code: "token_expired" });
    return addressOf(track.path, track.life);
  }

  #item(track) {
    const item = document.createElement("li");
    const button = document.createElement("button");
    button.type = "button";
    button.dataset.track = trackIn(track.path);
    const artists =
      track.album && track.album !== track.title ? `${track.artists} · ${track.album}` : track.artists;
    for (const [className, text] of [
      ["track-title", track.title],
      ["track-artists", artists],
      ["track-length", track.seconds > 0 ? clock(track.seconds + 0.5) : ""],
    ]) {
      const span = document.createElement("span");
      span.className = className;
      span.dir = "auto";
      span.textContent = text;
      button.append(span);
    }
    button.addEventListener("click", () => {
      this.close();
      this.#choose(track.path);
    });
    item.append(button);
    return item;
  }

  #index(path) {
    return this.#tracks.findIndex((track) => trackIn(track.path) === trackIn(path ?? ""));
  }

  /** The songs' paths, in order. */
  paths() {
    return this.#tracks.map(({ path }) => path);
  }

  get(path) {
    return this.#tracks[this.#index(path)];
  }

  /** Shows which song is on. */
  mark(path) {
    this.#current = path;
    for (const button of this.#list.querySelectorAll("button")) {
      if (path && button.dataset.track === trackIn(path)) button.setAttribute("aria-current", "true");
      else button.removeAttribute("aria-current");
    }
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

/** Minutes and whole seconds. */
export function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}
