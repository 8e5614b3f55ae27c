// What a custom domain of a bucket of R2 answers, and what fills the bucket in a test.
import { s3 } from "./s3.worker.mjs";

const absent = () =>
  new Response("<!DOCTYPE html><title>Object not found</title>", {
    status: 404,
    headers: { "content-type": "text/html" },
  });

async function read(request, bucket, key) {
  const head = await bucket.head(key);
  if (head === null) return absent();
  const headers = new Headers({ "accept-ranges": "bytes", etag: head.httpEtag });
  head.writeHttpMetadata(headers);
  const asked = /^bytes=(\d*)-(\d*)$/.exec(request.headers.get("range") ?? "");
  const beyond = asked && (asked[1] === "" ? Number(asked[2]) === 0 : Number(asked[1]) >= head.size);
  if (beyond) {
    headers.set("content-range", `bytes */${head.size}`);
    return new Response(null, { status: 416, headers });
  }
  const object = await bucket.get(key, { range: request.headers, onlyIf: request.headers });
  if (object === null) return absent();
  if (object.body === undefined) return new Response(null, { status: 304, headers });
  const { offset = 0, length = object.size } = object.range ?? {};
  if (asked) headers.set("content-range", `bytes ${offset}-${offset + length - 1}/${object.size}`);
  headers.set("content-length", String(length));
  return new Response(request.method === "HEAD" ? null : object.body, {
    status: asked ? 206 : 200,
    headers,
  });
}

async function write(request, bucket, key) {
  if (request.method === "DELETE") {
    await bucket.delete(key);
  } else {
    const contentType = key.endsWith(".json") ? "application/json" : "application/octet-stream";
    const httpMetadata = { contentType, cacheControl: "public, max-age=15" };
    await bucket.put(key, await request.arrayBuffer(), { httpMetadata });
  }
  return new Response(null, { status: 204 });
}

export default {
  async fetch(request, { BUCKET }) {
    const url = new URL(request.url);
    if (request.headers.has("authorization")) return s3(request, url, BUCKET);
    const key = decodeURIComponent(url.pathname.slice(1));
    return ["GET", "HEAD"].includes(request.method)
      ? read(request, BUCKET, key)
      : write(request, BUCKET, key);
  },
};
