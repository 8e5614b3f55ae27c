// .github/actions/terraform/run, with the real terraform and a resource that needs no provider: what is shown, what leaves
// the job, and that nothing but what was shown is applied.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

const script = new URL("../../.github/actions/terraform/run", import.meta.url).pathname;
const missing = spawnSync("terraform", ["version"]).error && "terraform is missing";
const configuration = `
variable "title" {
  type = string
}
variable "token" {
  type      = string
  sensitive = true
}
resource "terraform_data" "release" {
  input = { title = var.title, token = var.token }
}
`;
const variables = (title) => `title = "${title}"\ntoken = "hush-hush"`;

// A checkout with one live configuration, its state beside it, and a runner's folders.
function checkout(t, text = configuration) {
  const folder = mkdtempSync(join(tmpdir(), "nada-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const live = join(folder, "infra/live/staging");
  mkdirSync(live, { recursive: true });
  mkdirSync(join(folder, "temp"));
  writeFileSync(join(live, "main.tf"), text);
  const read = (name) => (existsSync(join(folder, name)) ? readFileSync(join(folder, name), "utf8") : "");
  const run = (more) => {
    const run = spawnSync(script, [], {
      cwd: folder,
      env: {
        PATH: process.env.PATH,
        HOME: folder,
        CHECKPOINT_DISABLE: "1",
        RUNNER_TEMP: join(folder, "temp"),
        GITHUB_STEP_SUMMARY: join(folder, "summary"),
        LIVE: "staging",
        STATE: "nada-state",
        VARIABLES: variables("one"),
        ...more,
      },
      encoding: "utf8",
    });
    assert.deepEqual(readdirSync(join(folder, "temp")), [], "left on the runner");
    return run;
  };
  const shown = () => copyFileSync(join(folder, "changes"), join(folder, "shown"));
  return { read, run, shown, state: () => read("infra/live/staging/terraform.tfstate") };
}

test("a plan is shown and changes nothing", { skip: missing }, (t) => {
  const { read, run, state } = checkout(t);
  const { status, stdout, stderr } = run();
  assert.equal(status, 0, stderr);
  assert.match(read("summary"), /^### staging\n~~~~text\n/);
  assert.match(read("summary"), /# terraform_data\.release will be created/);
  assert.match(read("summary"), /Plan: 1 to add, 0 to change, 0 to destroy\.\n[^]*~~~~\n$/);
  assert.match(read("changes"), /^[0-9a-f]{64}\n$/);
  assert.doesNotMatch([read("summary"), read("changes"), stdout, stderr].join(), /hush-hush/);
  assert.equal(state(), "");
});

test("nothing in a plan ends the block that it stands in", { skip: missing }, (t) => {
  const { read, run } = checkout(t);
  const { status, stderr } = run({ VARIABLES: variables("~~~~\\n~~~~~~\\n# of another") });
  assert.equal(status, 0, stderr);
  const summary = read("summary");
  const fence = summary.match(/^### staging\n(~+)text\n/)[1];
  assert.equal(fence, "~~~~~~~");
  assert.equal(summary.split("\n").filter((line) => line.includes(fence)).length, 2, summary);
  assert.ok(summary.endsWith(`\n${fence}\n`), summary);
});

test("what was shown is applied, and then nothing is left to change", { skip: missing }, (t) => {
  const { read, run, shown, state } = checkout(t);
  assert.equal(run().status, 0);
  shown();
  const { status, stdout, stderr } = run({ SHOWN: "shown" });
  assert.equal(status, 0, stderr);
  assert.match(stdout, /Apply complete! Resources: 1 added, 0 changed, 0 destroyed\./);
  assert.match(state(), /"title": "one"/);
  assert.equal(run().status, 0);
  assert.match(read("summary"), /No changes\.[^]*$/);
});

test("what was not shown is not applied", { skip: missing }, (t) => {
  const { run, shown, state } = checkout(t);
  assert.equal(run().status, 0);
  shown();
  const { status, stdout } = run({ SHOWN: "shown", VARIABLES: variables("two") });
  assert.equal(status, 1);
  assert.match(
    stdout,
    /^::error title=staging::the changes are no longer those that were shown and approved/m,
  );
  assert.equal(state(), "");
});

test("a hidden value that changed is a change, too", { skip: missing }, (t) => {
  const { run, shown, state } = checkout(t);
  assert.equal(run().status, 0);
  shown();
  const { status } = run({ SHOWN: "shown", VARIABLES: 'title = "one"\ntoken = "another"' });
  assert.equal(status, 1);
  assert.equal(state(), "");
});

test("without what was shown nothing is applied", { skip: missing }, (t) => {
  const { run, state } = checkout(t);
  assert.equal(run({ SHOWN: "nowhere" }).status, 1);
  assert.equal(state(), "");
});

test("a plan that fails shows Terraform's message and leaves no changes", { skip: missing }, (t) => {
  const { read, run } = checkout(t);
  const { status, stderr } = run({ VARIABLES: "" });
  assert.equal(status, 1);
  assert.match(stderr, /No value for required variable/);
  assert.equal(read("changes") + read("summary"), "");
});

test("a role without a token to assume it by is an error before anything runs", (t) => {
  const { read, run } = checkout(t);
  const { status, stdout } = run({ ROLE: "arn:aws:iam::123456789012:role/plan" });
  assert.equal(status, 1);
  assert.match(stdout, /^::error title=identity::.*permissions: id-token: write/m);
  assert.equal(read("changes"), "");
});
