// CPU per signed 200 KB segment: Nada's worker and the peer in JavaScript, which reads what decisions rest on for each or
// remembers it as Nada's does, each in a workerd of its own, in turns.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once as event } from "node:events";
import { fileURLToPath } from "node:url";
import { mint, trackClaims } from "../../../edge/token/examples/mint.mjs";
import { access, bucket, keys, path, region, secret, segment, track } from "./catalogue.mjs";
import { agent, load, median, once } from "./load.mjs";
import { cpu, start } from "./workerd.mjs";

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
export const nada = ["index.js", "index_bg.wasm"].map((name) => here(`../../../edge/worker/build/${name}`));
export const peer = [here("peer.mjs")];

const headers = {
  "CF-Blob": JSON.stringify({ country: "IN", colo: "BOM", clientAcceptEncoding: "gzip, br" }),
  "CMCD-Request": "bl=21300,mtp=25400",
};

export async function origin() {
  const child = spawn(process.execPath, [here("origin.mjs")], { stdio: ["pipe", "pipe", "inherit"] });
  const [port] = await event(child.stdout, "data");
  const endpoint = `http://127.0.0.1:${Number(port)}`;
  const bindings = {
    NADA_KEYS: JSON.stringify(keys),
    NADA_PLAIN_HTTP: "answered",
    NADA_ORIGINS: JSON.stringify([{ endpoint, bucket, region, path_style: true, near: ["BOM", "IN"] }]),
    NADA_S3_ACCESS_KEY_ID: access,
    NADA_S3_SECRET_ACCESS_KEY: secret,
  };
  return { endpoint, bindings, stop: () => child.stdin.end() };
}

// The same answer, the same reads at the origin, all well signed: else it would not be the same work.
async function same(workers, signed, endpoint) {
  const answers = [];
  for (const { port } of workers) {
    await once(undefined, `${endpoint}/seen`);
    const {
      status,
      headers: all,
      body,
    } = await once(undefined, `http://127.0.0.1:${port}${signed}`, headers);
    assert.equal(status, 200, body.toString());
    const {
      date,
      connection,
      "keep-alive": kept,
      "server-timing": timing,
      "cache-control": control,
      ...rest
    } = all;
    assert.match(timing, /^origin;desc="1";dur=\d+, total;dur=\d+$/);
    assert.match(control, /^private, max-age=3(?:600|5\d\d), immutable$/);
    const seen = JSON.parse((await once(undefined, `${endpoint}/seen`)).body);
    seen.sort((a, b) => (a.url < b.url ? -1 : 1));
    assert.ok(seen.length === 4 && seen.every((read) => read.signed), JSON.stringify(seen));
    answers.push({ rest, body: body.toString("base64"), seen });
    // a letter within the MAC
    const forged = signed.replace(/(.)(.{9}\/t\/)/, (_, letter, rest) => (letter === "A" ? "B" : "A") + rest);
    const denied = await once(undefined, `http://127.0.0.1:${port}${forged}`, headers);
    assert.equal(denied.status, 403);
  }
  for (const answer of answers) assert.deepEqual(answer, answers[0]);
}

export async function segments({ rounds = 9, requests = 1000, at_once = 8 } = {}) {
  const now = Math.floor(Date.now() / 1000);
  const token = mint(trackClaims(track, now, 3600, ["IN", "ID"]), keys.keys[0]);
  const signed = `/~${token}${path}`;
  const store = await origin();
  const remembers = { ...store.bindings, PEER_REMEMBERS: "1" };
  const workers = [
    await start(nada, store.bindings),
    await start(peer, store.bindings),
    await start(peer, remembers),
  ];
  try {
    await same(workers, signed, store.endpoint);
    const runs = workers.map(({ port, pid }) => ({
      pid,
      url: `http://127.0.0.1:${port}${signed}`,
      agent: agent(at_once),
      used: [],
    }));
    for (let round = -2; round < rounds; round++) {
      for (const run of round % 2 ? runs : runs.toReversed()) {
        const before = cpu(run.pid);
        await load(run.agent, run.url, headers, requests, segment.length);
        // the first two are for the compilers
        if (round >= 0) run.used.push(((cpu(run.pid) - before) / requests) * 1e6);
      }
    }
    const [ours, ...others] = runs.map(({ used }) => used);
    const ratio = (theirs) => median(ours.map((used, at) => used / theirs[at]));
    const [reading, remembering] = others.map((theirs) => ({
      us: median(theirs),
      ratio: ratio(theirs),
      theirs,
    }));
    return { nada: median(ours), ours, reading, remembering };
  } finally {
    await Promise.all(workers.map((worker) => worker.stop()));
    store.stop();
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { nada, ours, reading, remembering } = await segments({ rounds: Number(process.argv[2] ?? 9) });
  if (process.env.NADA_BENCH_RUNS)
    console.log(
      [ours, reading.theirs, remembering.theirs].map((runs) => runs.map(Math.round).join(" ")).join(" | "),
    );
  const beside = ({ us, ratio }) => `${us.toFixed(0)} us, ratio ${ratio.toFixed(3)}`;
  console.log(`CPU per signed 200 KB segment: Nada ${nada.toFixed(0)} us`);
  console.log(`  the peer that reads four for each: ${beside(reading)} (at most 0.60)`);
  console.log(`  the peer that remembers: ${beside(remembering)} (at most 1.10)`);
}
