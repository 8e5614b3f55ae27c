// Runs the phones: some traces at a time, each in all ways. Writes $ABR_WORK/runs.jsonl.
import { spawn } from "node:child_process";
import { appendFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { traces } from "./traces.mjs";

const { values: option } = parseArgs({
  options: Object.fromEntries(
    ["seconds", "rounds", "ways", "traces", "together", "phones"].map((name) => [name, { type: "string" }]),
  ),
});
const out = `${process.env.ABR_WORK}/runs.jsonl`;
const ways = option.ways.split(",");
const phones = option.phones.split(",");
const names = option.traces === "all" ? Object.keys(traces) : option.traces.split(",");
for (const name of names)
  if (!traces[name]) throw new Error(`no trace "${name}": ${Object.keys(traces).join(", ")}`);

/** One phone; gives its line. */
function listen(number, way, name) {
  const phone = phones[number];
  const program = spawn(
    "ip",
    ["netns", "exec", phone, process.execPath, "phone.mjs", number, way, name, option.seconds].map(String),
    { env: { ...process.env, ABR_PHONE: phone }, stdio: ["ignore", "pipe", "inherit"] },
  );
  let said = "";
  program.stdout.on("data", (text) => (said += text));
  return new Promise((done, failed) =>
    program.once("exit", (code) =>
      code === 0 ? done(said) : failed(new Error(`${way} on ${name} ended with ${code}`)),
    ),
  );
}

writeFileSync(out, "");
const work = Array.from({ length: Number(option.rounds) }, () => names).flat();
for (let at = 0; at < work.length; at += Number(option.together)) {
  const some = work.slice(at, at + Number(option.together));
  const lines = await Promise.all(
    some.flatMap((name, k) => ways.map((way, w) => listen(k * ways.length + w, way, name))),
  );
  for (const line of lines) appendFileSync(out, line);
  console.error(`${at + some.length} of ${work.length}: ${some.join(", ")}`);
}
