import { AxeBuilder } from "@axe-core/playwright";
import { expect, type Page } from "@playwright/test";
import { REGIONS, reaches, region, test } from "./triptych-page.js";

test.use({ usual: "wasm" });

/** Writes so many tokens in all panes, and waits for them. */
async function write(page: Page, length: number): Promise<void> {
  await page.getByLabel("Length", { exact: true }).fill(String(length));
  await page.getByRole("button", { name: "Generate" }).click();
  for (const label of REGIONS) await reaches(page, label, "done");
}

const DRAFTED_OR_NOT =
  /^([1-9]\d* with drafts, [\d.]+ accepted in each|0 with drafts: by the measured costs plain steps are faster here)$/;

const rowsOf = (page: Page, caption: RegExp) =>
  page.getByRole("table", { name: caption }).locator("tbody tr").allTextContents();

test("the rounds of a speculative run add up: as a tree, by accepted drafts, by depth and in the text", async ({
  page,
}) => {
  await page.goto("/");
  await page.getByRole("button", { name: "fixed draft length" }).click();
  await write(page, 40);
  const pane = region(page, "Speculative");
  const numbers = (lines: string[]) => lines.map((line) => (line.match(/\d+/g) ?? []).map(Number));
  const byLength = numbers(await rowsOf(page, /Accepted drafts/));
  const byDepth = numbers(await rowsOf(page, /Acceptance by depth/));
  const numRounds = byLength.reduce((sum, [, count]) => sum + count, 0);
  const numAccepted = byLength.reduce((sum, [length, count]) => sum + length * count, 0);
  expect(await pane.locator(".committed[data-move=accept]").count()).toBe(numAccepted);
  expect(await pane.locator(".committed[data-own]").count()).toBe(numRounds);
  // What reaches depth d is what was accepted at depth d - 1 and had a draft behind it.
  expect(byDepth.reduce((sum, [, accepted]) => sum + accepted, 0)).toBe(numAccepted);
  expect(byDepth[0][2]).toBe(numRounds);
  await expect(page.getByText(`${numRounds} with drafts`)).toBeVisible();
  const tree = page.getByRole("img", { name: /drafted; accepted: .*; rejected: / });
  await expect(tree).toBeVisible();
  await expect(page.locator('[data-figure="speed-up"] dd')).toHaveText(/^\d.* ×$/);
  await expect(page.locator('[data-figure="predicted-speed-up"] dd')).toHaveText("–");
  const { violations } = await new AxeBuilder({ page }).include("triptych-compare").analyze();
  expect(violations.map(({ id, nodes }) => [id, nodes.map(({ target }) => target)])).toEqual([]);
});

test("an adaptive run predicts its speed-up from its own costs, and only options of the chosen drafter have controls", async ({
  page,
}) => {
  await page.goto("/");
  await page.getByRole("button", { name: "fixed draft length" }).click();
  const pane = region(page, "Speculative");
  await pane.getByText(/^Options/).click();
  await expect(pane.getByLabel("Costs of a forward")).toHaveCount(0);
  await expect(pane.getByLabel("Corpus")).toHaveCount(0);
  await pane.getByLabel("Drafter").selectOption("suffix");
  await pane.getByLabel("Corpus").fill("Once upon a time there was a little girl who lived in a small house.");
  await pane.getByLabel("Drafter").selectOption("prompt-lookup");
  await expect(pane.getByLabel("Corpus")).toHaveCount(0);
  await pane.getByLabel("Drafter").selectOption("suffix");
  await expect(pane.getByLabel("Corpus")).toHaveValue("");
  await pane.getByLabel("Corpus").fill("Once upon a time there was a little girl who lived in a small house.");
  await pane.getByLabel("Draft length").selectOption("adaptive");
  await expect(pane.getByLabel("Costs of a forward")).toBeVisible();
  await page.getByLabel("Temperature", { exact: true }).fill("0");
  await write(page, 24);
  // Whether drafts pay is for this machine's costs to say; the panel tells of the run either way.
  const summary = page.locator(".rounds summary .count");
  await expect(summary).toHaveText(DRAFTED_OR_NOT);
  await expect(page.locator('[data-figure="speed-up"] dd')).toHaveText(/^\d.* ×$/);
  await expect(page.locator('[data-figure="predicted-speed-up"] dd')).toHaveText(/^\d.* ×$/);
  await expect(page.locator('[data-figure="draft-share"] dd')).toHaveText("0 / 100 %");
  // Both outcomes, by costs that a person gives.
  await pane.getByLabel("Cost of a wait").fill("0");
  await pane.getByLabel("Costs of a forward").fill("1:1, 8:20");
  await write(page, 24);
  await expect(summary).toHaveText("0 with drafts: by the measured costs plain steps are faster here");
  await expect(page.locator('[data-figure="speed-up"] dd')).toHaveText(/^\d.* ×$/);
  await expect(page.locator('[data-figure="predicted-speed-up"] dd')).toHaveText("1 ×");
  await expect(page.locator('[data-figure="draft-share"] dd')).toHaveText("0 / 100 %");
  await expect(pane.locator('[data-figure="tokens"] dd')).toHaveText("24");
  await expect(page.getByRole("img", { name: /drafted; accepted: / })).toHaveCount(0);
  await pane.getByLabel("Costs of a forward").fill("1:1, 8:1");
  await write(page, 24);
  await expect(summary).toHaveText(/^[1-9]\d* with drafts, [\d.]+ accepted in each$/);
  await expect(page.locator('[data-figure="predicted-speed-up"] dd')).toHaveText(/^\d.* ×$/);
  await expect(page.getByRole("img", { name: /drafted; accepted: / })).toBeVisible();
});

