// What no first sound waits for: a file of its own, which is fetched beside it.
export { abandon } from "./abr.ts";
export { jump } from "./buffer.ts";
export { cmcd } from "./cmcd.ts";
export { Filler } from "./fill.ts";
export { control, position, show } from "./media-session.ts";
export { Store } from "./store.ts";
export { mend } from "./trun.ts";
