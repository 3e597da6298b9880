// Keeps the lines that graphics drivers print (Vulkan's loader, Mesa, Dawn) out of a command's standard error. They come from native
// code, which writes to file descriptor 2 whatever Node does: so the command runs in a second process, whose descriptor 2 is a
// pipe that nobody sees, and whose own errors go to the real one. node: imports only, as scripts/cli.mjs needs.
import { spawn } from "node:child_process";
import { writeSync } from "node:fs";
import { isatty } from "node:tty";

/** Holds the number of the file descriptor for the command's own errors; set in the second process alone. */
const VARIABLE = "TRIPTYCH_ERROR_FD";
const OWN_FD = 3;
/** Of what is kept for the case of a crash. */
const KEPT_CHARS = 16_384;
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"];
/** Exit codes by which a command says that it has told why it ended. */
const TOLD = [0, 2, 3, 130];

/** Whether this process is the outer one, which is to call `runApart`. Windows' drivers print nothing, and its processes inherit no descriptors. */
export function isOuter() {
  return process.platform !== "win32" && !process.env[VARIABLE];
}

/** In the second process: `process.stderr` is the command's own, and the process ends with the first, which may have been killed. */
export function beInner() {
  if (!process.env[VARIABLE]) return;
  const fd = Number(process.env[VARIABLE]);
  process.stderr.isTTY = isatty(fd);
  process.stderr.write = (text, ...rest) => {
    try {
      writeSync(fd, text);
    } catch {
      // Nobody reads standard error any more; the exit code still says how it went.
    }
    const done = rest.at(-1);
    if (typeof done === "function") done();
    return true;
  };
  process.once("disconnect", () => process.kill(process.pid, "SIGKILL"));
  process.channel?.unref();
}

/**
 * Runs this program's script once more, with the same arguments, apart from the drivers' lines; sets the exit code when it has ended.
 * What was kept from standard error is printed if it crashed.
 */
export function runApart() {
  const child = spawn(process.execPath, [...process.execArgv, ...process.argv.slice(1)], {
    stdio: ["inherit", "inherit", "pipe", 2, "ipc"],
    env: { ...process.env, [VARIABLE]: String(OWN_FD) },
  });
  let kept = "";
  child.stderr.on("data", (chunk) => {
    kept = (kept + chunk).slice(-KEPT_CHARS);
  });
  const passOn = (signal) => child.kill(signal);
  for (const signal of SIGNALS) process.on(signal, passOn);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => {
      for (const name of SIGNALS) process.off(name, passOn);
      if (!TOLD.includes(code) && !SIGNALS.includes(signal)) process.stderr.write(kept);
      if (signal) process.kill(process.pid, signal);
      process.exitCode = code ?? 1;
      resolve();
    });
  });
}
