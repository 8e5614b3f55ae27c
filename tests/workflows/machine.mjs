// A machine that has some programs and no others.
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/// A folder for a test and, in it, the PATH: some of this machine's programs, and scripts of the test's own.
export function machine(t, programs, scripts = {}) {
  const folder = mkdtempSync(join(tmpdir(), "nada-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "bin");
  mkdirSync(path);
  for (const program of programs) {
    symlinkSync(
      execFileSync("bash", ["-c", `type -P ${program}`], { encoding: "utf8" }).trim(),
      join(path, program),
    );
  }
  for (const [name, body] of Object.entries(scripts)) {
    writeFileSync(join(path, name), `#!/usr/bin/env bash\n${body}\n`);
    chmodSync(join(path, name), 0o755);
  }
  return { folder, path };
}
