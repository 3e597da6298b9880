import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect } from "@playwright/test";
import type * as Triptych from "../src/index.js";
import { root } from "./installed-package.js";
import { test } from "./triptych-page.js";

interface Example {
  title: string;
  options: Record<string, unknown>;
  models?: { model: string; draft?: string };
  prompt?: string;
}

const folder = path.join(root, "src/decode");
const found = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) =>
  file.endsWith("examples.json"),
);

test("each decoder's examples for embedded models write in the browser", async ({ page }) => {
  expect(found.length).toBeGreaterThan(5);
  await page.goto("/e2e/pages/bare.html");
  for (const file of found) {
    const examples = JSON.parse(readFileSync(path.join(folder, file), "utf8")) as Example[];
    for (const { title, options, models, prompt = "Once upon a time" } of examples) {
      if (!models) continue;
      const decoder = path.dirname(file);
      const run = { models, prompt, options: { max_new_tokens: 8, ...options, decoder } };
      const done = await page.evaluate(async ({ models, prompt, options }) => {
        const module = "/dist/index.js";
        const { load } = (await import(module)) as typeof Triptych;
        const model = await load(`/models/${models.model}/`);
        const draft = models.draft ? await load(`/models/${models.draft}/`) : undefined;
        const given = { ...options, ...(draft && { draft }) } as Triptych.GenerateOptions;
        const { text, ids, reason } = await model.generateText(prompt, given);
        await Promise.all([model.dispose(), draft?.dispose()]);
        return { text, numIds: ids.length, reason };
      }, run);
      const numWritten = options.infill ? 6 : 8;
      expect(done, `${decoder} ${title}`).toMatchObject({ reason: options.infill ? "complete" : "length" });
      expect(done.text, `${decoder} ${title}`).toMatch(/\w/);
      expect(done.numIds, `${decoder} ${title}`).toBeGreaterThanOrEqual(numWritten);
    }
  }
});
