import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect } from "@playwright/test";
import { serveStatic } from "../scripts/static-server.mjs";
import type * as Triptych from "../src/index.js";
import { tinyGguf } from "../src/testing/tiny-gguf.js";
import { root } from "./installed-package.js";
import { test } from "./triptych-page.js";

test.use({ usual: "wasm" });

test("a GGUF file writes its golden text, by its URL and as the bytes that a page holds", async ({ page }) => {
  const { input_ids: prompt, greedy } = JSON.parse(
    readFileSync(path.join(root, "tests/fixtures/models/llama/expected.json"), "utf8"),
  ) as { input_ids: number[]; greedy: number[] };
  const folder = mkdtempSync(path.join(tmpdir(), "triptych-gguf-"));
  const file = await tinyGguf();
  writeFileSync(path.join(folder, "tiny.gguf"), file);
  const server = await serveStatic({ root: folder });
  try {
    await page.goto("/e2e/pages/bare.html");
    const written = await page.evaluate(
      async ({ url, bytes, prompt, numTokens }) => {
        const module = "/dist/index.js";
        const { load } = (await import(module)) as typeof Triptych;
        const held = Uint8Array.from(atob(bytes), (char) => char.charCodeAt(0));
        const texts = [];
        for (const source of [url, { "tiny.gguf": held.buffer }]) {
          const model = await load(source);
          const { ids } = await model.generateText(prompt, { max_new_tokens: numTokens, temperature: 0 });
          texts.push(ids);
          await model.dispose();
        }
        return texts;
      },
      { url: `${server.url}/tiny.gguf`, bytes: Buffer.from(file).toString("base64"), prompt, numTokens: greedy.length },
    );
    expect(written).toEqual([greedy, greedy]);
  } finally {
    await server.close();
    rmSync(folder, { recursive: true });
  }
});
