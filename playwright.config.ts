import { defineConfig } from "@playwright/test";
import { findChromium, headlessFlags } from "./scripts/chromium.mjs";

const PORT = Number(process.env.E2E_PORT ?? 4173);
const executablePath = findChromium();
if (!executablePath) throw new Error("No Chrome or Chromium found: set CHROMIUM to its path, or run `npm test` once.");

const ALONE = "**/long-tasks.spec.ts";

export default defineConfig({
  testDir: "e2e",
  testMatch: "**/*.spec.ts",
  outputDir: "test-results",
  // A software adapter draws on every core, but compiles on one.
  workers: 2,
  fullyParallel: false,
  projects: [
    { name: "pages", testIgnore: ALONE },
    // Once the others are through: it times the page's thread.
    { name: "alone", testMatch: ALONE, dependencies: ["pages"] },
  ],
  forbidOnly: Boolean(process.env.CI),
  timeout: 180_000,
  expect: { timeout: 60_000 },
  reporter: process.env.TEST_REPORT ? [["list"], ["json", { outputFile: process.env.TEST_REPORT }]] : [["list"]],
  use: {
    baseURL: `http://localhost:${PORT}`,
    // Playwright's own default is the headless shell, which has no WebGPU.
    launchOptions: { executablePath, args: headlessFlags(), ignoreDefaultArgs: ["--headless", "--headless=old"] },
  },
  webServer: {
    command: `node scripts/static-server.mjs --port ${PORT} --root dist/demo --mount /dist=dist --mount /e2e=e2e`,
    url: `http://localhost:${PORT}/index.html`,
    reuseExistingServer: false,
  },
});
