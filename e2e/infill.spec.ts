import { expect } from "@playwright/test";
import { faultsOf, reaches, region, test, textOf } from "./triptych-page.js";

test.use({ usual: "wasm" });

test("a hole is filled in place by diffusion, those who cannot say so calmly, and a marked part of a text is written anew", async ({
  page,
}) => {
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

  // A part of a text is written anew by the keyboard alone; the rest stays.
  await page.getByLabel("Example").selectOption("edit this text");
  const edit = page.locator('[part="edit"]');
  const prompt = page.getByLabel("Prompt", { exact: true });
  const [before, old, behind] = ["Once upon a time, Tom lived in a", " big castle", ". He was very sad."];
  await expect(prompt).toHaveValue(before + old + behind);
  const rewrite = edit.getByRole("button", { name: "Rewrite marked words" });
  await rewrite.press("Enter");
  await expect(edit.getByRole("status")).toHaveText("No words are marked: mark some in the prompt.");
  await prompt.press("Control+Home");
  for (const _ of `${before} `) await page.keyboard.press("ArrowRight");
  for (const _ of "big ca") await page.keyboard.press("Shift+ArrowRight");
  await edit.getByLabel("New tokens").fill("3");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await expect(edit.locator("ins")).toHaveCount(1);
  await expect(prompt).toHaveValue(`${before} <mask:3>${behind}`);
  expect(await edit.locator("del").textContent()).toBe(old);
  const now = await edit.locator("ins").textContent();
  expect(await textOf(page, "Diffusion")).toBe(now + behind);
  await expect(paper.locator(".committed")).toHaveCount(3);
  expect(await faultsOf(page)).toEqual([]);
  // What the shade tells of sureness has a line where the system has its own colours.
  await page.emulateMedia({ forcedColors: "active" });
  await expect(paper.locator(".committed").first()).toHaveCSS("border-bottom-style", "solid");
  await edit.getByRole("button", { name: "Take this text of Diffusion" }).click();
  await expect(prompt).toHaveValue(before + now + behind);
  await expect(prompt).toBeFocused();
});
