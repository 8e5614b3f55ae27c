// An audio device that plays to nobody: Firefox and WebKitGTK stand still without one.
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { setTimeout as pause } from "node:timers/promises";

/** PulseAudio with a null sink, for programs that get `environment`; `stop` ends it. */
export async function silence() {
  const folder = mkdtempSync(`${tmpdir()}/nada-pulse-`);
  const socket = `${folder}/socket`;
  const modules = ["module-null-sink", `module-native-protocol-unix socket=${socket} auth-anonymous=1`];
  const args = ["-n", "--daemonize=no", "--use-pid-file=no", "--exit-idle-time=-1", "--disable-shm"];
  const program = spawn("pulseaudio", [...args, ...modules.flatMap((module) => ["-L", module])], {
    env: { ...process.env, XDG_RUNTIME_DIR: folder, HOME: folder },
    stdio: "ignore",
  });
  const ended = new Promise((_, failed) => {
    program.once("error", failed);
    program.once("exit", (code) => failed(new Error(`pulseaudio ended with ${code}`)));
  });
  ended.catch(() => {});
  while (!existsSync(socket)) await Promise.race([pause(50), ended]);
  return {
    environment: { PULSE_SERVER: `unix:${socket}` },
    stop() {
      program.kill();
      program.once("exit", () => rmSync(folder, { recursive: true, force: true }));
    },
  };
}
