import { existsSync } from "node:fs";
import { defineConfig } from "@playwright/test";
import { findChromium, headlessFlags } from "./src/backend/webgpu/node/chromium.mjs";
import { run, say } from "./scripts/setup.mjs";

const PORT = Number(process.env.E2E_PORT ?? 4173);
const executablePath = findChromium();
if (!executablePath) throw new Error("No Chrome or Chromium found: set CHROMIUM to its path, or run `npm test` once.");

// What is tested is the build. Playwright's workers read this file too, when it is there.
if (process.env.TEST_WORKER_INDEX === undefined && !existsSync("dist/demo/index.html")) {
  say("dist is missing: npm run build");
  if (run("npm", ["run", "-s", "build"]) !== 0) throw new Error("The build failed: its output is above.");
}

export default defineConfig({
  testDir: "e2e",
  testMatch: "**/*.spec.ts",
  outputDir: "test-results",
  // A software adapter draws on every core, but compiles on one.
  workers: 2,
  fullyParallel: false,
  forbidOnly: Boolean(process.env.CI),
  // Far more than any test takes: a machine may do something else as well.
  timeout: 600_000,
  expect: { timeout: 180_000 },
  reporter: process.env.TEST_REPORT ? [["list"], ["json", { outputFile: process.env.TEST_REPORT }]] : [["list"]],
  use: {
    baseURL: `http://localhost:${PORT}`,
    // What a page fetches is counted: a service worker would fetch the whole site beside it. e2e/site.spec.ts has one.
    serviceWorkers: "block",
    // Playwright's own default is the headless shell, which has no WebGPU.
    launchOptions: { executablePath, args: headlessFlags(), ignoreDefaultArgs: ["--headless", "--headless=old"] },
  },
  webServer: {
    command: `node scripts/static-server.mjs --port ${PORT} --root dist/demo --mount /dist=dist --mount /e2e=e2e`,
    url: `http://localhost:${PORT}/index.html`,
    reuseExistingServer: false,
  },
});
