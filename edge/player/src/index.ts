// @nada/player
export { Player } from "./player.ts";
export type { Engine, Item, PlayerEvents, Settings, State } from "./api.ts";
export type { Signed } from "./address.ts";
export type { Normalise } from "./gain.ts";
export type { Metric } from "./host.ts";
export type { Artwork, Loudness, Rendition, Timeline, Track } from "./track.ts";
