// @nada/player/lyrics
export { NadaLyrics, type Clock } from "./element.ts";
export { build, type Lyrics, type Line } from "./model.ts";
export type { Layer } from "./lines.ts";
