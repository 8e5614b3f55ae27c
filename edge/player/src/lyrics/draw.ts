// A line on the page: its texts, and the words of them that light up. Text goes in as text, never as markup.
import { sounds } from "./lines.ts";
import { direction, progress, type Line, type Piece, type Row } from "./model.ts";

interface Lit {
  node: HTMLElement;
  piece: Piece;
  main: boolean;
}

export interface Drawn {
  node: HTMLElement;
  /** What takes a tap or a key: the line goes to its time. */
  holder: HTMLElement | null;
  words: Lit[];
  dots: HTMLElement | null;
}

function element(name: string, className: string, text?: string): HTMLElement {
  const node = document.createElement(name);
  node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
}

function drawRow({ kind, lang, pieces }: Row): { node: HTMLElement; words: Lit[] } {
  const node = element("span", `row ${kind}`);
  node.lang = lang;
  node.dir = direction(lang);
  const words: Lit[] = [];
  for (const piece of pieces) {
    if (!piece.parts) {
      node.append(piece.text);
      continue;
    }
    const word = element("span", "word", piece.text);
    words.push({ node: word, piece, main: kind === "main" });
    node.append(word);
  }
  node.classList.toggle("timed", words.length > 0);
  return { node, words };
}

/** `choose` makes it a button. */
export function draw(line: Line, choose: (() => void) | null): Drawn {
  const node = element("li", line.rest ? "line rest" : "line");
  if (line.rest) {
    const dots = element("span", "dots", "● ● ●");
    dots.setAttribute("aria-hidden", "true");
    node.append(dots);
    return { node, holder: null, words: [], dots };
  }
  const rows = line.rows.map(drawRow);
  const holder = element(choose ? "button" : "div", "body");
  if (choose) {
    (holder as HTMLButtonElement).type = "button";
    holder.tabIndex = -1;
    holder.addEventListener("click", choose);
  }
  holder.dir = direction(line.rows[0]?.lang ?? "und");
  holder.append(...rows.map((row) => row.node));
  node.append(holder);
  return { node, holder: choose ? holder : null, words: rows.flatMap(({ words }) => words), dots: null };
}

export function light({ dots, words }: Drawn, { start, end }: Line, ms: number): void {
  dots?.style.setProperty("--fill", ((ms - start!) / (end! - start!)).toFixed(3));
  for (const { node, piece, main } of words) {
    const lit = sounds(piece, ms);
    node.classList.toggle("lit", lit);
    node.toggleAttribute("data-lit", lit && main);
    node.style.setProperty("--fill", progress(piece.parts!, ms).toFixed(3));
  }
}

export function unlight({ node, words }: Drawn): void {
  node.classList.remove("current");
  for (const word of words) {
    word.node.classList.remove("lit");
    word.node.removeAttribute("data-lit");
  }
}
