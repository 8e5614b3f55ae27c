// .github/actions/takedown, with stand-ins for infra/verify and AWS's command line: what becomes a metric, and what an error.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

const outputs = { name: { value: "nada-production-acme" }, releases: { value: { region: "ap-south-1" } } };

function takedown(t, result, said, more = {}) {
  const folder = mkdtempSync(join(tmpdir(), "nada-"));
  t.after(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, "infra"));
  const program = (name, text) => {
    writeFileSync(join(folder, name), `#!/bin/sh\n${text}\n`);
    chmodSync(join(folder, name), 0o755);
  };
  program(
    "infra/verify",
    `echo "$*" >verified; cat "\${7}" >keys; echo '${JSON.stringify({ result, said })}'; [ ${result} = pass ]`,
  );
  program("aws", 'echo "$*" >told');
  const run = spawnSync(new URL("../../.github/actions/takedown", import.meta.url).pathname, [], {
    cwd: folder,
    env: {
      PATH: `${folder}:${process.env.PATH}`,
      ENVIRONMENT: "production",
      TRACK: "INNDA2600003",
      OUTPUTS: JSON.stringify({ ...outputs, ...more }),
      KEYS: "hush",
      GITHUB_STEP_SUMMARY: join(folder, "summary"),
    },
    encoding: "utf8",
  });
  return { ...run, read: (name) => readFileSync(join(folder, name), "utf8") };
}

test("seconds become a metric", (t) => {
  const { status, stdout, stderr, read } = takedown(t, "pass", "17.5 s");
  assert.equal(status, 0, stderr);
  assert.match(
    read("verified"),
    /--only takedown --takedown INNDA2600003 --keys \S+ --outputs \S+ production/,
  );
  assert.equal(read("keys"), "hush");
  assert.match(
    read("told"),
    /--region ap-south-1 --namespace Nada\/Takedown .* --value 17\.5 --dimensions Environment=nada-production-acme/,
  );
  assert.match(read("summary"), /withdrawn and restored: 17\.5 s/);
  assert.doesNotMatch(stdout + stderr, /hush/);
});

test("where releases lie in R2, metrics are where the alarm is", (t) => {
  const { status, stderr, read } = takedown(t, "pass", "17.5 s", {
    releases: { value: { region: "auto" } },
    region: { value: "ap-south-1" },
  });
  assert.equal(status, 0, stderr);
  assert.match(read("told"), /--region ap-south-1 /);
});

test("a withdrawal that does not hold, or cannot be measured, is a metric beyond the alarm, and an error", (t) => {
  for (const result of ["fail", "skip"]) {
    const { status, stdout, read } = takedown(t, result, "still heard after 120 s");
    assert.equal(status, 1);
    assert.match(read("told"), /--value 999 /);
    assert.match(stdout, /^::error title=production::still heard after 120 s/m);
  }
});
