// infra/build on a machine that has a shell and rustup: it knows what else it needs.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { machine } from "./machine.mjs";

const rust = {
  rustup: "echo wasm32-unknown-unknown",
  rustc: "echo rustc",
  cargo: "true",
};

test("the canary is the same bytes whenever it is built, and holds its program and the minting", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "nada-"));
  t.after(() => rmSync(folder, { recursive: true }));
  for (const path of ["infra", "edge/token/examples", "tests/run.d"]) {
    cpSync(new URL(`../../${path}`, import.meta.url), join(folder, path), {
      recursive: true,
      filter: (from) => !from.includes(".terraform"),
    });
  }
  const built = () => {
    const run = spawnSync(join(folder, "infra/build"), ["canary"], { encoding: "utf8" });
    assert.equal(run.status, 0, run.stderr);
    return readFileSync(join(folder, "dist/canary.zip"));
  };
  const first = built();
  utimesSync(join(folder, "infra/canary/canary.py"), 0, 0);
  assert.deepEqual(built(), first);
  for (const name of ["canary.py", "mint.py", "edge_metrics.py"]) {
    assert.ok(first.includes(name), `${name} is not in the archive`);
  }
});

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
