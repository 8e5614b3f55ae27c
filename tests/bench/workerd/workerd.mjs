// workerd itself, without miniflare: one process for one worker, so that the CPU time of the process is the worker's.
import { spawn } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";

const require = createRequire(import.meta.url);
// the package that miniflare is pinned to
const { default: program } = require(require.resolve("workerd", { paths: [require.resolve("miniflare")] }));

const date = "2026-07-30";
// takes data points and shows them nowhere
const points = "export default () => ({ writeDataPoint() {} });";

function config(modules, bindings) {
  const kind = (name) => (name.endsWith(".wasm") ? "wasm" : "esModule");
  const all = modules.map((name) => `(name = "${name}", ${kind(name)} = embed "${name}")`);
  const texts = Object.entries(bindings).map(
    ([name, text]) => `(name = "${name}", text = ${JSON.stringify(text)})`,
  );
  texts.push(`(name = "NADA_POINTS", wrapped = (moduleName = "nada:points"))`);
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .main), (name = "internet", network = (allow = ["private", "local"]))],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (cfBlobHeader = "CF-Blob"), service = "main")],
  extensions = [(modules = [(name = "nada:points", internal = true, esModule = ${JSON.stringify(points)})])],
);
const main :Workerd.Worker = (
  modules = [${all.join(", ")}],
  bindings = [${texts.join(", ")}],
  compatibilityDate = "${date}",
);
`;
}

// Starts a worker of these module files, the first of which is the entry. `port`, `pid`, `stop()`.
export async function start(files, bindings = {}) {
  const folder = mkdtempSync(join(tmpdir(), "nada-workerd-"));
  const names = files.map((file) => basename(file));
  files.forEach((file, at) => copyFileSync(file, join(folder, names[at])));
  writeFileSync(join(folder, "config.capnp"), config(names, bindings));
  const child = spawn(program, ["serve", "config.capnp", "--control-fd=3"], {
    cwd: folder,
    stdio: ["ignore", "ignore", "pipe", "pipe"],
  });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  const kill = () => child.kill("SIGKILL");
  process.once("exit", kill);
  const stop = async () => {
    process.off("exit", kill);
    kill();
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  let stderr = "";
  child.stderr.on("data", (text) => (stderr += text));
  const port = await new Promise((resolve, reject) => {
    child.stdio[3].on("data", (text) => {
      for (const line of String(text).trim().split("\n")) {
        const { event, port } = JSON.parse(line);
        if (event === "listen") resolve(port);
      }
    });
    child.once("exit", () => reject(new Error(`workerd ended: ${stderr}`)));
  });
  return { port, pid: child.pid, stop };
}

// CPU seconds that a process has used so far, in the threads that it still has, to the nanosecond.
export function cpu(pid) {
  const threads = readdirSync(`/proc/${pid}/task`);
  const used = threads.map((id) =>
    Number(readFileSync(`/proc/${pid}/task/${id}/schedstat`, "latin1").split(" ")[0]),
  );
  return used.reduce((sum, one) => sum + one, 0) / 1e9;
}
