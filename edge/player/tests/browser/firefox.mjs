// Firefox by WebDriver BiDi: a page in which functions are evaluated. It needs an audio device, if one that plays to nobody.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";

const PREFERENCES = { "media.autoplay.default": 0, "media.autoplay.blocking_policy": 0 };

export class Firefox {
  #program;
  #socket;
  #profile = mkdtempSync(`${tmpdir()}/nada-firefox-`);
  #waiting = new Map();
  #context;

  static async start(program, url) {
    const firefox = new Firefox();
    const lines = Object.entries(PREFERENCES).map(([name, value]) => `user_pref("${name}", ${value});`);
    writeFileSync(`${firefox.#profile}/user.js`, lines.join("\n"));
    const args = ["--headless", "--no-remote", "--profile", firefox.#profile, "--remote-debugging-port=0"];
    firefox.#program = spawn(program, args, { stdio: ["ignore", "ignore", "pipe"] });
    const address = await new Promise((found) => {
      let said = "";
      firefox.#program.stderr.on("data", (text) => {
        const [, at] = /WebDriver BiDi listening on (ws:\S+)/.exec((said += text)) ?? [];
        if (at) found(at);
      });
    });
    await firefox.#connect(`${address}/session`);
    const { capabilities } = await firefox.#command("session.new", { capabilities: {} });
    firefox.version = capabilities.browserVersion;
    const { contexts } = await firefox.#command("browsingContext.getTree", {});
    firefox.#context = contexts[0].context;
    await firefox.#command("browsingContext.navigate", { context: firefox.#context, url, wait: "complete" });
    return firefox;
  }

  async #connect(address) {
    this.#socket = new WebSocket(address);
    await new Promise((open) => (this.#socket.onopen = open));
    this.#socket.onmessage = ({ data }) => {
      const { id, result, message } = JSON.parse(data);
      const [done, failed] = this.#waiting.get(id) ?? [];
      if (result) done?.(result);
      else failed?.(new Error(message));
    };
  }

  #command(method, params) {
    return new Promise((done, failed) => {
      const id = this.#waiting.size + 1;
      this.#waiting.set(id, [done, failed]);
      this.#socket.send(JSON.stringify({ id, method, params }));
    });
  }

  /** What the function gives, or its promise; the argument and the answer go as JSON. */
  async evaluate(body, given = null) {
    const text = `Promise.resolve((${body})(${JSON.stringify(given)})).then((all) => JSON.stringify(all ?? null))`;
    const { result, exceptionDetails } = await this.#command("script.evaluate", {
      expression: text,
      target: { context: this.#context },
      awaitPromise: true,
    });
    if (exceptionDetails) throw new Error(exceptionDetails.text);
    return JSON.parse(result.value);
  }

  stop() {
    this.#socket?.close();
    this.#program.kill();
    this.#program.once("exit", () => rmSync(this.#profile, { recursive: true, force: true }));
  }
}
