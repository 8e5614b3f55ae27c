// .github/actions/terraform/run, with the real terraform and a resource that needs no provider: what is shown, what leaves
// the job, that nothing but what was shown is applied, and how a new version of the worker begins.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  chmodSync,
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
terraform {
  backend "local" {}
}
variable "title" {
  type = string
}
variable "token" {
  type      = string
  sensitive = true
}
variable "commit" {
  type    = string
  default = null
}
variable "rollout" {
  type = object({ previous = string, percentage = number })
  default = null
}
resource "terraform_data" "release" {
  input = { title = var.title, token = var.token }
}
resource "terraform_data" "commit" {
  input = var.commit
}
resource "terraform_data" "version" {
  triggers_replace = var.title
}
resource "terraform_data" "share" {
  input = var.rollout == null ? "all" : "\${var.rollout.percentage} % beside \${var.rollout.previous}"
}
output "worker_version" {
  value = terraform_data.version.id
}
output "name" {
  value = "nada-staging-acme"
}
output "canary_regions" {
  value = ["ap-south-1", "ap-southeast-3"]
}
`;
const variables = (title) => `title = "${title}"\ntoken = "hush-hush"`;

// A checkout with one environment, its state beside it, and a runner's folders.
function checkout(t, text = configuration) {
  const folder = mkdtempSync(join(tmpdir(), "nada-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const live = join(folder, "infra/live");
  mkdirSync(join(live, "environments"), { recursive: true });
  copyFileSync(new URL("../../infra/terraform", import.meta.url), join(folder, "infra/terraform"));
  // its own value, which the workflow's goes before
  writeFileSync(join(live, "environments/staging.tfvars"), variables("of the file"));
  writeFileSync(join(live, "environments/staging.s3.tfbackend"), 'path = "staging.tfstate"\n');
  mkdirSync(join(folder, "temp"));
  writeFileSync(join(live, "main.tf"), text);
  const read = (name) => (existsSync(join(folder, name)) ? readFileSync(join(folder, name), "utf8") : "");
  const write = (name, text) => writeFileSync(join(folder, name), text);
  const run = (more) => {
    const run = spawnSync(script, [], {
      cwd: folder,
      env: {
        PATH: `${folder}:${process.env.PATH}`,
        WATCH_SECONDS: "0",
        TF_CLI_ARGS: "-no-color",
        HOME: folder,
        CHECKPOINT_DISABLE: "1",
        RUNNER_TEMP: join(folder, "temp"),
        GITHUB_STEP_SUMMARY: join(folder, "summary"),
        ENVIRONMENT: "staging",
        VARIABLES: variables("one"),
        ...more,
      },
      encoding: "utf8",
    });
    assert.deepEqual(readdirSync(join(folder, "temp")), [], "left on the runner");
    return run;
  };
  // the digest that the last plan showed
  const shown = () => read("summary").match(/with these changes: `([0-9a-f]{64})`[^`]*$/)[1];
  // AWS's command line, which says which of the canary's alarms there are: all of them, and those in ALARM
  const canary = (all, ill) => {
    write("aws", `#!/bin/sh\ncase "$*" in *ALARM*) echo "${ill}" ;; *) echo "${all}" ;; esac\n`);
    chmodSync(join(folder, "aws"), 0o755);
  };
  const share = () =>
    JSON.parse(read("infra/live/staging.tfstate")).resources.find(({ name }) => name === "share").instances[0]
      .attributes.output.value;
  return { canary, read, run, share, shown, write, state: () => read("infra/live/staging.tfstate") };
}

