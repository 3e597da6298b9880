import { AxeBuilder } from "@axe-core/playwright";
import { expect } from "@playwright/test";
import { REGIONS, reaches, region, test, textOf } from "./triptych-page.js";

test("the steps of a run are looked at again with the keyboard, forwards and backwards", async ({ page }) => {
  await page.goto("/");
  await page.getByLabel("Length", { exact: true }).fill("48");
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
