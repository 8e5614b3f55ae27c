// Builds dist/: `index.js` and `lyrics.js` for bundlers, `nada.js` with both for a page without one, and types.
// `node build.mjs --no-types` leaves the types out.
import { execFileSync } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

// with the other programs that tests and builds use
const { build } = createRequire(new URL("../../tests/package.json", import.meta.url))("esbuild");

const here = fileURLToPath(new URL("./", import.meta.url));

/** What is built: with `apart`, what is imported when it is needed stays a file of its own. */
export const BUNDLES = [
  { name: "index", entry: "src/index.ts", apart: true },
  { name: "native", entry: "src/native.ts" },
  { name: "later", entry: "src/later.ts" },
  { name: "lyrics", entry: "src/lyrics/index.ts" },
  { name: "nada", entry: "src/nada.ts" },
];

const files = {
  name: "files of their own",
  setup: ({ onResolve }) =>
    onResolve({ filter: /\.ts$/ }, ({ kind, path }) =>
      kind === "dynamic-import" ? { path: path.replace(/\.ts$/, ".js"), external: true } : null,
    ),
};

export async function bundle({ name, entry, apart }) {
  const { outputFiles } = await build({
    absWorkingDir: here,
    entryPoints: [entry],
    outfile: `dist/${name}.js`,
    bundle: true,
    minify: true,
    format: "esm",
    target: ["chrome100", "firefox104", "safari15.4"],
    legalComments: "none",
    plugins: apart ? [files] : [],
    write: false,
  });
  const [{ contents, path }] = outputFiles;
  await mkdir(`${here}dist`, { recursive: true });
  await writeFile(path, contents);
  return contents;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await Promise.all(BUNDLES.map(bundle));
  if (!process.argv.includes("--no-types")) execFileSync("tsc", ["-p", here], { stdio: "inherit" });
}
