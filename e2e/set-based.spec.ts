import { expect } from "@playwright/test";
import { pickMethod, reaches, region, test, textOf } from "./triptych-page.js";

test.use({ usual: "wasm" });

const SEGMENTS = [" a cat,", " a big dog,", " a red ball,", " a box,"];
const PROMPT = `Tom has<set>${SEGMENTS.join("<|>")}</set> and one day`;

test("shuffle writes the same text from another order, and tells how far apart the orders are", async ({ page }) => {
  await page.goto("/");
  await page.getByRole("textbox", { name: "Prompt" }).fill(PROMPT);
  await page.getByLabel("Length", { exact: true }).fill("16");
  await pickMethod(page, region(page, "Autoregressive"), "Set-based prompting");
  await page.getByRole("button", { name: "Generate" }).click();
  await reaches(page, "Set-based", "done");
  const text = await textOf(page, "Set-based");
  expect(text).toMatch(/\w{2,}.*\w{2,}/);
  // The others say who can.
  await expect(region(page, "Speculative").locator(".status")).toHaveText("can't read sets");
  await region(page, "Set-based").getByRole("button", { name: "shuffle" }).click();
  const field = page.getByRole("textbox", { name: "Prompt" });
  await expect(field).not.toHaveValue(PROMPT);
  const shuffled = await field.inputValue();
  expect([...shuffled].sort()).toEqual([...PROMPT].sort());
  const pane = region(page, "Set-based");
  await expect(pane.locator('[data-figure="set-based-nats"]')).toHaveText("0");
  await expect(pane.locator('[data-figure="ordinary-nats"]')).toHaveText(/^(0\.0*[1-9]\d*|[1-9][\d.]*)$/);
  expect(await textOf(page, "Set-based")).toBe(text);
  await field.fill("Once");
  await expect(pane.getByRole("button", { name: "shuffle" })).toBeDisabled();
  await expect(pane.locator('[data-figure="ordinary-nats"]')).toHaveCount(0);
});
