// infra/bootstrap/github, with stand-ins for Terraform and gh: which environments are made, for whom, and with which role.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

const roles = { plan: "arn:plan", apply: "arn:apply", publisher: "arn:publisher" };

function made(t, { branches = "main", reviewers = false } = {}) {
  const folder = mkdtempSync(join(tmpdir(), "nada-"));
  t.after(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, "infra/bootstrap"), { recursive: true });
  copyFileSync(
    new URL("../../infra/bootstrap/github", import.meta.url),
    join(folder, "infra/bootstrap/github"),
  );
  const program = (name, text) => {
    writeFileSync(join(folder, name), `#!/bin/sh\n${text}\n`);
    chmodSync(join(folder, name), 0o755);
  };
  program("infra/terraform", `echo '${JSON.stringify({ roles: { value: roles } })}'`);
  const rules = JSON.stringify({ protection_rules: reviewers ? [{ type: "required_reviewers" }] : [] });
  program(
    "gh",
    `echo "$*" >>"${folder}/asked"
case "$*" in
  *"POST"*) exit 1 ;; # it is there already
  *"deployment-branch-policies --jq"*) echo "${branches}" ;;
  *"--jq"*) for last; do :; done; echo '${rules}' | jq -r "$last" ;;
esac`,
  );
  const run = spawnSync(join(folder, "infra/bootstrap/github"), ["acme/nada", "staging"], {
    env: { PATH: `${folder}:${process.env.PATH}` },
    encoding: "utf8",
  });
  return { ...run, asked: readFileSync(join(folder, "asked"), "utf8") };
}

test("three environments, each with its role, and main alone changes or publishes", (t) => {
  const { status, asked, stderr } = made(t);
  assert.equal(status, 0, stderr);
  for (const [name, role] of [
    ["staging-plan", "plan"],
    ["staging", "apply"],
    ["staging-releases", "publisher"],
  ]) {
    assert.ok(
      asked.includes(`variable set AWS_ROLE --repo acme/nada --env ${name} --body arn:${role}\n`),
      asked,
    );
  }
  const policies = [...asked.matchAll(/environments\/(\S+)\/deployment-branch-policies -f name=main/g)];
  assert.deepEqual(
    policies.map(([, name]) => name),
    ["staging", "staging-releases"],
  );
});

test("an environment that other branches may use is an error", (t) => {
  const { status, stderr } = made(t, { branches: "main feature/x" });
  assert.equal(status, 1);
  assert.match(stderr, /staging can be used by other branches than main/);
});

test("whether somebody has to approve is said", (t) => {
  assert.match(made(t).stdout, /Nobody has to approve what staging applies/);
  assert.match(made(t, { reviewers: true }).stdout, /Reviewers approve what staging applies/);
});
