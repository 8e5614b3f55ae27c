// Serves the playground on this machine:  node playground/serve.mjs [PORT]
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import { bundle, BUNDLES } from "../build.mjs";

const TYPES = { html: "text/html", js: "text/javascript", css: "text/css" };
const FILES = ["index.html", "playground.css", "playground.js"];

/** A server on 127.0.0.1; port 0 is any that is free. */
export async function serve(port) {
  const player = await bundle(
    BUNDLES.find(({ name }) => name === "nada"),
    false,
  );
  const server = createServer(async ({ url }, response) => {
    const name = new URL(url, "http://playground").pathname.slice(1) || "index.html";
    const known = FILES.includes(name);
    if (name !== "nada.js" && !known) return response.writeHead(404).end();
    const body = known ? await readFile(new URL(name, import.meta.url)) : player;
    response.writeHead(200, { "content-type": `${TYPES[name.split(".").at(-1)]}; charset=utf-8` }).end(body);
  });
  await new Promise((ready) => server.listen(port, "127.0.0.1", ready));
  return server;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const server = await serve(Number(process.argv[2] ?? 8088));
  console.log(`http://127.0.0.1:${server.address().port}/`);
}
