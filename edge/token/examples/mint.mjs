// Mints a Common Access Token for one track: HS256, with Node's standard library alone.
//
//   node mint.mjs KEYS TRACK SECONDS [COUNTRY…]
//
// KEYS is the JWK Set that `nada token keygen` prints; out comes the path of the track's multivariant playlist.
import { createHmac, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

// CBOR (RFC 8949): numbers, texts, bytes, arrays, maps, each in its shortest encoding, and tags.
class Tag {
  constructor(number, value) {
    Object.assign(this, { number, value });
  }
}

function head(major, n) {
  if (n < 24) return Buffer.from([(major << 5) | n]);
  const width = n < 0x100 ? 0 : n < 0x10000 ? 1 : n < 0x100000000 ? 2 : 3;
  const argument = Buffer.alloc(8);
  argument.writeBigUInt64BE(BigInt(n));
  return Buffer.concat([Buffer.from([(major << 5) | (24 + width)]), argument.subarray(8 - (1 << width))]);
}

export function cbor(value) {
  if (Number.isSafeInteger(value)) return value < 0 ? head(1, -1 - value) : head(0, value);
  if (typeof value === "string")
    return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)]);
  if (value instanceof Uint8Array) return Buffer.concat([head(2, value.length), value]);
  if (value instanceof Tag) return Buffer.concat([head(6, value.number), cbor(value.value)]);
  if (Array.isArray(value)) return Buffer.concat([head(4, value.length), ...value.map(cbor)]);
  if (value instanceof Map) return Buffer.concat([head(5, value.size), ...[...value].flat().map(cbor)]);
  throw new TypeError(`no CBOR for ${value}`);
}

// A CWT (RFC 8392) in COSE_Mac0 (RFC 9052 §6.2). `claims` is a Map of labels to values, `key` a JWK.
export function mint(claims, key) {
  if (key.kty !== "oct" || key.alg !== "HS256") throw new TypeError("mint.mjs signs with HS256 alone");
  const header = cbor(
    new Map([
      [1, 5],
      [4, Buffer.from(key.kid)],
    ]),
  );
  const payload = cbor(claims);
  const message = cbor(["MAC0", header, Buffer.alloc(0), payload]);
  const mac = createHmac("sha256", Buffer.from(key.k, "base64url")).update(message).digest();
  return cbor(new Tag(61, new Tag(17, [header, new Map(), payload, mac]))).toString("base64url");
}

// Everything of one track, for so many seconds from `now` (seconds since 1970), in these countries (none: anywhere).
export function trackClaims(track, now, seconds, countries = [], id = randomBytes(16)) {
  const claims = new Map([
    [4, now + seconds], // exp
    [6, now], // iat: a token without it counts as older than any revocation
    [7, id], // cti: what the token can be revoked by
    [310, 1], // catv
    [312, new Map([[3, new Map([[1, `/t/${track}/`]])]])], // catu: path, prefix
  ]);
  if (countries.length) claims.set(316, countries); // catgeoiso3166
  return claims;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [keys, track, seconds, ...countries] = process.argv.slice(2);
  const now = Math.floor(Date.now() / 1000);
  const live = ({ nbf = 0, exp = Infinity }) => nbf <= now && now < exp;
  const key = JSON.parse(readFileSync(keys, "utf8")).keys.filter(live).at(-1);
  console.log(
    `/~${mint(trackClaims(track, now, Number(seconds), countries), key)}/t/${track}/multivariant.m3u8`,
  );
}
