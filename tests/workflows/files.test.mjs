// What the workflows' files must say and no linter asks.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

const root = new URL("../../", import.meta.url);
const read = (path) => readFileSync(new URL(path, root), "utf8");
const all = (text, pattern) => [...text.matchAll(pattern)].map(([, found]) => found);
const workflows = readdirSync(new URL(".github/workflows/", root))
  .filter((name) => name.endsWith(".yml"))
  .map((name) => [name, read(`.github/workflows/${name}`)]);

const environments = readdirSync(new URL("infra/live/environments/", root))
  .filter((name) => name.endsWith(".tfvars"))
  .map((name) => name.replace(".tfvars", ""));

test("no workflow has a permission; jobs have", () => {
  for (const [name, text] of workflows) {
    assert.match(text, /^permissions: \{\}$/m, `${name} gives every job the same`);
  }
});

test("a called workflow asks for no secret: an environment's do not reach it", () => {
  for (const [name, text] of workflows.filter(([, text]) => /^ {2}workflow_call:/m.test(text))) {
    assert.doesNotMatch(text, /secrets\.|^ +environment:/m, name);
  }
});

test("a deployment begins with any file that makes what is deployed, or that deploys it", () => {
  const text = read(".github/workflows/deploy.yml");
  const [push, pullRequest, ...more] = all(text, /^ {4}paths:\n((?: {6}- .*\n)+)/gm).map((list) =>
    all(list, /- (.*)/g),
  );
  assert.deepEqual([pullRequest, more], [push, []]);
  const matching = (path) =>
    execFileSync("git", ["ls-files", `:(glob)${path}`], { cwd: root, encoding: "utf8" }).split("\n");
  const covered = new Set(push.flatMap(matching));
  for (const path of push) {
    assert.ok(matching(path).length > 1, `nothing is called ${path}`);
  }
  for (const path of [
    "Cargo.toml",
    "Cargo.lock",
    "rust-toolchain.toml",
    "edge/worker/build.sh",
    "packager/lambda/build.sh",
    "infra/build",
    "tests/run.d/environment.sh",
    "tests/run.d/install.sh",
    "tests/package-lock.json",
    ".github/actions/debian/action.yml",
    ".github/actions/identity.sh",
    ".github/actions/terraform/run",
    ".github/workflows/deploy.yml",
    ".github/workflows/deployables.yml",
  ]) {
    assert.ok(covered.has(path), `${path} is not among deploy.yml's paths`);
  }
});

test("the zone's rules let through what the worker routes, and no more", () => {
  const route = read("edge/core/src/route.rs").split("mod tests")[0];
  const license = read("edge/core/src/license/target.rs").split("mod tests")[0];
  const routed = new Set(all(`${route}${license}`, /(?:^ +|strip_prefix\(|split_once\(|== )"(\/[^"]*)"/gm));
  const rules = read("infra/modules/edge/security.tf");
  assert.deepEqual(
    new Set(all(rules, /\\"(\/[^"\\]*)\\"/g)),
    routed,
    "edge/core/src/route.rs and infra/modules/edge/security.tf name other paths",
  );
  assert.deepEqual(routed, new Set(["/healthz", "/version", "/~", "/t/", "/license/", "/fairplay.cer"]));
  assert.equal(
    all(rules, /len\(http\.request\.uri\.path\) gt (\d+)/g)[0],
    all(route, /MAX_PATH: usize = (\d+)/g)[0],
  );
});

test("the image is built by the repository's toolchain, of all that the workspace has", () => {
  const image = read("infra/container/Dockerfile");
  const [channel] = all(read("rust-toolchain.toml"), /^channel = "(.*)"/gm);
  assert.deepEqual(all(image, /^FROM rust:(.*)-bookworm AS build$/gm), [channel]);
  assert.deepEqual(all(image, /^ENV RUSTUP_TOOLCHAIN=(.*)$/gm), [channel]);
  const [members] = all(read("Cargo.toml"), /^members = \[([^\]]*)\]/gm);
  const letIn = all(read("infra/container/Dockerfile.dockerignore"), /^!(.*)$/gm);
  for (const member of all(members, /"([^"]+)"/g)) {
    assert.ok(
      letIn.some(
        (path) => member === path || member.startsWith(`${path}/`) || path === `${member}/Cargo.toml`,
      ),
      `${member} is not let into the image's build`,
    );
  }
});

test("the publisher's role does not deploy: each environment has its role, and the documents name it", () => {
  const deployers = all(read(".github/workflows/deploy.yml"), /^ {4}environment: (.*)$/gm).flatMap((name) =>
    environments.map((environment) => name.replace("${{ matrix.environment }}", environment)),
  );
  const [role, ...more] = all(
    read("infra/live/main.tf"),
    /"repo:\$\{var\.repository\}:environment:\$\{var\.environment\}(.*)"/g,
  );
  assert.deepEqual(more, []);
  const publishers = environments.map((environment) => `${environment}${role}`);
  for (const publisher of publishers) {
    assert.ok(!deployers.includes(publisher), `${publisher} is a deployer's environment`);
    assert.ok(
      read("infra/README.md").includes(`\`${publisher}\``),
      `infra/README.md does not name ${publisher}`,
    );
  }
  for (const environment of all(read(".github/actions/publish/README.md"), /environment: (\S+)/g)) {
    assert.ok(
      publishers.includes(environment),
      `the action's README names ${environment}, which no role trusts`,
    );
  }
});
