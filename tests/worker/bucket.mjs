// A bucket of R2 in workerd on 127.0.0.1, for a test. Who signs speaks S3's protocol, in the part of it that publishing needs, and
// its conditions are R2's own to keep. Who does not is answered as by the bucket's custom domain: by key alone, whatever
// the query; PUT and DELETE without a signature are a test's, which fills it.
//
// stdout: the port, when it answers; it stops when stdin closes.
import { Miniflare, Log, LogLevel } from "miniflare";

const miniflare = new Miniflare({
  host: "127.0.0.1",
  port: 0,
  cf: false,
  compatibilityDate: "2026-07-30",
  modules: [
    { type: "ESModule", path: "bucket.worker.mjs" },
    { type: "ESModule", path: "s3.worker.mjs" },
  ],
  modulesRoot: ".",
  rootPath: import.meta.dirname,
  r2Buckets: { BUCKET: "releases" },
  log: new Log(LogLevel.ERROR),
});
const end = () => miniflare.dispose().finally(() => process.exit(0));
process.once("SIGTERM", end);
process.once("SIGINT", end);
process.stdin.on("end", end).resume();

process.stdout.write(`${(await miniflare.ready).port}\n`);
