// S3's protocol in front of a bucket of R2: objects, listings and deletions, of path style. Signatures are not looked at. Whether
// a condition holds is R2's to say.

const error = (status, code) =>
  new Response(`<?xml version="1.0"?><Error><Code>${code}</Code></Error>`, {
    status,
    headers: { "content-type": "application/xml" },
  });
const xml = (text) =>
  new Response(`<?xml version="1.0"?>${text}`, { headers: { "content-type": "application/xml" } });
const base64 = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)));
const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));

function headers(object) {
  const all = new Headers({ etag: object.httpEtag, "content-length": String(object.size) });
  object.writeHttpMetadata(all);
  const { sha256 } = object.checksums;
  if (sha256) all.set("x-amz-checksum-sha256", base64(sha256));
  return all;
}

async function put(request, bucket, key) {
  const sum = request.headers.get("x-amz-checksum-sha256");
  const metadata = { contentType: "content-type", cacheControl: "cache-control" };
  const httpMetadata = {};
  for (const [name, field] of Object.entries(metadata)) {
    if (request.headers.has(field)) httpMetadata[name] = request.headers.get(field);
  }
  const stored = await bucket.put(key, await request.arrayBuffer(), {
    httpMetadata,
    onlyIf: request.headers,
    ...(sum && { sha256: bytes(sum) }),
  });
  if (stored === null) return error(412, "PreconditionFailed");
  return new Response(null, { headers: { etag: stored.httpEtag } });
}

async function list(bucket, query) {
  const { objects, truncated, cursor } = await bucket.list({
    prefix: query.get("prefix") ?? "",
    cursor: query.get("continuation-token") ?? undefined,
    limit: Number(query.get("max-keys") ?? 1000),
  });
  const entries = objects.map(
    ({ key, httpEtag, size, uploaded }) =>
      `<Contents><Key>${key}</Key><ETag>${httpEtag}</ETag><Size>${size}</Size><LastModified>${uploaded.toISOString()}</LastModified></Contents>`,
  );
  const next = truncated ? `<NextContinuationToken>${cursor}</NextContinuationToken>` : "";
  return xml(
    `<ListBucketResult><IsTruncated>${truncated}</IsTruncated><KeyCount>${objects.length}</KeyCount>${next}${entries.join("")}</ListBucketResult>`,
  );
}

export async function s3(request, url, bucket) {
  const [, , ...rest] = url.pathname.split("/");
  const key = decodeURIComponent(rest.join("/"));
  const { method } = request;
  if (key === "" && method === "GET") return list(bucket, url.searchParams);
  if (key === "" && method === "POST" && url.searchParams.has("delete")) {
    const keys = [...(await request.text()).matchAll(/<Key>([^<]*)<\/Key>/g)].map(([, found]) => found);
    await bucket.delete(keys);
    return xml("<DeleteResult></DeleteResult>");
  }
  if (method === "PUT") return put(request, bucket, key);
  if (method === "DELETE") {
    await bucket.delete(key);
    return new Response(null, { status: 204 });
  }
  if (method === "HEAD") {
    const object = await bucket.head(key);
    return object === null
      ? new Response(null, { status: 404 })
      : new Response(null, { headers: headers(object) });
  }
  if (method === "GET") {
    const object = await bucket.get(key);
    return object === null
      ? error(404, "NoSuchKey")
      : new Response(object.body, { headers: headers(object) });
  }
  return error(501, "NotImplemented");
}
