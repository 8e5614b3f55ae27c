// Songs for the tests, as the packager would make them: track files of aligned segments, made by ffmpeg from samples.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

export const RATE = 44_100;
export const PRIMING = 2048;
const ENCODER = 1024; // ffmpeg's own run-up
const FRAGMENT = (128 * 1024) / RATE; // seconds
const RUNGS = [24, 48, 96, 192];

const work = fileURLToPath(new URL("../../../../tests/.work/player/", import.meta.url));

/** Samples of a sound that is there from the first on, and tells where one is: tones that go up once a second. */
export function scale(seconds) {
  return Float32Array.from({ length: Math.round(seconds * RATE) }, (_, i) => {
    const step = Math.floor(i / RATE);
    return (
      0.3 * Math.sin((2 * Math.PI * (220 + 20 * (step % 40)) * i) / RATE) + 0.02 * Math.sin(i * i * 1e-6)
    );
  });
}

/** One tone, to be cut anywhere. */
export function tone(length, from = 0, hertz = 441) {
  return Float32Array.from({ length }, (_, i) => 0.4 * Math.sin((2 * Math.PI * hertz * (from + i)) / RATE));
}

/** A track: its `track.json` and its renditions' bytes, kept from run to run. `lowest` names the codec in the lowest one's name. */
export function track(id, samples, facts = {}, rungs = RUNGS, lowest = "aac") {
  const sum = createHash("sha256")
    .update(samples)
    .update(JSON.stringify([rungs, 3]))
    .digest("hex")
    .slice(0, 32);
  mkdirSync(work, { recursive: true });
  const files = rungs.map((kbps) => {
    const file = `${work}${sum}-${kbps}.mp4`;
    if (!existsSync(file)) encode(samples, kbps, file);
    return { name: `${kbps === rungs[0] ? lowest : "aac"}-${kbps}`, kbps, ...parse(readFileSync(file)) };
  });
  const segment_samples = files[0].samples;
  for (const { samples: own } of files)
    if (own.join() !== segment_samples.join()) throw new Error("the renditions' segments are not aligned");
  const about = {
    id,
    title: id,
    artists: ["Nada"],
    album: "Tests",
    duration_ms: Math.round((1000 * (PRIMING + samples.length)) / RATE),
    timeline: { rate: RATE, priming: PRIMING, samples: samples.length },
    segment_samples,
    renditions: files.map(({ name, kbps, header, index, segments }) => ({
      name,
      codecs: "mp4a.40.2",
      rate: RATE,
      priming: PRIMING,
      samples: samples.length,
      bandwidth: 1100 * kbps,
      average_bandwidth: 1000 * kbps,
      header_bytes: header.length,
      index_bytes: index.length,
      segment_bytes: segments.map(({ length }) => length),
    })),
    playlists: ["multivariant.m3u8"],
    lyrics: null,
    versions: [sum],
    ...facts,
  };
  return {
    id,
    about,
    version: about.versions[0],
    files: Object.fromEntries(files.map((file) => [file.name, file])),
  };
}

// Test files run side by side and share songs: what is under its name is whole.
function encode(samples, kbps, file) {
  const [wav, made] = [`${file}.${process.pid}.f32`, `${file}.${process.pid}.mp4`];
  const lead = new Float32Array(PRIMING - ENCODER);
  const pcm = Buffer.concat(
    [lead, samples].map(({ buffer, byteOffset, byteLength }) => Buffer.from(buffer, byteOffset, byteLength)),
  );
  writeFileSync(wav, pcm);
  const flags = "+empty_moov+default_base_moof+global_sidx+skip_trailer";
  execFileSync(
    "ffmpeg",
    [
      ...["-v", "error", "-y", "-f", "f32le", "-ar", RATE, "-ac", 1, "-i", wav, "-ac", 2],
      ...["-c:a", "aac", "-b:a", `${kbps}k`, "-use_editlist", 0, "-movflags", flags],
      ...["-frag_duration", Math.round(FRAGMENT * 1e6), made],
    ].map(String),
  );
  renameSync(made, file);
  rmSync(wav);
}

/** Header, index and segments of a track file, whose frames last so many samples. */
export function parse(bytes, frame = 1024) {
  const boxes = [];
  for (let at = 0; at < bytes.length;) {
    const length = bytes.readUInt32BE(at);
    boxes.push({ kind: bytes.toString("latin1", at + 4, at + 8), bytes: bytes.subarray(at, at + length) });
    at += length;
  }
  const of = (...kinds) =>
    Buffer.concat(boxes.filter(({ kind }) => kinds.includes(kind)).map((box) => box.bytes));
  const moofs = boxes.filter(({ kind }) => kind === "moof");
  const segments = moofs.map((moof) => Buffer.concat([moof.bytes, boxes[boxes.indexOf(moof) + 1].bytes]));
  const samples = moofs.map(({ bytes: moof }) => frame * moof.readUInt32BE(moof.indexOf("trun") + 8));
  return { header: of("ftyp", "moov"), index: of("sidx"), segments, samples };
}
