// The origin of the bench, a process of its own: one published track over HTTP/1.1, under the keys that S3 would
// have. Every request must be signed as S3 demands; the signature itself is checked while a request says so to the
// origin's own process, since checking all would only slow the load down.
//
// stdout: its port, as one line.
import { createHash, createHmac } from "node:crypto";
import { createServer } from "node:http";
import { access, bucket, objects, region, secret } from "./catalogue.mjs";

const hmac = (key, text) => createHmac("sha256", key).update(text).digest();

// Signature Version 4 of a bodiless GET: whether the request's own Authorization is right.
function signed(request) {
  const [, day, names, signature] =
    /^AWS4-HMAC-SHA256 Credential=[^/]+\/(\d{8})\/.*, SignedHeaders=([a-z0-9;-]+), Signature=([0-9a-f]{64})$/.exec(
      request.headers.authorization ?? "",
    ) ?? [];
  if (
    !day ||
    !request.headers.authorization.includes(`Credential=${access}/${day}/${region}/s3/aws4_request,`)
  )
    return false;
  const [path, query = ""] = request.url.split("?");
  const fields = names.split(";").map((name) => `${name}:${request.headers[name]}\n`);
  const canonical = [
    "GET",
    path,
    query,
    fields.join(""),
    names,
    request.headers["x-amz-content-sha256"],
  ].join("\n");
  const digest = createHash("sha256").update(canonical).digest("hex");
  const scope = `${day}/${region}/s3/aws4_request`;
  const text = ["AWS4-HMAC-SHA256", request.headers["x-amz-date"], scope, digest].join("\n");
  const key = [day, region, "s3", "aws4_request"].reduce(hmac, `AWS4${secret}`);
  return hmac(key, text).toString("hex") === signature;
}

const seen = [];
const server = createServer((request, response) => {
  // what was asked since this was last asked, for the check that both workers ask the same
  if (request.url === "/seen") return response.end(JSON.stringify(seen.splice(0)));
  if (seen.length < 100) {
    const names = Object.keys(request.headers).filter(
      (name) => name.startsWith("x-amz-") || name === "authorization",
    );
    const { range = null } = request.headers;
    seen.push({ url: request.url, range, signed: signed(request), names: names.sort() });
  }
  const object = objects.get(request.url.slice(bucket.length + 2));
  if (!object || !request.headers.authorization) {
    response.writeHead(403, { "content-type": "application/xml" });
    return response.end("<Error><Code>AccessDenied</Code></Error>");
  }
  const asked = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? "");
  const [first, last] = asked ? [Number(asked[1]), Number(asked[2])] : [0, object.bytes.length - 1];
  const bytes = object.bytes.subarray(first, last + 1);
  response.writeHead(asked ? 206 : 200, {
    "content-type": object.type,
    "content-length": bytes.length,
    ...(asked && { "content-range": `bytes ${first}-${last}/${object.bytes.length}` }),
    etag: object.etag,
    "last-modified": "Sat, 01 Aug 2026 00:00:00 GMT",
    "accept-ranges": "bytes",
    "x-amz-request-id": "TX000000000000000",
  });
  response.end(bytes);
});
server.keepAliveTimeout = 60_000;
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
process.stdin.resume().on("end", () => process.exit(0));
