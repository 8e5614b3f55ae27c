// infra/drift, with a stand-in for Terraform and for Cloudflare's API; and .github/actions/terraform/applied, which finds what
// it compares with.
import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

const root = new URL("../../", import.meta.url);
const worker = {
  account_id: "acme",
  name: "nada-staging",
  versions: [{ version_id: "new", percentage: 100 }],
};

function folder(t, programs) {
  const folder = mkdtempSync(join(tmpdir(), "nada-"));
  t.after(() => rmSync(folder, { recursive: true }));
  for (const [name, text] of Object.entries(programs)) {
    writeFileSync(join(folder, name), text);
    chmodSync(join(folder, name), 0o755);
  }
  return folder;
}

// What infra/drift says when the plan ends with a code and Cloudflare has some deployments.
async function drift(t, plan, deployments) {
  const terraform = `#!/bin/sh\nif [ "$2" = plan ]; then exit ${plan}; fi\necho '${JSON.stringify(worker)}'\n`;
  const here = folder(t, { terraform });
  copyFileSync(new URL("infra/drift", root), join(here, "drift"));
  const asked = [];
  const server = createServer((request, response) => {
    asked.push([request.url, request.headers.authorization]);
    response.end(JSON.stringify({ result: { deployments } }));
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  t.after(() => server.close());
  const env = {
    PATH: process.env.PATH,
    CLOUDFLARE_API_TOKEN: "hush",
    NADA_CLOUDFLARE_API: `http://127.0.0.1:${server.address().port}`,
  };
  return new Promise((done) =>
    execFile(join(here, "drift"), ["staging"], { env }, (error, stdout) =>
      done({ status: error?.code ?? 0, stdout, asked }),
    ),
  );
}

const deployed = (version, percentage, day) => ({
  created_on: `2026-11-${day}T00:00:00Z`,
  versions: [{ version_id: version, percentage }],
});

test("an empty plan and the version that was deployed are no drift", async (t) => {
  const { status, stdout, asked } = await drift(t, 0, [deployed("new", 100, 29), deployed("old", 100, 28)]);
  assert.equal(status, 0, stdout);
  assert.deepEqual(asked, [["/accounts/acme/workers/scripts/nada-staging/deployments", "bearer hush"]]);
});

test("a rollback by wrangler is drift, though the plan is empty", async (t) => {
  const { status, stdout } = await drift(t, 0, [deployed("new", 100, 28), deployed("old", 100, 29)]);
  assert.equal(status, 2);
  assert.match(stdout, /DRIFT: the worker runs \[\{"version_id":"old","percentage":100\}\]/);
});

test("a version left at a tenth is drift", async (t) => {
  assert.equal((await drift(t, 0, [deployed("new", 10, 29)])).status, 2);
});

test("a plan that is not empty is drift, and one that fails is an error", async (t) => {
  assert.equal((await drift(t, 2, [deployed("new", 100, 29)])).status, 2);
  assert.equal((await drift(t, 1, [deployed("new", 100, 29)])).status, 1);
});

const first = "1".repeat(40);
const second = "2".repeat(40);
// newest first: production by hand with the first commit, then two pushes, the second of which failed to reach staging
const runs = [
  {
    id: 30,
    event: "workflow_dispatch",
    head_sha: second,
    display_title: `production ${first}`,
    jobs: ["production"],
  },
  { id: 20, event: "push", head_sha: second, display_title: "Second", jobs: [] },
  { id: 10, event: "push", head_sha: first, display_title: "First", jobs: ["staging"] },
];
const gh = `#!/usr/bin/env node
const { execFileSync } = require("node:child_process");
const runs = ${JSON.stringify(runs)};
const [, , , path, , filter] = process.argv;
const url = new URL(path, "http://x");
let answer;
if (url.pathname.endsWith("/jobs")) {
  const { jobs } = runs.find(({ id }) => url.pathname.includes("/runs/" + id + "/"));
  answer = { jobs: jobs.map((name) => ({ id: 1, name, conclusion: "success" })) };
} else {
  const asked = url.searchParams;
  answer = { workflow_runs: runs.filter((run) => ["event", "head_sha"].every((key) => !asked.has(key) || asked.get(key) === run[key])) };
}
process.stdout.write(execFileSync("jq", ["-r", filter], { input: JSON.stringify(answer) }));
`;

function applied(t, environment) {
  const env = {
    PATH: `${folder(t, { gh })}:${process.env.PATH}`,
    REPOSITORY: "acme/nada",
    ENVIRONMENT: environment,
  };
  return spawnSync(new URL(".github/actions/terraform/applied", root).pathname, [], {
    env,
    encoding: "utf8",
  });
}

test("what a push applied is its commit", (t) => {
  assert.equal(applied(t, "staging").stdout, `commit=${first}\nrun=10\n`);
});

test("what was applied by hand is the commit that was asked for, as a push built it", (t) => {
  assert.equal(applied(t, "production").stdout, `commit=${first}\nrun=10\n`);
});

test("an environment that nothing was applied to is an error", (t) => {
  const { status, stdout } = applied(t, "elsewhere");
  assert.equal(status, 1);
  assert.match(stdout, /^::error title=elsewhere::no run/);
});
