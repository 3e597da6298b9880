import { readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { expect, type Page } from "@playwright/test";
import { HubServer } from "../src/testing/hub-server.js";
import { root } from "./installed-package.js";
import { test } from "./triptych-page.js";

// The browser says so itself, when the hub is gone.
test.use({ usual: "wasm", expectedConsole: [/ERR_CONNECTION_REFUSED/] });

const WEIGHTS = "model.safetensors";
const folder = path.join(root, "public/models/story-draft");
const files = new Map<string, Uint8Array>(
  readdirSync(folder).map((name) => [name, readFileSync(path.join(folder, name))]),
);
const total = (files.get(WEIGHTS) as Uint8Array).length;

/** The library on a page of its own, whose origin isn't the hub's. */
async function openLibrary(page: Page): Promise<void> {
  await page.goto("/e2e/pages/bare.html");
  await page.evaluate(async () => {
    Object.assign(globalThis, { lib: await import("/dist/index.js" as string) });
  });
}

type Library = typeof import("../src/index.js");

test.setTimeout(90_000);

test("a hub's model on OPFS: a reload goes on where it stopped, two tabs share a download, and it writes without a network", async ({
  page,
  context,
}) => {
  const server = new HubServer();
  await server.listen();
  const { url: hub } = server;
  server.repos.set("o/m", { files, lfs: new Set([WEIGHTS]), commit: "c".repeat(40), license: "mit" });
  const inLib = <T>(on: Page, act: (lib: Library, hub: string) => Promise<T>) =>
    on.evaluate(
      ([text, at]) => {
        const run = new Function(`return (${text})`)() as (lib: unknown, hub: string) => unknown;
        return run((globalThis as unknown as { lib: unknown }).lib, at);
      },
      [act.toString(), hub] as const,
    ) as Promise<T>;
  try {
    await openLibrary(page);
    // The server stops in the middle, and the page is reloaded once bytes are kept.
    const halfway = 1 << 20;
    server.gate = (name, served) => (name === WEIGHTS && served >= halfway ? new Promise(() => {}) : Promise.resolve());
    await inLib(page, async (lib, at) => {
      const enough = new Promise<void>((resolve) => {
        lib.watchDownloads(({ file, loadedBytes }) => {
          if (file === "model.safetensors" && loadedBytes >= 1 << 20) resolve();
        });
      });
      lib.fetchModel(`${at}/o/m/tree/main`).catch(() => undefined);
      await enough;
    });
    server.gate = null;
    await openLibrary(page);
    expect((await inLib(page, (lib) => lib.modelStorage())).kind).toBe("opfs");
    const [before] = await inLib(page, (lib) => lib.listModels());
    const keptBytes = before.files.find(({ name }) => name === WEIGHTS)?.storedBytes ?? 0;
    expect(keptBytes).toBeGreaterThan(0);
    const seenBefore = server.seen.length;

    // Two tabs load at once.
    const other = await context.newPage();
    await openLibrary(other);
    const write = (lib: Library, at: string) =>
      lib
        .load("o/m", { hub: at, device: "wasm" })
        .then((model) => model.generateText("Once upon a time", { max_new_tokens: 4 }))
        .then(({ text }) => text);
    const [one, two] = await Promise.all([inLib(page, write), inLib(other, write)]);
    expect(one).toMatch(/\w/);
    expect(two).toBe(one);
    const later = server.seen.slice(seenBefore).filter(({ url, origin }) => url === `/${WEIGHTS}` && origin === "cdn");
    expect(later.map(({ range, servedBytes }) => ({ range, servedBytes }))).toEqual([
      { range: `bytes=${keptBytes}-`, servedBytes: total - keptBytes },
    ]);
    expect(server.seen.filter(({ url, servedBytes }) => url === "/config.json" && servedBytes > 0).length).toBe(1);

    // Without the hub it is read from the store.
    server.close();
    await other.close();
    await openLibrary(page);
    expect(await inLib(page, write)).toBe(one);
    await inLib(page, (lib, at) => lib.removeModel(`${at}/o/m/tree/main`));
    expect(await inLib(page, (lib) => lib.listModels())).toEqual([]);
  } finally {
    server.close();
  }
});

test("without a file system in workers a model is kept in IndexedDB, and fetched once", async ({ page }) => {
  const server = new HubServer();
  await server.listen();
  server.repos.set("o/m", { files, lfs: new Set([WEIGHTS]), commit: "c".repeat(40) });
  try {
    for (let visit = 0; visit < 2; visit++) {
      await openLibrary(page);
      const kept = await page.evaluate(async (hub) => {
        const { lib } = globalThis as unknown as { lib: Library };
        const module = (text: string) => URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
        const without = module("delete StorageManager.prototype.getDirectory;");
        const worker = module(`import "${without}"; import "${new URL("/dist/worker.js", location.href)}";`);
        lib.setWorkerFactory(() => new Worker(worker, { type: "module" }));
        await lib.fetchModel(`${hub}/o/m/tree/main`);
        const [{ storedBytes }] = await lib.listModels();
        return { kind: (await lib.modelStorage()).kind, storedBytes };
      }, server.url);
      const loadedBytes = ["config.json", "tokenizer.json", "tokenizer_config.json", "generation_config.json", WEIGHTS]
        .map((name) => files.get(name)?.length ?? 0)
        .reduce((sum, byteLength) => sum + byteLength);
      expect(kept).toEqual({ kind: "indexeddb", storedBytes: loadedBytes });
    }
    expect(server.servedBytes(WEIGHTS)).toBe(total);
  } finally {
    server.close();
  }
});
