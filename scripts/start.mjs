// npm start: serves the demo page. --port N chooses the port; --software also opens a Chromium with WebGPU on the CPU.
import { spawn } from "node:child_process";
import { mkdtempSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { findChromium, softwareFlags } from "../src/backend/webgpu/node/chromium.mjs";
import { ensureDependencies, root, say } from "./setup.mjs";

const USAGE = "usage: npm start -- [--port N] [--software]";
const DEFAULT_PORT = 5173;

function readArguments() {
  try {
    const { values } = parseArgs({
      options: { port: { type: "string" }, software: { type: "boolean", default: false } },
    });
    const port = Number(values.port ?? DEFAULT_PORT);
    if (!Number.isInteger(port) || port < 0 || port > 65535) throw new Error(`--port ${values.port} is no port number`);
    return { port, isAsked: values.port !== undefined, software: values.software };
  } catch (error) {
    console.error(`${error.message}\n${USAGE}`);
    process.exit(2);
  }
}

function openChromium(url) {
  const chromium = findChromium();
  if (!chromium)
    return say("no Chrome or Chromium found: set CHROMIUM to its path, or run `npm test`, which installs one.");
  const hasDisplay = process.platform !== "linux" || process.env.DISPLAY || process.env.WAYLAND_DISPLAY;
  const profile = mkdtempSync(path.join(os.tmpdir(), "triptych-profile-"));
  const flags = [...softwareFlags(), `--user-data-dir=${profile}`, url];
  if (!hasDisplay) {
    const words = [chromium, ...flags].map((word) => (/^[\w./:=-]+$/.test(word) ? word : JSON.stringify(word)));
    return say(`no display here to open a window on. On a machine with one: ${words.join(" ")}`);
  }
  say(`opening ${chromium} with software WebGPU (SwiftShader, on the CPU)`);
  spawn(chromium, flags, { stdio: "ignore", detached: true }).unref();
}

const { port, isAsked, software } = readArguments();
ensureDependencies();
const { createServer } = await import("vite");
const server = await createServer({
  root,
  configFile: path.join(root, "vite.config.ts"),
  // Without --port the next free one serves as well.
  server: { port, strictPort: isAsked },
});
try {
  await server.listen();
} catch (error) {
  console.error(`${error.message}. Choose another: npm start -- --port N`);
  process.exit(1);
}
const url = server.resolvedUrls.local[0];
console.log(`Triptych is on ${url}`);
if (software) openChromium(url);
