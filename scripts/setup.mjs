// Set-up that `npm start` and `npm test` do by themselves. node: imports only, since nothing may be installed yet.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { findChromium } from "../src/backend/webgpu/node/chromium.mjs";

/** Root folder of the project. */
export const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

const PLAYWRIGHT_LIMIT_MS = 240_000;

/** Says what is being done; on stderr, so that a command's own output stays clean. */
export function say(text) {
  console.error(`[triptych] ${text}`);
}

/**
 * Runs a program with its output shown (all of it on stderr with `quiet`); returns its exit code (1 when it could not be
 * started or took too long).
 */
export function run(command, args, { env = {}, timeoutMs, quiet = false } = {}) {
  const isWindows = process.platform === "win32";
  const { status } = spawnSync(command, args, {
    cwd: root,
    stdio: ["inherit", quiet ? 2 : 1, 2],
    env: { ...process.env, ...env },
    timeout: timeoutMs,
    // npm and npx are .cmd files on Windows, which only a shell starts.
    shell: isWindows && ["npm", "npx"].includes(command),
  });
  return status ?? 1;
}

// Compares what is installed with the lock file by content: file times say nothing after a checkout or a copy.
function isInstalled() {
  const record = path.join(root, "node_modules/.package-lock.json");
  if (!existsSync(record)) return false;
  const installed = JSON.parse(readFileSync(record, "utf8")).packages;
  const wanted = JSON.parse(readFileSync(path.join(root, "package-lock.json"), "utf8")).packages;
  return Object.entries(wanted).every(([name, { version, optional, devOptional }]) => {
    if (name === "") return true;
    return installed[name] ? installed[name].version === version : Boolean(optional || devOptional);
  });
}

/** Installs the dependencies from the lock file if they are missing or others. Ends the process if that fails. */
export function ensureDependencies() {
  const [major] = process.versions.node.split(".").map(Number);
  if (major < 20) {
    console.error(`Triptych needs Node 20 or newer; this is ${process.versions.node}.`);
    process.exit(1);
  }
  if (isInstalled()) return;
  say("installing dependencies from package-lock.json (npm ci) …");
  const code = run("npm", ["ci", "--no-audit", "--no-fund"], { quiet: true });
  if (code !== 0) {
    console.error("npm ci failed; its output is above.");
    process.exit(code);
  }
}

/** Path of a Chrome or Chromium, installed first if there is none. Ends the process with what to do if that fails. */
export function ensureChromium() {
  const found = findChromium();
  if (found) {
    say(`browser: ${found}`);
    return found;
  }
  const isRootWithApt = process.getuid?.() === 0 && existsSync("/usr/bin/apt-get");
  say("no Chrome or Chromium found; installing Playwright's …");
  run("npx", ["playwright", "install", "--no-shell", "chromium"], {
    timeoutMs: PLAYWRIGHT_LIMIT_MS,
    env: { PLAYWRIGHT_DOWNLOAD_CONNECTION_TIMEOUT: "10000" },
  });
  let installed = findChromium();
  if (!installed && isRootWithApt) {
    say("no browser that starts; installing the system's package (apt-get install chromium) …");
    const env = { DEBIAN_FRONTEND: "noninteractive" };
    run("apt-get", ["update"], { env });
    run("apt-get", ["install", "-y", "chromium"], { env });
    installed = findChromium();
  }
  if (installed) {
    say(`browser: ${installed}`);
    return installed;
  }
  console.error("No Chrome or Chromium. Install one, or set CHROMIUM to its path. One command that does:");
  console.error(
    process.platform === "linux"
      ? "  sudo npx playwright install --with-deps chromium"
      : "  npx playwright install chromium",
  );
  process.exit(1);
}
