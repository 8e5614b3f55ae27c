// Runs the built worker in workerd on 127.0.0.1 for a test.
//
// stdin:  one line of JSON, { "bindings": { NAME: "text", … }, "port": 0, "record": false, "platform": false,
//         "worker": "media" }, or "license" for both, that of media before that of licences; it stops when stdin closes. What infra/ keeps in a Secrets Store lies in one here too.
// stdout: one line of JSON when it answers, { "ready": true, "port": N }; with "record", one more for each request
//         it sends, { "url": "…", "cf": { … } }: what a platform's cache would be told, which workerd ignores.
// With "platform", that cache stands before the origins (platform.mjs), filled with whole objects or, where it is
// "pieces", with pieces of them, and the worker's clock can be set (clocked.mjs).
// Further lines of stdin are answered with one line each:
//   { "clock": seconds }   how far the clock is ahead from now on
//   { "take": "console" }  what the worker wrote to its console since the last time, line by line
//   { "take": "kept" }     the URLs of what the platform's cache wrote since the last time
// Country and colo of a request: its header MF-CF-Blob, for example {"country":"ID","colo":"CGK"}.
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { existsSync } from "node:fs";
import { Log, LogLevel, Miniflare, Response, fetch } from "miniflare";

import { Platform } from "./platform.mjs";

const root = fileURLToPath(new URL("../../", import.meta.url));
const stop = (message, code) => {
  process.stderr.write(`tests/worker/run.mjs: ${message}\n`);
  process.exit(code);
};
if (!process.versions.node.startsWith("22.")) stop(`Node 22 is needed, not ${process.version}`, 69);

const lines = createInterface({ input: process.stdin });
const first = await new Promise((resolve) => {
  lines.once("line", resolve);
  lines.once("close", () => resolve("{}"));
});
const {
  bindings: texts = {},
  port = 0,
  record = false,
  platform = false,
  worker = "media",
} = JSON.parse(first);
const build = "edge/worker/build/";
const licensed = worker === "license";
if (!existsSync(`${root}${build}index.js`))
  stop("the worker is not built; edge/worker/build.sh builds it", 69);
if (licensed && !existsSync(`${root}edge/worker/build-license/index.js`))
  stop("the licence worker is not built; `edge/worker/build.sh license` builds it", 69);
if (licensed && (platform || record))
  stop("neither a platform's cache nor a record stands before two workers", 64);
const isSecret = ([name]) =>
  [
    "NADA_KEYS",
    "NADA_LICENSE_SERVERS",
    "NADA_S3_ACCESS_KEY_ID",
    "NADA_S3_SECRET_ACCESS_KEY",
    "NADA_SEED",
  ].includes(name);
const secrets = Object.entries(texts).filter(isSecret);
const bindings = Object.fromEntries(Object.entries(texts).filter((entry) => !isSecret(entry)));
const say = (value) => process.stdout.write(`${JSON.stringify(value)}\n`);
const recorded = (request) => {
  say({ url: request.url, cf: request.cf });
  return fetch(request);
};

let ahead = 0;
const cache = new Platform(() => Date.now() + ahead * 1000, platform === "pieces");
const written = [];
const collect = (stream, shown) =>
  createInterface({ input: stream }).on("line", (line) => {
    written.push(line);
    shown?.write(`${line}\n`);
  });
const take = (list) => list.splice(0, list.length);

const settings = {
  compatibilityDate: "2026-07-30",
  rootPath: root,
  modulesRoot: root,
  modules: true,
  modulesRules: [
    { type: "ESModule", include: ["**/*.js", "**/*.mjs"] },
    { type: "CompiledWasm", include: ["**/*.wasm"] },
  ],
  bindings,
  // takes points and shows them nowhere
  analyticsEngineDatasets: { NADA_POINTS: { dataset: "nada" } },
};
const bound = (names) =>
  Object.fromEntries(names.map(([name]) => [name, { store_id: "nada", secret_name: name }]));
const ofLicenses = ([name]) => ["NADA_LICENSE_SERVERS", "NADA_SEED"].includes(name);
const media = {
  ...settings,
  // what licences are made of is no matter of this one
  secretsStoreSecrets: bound(secrets.filter((secret) => !ofLicenses(secret))),
  name: "media",
  scriptPath: platform ? "tests/worker/clocked.mjs" : licensed ? `${build}licensed.js` : `${build}index.js`,
  ...(record && { outboundService: recorded }),
  ...(platform && {
    outboundService: (request) => cache.answer(request),
    serviceBindings: { NADA_TEST_CLOCK: () => new Response(String(ahead)) },
  }),
  ...(licensed && { serviceBindings: { NADA_LICENSES: "license" } }),
};
const license = {
  ...settings,
  secretsStoreSecrets: bound(secrets),
  name: "license",
  // a route of the zone
  routes: ["*/fairplay.cer"],
  scriptPath: "edge/worker/build-license/index.js",
};
const miniflare = new Miniflare({
  host: "127.0.0.1",
  port,
  cf: false,
  workers: licensed ? [media, license] : [media],
  // standard output is the protocol's
  handleRuntimeStdio: (stdout, stderr) => {
    collect(stdout);
    collect(stderr, process.stderr);
  },
  log: new Log(LogLevel.ERROR),
});
// workerd may still be starting: its failure to become ready is then no news
const end = () => miniflare.dispose().finally(() => process.exit(0));
process.once("SIGTERM", end);
process.once("SIGINT", end);
lines.once("close", end);

const address = await miniflare.ready.catch((error) => stop(error.message, 70));
for (const [name, value] of secrets)
  await (await miniflare.getSecretsStoreSecretAPI(name, licensed ? "license" : "media"))().create(value);
say({ ready: true, port: Number(address.port) });

lines.on("line", (line) => {
  const asked = JSON.parse(line);
  if (asked.clock !== undefined) ahead = asked.clock;
  if (asked.take === "console") say({ console: take(written) });
  else if (asked.take === "kept") say({ kept: take(cache.kept) });
  else say({ clock: ahead });
});
