// <nada-lyrics>: a scrolling list of lines, lit word by word on the audible clock of a player.
import { draw, light, unlight, type Drawn } from "./draw.ts";
import { underWay, type Layer } from "./lines.ts";
import { build, type Line, type Lyrics } from "./model.ts";

/** What the words need of a player. */
export interface Clock {
  readonly audio: HTMLAudioElement;
  /** Milliseconds on the clock of lyrics. */
  readonly mediaTime: number;
  readonly id: string | null;
  readonly track: unknown;
  on(name: "track", listener: () => void): () => void;
  lyrics(): Promise<unknown[]>;
  seekMedia(milliseconds: number): void;
  play(): void;
}

const HANDS_OFF = 4000; // ms without following after the listener has scrolled
const MIDDLE = 0.42; // where the line that is followed stands, as a share of the box: what comes after it is read, too
const HALF_FRAME = 8; // a frame is seen for 16 ms: a word is lit in the one nearest to its start
const KEYS: Record<string, number> = { ArrowDown: 1, ArrowUp: -1 };

const STYLE = `@layer nada {
  nada-lyrics { display: block; position: relative; overflow-y: auto; }
  nada-lyrics ol { list-style: none; margin: 0; padding: 40vh 0; }
  nada-lyrics .body { display: block; width: 100%; border: 0; background: none; font: inherit; color: inherit;
    text-align: start; padding: 0.3em 1em; opacity: 0.55; }
  nada-lyrics button.body { cursor: pointer; }
  nada-lyrics .current .body, nada-lyrics .unsynced .body { opacity: 1; }
  nada-lyrics .row { display: block; }
  nada-lyrics .row:not(.main) { font-size: 0.75em; }
  nada-lyrics .lit { color: var(--nada-lit, #b3206b); }
  nada-lyrics .rest:not(.current) { display: none; }
  nada-lyrics[hide~="pronunciation"] .pronunciation, nada-lyrics[hide~="translation"] .translation { display: none; }
}`;

export class NadaLyrics extends HTMLElement {
  #player: Clock | null = null;
  #list = document.createElement("ol");
  #lines: Line[] = [];
  #drawn: Drawn[] = [];
  /** The places of the lines under way. */
  #current: number[] | null = null;
  #released = -Infinity;
  #shown: string | null = null;
  #off = new AbortController();
  #calm = matchMedia("(prefers-reduced-motion: reduce)");

