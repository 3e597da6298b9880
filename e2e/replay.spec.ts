import { AxeBuilder } from "@axe-core/playwright";
import { expect } from "@playwright/test";
import { REGIONS, reaches, region, test, textOf } from "./triptych-page.js";

test.use({ usual: "wasm" });

test("the steps of a run are looked at again with the keyboard, forwards and backwards", async ({ page }) => {
  await page.goto("/");
  await page.getByLabel("Length", { exact: true }).fill("24");
  await page.getByRole("button", { name: "Generate" }).click();
  for (const label of REGIONS) await reaches(page, label, "done");
  for (const label of REGIONS) {
    const whole = await textOf(page, label);
    const slider = page.getByRole("slider", { name: `${label}, step` });
    await slider.focus();
    await page.keyboard.press("Home");
    expect(await textOf(page, label)).toBe("");
    await expect(slider).toHaveAttribute("aria-valuetext", /before the first of \d+ steps/);
    const shown: string[] = [];
    for (let step = 1; step <= 6; step++) {
      await page.keyboard.press("ArrowRight");
      await expect(slider).toHaveValue(String(step));
      shown.push(await textOf(page, label));
    }
    if (label === "Diffusion")
      expect(await region(page, label).locator('[part="text"] .mask').count()).toBeGreaterThan(0);
    for (let step = 5; step >= 1; step--) {
      await page.keyboard.press("ArrowLeft");
      const isStill = await region(page, label)
        .locator('[part="text"]')
        .evaluate((text) => text.getAnimations({ subtree: true }).every(({ playState }) => playState === "finished"));
      expect(isStill).toBe(true);
      expect(await textOf(page, label)).toBe(shown[step - 1]);
    }
    await page.keyboard.press("End");
    expect(await textOf(page, label)).toBe(whole);
    await expect(region(page, label).locator('[part="text"] .mask')).toHaveCount(0);
  }
  const { violations } = await new AxeBuilder({ page }).include("triptych-compare").analyze();
  expect(violations.map(({ id, nodes }) => [id, nodes.map(({ target }) => target)])).toEqual([]);
});

test("what a rule may take back is marked until it stays, and what was revised stays marked", async ({ page }) => {
  await page.goto("/");
  const pane = region(page, "Diffusion");
  await pane.getByText(/^Options/).click();
  await pane.getByRole("combobox", { name: /^Commit/ }).selectOption("mask_predict");
  await pane.getByLabel("Steps per block").fill("4");
  await page.getByLabel("Length", { exact: true }).fill("32");
  await page.getByRole("button", { name: "Generate" }).click();
  await reaches(page, "Diffusion", "done");
  const paper = pane.locator('[part="text"]');
  await expect(pane.locator('[data-figure="tokens"] dd')).toHaveText("32");
  await expect(paper.locator(".tentative")).toHaveCount(0);
  expect(await paper.locator(".committed[data-revised]").count()).toBeGreaterThan(0);
  const text = await textOf(page, "Diffusion");
  await page.getByRole("slider", { name: "Diffusion, step" }).focus();
  await page.keyboard.press("Home");
  await page.keyboard.press("ArrowRight");
  // Written, and masked again in the same step: none of it is certain yet.
  expect(await paper.locator(".tentative").count()).toBeGreaterThan(0);
  expect(await paper.locator(".mask[data-revised]").count()).toBeGreaterThan(0);
  expect(await textOf(page, "Diffusion")).toBe("");
  await page.keyboard.press("End");
  expect(await textOf(page, "Diffusion")).toBe(text);
});

test("the autoregressive pane's model weighs what diffusion draws", async ({ page }) => {
  await page.goto("/");
  const pane = region(page, "Diffusion");
  await pane.getByText(/^Options/).click();
  await pane.getByText("More options").click();
  await pane.getByText("Weighed by a second model").click();
  await pane.getByLabel("Candidates", { exact: true }).fill("4");
  await page.getByLabel("Length", { exact: true }).fill("12");
  await page.getByRole("button", { name: "Generate" }).click();
  await reaches(page, "Diffusion", "done");
  await expect(pane.locator('[data-figure="tokens"] dd')).toHaveText("12");
  await expect(pane.getByText("approximate", { exact: true })).toBeVisible();
});
