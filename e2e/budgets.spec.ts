import { readFileSync } from "node:fs";
import { expect } from "@playwright/test";
import type { Metrics } from "../src/vocabulary/events.js";
import { generate, openBare, test } from "./triptych-page.js";

type Counts = Pick<Metrics, "tokens" | "steps" | "forwards" | "draftForwards" | "dispatches" | "readbackBytes">;

interface Budgets {
  prompt: string;
  options: { "max-new-tokens": number; temperature: number; seed: number };
  /** Totals of one run; any difference fails, an improvement too: then record it here. */
  panes: Record<string, Counts>;
}

const budgets: Budgets = JSON.parse(readFileSync(new URL("budgets.json", import.meta.url), "utf8"));
const attributes = Object.entries(budgets.options).map(([name, value]) => `${name}="${value}"`);

test("a race costs exactly the counted forwards, dispatches and readback bytes, and never reads logits", async ({
  page,
}) => {
  await openBare(page, `<triptych-compare models="/models/" ${attributes.join(" ")}></triptych-compare>`);
  // Lengths that are chosen by measured costs are other ones each time.
  await page.getByRole("button", { name: "fixed draft length" }).click();
  const outcomes = await generate(page, "triptych-compare", budgets.prompt);
  const counted: Record<string, Counts> = {};
  for (const [pane, outcome] of Object.entries(outcomes)) {
    if ("error" in outcome || !outcome.metrics) throw new Error(`${pane}: ${JSON.stringify(outcome)}`);
    const { tokens, steps, forwards, draftForwards, dispatches, readbackBytes } = outcome.metrics;
    counted[pane] = { tokens, steps, forwards, draftForwards, dispatches, readbackBytes };
  }
  console.log(JSON.stringify(counted));
  expect(counted).toEqual(budgets.panes);
  const { autoregressive, diffusion, speculative } = counted;
  expect(autoregressive.forwards).toBe(autoregressive.tokens);
  expect(autoregressive.readbackBytes / autoregressive.tokens).toBeLessThanOrEqual(8);
  // One row of logits alone would be 4,096 floats.
  for (const { readbackBytes, steps } of [diffusion, speculative]) expect(readbackBytes / steps).toBeLessThan(1024);
  expect(speculative.tokens / speculative.forwards).toBeGreaterThan(1.5);
});