test("a plan is shown and changes nothing", { skip: missing }, (t) => {
  const { read, run, shown, state } = checkout(t);
  const { status, stdout, stderr } = run();
  assert.equal(status, 0, stderr);
  assert.match(read("summary"), /^### staging\nTo apply exactly this, .*\n\n~~~~text\n/);
  assert.match(read("summary"), /# terraform_data\.release will be created/);
  assert.match(read("summary"), /Plan: 4 to add, 0 to change, 0 to destroy\.\n[^]*~~~~\n$/);
  assert.match(shown(), /^[0-9a-f]{64}$/);
  assert.doesNotMatch([read("summary"), stdout, stderr].join(), /hush-hush/);
  assert.equal(state(), "");
});

test("nothing in a plan ends the block that it stands in", { skip: missing }, (t) => {
  const { read, run } = checkout(t);
  const { status, stderr } = run({ VARIABLES: variables("~~~~\\n~~~~~~\\n# of another") });
  assert.equal(status, 0, stderr);
  const summary = read("summary");
  const fence = summary.match(/^(~+)text\n/m)[1];
  assert.equal(fence, "~~~~~~~");
  assert.equal(summary.split("\n").filter((line) => line.includes(fence)).length, 2, summary);
  assert.ok(summary.endsWith(`\n${fence}\n`), summary);
});

test("what was shown is applied, and then nothing is left to change", { skip: missing }, (t) => {
  const { read, run, shown, state } = checkout(t);
  assert.equal(run().status, 0);
  const { status, stdout, stderr } = run({ ACTION: "apply", CHANGES: shown() });
  assert.equal(status, 0, stderr);
  assert.match(stdout, /Apply complete! Resources: 4 added, 0 changed, 0 destroyed\./);
  assert.match(state(), /"title": "one"/);
  assert.equal(run().status, 0);
  assert.match(read("summary"), /No changes\.[^]*$/);
});

test("what is planned is applied where nothing has to be shown", { skip: missing }, (t) => {
  const { run, state } = checkout(t);
  assert.equal(run({ ACTION: "apply" }).status, 0);
  assert.match(state(), /"title": "one"/);
});

test("another commit with the same changes is no other change", { skip: missing }, (t) => {
  const { run, shown } = checkout(t);
  run({ COMMIT: "1".repeat(40) });
  const first = shown();
  run({ COMMIT: "2".repeat(40) });
  assert.equal(shown(), first);
});

test("a new version answers a few requests first, then all", { skip: missing }, (t) => {
  const { canary, run, share } = checkout(t);
  assert.equal(run({ ACTION: "apply", ROLLOUT: "10" }).status, 0);
  assert.equal(share(), "all", "the first version has none before it");
  canary("nada-staging-acme-canary-ID", "");
  const { status, stdout, stderr } = run({ ACTION: "apply", ROLLOUT: "10", VARIABLES: variables("two") });
  assert.equal(status, 0, stderr);
  assert.match(
    stdout,
    /input += "all" -> "10 % beside [0-9a-f-]{36}"[^]*input += "10 % beside [0-9a-f-]{36}" -> "all"/,
  );
  assert.equal(share(), "all");
});

test("a version that the canary does not bear is gone back on", { skip: missing }, (t) => {
  const { canary, run, share, state } = checkout(t);
  run({ ACTION: "apply" });
  const { id } = JSON.parse(state()).resources.find(({ name }) => name === "version").instances[0].attributes;
  canary("nada-staging-acme-canary-ID", "nada-staging-acme-canary-ID");
  const { status, stdout } = run({ ACTION: "apply", ROLLOUT: "10", VARIABLES: variables("two") });
  assert.equal(status, 1);
  assert.match(stdout, /^::error title=staging::the canary is ill \(nada-staging-acme-canary-ID/m);
  assert.equal(share(), `0 % beside ${id}`);
});

test("without a canary a new version answers all, and that is said", { skip: missing }, (t) => {
  const { canary, run, share } = checkout(t);
  run({ ACTION: "apply" });
  canary("", "");
  const { status, stdout } = run({ ACTION: "apply", ROLLOUT: "10", VARIABLES: variables("two") });
  assert.equal(status, 0);
  assert.match(stdout, /^::warning title=staging::no canary has an alarm here/m);
  assert.equal(share(), "all");
});

test("without values of the workflow's, those of the environment's file hold", { skip: missing }, (t) => {
  const { read, run } = checkout(t);
  assert.equal(run({ VARIABLES: "" }).status, 0);
  assert.match(read("summary"), /title += "of the file"/);
});

test("an environment without a file is none", (t) => {
  const { run } = checkout(t);
  const { status, stderr } = run({ ENVIRONMENT: "../staging" });
  assert.equal(status, 64);
  assert.match(stderr, /there is no infra\/live\/environments/);
});

test("what was not shown is not applied", { skip: missing }, (t) => {
  const { run, shown, state } = checkout(t);
  assert.equal(run().status, 0);
  const { status, stdout } = run({ ACTION: "apply", CHANGES: shown(), VARIABLES: variables("two") });
  assert.equal(status, 1);
  assert.match(stdout, /^::error title=staging::the changes are .*, which were shown and approved/m);
  assert.equal(state(), "");
});

test("a hidden value that changed is a change, too", { skip: missing }, (t) => {
  const { run, shown, state } = checkout(t);
  assert.equal(run().status, 0);
  const another = 'title = "one"\ntoken = "another"';
  assert.equal(run({ ACTION: "apply", CHANGES: shown(), VARIABLES: another }).status, 1);
  assert.equal(state(), "");
});

test("a plan that fails shows Terraform's message and leaves no changes", { skip: missing }, (t) => {
  const { read, run } = checkout(t);
  const { status, stderr } = run({ VARIABLES: "title = unquoted" });
  assert.equal(status, 1);
  assert.match(stderr, /Variables not allowed/);
  assert.equal(read("summary"), "");
});

test("providers that no lock file pins are said", { skip: missing }, (t) => {
  const { run } = checkout(t);
  assert.match(
    run().stdout,
    /^::warning title=staging::no infra\/live\/\.terraform\.lock\.hcl is committed/m,
  );
});

test("a lock file is obeyed, and never written", { skip: missing }, (t) => {
  const { read, run, write } = checkout(t);
  const path = "infra/live/.terraform.lock.hcl";
  // more than is needed: without -lockfile=readonly, terraform init takes it out
  const lock = 'provider "registry.terraform.io/hashicorp/null" {\n  version = "3.2.4"\n}\n';
  write(path, lock);
  const { status, stdout, stderr } = run();
  assert.equal(status, 1);
  assert.match(stderr, /Provider dependency changes detected/);
  assert.doesNotMatch(stdout, /::warning/);
  assert.equal(read(path), lock);
});

test("a role without a token to assume it by is an error before anything runs", (t) => {
  const { read, run } = checkout(t);
  const { status, stdout } = run({ ROLE: "arn:aws:iam::123456789012:role/plan" });
  assert.equal(status, 1);
  assert.match(stdout, /^::error title=identity::.*permissions: id-token: write/m);
  assert.equal(read("summary"), "");
});
