// Lyrics on the page: lines of words, lit by the media time. Text goes in as text, never as markup.
import { direction, lineAt, progress, sounding } from './lyrics.js';

const HANDS_OFF = 4000; // ms without following after the listener has scrolled

const calm = matchMedia('(prefers-reduced-motion: reduce)');

function element(name, className, text) {
  const node = document.createElement(name);
  node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
}

function draw(row) {
  const node = element('span', `row ${row.kind}`);
  node.lang = row.lang;
  node.dir = direction(row.lang);
  const words = [];
  for (const { text, parts } of row.pieces) {
    if (!parts) {
      node.append(text);
      continue;
    }
    const word = element('span', 'word', text);
    words.push({ node: word, parts });
    node.append(word);
  }
  node.classList.toggle('timed', words.length > 0);
  return { node, words, main: row.kind === 'main' };
}

/** Lyrics in a scrolling box and its list; `seek(ms)` is called for the line that was chosen. */
export class LyricsView {
  #box;
  #list;
  #seek;
  #items = [];
  #lines = [];
  #current = -1;
  #released = -Infinity;

  constructor(box, list, seek) {
    this.#box = box;
    this.#list = list;
    this.#seek = seek;
    for (const kind of ['wheel', 'touchmove']) {
      box.addEventListener(kind, () => (this.#released = performance.now()), { passive: true });
    }
    list.addEventListener('keydown', (event) => this.#walk(event));
  }

  show({ lines, synced }) {
    this.#lines = synced ? lines : [];
    this.#current = -1;
    this.#released = -Infinity;
    this.#items = lines.map((line) => this.#item(line, synced));
    this.#list.classList.toggle('unsynced', !synced);
    this.#list.replaceChildren(...this.#items.map((item) => item.node));
    this.#box.scrollTop = 0;
  }

  #item(line, synced) {
    const node = element('li', line.rest ? 'line rest' : 'line');
    if (line.rest) {
      const dots = element('span', 'dots', '● ● ●');
      dots.setAttribute('aria-hidden', 'true');
      node.append(dots);
      return { node, words: [], dots };
    }
    const rows = line.rows.map(draw);
    const holder = element(synced ? 'button' : 'div', 'body');
    if (synced) {
      holder.type = 'button';
      holder.tabIndex = -1;
      holder.addEventListener('click', () => {
        this.#released = -Infinity;
        this.#seek(line.start);
      });
    }
    holder.dir = direction(line.rows[0]?.lang ?? 'und');
    holder.append(...rows.map((row) => row.node));
    node.append(holder);
    return { node, holder, words: rows.flatMap(({ words, main }) => words.map((word) => ({ ...word, main }))) };
  }

  /** Lights what is sung at `ms`. Cheap enough for every frame: only the current line is touched. */
  update(ms) {
    if (this.#lines.length === 0) return;
    const now = lineAt(this.#lines, ms);
    if (now !== this.#current) this.#enter(now);
    const item = this.#items[now];
    if (!item) return;
    if (item.dots) {
      const { start, end } = this.#lines[now];
      item.dots.style.setProperty('--fill', ((ms - start) / (end - start)).toFixed(3));
    }
    for (const { node, parts, main } of item.words) {
      const lit = sounding(parts, ms);
      node.classList.toggle('lit', lit);
      node.toggleAttribute('data-lit', lit && main);
      node.style.setProperty('--fill', progress(parts, ms).toFixed(3));
    }
  }

  #enter(now) {
    const before = this.#items[this.#current];
    if (before) {
      before.node.classList.remove('current');
      before.node.removeAttribute('aria-current');
      for (const { node } of before.words) {
        node.classList.remove('lit');
        node.removeAttribute('data-lit');
      }
    }
    this.#items.forEach((item, i) => {
      item.node.classList.toggle('past', i < now);
      if (item.holder) item.holder.tabIndex = -1;
    });
    const first = this.#current === -1;
    this.#current = now;
    const item = this.#items[now];
    if (item) {
      item.node.classList.add('current');
      item.node.setAttribute('aria-current', 'true');
    }
    const reachable = item?.holder ?? this.#items.find((i) => i.holder)?.holder;
    if (reachable) reachable.tabIndex = 0;
    this.#follow(first);
  }

  /** Brings the current line to the middle, unless the listener is reading elsewhere. */
  #follow(atOnce = false) {
    if (performance.now() - this.#released < HANDS_OFF) return;
    const item = this.#items[Math.max(this.#current, 0)];
    if (!item) return;
    const box = this.#box;
    const top = item.node.offsetTop + item.node.offsetHeight / 2 - box.clientHeight * 0.42;
    box.scrollTo({ top, behavior: atOnce || calm.matches ? 'auto' : 'smooth' });
  }

  /** After the page has changed its shape. */
  settle() {
    this.#released = -Infinity;
    this.#follow(true);
  }

  /** Milliseconds of the sung line `by` lines away from the one at `ms`, or null. */
  neighbour(ms, by) {
    const sung = this.#lines.filter((line) => !line.rest);
    return sung[Math.max(lineAt(sung, ms) + by, 0)]?.start ?? null;
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
