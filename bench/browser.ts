import path from "node:path";
import { chromium, type Page } from "@playwright/test";
import { build } from "vite";
import { findChromium, headlessFlags } from "../scripts/chromium.mjs";
import { root } from "../scripts/setup.mjs";
import { serveStatic } from "../scripts/static-server.mjs";
import { MissingPrerequisite } from "./missing.js";
import type { ContenderSpec, PageFacts, Sample } from "./page/contender.js";

/** Where the benchmark's builds go: apart from `dist`, so that nobody's `dist` is emptied under them. */
export const BUILT = path.join(root, ".cache/bench");
const LOAD_LIMIT_MS = 180_000;

/** One Chromium with one page; software WebGPU. */
export interface OpenPage {
  page: Page;
  /** Of the browser. */
  version: string;
  close(): Promise<void>;
}

/** One Chromium with one page that has the benchmark's contenders; software WebGPU. */
export interface BenchBrowser {
  /** Of the browser. */
  version: string;
  load(name: string, spec: ContenderSpec): Promise<number>;
  generate(name: string, promptIds: readonly number[], numNewTokens: number): Promise<Sample>;
  facts(): Promise<PageFacts>;
  close(): Promise<void>;
}

/** Builds the library of the sources in `folder`, as they are now, by that folder's own configuration. */
export async function buildLibrary(folder: string, outDir: string): Promise<void> {
  const configFile = path.join(folder, "vite.config.ts");
  await build({ root: folder, logLevel: "error", configFile, mode: "page", build: { outDir, emptyOutDir: true } });
}

/** Builds a benchmark page's script to `main.js`. */
export async function buildPage(main: string, outDir: string): Promise<void> {
  await build({
    root,
    logLevel: "error",
    configFile: false,
    publicDir: false,
    build: { outDir, emptyOutDir: true, target: "es2022", lib: { entry: { main }, formats: ["es"] } },
  });
}

/** Serves `folder`, the models and `mounts`, starts Chromium and opens the folder's page. */
export async function openPage(folder: string, mounts: Record<string, string>): Promise<OpenPage> {
  const executablePath = findChromium();
  if (!executablePath) {
    throw new MissingPrerequisite("no Chrome or Chromium found: set CHROMIUM to its path, or run `npm test` once");
  }
  const models = path.join(root, "public/models");
  const server = await serveStatic({ root: folder, mounts: { "/models/": models, ...mounts } });
  const browser = await chromium.launch({
    executablePath,
    args: headlessFlags(),
    ignoreDefaultArgs: ["--headless", "--headless=old"],
  });
  const page = await browser.newPage();
  page.on("pageerror", (error) => console.error(`bench: page: ${error.message}`));
  page.setDefaultTimeout(LOAD_LIMIT_MS);
  await page.goto(`${server.url}/index.html`);
  return {
    page,
    version: browser.version(),
    close: async () => {
      await browser.close();
      await server.close();
    },
  };
}

/** Builds library and page, starts Chromium and opens the page. `mounts`: more folders to serve. */
export async function openBrowser(mounts: Record<string, string> = {}): Promise<BenchBrowser> {
  const library = path.join(BUILT, "dist");
  const code = path.join(BUILT, "page");
  await buildLibrary(root, library);
  await buildPage(path.join(root, "bench/page/main.ts"), code);
  const opened = await openPage(path.join(root, "bench/page"), { "/dist/": library, "/bench/": code, ...mounts });
  const { page, version, close } = opened;
  await page.waitForFunction(() => Boolean(window.bench));
  return {
    version,
    load: (name, spec) => page.evaluate(([n, s]) => window.bench.load(n, s), [name, spec] as const),
    generate: (name, promptIds, numNewTokens) =>
      page.evaluate(([n, ids, count]) => window.bench.generate(n, ids, count), [
        name,
        promptIds,
        numNewTokens,
      ] as const),
    facts: () => page.evaluate(() => window.bench.facts()),
    close,
  };
}
