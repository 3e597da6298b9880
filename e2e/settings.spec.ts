import { expect } from "@playwright/test";
import { REGIONS, reaches, region, test } from "./triptych-page.js";

test.use({ usual: "wasm" });

test("an option that a decoder refuses is explained in its pane, and the others write on", async ({ page }) => {
  await page.goto("/");
  await page.getByLabel("Length", { exact: true }).fill("8");
  await region(page, "Speculative")
    .getByText(/^Options/)
    .click();
  await region(page, "Speculative").getByLabel("Draft tokens").fill("-1");
  await page.getByRole("button", { name: "Generate" }).click();
  await reaches(page, "Speculative", "error");
  await expect(region(page, "Speculative").getByRole("alert")).toContainText("num_assistant_tokens can't be -1");
  await reaches(page, "Autoregressive", "done");
  await reaches(page, "Diffusion", "done");
});

test("what is wrong with a setting stands beside it before a run, in its own words, and once after it", async ({
  page,
}) => {
  await page.goto("/");
  const temperature = page.getByLabel("Temperature", { exact: true });
  for (const [written, message] of [
    ["abc", 'temperature can\'t be "abc": give 0 (greedy) or a number from 0.001 to 100.'],
    ["101", "temperature can't be 101: give 0 (greedy) or a number from 0.001 to 100."],
  ]) {
    await temperature.fill(written);
    await expect(page.locator(".desk .refusal")).toHaveText(message);
    await expect(temperature).toHaveAttribute("aria-invalid", "true");
    await expect(temperature).toHaveValue(written);
  }
  await page.getByRole("button", { name: "Generate" }).click();
  for (const label of REGIONS) await reaches(page, label, "error");
  await expect(page.getByRole("alert")).toHaveCount(1);
  await expect(page.getByRole("alert")).toHaveText(/^\s*temperature can't be 101/);
  await temperature.fill("0.7");
  await expect(page.locator(".desk .refusal")).toBeEmpty();
  await expect(temperature).toHaveAttribute("aria-invalid", "false");
});

test("menus disable what these models can't do, with the reason, and a choice makes its room", async ({ page }) => {
  await page.goto("/");
  const speculative = region(page, "Speculative");
  await page.getByRole("button", { name: "fixed draft length" }).click();
  await speculative.getByText(/^Options/).click();
  await expect(speculative.getByRole("option", { name: "eagle" })).toBeDisabled();
  await expect(speculative.getByRole("option", { name: "kseq" })).toBeDisabled();
  await speculative.getByText("2 can’t be chosen here").click();
  await expect(speculative.getByText(/EAGLE head/)).toBeVisible();
  await speculative.getByLabel("Drafter").selectOption("chains");
  await expect(speculative.getByLabel("Verifier")).toHaveValue("kseq");
  await expect(speculative.getByRole("option", { name: "coupling" })).toBeDisabled();
  const diffusion = region(page, "Diffusion");
  await diffusion.getByText(/^Options/).click();
  await diffusion.getByRole("button", { name: /^Change method/ }).click();
  const dialog = page.getByRole("dialog");
  for (const name of ["Masked diffusion", "Window diffusion (WeDLM)", "Any subset (ASSD)"]) {
    await expect(dialog.getByRole("button", { name, exact: true })).toHaveAttribute("aria-disabled", "true");
  }
  const masked = dialog.getByRole("button", { name: "Masked diffusion", exact: true });
  await expect(masked).toHaveAccessibleDescription(/reads the whole canvas/);
  // What can run stands before what can't.
  const disabled = await dialog
    .locator(".method > button")
    .evaluateAll((all) => all.map((one) => one.getAttribute("aria-disabled")));
  expect(disabled).toContain("false");
  expect(disabled.indexOf("true")).toBe(disabled.lastIndexOf("false") + 1);
  await page.keyboard.press("Escape");
  await expect(diffusion.locator(".fields").first().getByRole("textbox")).not.toHaveCount(0);
  await expect(diffusion.getByLabel("Candidates", { exact: true })).toBeHidden();
  await diffusion.getByText("More options").click();
  await diffusion.getByText("Block lengths").click();
  await expect(diffusion.getByRole("option", { name: "policy" })).toBeDisabled();
});

test("a pane that drafts by prompt lookup writes the same text, and loads no draft model", async ({ page }) => {
  const urls: string[] = [];
  page.on("request", (request) => {
    // A plan asks for the first byte: whether there is such a file.
    if (request.headers().range !== "bytes=0-0") urls.push(request.url());
  });
  await page.goto("/");
  await page.getByLabel("Length", { exact: true }).fill("24");
  await region(page, "Speculative")
    .getByText(/^Options/)
    .click();
  await region(page, "Speculative").getByLabel("Drafter").selectOption("prompt-lookup");
  await page.getByRole("button", { name: "Generate" }).click();
  for (const label of REGIONS) await reaches(page, label, "done");
  await expect(region(page, "Speculative").getByText("same text as AR")).toBeVisible();
  expect(urls.some((url) => url.includes("story-ar/model"))).toBe(true);
  expect(urls.filter((url) => url.includes("story-draft/model"))).toEqual([]);
});

test("a diffusion pane's fillings are weighed by the model that is chosen for it", async ({ page }) => {
  await page.goto("/");
  await page.getByLabel("Length", { exact: true }).fill("8");
  const pane = region(page, "Diffusion");
  await expect(pane.getByLabel("Weighed by")).toHaveCount(0);
  await pane.getByText(/^Options/).click();
  await pane.getByText("More options").click();
  await pane.getByText("Weighed by a second model").click();
  await pane.getByLabel("Candidates").fill("2");
  for (const [choice, name] of [
    ["the autoregressive model", "story-ar"],
    ["the draft model", "story-draft"],
  ]) {
    await pane.getByLabel("Weighed by").selectOption(choice);
    await page.getByRole("button", { name: "Generate" }).click();
    await reaches(page, "Diffusion", "done");
    await expect(pane.locator('[part="law"]')).toContainText(`${name}'s law`);
  }
});

test("another model set is a choice; a pane whose model it lacks says so", async ({ page }) => {
  await page.goto("/");
  await page.getByLabel("Length", { exact: true }).fill("12");
  await page.getByLabel("Models").selectOption("stories260k");
  await page.getByRole("button", { name: "fixed draft length" }).click();
  await page.getByRole("button", { name: "Generate" }).click();
  await reaches(page, "Diffusion", "unable");
  await expect(region(page, "Diffusion").locator('[part="error"]')).toContainText("no diffusion model");
  await expect(page.getByRole("alert")).toHaveCount(0);
  await reaches(page, "Autoregressive", "done");
  await reaches(page, "Speculative", "done");
  // It drafts for itself, so every draft is accepted.
  await expect(region(page, "Speculative").locator('[data-figure="acceptance"] dd')).toHaveText("100 %");
  await expect(region(page, "Speculative").getByText("same text as AR")).toBeVisible();
});
