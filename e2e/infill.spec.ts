import { expect } from "@playwright/test";
import { reaches, region, test, textOf } from "./triptych-page.js";

test.use({ usual: "wasm" });

test("a hole is filled in place by diffusion, and those who cannot say so calmly", async ({ page }) => {
  await page.goto("/");
  await page.getByLabel("Example").selectOption("fill the hole");
  await page.getByRole("button", { name: "Generate" }).click();
  await reaches(page, "Diffusion", "done");
  for (const label of ["Autoregressive", "Speculative"]) {
    await reaches(page, label, "unable");
    await expect(region(page, label).locator(".status")).toHaveText("can't fill holes");
    await expect(region(page, label).locator('[part="error"]')).toContainText("can't fill holes. Diffusion can");
  }
  await expect(page.getByRole("alert")).toHaveCount(0);
  const text = await textOf(page, "Diffusion");
  expect(text).toMatch(/^ \w.* and was happy\.$/);
  await expect(region(page, "Diffusion").locator('[part="prompt"]')).toHaveText("Once upon a time, a");
  const paper = region(page, "Diffusion").locator('[part="text"]');
  await expect(paper.locator(".committed")).toHaveCount(6);
  await expect(paper.locator(".prompt").first()).toBeVisible();
  const slider = page.getByRole("slider", { name: "Diffusion, step" });
  await slider.focus();
  await page.keyboard.press("Home");
  await expect(paper.locator(".mask")).toHaveCount(6);
  await page.keyboard.press("End");
  expect(await textOf(page, "Diffusion")).toBe(text);
});
