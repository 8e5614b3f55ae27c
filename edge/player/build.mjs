// Builds dist/: `index.js` and `lyrics.js` for bundlers, `nada.js` with both for a page without one, and types.
// `node build.mjs --no-types` leaves the types out.
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

// with the other programs that tests and builds use
const { build } = createRequire(new URL("../../tests/package.json", import.meta.url))("esbuild");

const here = fileURLToPath(new URL("./", import.meta.url));

export async function bundle(name, entry, write = true) {
  const { outputFiles } = await build({
    absWorkingDir: here,
    entryPoints: [entry],
    outfile: `dist/${name}.js`,
    bundle: true,
    minify: true,
    format: "esm",
    target: ["chrome100", "firefox104", "safari15.4"],
    legalComments: "none",
    write: false,
  });
  const [{ contents, path }] = outputFiles;
  if (write) {
    await mkdir(`${here}dist`, { recursive: true });
    await writeFile(path, contents);
  }
  return contents;
}

export const BUNDLES = { index: "src/index.ts", lyrics: "src/lyrics/index.ts", nada: "src/nada.ts" };

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [name, entry] of Object.entries(BUNDLES))
    if (existsSync(here + entry)) await bundle(name, entry);
  if (!process.argv.includes("--no-types")) execFileSync("tsc", ["-p", here], { stdio: "inherit" });
}
