// .github/actions/publish/install: what it puts on the PATH is what the release's sums say, or nothing.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { machine } from "./machine.mjs";

const install = new URL("../../.github/actions/publish/install", import.meta.url).pathname;
const archive = "nada-linux-x86_64.tar.gz";
const programs = ["bash", "cat", "cp", "grep", "gzip", "mkdir", "sha256sum", "tar"];
const linux = "case $1 in -s) echo Linux ;; -m) echo x86_64 ;; esac";
// gh release download TAG --repo R --dir D …
const download = 'cp "$ASSETS"/SHA256SUMS "$ASSETS"/*.tar.gz "$7"';
const gh = `echo "$*" >>"$ASSETS/asked"; case $1 in release) ${download} ;; esac`;

function runner(t, scripts = {}) {
  const { folder, path } = machine(t, programs, { uname: linux, gh, ...scripts });
  const assets = join(folder, "assets");
  mkdirSync(assets);
  writeFileSync(join(folder, "nada"), "#!/usr/bin/env bash\necho nada 1.2.3\n");
  chmodSync(join(folder, "nada"), 0o755);
  execFileSync("tar", ["-czf", join(assets, archive), "-C", folder, "nada"]);
  const sum = createHash("sha256")
    .update(readFileSync(join(assets, archive)))
    .digest("hex");
  const sums = (text) => writeFileSync(join(assets, "SHA256SUMS"), text);
  const run = (version = "v1.2.3") =>
    spawnSync(install, [], {
      env: {
        PATH: path,
        ASSETS: assets,
        RUNNER_TEMP: join(folder, "temp"),
        GITHUB_PATH: join(folder, "path"),
        VERSION: version,
        REPOSITORY: "acme/nada",
      },
      encoding: "utf8",
    });
  const read = (name) => (existsSync(join(folder, name)) ? readFileSync(join(folder, name), "utf8") : "");
  return { folder, sum, sums, run, read };
}

function refused({ run, read }, message, version) {
  const { status, stdout } = run(version);
  assert.equal(status, 1, stdout);
  assert.match(stdout, message);
  assert.equal(read("path"), "", "it is on the PATH all the same");
}

test("the release's program is installed", (t) => {
  const machine = runner(t);
  machine.sums(`${"0".repeat(64)}  another.tar.gz\n${machine.sum}  ${archive}\n`);
  const { status, stdout, stderr } = machine.run();
  assert.equal(status, 0, stderr);
  assert.match(stdout, /^nada 1\.2\.3$/m);
  assert.equal(machine.read("path"), `${machine.folder}/temp/nada\n`);
  assert.match(machine.read("assets/asked"), /^release download v1\.2\.3 --repo acme\/nada /);
});

test("its archive has the attestation of the repository's own release workflow, or is not installed", (t) => {
  const attested = runner(t);
  attested.sums(`${attested.sum}  ${archive}\n`);
  assert.equal(attested.run().status, 0);
  const asked = attested.read("assets/asked").split("\n")[1];
  assert.ok(
    asked.startsWith(`attestation verify ${attested.folder}/temp/nada/${archive} --repo acme/nada `),
    asked,
  );
  assert.match(
    asked,
    / --source-ref refs\/tags\/v1\.2\.3 --signer-workflow acme\/nada\/\.github\/workflows\/release\.yml /,
  );

  const bare = runner(t, { gh: `case $1 in release) ${download} ;; *) exit 1 ;; esac` });
  bare.sums(`${bare.sum}  ${archive}\n`);
  refused(bare, /^::error title=nada::nada-linux-x86_64\.tar\.gz of v1\.2\.3 has no attestation/m);
});

test("another program is not", (t) => {
  const machine = runner(t);
  machine.sums(`${"0".repeat(64)}  ${archive}\n`);
  refused(
    machine,
    /^::error title=nada::nada-linux-x86_64\.tar\.gz is not what SHA256SUMS of v1\.2\.3 says/m,
  );
});

test("nor one that the sums do not name", (t) => {
  const machine = runner(t);
  // whatever else is right
  machine.sums(`${machine.sum}  ${archive}.old\n`);
  refused(
    machine,
    /^::error title=nada::nada-linux-x86_64\.tar\.gz is not what SHA256SUMS of v1\.2\.3 says/m,
  );
});

test("a release that is not there is named", (t) => {
  refused(
    runner(t, { gh: "exit 1" }),
    /^::error title=nada::v1\.2\.3 of acme\/nada could not be downloaded/m,
  );
});

test("a commit or a branch is no release", (t) => {
  const machine = runner(t);
  refused(machine, /^::error title=nada::'main' is no release of nada/m, "main");
  assert.equal(machine.read("assets/asked"), "");
});

test("there are machines without a nada", (t) => {
  refused(runner(t, { uname: "echo Darwin" }), /^::error title=nada::there is no nada for Darwin/m);
});

test("a nada on the PATH goes before it", (t) => {
  const machine = runner(t, { nada: "echo nada 0.0.1" });
  const { status, stdout } = machine.run();
  assert.equal(status, 0);
  assert.equal(stdout, "nada 0.0.1\n");
  assert.equal(machine.read("assets/asked") + machine.read("path"), "");
});