test("the diffusion pane's model and the target's first layers draft in the page, and the text stays the same", async ({
  page,
}) => {
  await page.goto("/");
  await page.getByRole("button", { name: "fixed draft length" }).click();
  const pane = region(page, "Speculative");
  await pane.getByText(/^Options/).click();
  for (const [drafter, option] of [
    ["block-diffusion", "Draft's block"],
    ["early-exit", "Exit layer"],
  ]) {
    await pane.getByLabel("Drafter").selectOption(drafter);
    await expect(pane.getByLabel(option)).toBeVisible();
    await write(page, 12);
    await expect(pane.locator('[part="badge"]')).toContainText("same text");
    await expect(page.getByRole("img", { name: /drafted; accepted: / })).toBeVisible();
  }
});

test("a verifier that keeps the law alone says so, and isn't compared with autoregressive text", async ({ page }) => {
  await page.goto("/");
  await page.getByRole("button", { name: "fixed draft length" }).click();
  const pane = region(page, "Speculative");
  await pane.getByText(/^Options/).click();
  await pane.getByLabel("Verifier").selectOption("block");
  await write(page, 12);
  await expect(pane.getByText("distribution", { exact: true })).toBeVisible();
  await expect(pane.locator('[part="badge"]')).toHaveCount(0);
  await expect(pane.locator('[data-figure="tokens"] dd')).toHaveText("12");
  await pane.getByLabel("Drafter").selectOption("chains");
  // Several chains have verifiers of their own.
  await expect(pane.getByLabel("Verifier")).toHaveValue("kseq");
  await write(page, 12);
  await expect(pane.getByText("distribution", { exact: true })).toBeVisible();
  await expect(pane.locator('[data-figure="tokens"] dd')).toHaveText("12");
  await pane.getByLabel("Drafter").selectOption("suffix");
  await expect(pane.getByLabel("Verifier")).toHaveCount(0);
  await write(page, 12);
  await expect(pane.getByText("same text as AR")).toBeVisible();
});

test("unless a person chooses, drafts are what is fastest here by measured costs, and the text is autoregressive's", async ({
  page,
}) => {
  await page.goto("/");
  const pane = region(page, "Speculative");
  await expect(page.getByRole("button", { name: "fastest here" })).toHaveAttribute("aria-pressed", "true");
  await write(page, 24);
  // A machine that is slow as this runs isn't timed, which the page says.
  await expect(
    pane.getByText(
      /By the costs measured here a draft model is expected at [\d.]+ × plain decoding|Not measured\. .+ has it timed\./,
    ),
  ).toBeVisible();
  await expect(pane.getByText("same text as AR")).toBeVisible();
  await pane.getByText(/^Options/).click();
  await expect(pane.getByLabel("Draft length")).toHaveValue("adaptive");
  // One click away.
  await page.getByRole("button", { name: "fixed draft length" }).click();
  await expect(pane.getByLabel("Draft length")).toHaveValue("constant");
  await expect(pane.getByLabel("Drafter")).toHaveValue("model");
  await write(page, 12);
  await expect(page.getByRole("img", { name: /drafted; accepted: / })).toBeVisible();
});