  connectedCallback(): void {
    this.#off = new AbortController();
    const { signal } = this.#off;
    this.append(this.#list);
    const release = () => (this.#released = performance.now());
    for (const kind of ["wheel", "touchmove"])
      this.addEventListener(kind, release, { passive: true, signal });
    this.addEventListener("keydown", (event) => this.#walk(event), { signal });
    addEventListener("resize", () => this.settle(), { signal });
    if (this.#player) this.#follow(this.#player);
  }

  disconnectedCallback(): void {
    this.#off.abort();
  }

  /** The player whose words are shown. */
  get player(): Clock | null {
    return this.#player;
  }

  set player(player: Clock | null) {
    this.#player = player;
    if (player && this.isConnected) this.#follow(player);
  }

  /** Shows these layers, or clears the page of the last song's. */
  show(layers: Layer[] | null): Lyrics {
    const lyrics = build(layers);
    const { lines, synced } = lyrics;
    this.#lines = synced ? lines : [];
    this.#current = null;
    this.#released = -Infinity;
    this.#drawn = lines.map((line) => draw(line, synced ? () => this.#choose(line) : null));
    this.#list.classList.toggle("unsynced", !synced);
    this.#list.replaceChildren(...this.#drawn.map(({ node }) => node));
    this.scrollTop = 0;
    this.update();
    return lyrics;
  }

  /** Lights what is sung now. Cheap enough for every frame: only the lines under way are touched. */
  update(ms = (this.#player?.mediaTime ?? 0) + HALF_FRAME): void {
    if (this.#lines.length === 0) return;
    const now = underWay(this.#lines, ms).map((line) => this.#lines.indexOf(line));
    if (this.#current === null || now.join() !== this.#current.join()) this.#enter(now);
    for (const index of now) light(this.#drawn[index]!, this.#lines[index]!, ms);
  }

  /** Goes to the sung line so many lines away. */
  step(by: number): void {
    const sung = this.#lines.filter(({ rest }) => !rest);
    const now = this.#player?.mediaTime ?? 0;
    const at = sung.findLastIndex(({ start }) => start! <= now);
    const line = sung[Math.max(at + by, 0)];
    if (line) this.#player?.seekMedia(line.start!);
  }

  /** After the page has changed its shape. */
  settle(): void {
    this.#released = -Infinity;
    this.#scroll(true);
  }

  #follow(player: Clock): void {
    const { signal } = this.#off;
    const { audio } = player;
    const frame = () => {
      this.update();
      if (!audio.paused && !signal.aborted) requestAnimationFrame(frame);
    };
    audio.addEventListener("play", () => requestAnimationFrame(frame), { signal });
    for (const name of ["timeupdate", "seeked"])
      audio.addEventListener(name, () => this.update(), { signal });
    signal.addEventListener(
      "abort",
      player.on("track", () => void this.#load(player)),
    );
    void this.#load(player);
    requestAnimationFrame(frame);
  }

  async #load(player: Clock): Promise<void> {
    const { id, track } = player;
    if (id !== this.#shown) {
      this.#shown = null;
      this.show(null);
    }
    if (!id || !track || id === this.#shown) return;
    this.#shown = id;
    const detail: { kinds: string[]; lines: number; failed: boolean } = {
      kinds: [],
      lines: 0,
      failed: false,
    };
    try {
      const layers = (await player.lyrics()) as Layer[];
      if (this.#shown !== id) return;
      const { kinds, lines } = this.show(layers);
      Object.assign(detail, { kinds, lines: lines.length });
    } catch {
      if (this.#shown !== id) return;
      detail.failed = true; // the song plays on without its words
    }
    this.dispatchEvent(new CustomEvent("lyrics", { detail }));
  }

  #choose({ start }: Line): void {
    this.#released = -Infinity;
    this.#player?.seekMedia(start!);
    this.#player?.play();
  }

  #enter(now: number[]): void {
    const first = this.#current === null;
    for (const index of this.#current ?? []) {
      const drawn = this.#drawn[index]!;
      drawn.node.removeAttribute("aria-current");
      if (!now.includes(index)) unlight(drawn);
    }
    this.#current = now;
    for (const index of now) this.#drawn[index]!.node.classList.add("current");
    const lead = this.#drawn[now[0] ?? -1];
    // only one of a set may be the current one (WAI-ARIA 1.2)
    lead?.node.setAttribute("aria-current", "true");
    for (const { holder } of this.#drawn) if (holder) holder.tabIndex = -1;
    const reachable = lead?.holder ?? this.#drawn.find(({ holder }) => holder)?.holder;
    if (reachable) reachable.tabIndex = 0;
    this.#scroll(first);
  }

  /**
   * Brings the first line under way to the middle, unless the listener is reading elsewhere: no line leaves while it is
   * sung, and those that begin meanwhile stand below it. Where they are too far below, the last of them is followed.
   */
  #scroll(atOnce = false): void {
    if (performance.now() - this.#released < HANDS_OFF) return;
    const first = this.#drawn[this.#current?.[0] ?? 0]?.node;
    const last = this.#drawn[this.#current?.at(-1) ?? 0]?.node;
    if (!first || !last) return;
    const fits = last.offsetTop + last.offsetHeight - first.offsetTop < this.clientHeight / 2;
    const node = fits ? first : last;
    const top = node.offsetTop + node.offsetHeight / 2 - this.clientHeight * MIDDLE;
    this.scrollTo({ top, behavior: atOnce || this.#calm.matches ? "auto" : "smooth" });
  }

  #walk(event: KeyboardEvent): void {
    const by = KEYS[event.key];
    const holders = this.#drawn.flatMap(({ holder }) => holder ?? []);
    const at = holders.indexOf(document.activeElement as HTMLElement);
    const next = by && at >= 0 ? holders[at + by] : undefined;
    if (!next) return;
    event.preventDefault();
    event.stopPropagation();
    this.#released = performance.now();
    next.focus();
  }
}

// Safari before 16.4 has no such sheets: there the page's own rules are all
if (document.adoptedStyleSheets) {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(STYLE);
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
}
customElements.define("nada-lyrics", NadaLyrics);
