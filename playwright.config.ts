import { defineConfig } from "@playwright/test";
import { findChromium, headlessFlags } from "./scripts/chromium.mjs";

const PORT = Number(process.env.E2E_PORT ?? 4173);
const executablePath = findChromium();
if (!executablePath) throw new Error("No Chrome or Chromium found: set CHROMIUM to its path, or run `npm test` once.");

export default defineConfig({
  testDir: "e2e",
  testMatch: "**/*.spec.ts",
  outputDir: "test-results",
  // One software adapter on all cores: two pages at once would only slow each other down.
  workers: 1,
  fullyParallel: false,
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
