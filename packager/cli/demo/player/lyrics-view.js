// Lyrics on the page: lines of words, lit by the media time. Text goes in as text, never as markup.
import { direction, progress } from "./lyrics.js";
import { sounds, underWay } from "./recipes/lyrics.mjs";

const HANDS_OFF = 4000; // ms without following after the listener has scrolled
const MIDDLE = 0.42; // where the line that is followed stands, as a share of the box: what comes after it is read, too

const calm = matchMedia("(prefers-reduced-motion: reduce)");

function element(name, className, text) {
  const node = document.createElement(name);
  node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
}

function draw(row) {
  const node = element("span", `row ${row.kind}`);
  node.lang = row.lang;
  node.dir = direction(row.lang);
  const words = [];
  for (const piece of row.pieces) {
    if (!piece.parts) {
      node.append(piece.text);
      continue;
    }
    const word = element("span", "word", piece.text);
    words.push({ node: word, piece });
    node.append(word);
  }
  node.classList.toggle("timed", words.length > 0);
  return { node, words, main: row.kind === "main" };
}

/** Lyrics in a scrolling box and its list; `seek(ms)` is called for the line that was chosen. */
export class LyricsView {
  #box;
  #list;
  #seek;
  #items = [];
  #lines = [];
  #current = null; // indices of the lines under way
  #released = -Infinity;

  constructor(box, list, seek) {
    this.#box = box;
    this.#list = list;
    this.#seek = seek;
    for (const kind of ["wheel", "touchmove"]) {
      box.addEventListener(kind, () => (this.#released = performance.now()), { passive: true });
    }
    list.addEventListener("keydown", (event) => this.#walk(event));
  }

  show({ lines, synced }) {
    this.#lines = synced ? lines : [];
    this.#current = null;
    this.#released = -Infinity;
    this.#items = lines.map((line) => this.#item(line, synced));
    this.#list.classList.toggle("unsynced", !synced);
    this.#list.replaceChildren(...this.#items.map((item) => item.node));
    this.#box.scrollTop = 0;
  }

  #item(line, synced) {
    const node = element("li", line.rest ? "line rest" : "line");
    if (line.rest) {
      const dots = element("span", "dots", "● ● ●");
      dots.setAttribute("aria-hidden", "true");
      node.append(dots);
      return { node, words: [], dots };
    }
    const rows = line.rows.map(draw);
    const holder = element(synced ? "button" : "div", "body");
    if (synced) {
      holder.type = "button";
      holder.tabIndex = -1;
      holder.addEventListener("click", () => {
        this.#released = -Infinity;
        this.#seek(line.start);
      });
    }
    holder.dir = direction(line.rows[0]?.lang ?? "und");
    holder.append(...rows.map((row) => row.node));
    node.append(holder);
    return {
      node,
      holder,
      words: rows.flatMap(({ words, main }) => words.map((word) => ({ ...word, main }))),
    };
  }

  /** Lights what is sung at `ms`. Cheap enough for every frame: only the lines under way are touched. */
  update(ms) {
    if (this.#lines.length === 0) return;
    const now = underWay(this.#lines, ms).map((line) => this.#lines.indexOf(line));
    if (this.#current === null || now.join() !== this.#current.join()) this.#enter(now);
    for (const index of now) this.#light(this.#items[index], this.#lines[index], ms);
  }

  #light({ dots, words }, { start, end }, ms) {
    dots?.style.setProperty("--fill", ((ms - start) / (end - start)).toFixed(3));
    for (const { node, piece, main } of words) {
      const lit = sounds(piece, ms);
      node.classList.toggle("lit", lit);
      node.toggleAttribute("data-lit", lit && main);
      node.style.setProperty("--fill", progress(piece.parts, ms).toFixed(3));
    }
  }

  #enter(now) {
    const first = this.#current === null;
    for (const index of this.#current ?? []) {
      const { node, words } = this.#items[index];
      node.removeAttribute("aria-current");
      if (now.includes(index)) continue;
      node.classList.remove("current");
      for (const word of words) {
        word.node.classList.remove("lit");
        word.node.removeAttribute("data-lit");
      }
    }
    this.#current = now;
    for (const index of now) this.#items[index].node.classList.add("current");
    // only one of a set may be the current one (WAI-ARIA 1.2)
    this.#items[now[0]]?.node.setAttribute("aria-current", "true");
    for (const { holder } of this.#items) if (holder) holder.tabIndex = -1;
    const reachable = this.#items[now[0]]?.holder ?? this.#items.find((item) => item.holder)?.holder;
    if (reachable) reachable.tabIndex = 0;
    this.#follow(first);
  }

  /**
   * Brings the first line under way to the middle, unless the listener is reading elsewhere: no line leaves while it is
   * sung, and those that begin meanwhile stand below it. Where they are too far below, the last of them is followed.
   */
  #follow(atOnce = false) {
    if (performance.now() - this.#released < HANDS_OFF) return;
    const first = this.#items[this.#current?.[0] ?? 0]?.node;
    const last = this.#items[this.#current?.at(-1) ?? 0]?.node;
    if (!first) return;
    const box = this.#box;
    const fits = last.offsetTop + last.offsetHeight - first.offsetTop < box.clientHeight / 2;
    const node = fits ? first : last;
    const top = node.offsetTop + node.offsetHeight / 2 - box.clientHeight * MIDDLE;
    box.scrollTo({ top, behavior: atOnce || calm.matches ? "auto" : "smooth" });
  }

  /** After the page has changed its shape. */
  settle() {
    this.#released = -Infinity;
    this.#follow(true);
  }

  /** Milliseconds of the sung line `by` lines away from the one at `ms`, or null. */
  neighbour(ms, by) {
    const sung = this.#lines.filter((line) => !line.rest);
    const at = sung.findLastIndex(({ start }) => start <= ms);
    return sung[Math.max(at + by, 0)]?.start ?? null;
  }

  #walk(event) {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!by) return;
    const holders = this.#items.map((item) => item.holder).filter((holder) => holder?.tabIndex !== undefined);
    const next = holders[holders.indexOf(document.activeElement) + by];
    if (!next || holders.indexOf(document.activeElement) < 0) return;
    event.preventDefault();
    event.stopPropagation();
    this.#released = performance.now();
    next.focus();
  }
}
