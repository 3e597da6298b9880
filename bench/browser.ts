import path from "node:path";
import { chromium } from "@playwright/test";
import { build } from "vite";
import { findChromium, headlessFlags } from "../scripts/chromium.mjs";
import { root } from "../scripts/setup.mjs";
import { serveStatic } from "../scripts/static-server.mjs";
import { MissingPrerequisite } from "./missing.js";
import type { ContenderSpec, PageFacts, Sample } from "./page/contender.js";

const BUILT = path.join(root, ".cache/bench");
const LOAD_LIMIT_MS = 180_000;

/** One Chromium with one page that has the benchmark's contenders; software WebGPU. */
export interface BenchBrowser {
  /** Of the browser. */
  version: string;
  load(name: string, spec: ContenderSpec): Promise<number>;
  generate(name: string, promptIds: readonly number[], numNewTokens: number): Promise<Sample>;
  facts(): Promise<PageFacts>;
  close(): Promise<void>;
}

// Built apart from `dist`: always of the sources as they are now, and nobody's `dist` is emptied under them.
async function buildAll(): Promise<void> {
  const common = { root, logLevel: "error" } as const;
  const configFile = path.join(root, "vite.config.ts");
  const outDir = (name: string) => ({ outDir: path.join(BUILT, name), emptyOutDir: true });
  await build({ ...common, configFile, mode: "page", build: outDir("dist") });
  const entry = { main: path.join(root, "bench/page/main.ts") };
  await build({
    ...common,
    configFile: false,
    publicDir: false,
    build: { ...outDir("page"), target: "es2022", lib: { entry, formats: ["es"] } },
  });
}

/** Builds library and page, starts Chromium and opens the page. `mounts`: more folders to serve. */
export async function openBrowser(mounts: Record<string, string> = {}): Promise<BenchBrowser> {
  const executablePath = findChromium();
  if (!executablePath) {
    throw new MissingPrerequisite("no Chrome or Chromium found: set CHROMIUM to its path, or run `npm test` once");
  }
  await buildAll();
  const server = await serveStatic({
    root: path.join(root, "bench/page"),
    mounts: {
      "/dist/": path.join(BUILT, "dist"),
      "/bench/": path.join(BUILT, "page"),
      "/models/": path.join(root, "public/models"),
      ...mounts,
    },
  });
  const browser = await chromium.launch({
    executablePath,
    args: headlessFlags(),
    ignoreDefaultArgs: ["--headless", "--headless=old"],
  });
  const page = await browser.newPage();
  page.on("pageerror", (error) => console.error(`bench: page: ${error.message}`));
  page.setDefaultTimeout(LOAD_LIMIT_MS);
  await page.goto(`${server.url}/index.html`);
  await page.waitForFunction(() => Boolean(window.bench));
  return {
    version: browser.version(),
    load: (name, spec) => page.evaluate(([n, s]) => window.bench.load(n, s), [name, spec] as const),
    generate: (name, promptIds, numNewTokens) =>
      page.evaluate(([n, ids, count]) => window.bench.generate(n, ids, count), [
        name,
        promptIds,
        numNewTokens,
      ] as const),
    facts: () => page.evaluate(() => window.bench.facts()),
    close: async () => {
      await browser.close();
      await server.close();
    },
  };
}
