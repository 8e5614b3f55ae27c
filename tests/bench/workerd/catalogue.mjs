// What lies at the origin of the bench: one track of 210 s in six renditions, as `nada publish` would have left it,
// and 40 entries in changes.json, none of which names it.
import { createHash, randomBytes } from "node:crypto";

export const access = "AKIDNADABENCH";
export const secret = "bench-secret-of-no-account";
export const bucket = "nada-bench";
export const region = "ap-south-1";
export const keys = {
  keys: [{ kty: "oct", kid: "bench", alg: "HS256", k: Buffer.alloc(32, 7).toString("base64url") }],
};

export const track = "INNDA2600001";
const version = "0123456789abcdef0123456789abcdef";
const segments = 36;
/** 200 KB, as a FLAC segment has. */
const LENGTH = 200_000;
const [header, index] = [724, 464];

// 24 bits of base64url a segment
const packed = (length) =>
  Buffer.from([length >> 16, (length >> 8) & 255, length & 255])
    .toString("base64url")
    .repeat(segments);
const at = new Date(Date.now() - 600_000).toISOString();

const renditions = [
  ["heaac2-24", 24_000, "mp4a.40.29"],
  ["heaac2-32", 32_000, "mp4a.40.29"],
  ["heaac-64", 64_000, "mp4a.40.5"],
  ["aac-128", 128_000, "mp4a.40.2"],
  ["aac-256", 256_000, "mp4a.40.2"],
  ["flac", 900_000, "fLaC"],
].map(([name, rate, codecs]) => ({
  name,
  rate: 44_100,
  samples: 9_261_000,
  channels: 2,
  file: {
    header,
    index,
    segments: packed(name === "flac" ? LENGTH : Math.round((rate / 8) * 5.8)),
    parts: name === "flac" ? [20, 16] : [segments],
  },
  bandwidth: rate,
  average_bandwidth: rate,
  stream_inf: `BANDWIDTH=${rate},AVERAGE-BANDWIDTH=${rate},CODECS="${codecs}",CHANNELS="2"`,
}));

const manifest = {
  format: 2,
  revision: 3,
  track,
  release: "bench",
  title: "बुरा जो देखन मैं चला",
  artists: ["Nada"],
  album: "Bench",
  status: "live",
  rights: { territories: [{ code: "IN" }, { code: "ID", from: "2026-01-01T00:00:00Z" }, { code: "MY" }] },
  presentation: {
    format: 2,
    track,
    version,
    timeline: { rate: 44_100, priming: 2048, samples: 9_261_000 },
    segment_samples: [131_072, 262_144],
    loudness: { integrated: -14.5, true_peak: -1.2, range: 6 },
    renditions,
  },
  versions: [{ version, at }],
  lyrics: {
    digest: "fedcba9876543210fedcba9876543210",
    layers: [
      { lang: "hi", kind: "main", name: "हिन्दी", sync: "word" },
      { lang: "hi-Latn", kind: "pronunciation", name: "Hindi (Latin)", sync: "word" },
      { lang: "en", kind: "translation", name: "English", sync: "line" },
    ],
  },
  updated: at,
};
const entries = Array.from({ length: 40 }, (_, n) => ({ track: `OTHER${n}`, revision: n + 1, at }));
const json = (value) => Buffer.from(JSON.stringify(value));

const part = randomBytes(header + index + 20 * LENGTH);
export const segment = part.subarray(header + index + 6 * LENGTH, header + index + 7 * LENGTH);
export const path = `/t/${track}/${version}/flac/00007.m4s`;

const object = (bytes, type) => ({ bytes, type, etag: `"${createHash("md5").update(bytes).digest("hex")}"` });
export const objects = new Map([
  ["changes.json", object(json({ format: 2, floor: 0, entries }), "application/json")],
  ["revocations.json", object(json({ format: 2, ids: { "0b71": at }, subjects: {} }), "application/json")],
  [`tracks/${track}/manifest.json`, object(json(manifest), "application/json")],
  [`tracks/${track}/${version}/flac/1.mp4`, object(part, "audio/mp4")],
]);
