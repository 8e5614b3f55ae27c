// The player page before any edge: serves the committed page and passes everything else on, as a site in front of
// the worker would.
import { readFile } from "node:fs/promises";
import { createServer, request } from "node:http";
import { extname } from "node:path";

const player = new URL("../../packager/cli/demo/player/", import.meta.url);
const types = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
};

/** Starts on a free port of 127.0.0.1; `tracks` is what `/player/tracks.json` says, `edgeHeaders` what the edge is told of every
 * client, as its platform would: its country; `only` leaves one rendition, by its place, in every multivariant playlist. */
export async function front(edge, tracks, edgeHeaders, only = null) {
  const server = createServer(async (incoming, outgoing) => {
    const { pathname } = new URL(incoming.url, "http://front");
    if (only !== null && pathname.endsWith("/multivariant.m3u8"))
      return narrow(edge, incoming, outgoing, edgeHeaders, only);
    if (!pathname.startsWith("/player/")) return pass(edge, incoming, outgoing, edgeHeaders);
    if (pathname === "/player/tracks.json") {
      outgoing.writeHead(200, { "content-type": "application/json" });
      return outgoing.end(JSON.stringify(tracks));
    }
    const name = pathname.slice("/player/".length) || "index.html";
    try {
      const body = await readFile(new URL(name, player));
      outgoing.writeHead(200, { "content-type": types[extname(name)] ?? "application/octet-stream" });
      outgoing.end(body);
    } catch {
      outgoing.writeHead(404);
      outgoing.end();
    }
  });
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  return { address: `http://127.0.0.1:${server.address().port}`, close: () => server.close() };
}

function pass(edge, incoming, outgoing, edgeHeaders) {
  const headers = { ...incoming.headers, ...edgeHeaders };
  const onward = request(`${edge}${incoming.url}`, { method: incoming.method, headers }, (answer) => {
    outgoing.writeHead(answer.statusCode, answer.rawHeaders);
    answer.pipe(outgoing);
  });
  onward.on("error", () => outgoing.destroy());
  incoming.pipe(onward);
}

async function narrow(edge, incoming, outgoing, edgeHeaders, only) {
  const answer = await fetch(`${edge}${incoming.url}`, { headers: edgeHeaders });
  let at = -1;
  const kept = (await answer.text()).split("\n").filter((line) => {
    if (line.startsWith("#EXT-X-STREAM-INF")) at += 1;
    return at < 0 || at === only;
  });
  outgoing.writeHead(answer.status, { "content-type": answer.headers.get("content-type") });
  outgoing.end(kept.join("\n"));
}
