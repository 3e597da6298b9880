import { AxeBuilder } from "@axe-core/playwright";
import { expect } from "@playwright/test";
import { generate, openBare, reaches, test } from "./triptych-page.js";
import { holdReads } from "./worker-in-hand.js";

test("the panel measures the device while a run goes on, shows it in a sentence and as a chart, and can be stopped", async ({
  page,
}) => {
  await page.goto("/");
  // What drafts otherwise is what is fastest here, which may be no model.
  await page.getByRole("button", { name: "fixed draft length" }).click();
  await page.getByText("This device", { exact: true }).click();
  await holdReads(page);
  await page.getByRole("button", { name: "Measure" }).click();
  await page.getByRole("button", { name: "Stop measuring" }).click();
  await expect(page.getByRole("button", { name: "Measure", exact: true })).toBeEnabled();
  await expect(page.locator(".limits")).toHaveCount(0);

  await page.getByLabel("Length", { exact: true }).fill("48");
  await page.getByRole("button", { name: "Generate" }).click();
  await page.getByRole("button", { name: "Measure", exact: true }).click();
  await expect(page.locator(".limits tr")).toHaveCount(5);
  await expect(page.locator(".costs")).toHaveText(/^A forward of one row takes .* as much as .* of these\./);
  await page.getByText("Charts", { exact: true }).click();
  const costs = page.locator('[data-chart="costs"]');
  await costs.getByRole("button", { name: /as a table$/ }).click();
  await expect(costs.getByRole("rowheader")).toHaveText(["1", "2", "3", "4", "8", "16", "32", "64"]);
  await expect(costs.getByRole("cell").first()).toHaveText("1");
  // Of each kernel where the adapter has timestamps; else the chart says so.
  await expect(page.locator('[data-chart="kernels"] .says')).toHaveText(
    /^(A forward pass of story-ar is \d+ dispatches of \d+ kernels, |This GPU adapter has no timestamps)/,
  );
  await reaches(page, "Autoregressive", "done");
  await reaches(page, "Speculative", "done");

  const loads = page.locator(".loads");
  await expect(loads.getByRole("columnheader")).toHaveText([/story-ar/, /story-diffusion/, /story-draft/]);
  await expect(loads.getByRole("rowheader")).toHaveText([
    "device",
    "fetch",
    "parse",
    "choose kernels",
    "upload",
    "compile",
    "prefill, first token",
  ]);
  await expect(loads.getByRole("cell")).toHaveText([
    "",
    ...Array.from({ length: 3 }, () => "webgpu"),
    ...Array.from({ length: 18 }, (_, i) => (i === 17 ? "–" : /^\d/)),
  ]);
  const { violations } = await new AxeBuilder({ page }).include("triptych-compare").analyze();
  expect(violations.map(({ id, nodes }) => [id, nodes.map(({ target }) => target)])).toEqual([]);
});

test("an adaptive run measures its costs, tells them in its start event, and can be stopped meanwhile", async ({
  page,
}) => {
  await openBare(
    page,
    '<triptych-generate models="/models/" max-new-tokens="8" decoder="speculative"></triptych-generate>',
  );
  await page.evaluate(() => {
    const element = document.querySelector("triptych-generate") as HTMLElement & { options: unknown };
    element.options = { num_assistant_tokens_schedule: "adaptive" };
  });
  await holdReads(page);
  const stopped = generate(page, "triptych-generate", "Once upon a time");
  await expect(page.getByText("preparing")).toBeVisible();
  await page.getByRole("button", { name: "Stop" }).click();
  expect(await stopped).toMatchObject({ speculative: { reason: "cancelled", ids: [] } });

  const started = page.evaluate(
    () =>
      new Promise<Record<string, unknown>>((resolve) => {
        document.querySelector("triptych-generate")?.addEventListener("triptych-event", (event) => {
          const { event: inner } = (event as CustomEvent).detail;
          if (inner.type === "start") resolve(inner.options);
        });
      }),
  );
  const next = await generate(page, "triptych-generate", "Once upon a time");
  expect(next).toMatchObject({ speculative: { reason: "length" } });
  const options = await started;
  // Four drafts are five rows at most, whose cost lies between those of four and eight.
  const cost = expect.any(Number);
  expect(options.forward_costs).toEqual({ 1: 1, 2: cost, 3: cost, 4: cost, 8: cost });
  expect(options.wait_cost).toBeGreaterThanOrEqual(0);
  expect(options.draft_cost).toBeGreaterThan(0);
});

test("a tuning record goes out of a page, and in where the next page finds it", async ({ page }) => {
  await openBare(page, "");
  const record = await page.evaluate(async () => {
    const path = "/dist/index.js";
    const { exportTuning, importTuning } = await import(path);
    const record = await exportTuning();
    // The shape of story-ar, with kernels that a software adapter would not take by itself.
    const shape = "256-704 heads 8/4x32 vocab 4096 F16";
    await importTuning({
      ...record,
      choices: [{ shape, family: "gpu-like", ms: {}, refused: [], date: "2026-01-01" }],
    });
    return record;
  });
  expect(record.choices).toEqual([]);
  await openBare(page, "");
  const next = await page.evaluate(async () => {
    const path = "/dist/index.js";
    const { exportTuning, importTuning, load } = await import(path);
    const model = await load("/models/story-ar");
    const { choices } = await exportTuning();
    const refusal = await importTuning({ version: 1 }).catch((error: { code: string }) => error.code);
    return { families: choices.map(({ family }: { family: string }) => family), kernels: model.kernels, refusal };
  });
  expect(next).toEqual({ families: ["gpu-like"], kernels: "gpu-like", refusal: "invalid_option" });
});
