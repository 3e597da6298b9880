import { readFileSync } from "node:fs";
import { AxeBuilder } from "@axe-core/playwright";
import { expect } from "@playwright/test";
import { readTrace } from "../src/ui/trace/read-trace.js";
import { test } from "./triptych-page.js";

test.use({ contextOptions: { reducedMotion: "reduce" } });

test("one puzzle is solved in four orders and with each cache, counted on boards that were held out, and the page is usable by all", async ({
  page,
}) => {
  await page.goto("/");
  await page.getByRole("link", { name: "Sudoku" }).click();
  const board = (name: string) => page.locator(".boards").getByRole("region", { name, exact: true });
  const sure = board("Diffusion, all sure cells");
  await expect(sure).toContainText(/solved, [1-4] forward/);
  await expect(page.getByText(/None of these boards was shown to either model in training/)).toBeVisible();
  await expect(board("Autoregressive")).toContainText(/, 16 forwards/);
  await expect(board("Diffusion, random order")).toContainText(/, 10 forwards/);
  await expect(board("Diffusion, the surest cell first")).toContainText(/solved, 10 forwards/);
  // Each of the ten steps reads all 16 cells, or what its cache doesn't hold.
  await expect(board("Whole canvas, no cache")).toContainText("solved, 10 forwards, 160 rows");
  for (const cache of ["prefix", "dual", "delayed"]) {
    await expect(board(`Whole canvas, ${cache} cache`)).toContainText(/, 10 forwards, (?!160)\d+ rows/);
  }
  await expect(sure.locator("li.clue")).toHaveCount(6);
  await expect(sure.locator("li.own small")).toHaveCount(10);
  // The first page's viewers: a cell's card by the keyboard, and a timeline that moves all boards.
  const cell = sure.locator("li.own button").first();
  await cell.focus();
  const card = page.getByRole("dialog", { name: "Diffusion, all sure cells" });
  await expect(card.locator('[data-token="written"]')).toHaveText(/^step [1-4] of [1-4], by forward pass [1-4]$/);
  await expect(card.locator("[data-shown]")).toContainText((await cell.textContent())?.trim().charAt(0) ?? "none");
  await page.keyboard.press("Escape");
  await expect(card).toBeHidden();
  await page.getByRole("slider", { name: "Moment of all panes" }).press("Home");
  await expect(page.locator("li.open")).toHaveCount(8 * 10);
  await page.getByRole("button", { name: "One step on" }).press("Enter");
  await expect(page.locator("li.open")).not.toHaveCount(8 * 10);
  await page.getByRole("slider", { name: "Moment of all panes" }).press("Home");
  for (let i = 0; i < 10; i++) await page.keyboard.press("PageUp");
  await expect(page.locator("li.open")).toHaveCount(0);
  await expect(sure).toContainText(/solved, [1-4] forward/);
  // The race as a file, which the page opens again.
  await page.getByText("Save, share and replay").click();
  const save = page.getByRole("button", { name: "Save trace" });
  const [download] = await Promise.all([page.waitForEvent("download"), save.click()]);
  const trace = readTrace(readFileSync(await download.path()));
  expect(trace.panes).toHaveLength(8);
  await page.locator('input[type="file"]').setInputFiles(await download.path());
  const replayed = page.locator("triptych-replay");
  await expect(replayed.getByRole("group", { name: "Diffusion, all sure cells", exact: true })).toContainText("solved");
  await expect(replayed.locator(".board .own")).toHaveCount(8 * 10);
  await page.getByRole("button", { name: "Next puzzle" }).click();
  await expect(page.locator(".desk").getByRole("status")).toContainText("puzzle 2 of 200");
  await expect(sure).toContainText(/solved, [1-4] forward/);
  // Stopped as the third is counted: before all are, and before the next one is.
  await page.evaluate(() => {
    const observer = new MutationObserver(() => {
      if (!document.body.textContent.includes(" of 3 puzzles")) return;
      observer.disconnect();
      [...document.querySelectorAll("button")].find(({ textContent }) => textContent.includes("Stop"))?.click();
    });
    observer.observe(document.body, { childList: true, characterData: true, subtree: true });
  });
  await page.getByRole("button", { name: /Count/ }).click();
  await expect(sure).toContainText("solved 3 of 3 puzzles");
  await expect(page.getByRole("button", { name: "Next puzzle" })).toBeEnabled();
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id, nodes }) => [id, nodes.map(({ target }) => target)])).toEqual([]);
  // A link that is opened over the page, which doesn't load it by itself; this one is cut.
  await page.evaluate(() => location.assign("#trace=cut"));
  await expect(page.getByRole("alert")).toContainText("The link's trace is cut off or damaged.");
});
