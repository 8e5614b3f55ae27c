// Tracks as the packager makes them. Needs the program `nada`, which NADA_PROGRAM names.
import { execFileSync } from "node:child_process";
import { hkdfSync } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { parse, PRIMING, RATE } from "./media.mjs";

export const PROGRAM = process.env.NADA_PROGRAM ?? "";
/** Why tests that need it are skipped. */
export const MISSING = !existsSync(PROGRAM) && "NADA_PROGRAM names no program";
export const RUNGS = ["heaac2-24", "heaac-64", "aac-128", "flac"];
const CODECS = { heaac2: "mp4a.40.29", heaac: "mp4a.40.5", aac: "mp4a.40.2", flac: "fLaC" };
const FRAMES = { heaac2: 2048, heaac: 2048, aac: 1024 };

const SEED = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

/** A track in some of RUNGS, for the stand-in for the edge; `nada` works in `folder`. `protection` is as in release.toml. */
export function packaged(folder, id, samples, names, protection) {
  const out = `${folder}/${id}`;
  if (!existsSync(out)) {
    writeFileSync(`${out}.wav`, wav(samples));
    writeFileSync(`${out}.seed`, SEED);
    const keys = protection && ["--protection", protection, "--seed", `${out}.seed`, "--track", id];
    execFileSync(
      PROGRAM,
      ["package", "--out", out, "--ladder", RUNGS.join(), ...(keys || []), `${out}.wav`],
      { stdio: "pipe" },
    );
  }
  const read = (name) => parse(readFileSync(`${out}/${name}.mp4`), FRAMES[name.split("-")[0]]);
  // FLAC's frames may be of any length, but its segments are those of the others
  const segment_samples = read("heaac-64").samples;
  const files = Object.fromEntries(names.map((name) => [name, read(name)]));
  const version = Buffer.from(id).toString("hex").padStart(32, "0");
  return {
    id,
    version,
    files,
    license: (path, body) => path === "license/clearkey" && clearKeys(id, JSON.parse(body)),
    about: {
      ...{ id, title: id, artists: [], album: "", lyrics: null, versions: [version] },
      timeline: { rate: RATE, priming: PRIMING, samples: samples.length },
      segment_samples,
      renditions: names.map((name, rung) => ({
        name,
        codecs: CODECS[name.split("-")[0]],
        bandwidth: 1000 + rung,
        segment_bytes: files[name].segments.map(({ length }) => length),
      })),
    },
  };
}

/** 16-bit stereo. */
function wav(samples) {
  const bytes = Buffer.alloc(44 + 4 * samples.length);
  bytes.write("RIFF\0\0\0\0WAVEfmt ", "latin1");
  bytes.writeUInt32LE(36 + 4 * samples.length, 4);
  [16, RATE, 4 * RATE, 4 * samples.length].forEach((value, i) =>
    bytes.writeUInt32LE(value, [16, 24, 28, 40][i]),
  );
  [1, 2, 4, 16].forEach((value, i) => bytes.writeUInt16LE(value, [20, 22, 32, 34][i]));
  bytes.write("data", 36);
  samples.forEach((sample, i) => {
    for (const at of [44, 46]) bytes.writeInt16LE(Math.round(32_767 * sample), at + 4 * i);
  });
  return bytes;
}

/** What a ClearKey licence request of a track is answered (W3C Encrypted Media Extensions §9.1.4), by the derivation that
 * `nada-protection` states. */
function clearKeys(id, { kids }) {
  const derived = (purpose, tier) =>
    Buffer.from(
      hkdfSync("sha256", Buffer.from(SEED, "hex"), "", `nada protection v1|${purpose}|${id}|${tier}|1`, 16),
    );
  const keys = ["lossy", "lossless"].flatMap((tier) => {
    const kid = derived("key id", tier);
    kid[6] = (kid[6] & 0x0f) | 0x80;
    kid[8] = (kid[8] & 0x3f) | 0x80;
    const name = kid.toString("base64url");
    return kids.includes(name)
      ? [{ kty: "oct", kid: name, k: derived("key", tier).toString("base64url") }]
      : [];
  });
  return JSON.stringify({ keys, type: "temporary" });
}
