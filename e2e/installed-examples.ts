// The folder examples as people would have it: copied into .cache, with the frameworks of its lock file and the packed package.
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { root } from "./installed-package.js";

const source = path.join(root, "examples");
const isWindows = process.platform === "win32";

/** Where they are copied to. */
export const examples = path.join(root, ".cache/examples");

/** Copies them, installs what they import if that has changed, and puts this package among it. */
export function installExamples(installedPackage: string): void {
  const read = (file: string) => (existsSync(file) ? readFileSync(file, "utf8") : "");
  const lock = "package-lock.json";
  const isCurrent = read(path.join(source, lock)) === read(path.join(examples, "node_modules/installed-lock.json"));
  cpSync(source, examples, { recursive: true });
  if (!isCurrent) {
    const args = ["ci", "--prefer-offline", "--no-audit", "--no-fund"];
    execFileSync("npm", args, { cwd: examples, shell: isWindows, stdio: ["ignore", "ignore", "pipe"] });
    cpSync(path.join(source, lock), path.join(examples, "node_modules/installed-lock.json"));
  }
  const place = path.join(examples, "node_modules/triptych-lm");
  rmSync(place, { recursive: true, force: true });
  cpSync(installedPackage, place, { recursive: true });
}

/** Runs a program of the installed ones in an example's folder. */
export function runIn(example: string, program: string, args: string[]): void {
  const file = path.join(examples, "node_modules", program);
  const env = { ...process.env, NEXT_TELEMETRY_DISABLED: "1" };
  execFileSync(process.execPath, [file, ...args], {
    cwd: path.join(examples, example),
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
}
