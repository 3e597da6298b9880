import path from "node:path";
import { chromium, type Page } from "@playwright/test";
import { build } from "vite";
import { findChromium, headlessFlags } from "../src/backend/webgpu/node/chromium.mjs";
import { copyOnnxFiles } from "../scripts/onnx-files.mjs";
import { root } from "../scripts/setup.mjs";
import { serveStatic } from "../scripts/static-server.mjs";
import { MissingPrerequisite } from "./missing.js";
import type { ColdRequest, ColdStart, ContenderSpec, Sample, Sampling } from "./page/contender.js";

/** Where the benchmark's builds go: apart from `dist`, so that nobody's `dist` is emptied under them. */
export const BUILT = path.join(root, ".cache/bench");
const LOAD_LIMIT_MS = 180_000;

/** One Chromium with one page; software WebGPU; cross-origin isolated. */
export interface OpenPage {
  page: Page;
  /** The same page again, in a process and with caches of its own. `query`: the end of its address. */
  openAnother(query?: string): Promise<Page>;
  /** Of all files that pages have fetched so far. */
  servedBytes(): number;
  /** Of the browser. */
  version: string;
  close(): Promise<void>;
}

/** A page that has the benchmark's contenders; in front while it generates. */
export interface BenchTab {
  load(name: string, spec: ContenderSpec): Promise<number>;
  generate(name: string, promptIds: readonly number[], numNewTokens: number, sampling?: Sampling): Promise<Sample>;
  /** What Triptych says of the browser's adapter. */
  adapter(): Promise<Record<string, unknown>>;
}

/** A cold start, and what its page fetched. */
export interface ServedStart extends ColdStart {
  /** Of all files, as they are: a server may compress some. */
  fetchedBytes: number;
}

/** One Chromium with one such page open. */
export interface BenchBrowser extends BenchTab {
  /** Of the browser. */
  version: string;
  /** Another page, for a runtime that has settings fixed for a page's life, such as its thread count. */
  openTab(): Promise<BenchTab>;
  /** Opens a page with empty caches that loads a contender by itself, and closes it after its first token. */
  coldStart(request: ColdRequest): Promise<ServedStart>;
  close(): Promise<void>;
}

async function tabOf(page: Page): Promise<BenchTab> {
  await page.waitForFunction(() => Boolean(window.bench));
  return {
    load: (name, spec) => page.evaluate(([n, s]) => window.bench.load(n, s), [name, spec] as const),
    generate: async (name, promptIds, numNewTokens, sampling) => {
      await page.bringToFront();
      return page.evaluate(([n, ids, count, how]) => window.bench.generate(n, ids, count, how), [
        name,
        promptIds,
        numNewTokens,
        sampling,
      ] as const);
    },
    adapter: () => page.evaluate(() => window.bench.adapter()),
  };
}

/** Builds the library of the sources in `folder`, as they are now, by that folder's own configuration. */
export async function buildLibrary(folder: string, outDir: string): Promise<void> {
  const configFile = path.join(folder, "vite.config.ts");
  await build({ root: folder, logLevel: "error", configFile, mode: "page", build: { outDir, emptyOutDir: true } });
}

/** What the library fetches for devices other than WebGPU, beside it. */
async function buildOnnx(outDir: string): Promise<void> {
  const configFile = path.join(root, "vite.config.ts");
  await build({ root, logLevel: "error", configFile, mode: "onnx", build: { outDir, emptyOutDir: false } });
  copyOnnxFiles(outDir);
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
  const server = await serveStatic({ isolated: true, root: folder, mounts: { "/models/": models, ...mounts } });
  const browser = await chromium.launch({
    executablePath,
    args: headlessFlags(),
    ignoreDefaultArgs: ["--headless", "--headless=old"],
  });
  const openAnother = async (query = "") => {
    const page = await browser.newPage();
    page.on("pageerror", (error) => console.error(`bench: page: ${error.message}`));
    page.setDefaultTimeout(LOAD_LIMIT_MS);
    await page.goto(`${server.url}/index.html${query}`);
    return page;
  };
  return {
    page: await openAnother(),
    openAnother,
    servedBytes: server.servedBytes,
    version: browser.version(),
    close: async () => {
      await browser.close();
      await server.close();
    },
  };
}

/** Builds library and page, starts Chromium and opens the contenders' page. `mounts`: more folders to serve. */
export async function openBrowser(mounts: Record<string, string> = {}): Promise<BenchBrowser> {
  const dist = path.join(BUILT, "dist");
  const code = path.join(BUILT, "page");
  await buildLibrary(root, dist);
  await buildOnnx(dist);
  await buildPage(path.join(root, "bench/page/main.ts"), code);
  const opened = await openPage(path.join(root, "bench/page"), { "/dist/": dist, "/bench/": code, ...mounts });
  const { version, openAnother, servedBytes, close } = opened;
  return {
    version,
    ...(await tabOf(opened.page)),
    openTab: async () => tabOf(await openAnother()),
    coldStart: async (request) => {
      const before = servedBytes();
      const page = await openAnother(`?cold=${encodeURIComponent(JSON.stringify(request))}`);
      await page.waitForFunction(() => Boolean(window.bench));
      const coldStart = await page.evaluate(() => window.bench.coldStart);
      await page.context().close();
      if (!coldStart) throw new Error("the page wasn't asked for a cold start");
      return { ...coldStart, fetchedBytes: servedBytes() - before };
    },
    close,
  };
}
