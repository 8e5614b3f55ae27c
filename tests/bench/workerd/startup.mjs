// CPU that an isolate takes to start: from the start of workerd to its first answer, less what a worker of one line of
// JavaScript takes for the same. It holds compiling the module, instantiating it, and answering once.
import { agent, median, once } from "./load.mjs";
import { cpu, start } from "./workerd.mjs";

async function first(files, bindings) {
  const worker = await start(files, bindings);
  const connection = agent(1);
  try {
    await once(connection, `http://127.0.0.1:${worker.port}/healthz`, {});
    return cpu(worker.pid);
  } finally {
    connection.destroy();
    await worker.stop();
  }
}

// Milliseconds, medians over the differences of pairs.
export async function startup(workers, empty, bindings, { rounds = 15 } = {}) {
  const beyond = workers.map(() => []);
  for (let n = 0; n < rounds; n++) {
    const least = await first(empty, bindings);
    for (const [at, files] of workers.entries()) beyond[at].push((await first(files, bindings)) - least);
  }
  return beyond.map((seconds) => median(seconds) * 1000);
}
