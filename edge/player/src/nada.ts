// Everything in one file, for a page without a bundler.
export * from "./index.ts";
export * from "./lyrics/index.ts";
