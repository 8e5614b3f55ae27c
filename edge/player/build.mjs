// Builds dist/: `index.js` (with `later.js` and `native.js`, which it fetches) and `lyrics.js`, `nada.js` with all of them for
// a page without a bundler, and types. `--no-types` leaves the types out; `--page` builds the demo page's script instead.
import { execFileSync } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

// with the other programs that tests and builds use
const { build } = createRequire(new URL("../../tests/package.json", import.meta.url))("esbuild");

const here = fileURLToPath(new URL("./", import.meta.url));

const DEMO = "../../../packager/cli/demo/player";

/** The demo page's scripts: the player, the words and the page's own in one, then what few browsers and songs need. */
export const PAGE = [
  { name: `${DEMO}/page`, entry: "../../packager/cli/demo/page/player.js", apart: ["native"] },
  { name: `${DEMO}/native`, entry: "src/native.ts" },
  { name: `${DEMO}/protection`, entry: "src/protection.ts" },
];

/** What is built: `apart` is what stays a file of its own and is imported when it is needed. */
export const BUNDLES = [
  { name: "index", entry: "src/index.ts", apart: ["later", "native"] },
  { name: "native", entry: "src/native.ts" },
  { name: "later", entry: "src/later.ts" },
  { name: "protection", entry: "src/protection.ts" },
  { name: "lyrics", entry: "src/lyrics/index.ts" },
  { name: "nada", entry: "src/nada.ts" },
];

/** Imports of what stays apart go to a file beside the bundle. */
const files = {
  name: "files of their own",
  setup: ({ onResolve }) =>
    onResolve({ filter: /\.ts$/ }, ({ kind, path }) =>
      kind === "dynamic-import" ? { path: path.replace(/\.ts$/, ".js"), external: true } : null,
    ),
};

/** What is in the same file needs nothing that fetches it, nor what that takes of room. */
const together = (apart) => ({
  name: "no files of their own",
  setup: ({ onLoad }) =>
    onLoad({ filter: /\/src\/player\.ts$/ }, async ({ path }) => {
      const text = await readFile(path, "utf8");
      const names = new Set();
      const body = text.replace(/import\("\.\/(\w+)\.ts"\)/g, (whole, name) => {
        if (apart.includes(name)) return whole;
        names.add(name);
        return `Promise.resolve(${name}_file)`;
      });
      const head = [...names].map((name) => `import * as ${name}_file from "./${name}.ts";`);
      return { contents: head.join("") + body, loader: "ts" };
    }),
});

/** The bytes of a bundle; they are written where `write` is not false. */
export async function bundle({ name, entry, apart = [] }, write = true) {
  const { outputFiles } = await build({
    absWorkingDir: here,
    entryPoints: [entry],
    outfile: `dist/${name}.js`,
    bundle: true,
    minify: true,
    format: "esm",
    target: ["chrome100", "firefox104", "safari15.4"],
    legalComments: "none",
    plugins: [files, together(apart)],
    // the page imports it where a song asks for it
    external: ["./protection.js"],
    write: false,
  });
  const [{ contents, path }] = outputFiles;
  if (write !== false) await mkdir(`${here}dist`, { recursive: true });
  if (write !== false) await writeFile(path, contents);
  return contents;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const page = process.argv.includes("--page");
  await Promise.all((page ? PAGE : BUNDLES).map((one) => bundle(one)));
  if (!page && !process.argv.includes("--no-types")) execFileSync("tsc", ["-p", here], { stdio: "inherit" });
}
