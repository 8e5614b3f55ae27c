// Builds dist/: `index.js` (with `later.js` and `native.js`, which it fetches) and `lyrics.js`, `nada.js` with all of them for
// a page without a bundler, and types. `--no-types` leaves the types out; `--page` builds the demo page's script instead.
import { execFileSync } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

// with the other programs that tests and builds use
const { build } = createRequire(new URL("../../tests/package.json", import.meta.url))("esbuild");

const here = fileURLToPath(new URL("./", import.meta.url));

/** The demo page's script: the player, the words and the page's own. */
export const PAGE = {
  name: "../../../packager/cli/demo/player/page",
  entry: "../../packager/cli/demo/page/player.js",
};

/** What is built: with `apart`, what is imported when it is needed stays a file of its own. */
export const BUNDLES = [
  { name: "index", entry: "src/index.ts", apart: true },
  { name: "native", entry: "src/native.ts" },
  { name: "later", entry: "src/later.ts" },
  { name: "protection", entry: "src/protection.ts" },
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

/** What is all in one file needs nothing that fetches the rest of it, nor what that takes of room. */
const together = {
  name: "no files of their own",
  setup: ({ onLoad }) =>
    onLoad({ filter: /\/src\/player\.ts$/ }, async ({ path }) => {
      const text = await readFile(path, "utf8");
      const names = new Set();
      const body = text.replace(/import\("\.\/(\w+)\.ts"\)/g, (_, name) => {
        names.add(name);
        return `Promise.resolve(${name}_file)`;
      });
      const head = [...names].map((name) => `import * as ${name}_file from "./${name}.ts";`);
      return { contents: head.join("") + body, loader: "ts" };
    }),
};

/** The bytes of a bundle; they are written where `write` is not false. */
export async function bundle({ name, entry, apart }, write = true) {
  const { outputFiles } = await build({
    absWorkingDir: here,
    entryPoints: [entry],
    outfile: `dist/${name}.js`,
    bundle: true,
    minify: true,
    format: "esm",
    target: ["chrome100", "firefox104", "safari15.4"],
    legalComments: "none",
    plugins: [apart ? files : together],
    write: false,
  });
  const [{ contents, path }] = outputFiles;
  if (write !== false) await mkdir(`${here}dist`, { recursive: true });
  if (write !== false) await writeFile(path, contents);
  return contents;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const page = process.argv.includes("--page");
  await Promise.all((page ? [PAGE] : BUNDLES).map((one) => bundle(one)));
  if (!page && !process.argv.includes("--no-types")) execFileSync("tsc", ["-p", here], { stdio: "inherit" });
}
