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
    /^Autoregressive: stopped, \d+ tokens\. Diffusion: stopped, \d+ tokens\. Speculative: stopped, \d+ tokens\.$/,
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

test("an option that a decoder refuses is explained in its pane, and the others write on", async ({ page }) => {
  await page.goto("/");
  await page.getByLabel("Length", { exact: true }).fill("8");
  await region(page, "Speculative").getByText("Options").click();
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
  for (const method of ["masked-diffusion", "window-diffusion", "any-subset"]) {
    await expect(diffusion.getByRole("option", { name: method })).toBeDisabled();
  }
  await diffusion.getByText("3 can’t be chosen here").click();
  await expect(diffusion.getByText(/reads the whole canvas/)).toBeVisible();
  await expect(diffusion.locator(".fields").first().getByRole("textbox")).not.toHaveCount(0);
  await expect(diffusion.getByLabel("Candidates", { exact: true })).toBeHidden();
  await diffusion.getByText("Block lengths").click();
  await expect(diffusion.getByRole("option", { name: "policy" })).toBeDisabled();
});

test("a pane that drafts by prompt lookup writes the same text, and loads no draft model", async ({ page }) => {
  const urls: string[] = [];
  page.on("request", (request) => urls.push(request.url()));
  await page.goto("/");
  await page.getByLabel("Length", { exact: true }).fill("24");
  await region(page, "Speculative").getByText("Options").click();
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
  await pane.getByText("Options").click();
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
