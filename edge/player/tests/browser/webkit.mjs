// WebKitGTK by WebDriver: its MiniBrowser on a display that nobody sees. One session is one page with storage of its own.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";

export const DRIVER = process.env.WEBKIT_DRIVER ?? "/usr/bin/WebKitWebDriver";
const PROGRAM = process.env.MINIBROWSER ?? `/usr/lib/${triple()}/webkit2gtk-4.1/MiniBrowser`;
const PORT = 4500 + (process.pid % 400);

/** WebKitGTK with sound to nobody, as `environment` says. */
export async function webkit(environment) {
  const display = await screen();
  const env = {
    ...process.env,
    ...environment,
    DISPLAY: display.name,
    GDK_BACKEND: "x11",
    WEBKIT_GST_ENABLE_HLS_SUPPORT: "1", // it is off by itself
  };
  const driver = spawn(DRIVER, [`--port=${PORT}`, "--host=127.0.0.1"], { env, stdio: "ignore" });
  const ask = async (method, path, body) => {
    const answer = await fetch(`http://127.0.0.1:${PORT}${path}`, {
      method,
      ...(body && { body: JSON.stringify(body) }),
    });
    const { value } = await answer.json();
    if (!answer.ok) throw new Error(`${value.error}: ${value.message}`);
    return value;
  };
  for (let tries = 0; ; tries++) {
    const { ready = false } = await ask("GET", "/status").catch((error) => {
      if (tries > 100) throw error;
      return {};
    });
    if (ready) break;
    await pause(100);
  }
  const open = new Set();
  const webkit = {
    version: "",
    async close() {
      await Promise.all([...open].map((session) => ask("DELETE", `/session/${session}`).catch(() => {})));
      driver.kill();
      display.stop();
    },
    async page(url) {
      const { sessionId, capabilities } = await ask("POST", "/session", {
        capabilities: {
          alwaysMatch: {
            timeouts: { script: 120_000 },
            "webkitgtk:browserOptions": {
              binary: PROGRAM,
              args: ["--automation", "--autoplay-policy=allow"],
            },
          },
        },
      });
      open.add(sessionId);
      webkit.version = capabilities.browserVersion;
      const at = `/session/${sessionId}`;
      await ask("POST", `${at}/url`, { url });
      return {
        async evaluate(body, given = null) {
          const script = `const [given, done] = arguments;
            Promise.resolve().then(() => (${body})(given)).then(
              (value) => done({ value: value ?? null }), (error) => done({ error: String(error) }));`;
          const { value, error } = await ask("POST", `${at}/execute/async`, { script, args: [given] });
          if (error) throw new Error(error);
          return value;
        },
        async close() {
          open.delete(sessionId);
          await ask("DELETE", at);
        },
      };
    },
  };
  return webkit;
}

/** An X server that draws nowhere. */
async function screen() {
  const program = spawn("Xvfb", ["-displayfd", "1", "-screen", "0", "800x600x24", "-nolisten", "tcp"], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  const [number] = await new Promise((found, failed) => {
    program.once("error", failed);
    createInterface(program.stdout).once("line", (line) => found([line]));
  });
  return { name: `:${number}`, stop: () => program.kill() };
}

/** The folder of this machine's libraries, as Debian names it. */
function triple() {
  return `${process.arch === "arm64" ? "aarch64" : "x86_64"}-linux-gnu`;
}
