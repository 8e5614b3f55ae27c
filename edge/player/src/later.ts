// What no first sound waits for: a file of its own, which is fetched beside it.
export { abandon, choose } from "./abr.ts";
export { cmcd } from "./cmcd.ts";
export { control, position, show } from "./media-session.ts";
export { Store } from "./store.ts";
export { mend } from "./trun.ts";
