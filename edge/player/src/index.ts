// @nada/player
export { Player, type Engine, type Item, type PlayerEvents, type Settings, type State } from "./player.ts";
export type { Signed } from "./address.ts";
export type { Normalise } from "./gain.ts";
export type { Metric } from "./host.ts";
export type { Artwork, Loudness, Rendition, Timeline, Track } from "./track.ts";
