import { AxeBuilder } from "@axe-core/playwright";
import { expect } from "@playwright/test";
import { REGIONS, reaches, region, test, textOf } from "./triptych-page.js";
import { holdReads } from "./worker-in-hand.js";

const PROMPT = "The little bear went to the market with";

test("three panes write 64 tokens each from a typed prompt", async ({ page }) => {
  await page.goto("/");
  await page.getByRole("textbox", { name: "Prompt" }).fill(PROMPT);
  await page.getByLabel("Length", { exact: true }).fill("64");
  await page.getByLabel("Seed", { exact: true }).fill("3");
  await page.getByRole("button", { name: "Generate" }).click();
  for (const label of REGIONS) {
    await reaches(page, label, "done");
    await expect(region(page, label).locator('[part="prompt"]')).toHaveText(PROMPT);
    const text = await textOf(page, label);
    expect(text.split(/\s+/).filter((word) => /^[a-z]+[,.]?$/i.test(word)).length).toBeGreaterThan(20);
    await expect(region(page, label).locator('[data-figure="tokens"] dd')).toHaveText("64");
    for (const figure of ["tokens-per-second", "tokens-per-forward", "forwards", "first-token"]) {
      await expect(region(page, label).locator(`[data-figure="${figure}"] dd`)).toHaveText(/[1-9]/);
    }
  }
  expect(await textOf(page, "Speculative")).toBe(await textOf(page, "Autoregressive"));
  await expect(region(page, "Speculative").getByText("same text as AR")).toBeVisible();
  await expect(page.getByText(/^Runs on webgpu: /)).toBeVisible();
});

test("Stop ends every pane with what it has, and the next generation works", async ({ page }) => {
  await page.goto("/");
  await page.getByLabel("Length", { exact: true }).fill("400");
  await holdReads(page, "autoregressive");
  await page.getByRole("button", { name: "Generate" }).click();
  await expect(region(page, "Autoregressive").locator('[part="text"]')).not.toBeEmpty();
  await page.getByRole("button", { name: "Stop" }).click();
  await expect(page.getByRole("status").last()).toHaveText(
    /^Autoregressive: stopped, \d+ tokens?\. Diffusion: stopped, \d+ tokens?\. Speculative: stopped, \d+ tokens?\.$/,
  );
  for (const label of REGIONS) {
    await reaches(page, label, "done");
    await expect(region(page, label).locator(".status")).toHaveText("stopped");
    await expect(region(page, label).locator('[part="text"] .mask, [part="text"] .draft')).toHaveCount(0);
  }
  await page.getByLabel("Length", { exact: true }).fill("16");
  await page.getByRole("button", { name: "Generate" }).click();
  for (const label of REGIONS) await expect(region(page, label).locator(".status")).toHaveText("done: full length");
});

test("the keyboard alone writes, stops and writes again", async ({ page }) => {
  await page.goto("/");
  const prompt = page.getByRole("textbox", { name: "Prompt" });
  for (let presses = 0; presses < 5; presses++) {
    if (await prompt.evaluate((field) => field.matches(":focus"))) break;
    await page.keyboard.press("Tab");
  }
  await expect(prompt).toBeFocused();
  await page.keyboard.press("ControlOrMeta+a");
  await page.keyboard.type("Once there was a fox who");
  await holdReads(page, "autoregressive");
  await page.keyboard.press("ControlOrMeta+Enter");
  await reaches(page, "Autoregressive", "running");
  await page.keyboard.press("Escape");
  for (const label of REGIONS) await reaches(page, label, "done");
  await expect(region(page, "Autoregressive").locator(".status")).toHaveText("stopped");
  const button = page.getByRole("button", { name: "Generate" });
  await button.focus();
  await holdReads(page, "autoregressive");
  await page.keyboard.press("Enter");
  await reaches(page, "Autoregressive", "running");
  await page.keyboard.press("Escape");
  await reaches(page, "Autoregressive", "done");
  await expect(button).toBeFocused();
});

test("looks right and has no serious accessibility fault, light and dark, wide and narrow", async ({ page }, info) => {
  await page.emulateMedia({ reducedMotion: "reduce" });
  await page.goto("/");
  await page.getByLabel("Length", { exact: true }).fill("16");
  await page.getByRole("button", { name: "Generate" }).click();
  for (const label of REGIONS) {
    await reaches(page, label, "done");
    await expect(region(page, label).locator('[data-figure="tokens"] dd')).toHaveText("16");
  }
  for (const colorScheme of ["light", "dark"] as const) {
    for (const width of [1280, 390]) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: width === 390 ? 844 : 900 });
      const name = `page-${colorScheme}-${width}`;
      await page.screenshot({ path: info.outputPath(`${name}.png`), fullPage: true });
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      expect(overflow, name).toBeLessThanOrEqual(0);
      const { violations } = await new AxeBuilder({ page }).analyze();
      const serious = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
      expect(
        serious.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]),
        name,
      ).toEqual([]);
    }
  }
});
