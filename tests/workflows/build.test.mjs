// infra/build on a machine that has a shell and rustup: it knows what else it needs.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { machine } from "./machine.mjs";

const rust = {
  rustup: "echo wasm32-unknown-unknown",
  rustc: "echo rustc",
  cargo: "true",
};

for (const [part, packages] of [
  ["worker", "g++ pkg-config libssl-dev npm"],
  ["lambda", "g++ python3 python3-venv"],
]) {
  test(`a bare machine learns what ${part} needs, and nothing that only tests need`, (t) => {
    const { path } = machine(t, ["bash", "cat", "dirname", "grep", "id", "sed"], rust);
    const build = new URL("../../infra/build", import.meta.url).pathname;
    const run = spawnSync(build, [part], { env: { PATH: path, HOME: path }, encoding: "utf8" });
    assert.equal(run.status, 1, run.stderr);
    assert.ok(run.stderr.endsWith(`apt-get install -y --no-install-recommends ${packages}\n`), run.stderr);
  });
}
