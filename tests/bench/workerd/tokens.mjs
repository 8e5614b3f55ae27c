// CPU per HMAC token verified in wasm, base64, CBOR and MAC together, by slope: what a request of many verifications
// takes beyond one of few, since workerd's clock stands still within a request.
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { mint, trackClaims } from "../../../edge/token/examples/mint.mjs";
import { keys } from "./catalogue.mjs";
import { agent, median, once } from "./load.mjs";
import { cpu, start } from "./workerd.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
const FEW = 20_000;
const MANY = 120_000;

export async function tokens(built, { rounds = 9 } = {}) {
  const now = Math.floor(Date.now() / 1000);
  const all = Array.from({ length: 64 }, (_, n) => {
    const claims = trackClaims(`INNDA26${String(n).padStart(5, "0")}`, now, 3600, ["IN", "ID", "MY"]);
    return mint(claims, keys.keys[0]);
  });
  const bindings = { NADA_KEYS: JSON.stringify(keys), TOKENS: all.join("\n") };
  const worker = await start(
    [`${here}verify.mjs`, `${built}/verify.js`, `${built}/verify_bg.wasm`],
    bindings,
  );
  const connection = agent(1);
  const run = async (times) => {
    const before = cpu(worker.pid);
    const { body } = await once(connection, `http://127.0.0.1:${worker.port}/?times=${times}`, {});
    assert.equal(body.toString(), String(times), "every token is good");
    return cpu(worker.pid) - before;
  };
  try {
    // until the compiler has done its best
    for (let n = 0; n < 3; n++) await run(MANY);
    const slopes = [];
    for (let n = 0; n < rounds; n++) slopes.push(((await run(MANY)) - (await run(FEW))) / (MANY - FEW));
    return { microseconds: median(slopes) * 1e6, characters: all[0].length };
  } finally {
    connection.destroy();
    await worker.stop();
  }
}
