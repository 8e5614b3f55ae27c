// All of tests/bench/worker: prints a line for each figure, and fails where one is beyond what it is held against.
import { fileURLToPath } from "node:url";
import { nada, origin, peer, segments } from "./segments.mjs";
import { startup } from "./startup.mjs";
import { tokens } from "./tokens.mjs";

const [rounds, built] = [Number(process.argv[2]), process.argv[3]];
let beyond = 0;
function say(what, value, unit, most) {
  const held = most === undefined ? "" : `  (at most ${most})`;
  console.log(`${what.padEnd(62)} ${value.toFixed(unit === "" ? 3 : 1).padStart(8)} ${unit}${held}`);
  if (most !== undefined && value > most) beyond++;
}

const store = await origin();
const empty = [fileURLToPath(new URL("empty.mjs", import.meta.url))];
const [ours, theirs] = await startup([nada, peer], empty, store.bindings, { rounds: rounds * 2 + 1 });
store.stop();
say("start-up beyond an empty worker's, Nada", ours, "ms", 20);
say("start-up beyond an empty worker's, the peer in JavaScript", theirs, "ms");

const token = await tokens(built, { rounds });
say(`one HMAC token of ${token.characters} characters, verified in wasm`, token.microseconds, "us", 5);

const segment = await segments({ rounds });
say("CPU per signed 200 KB segment, Nada", segment.nada, "us");
say("the same, the peer in JavaScript that reads four for each", segment.reading.us, "us");
say("the same, the peer in JavaScript that remembers", segment.remembering.us, "us");
say("the ratio to the peer that reads, median over pairs of runs", segment.reading.ratio, "", 0.6);
say("the ratio to the peer that remembers", segment.remembering.ratio, "", 1.1);
process.exit(beyond ? 1 : 0);
