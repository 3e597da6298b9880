import { expect } from "@playwright/test";
import { REGIONS, reaches, region, test, textOf } from "./triptych-page.js";

test.use({ usual: "wasm" });

test("settings survive a reload by the page's address, and write the same text there", async ({ page }) => {
  await page.goto("/");
  await page.getByRole("textbox", { name: "Prompt" }).fill("The fox & the “bear” said");
  await page.getByLabel("Length", { exact: true }).fill("8");
  await page.getByLabel("Seed", { exact: true }).fill("11");
  await region(page, "Speculative")
    .getByText(/^Options/)
    .click();
  await region(page, "Speculative").getByLabel("Drafter").selectOption("suffix");
  await page.getByText("Sampling").click();
  await page.getByLabel("Top-k").fill("40");
  await expect(page).toHaveURL(/seed=11.*common\.top_k=40/);
  await page.getByRole("button", { name: "Generate" }).click();
  for (const label of REGIONS) await reaches(page, label, "done");
  const before = await Promise.all(REGIONS.map((label) => textOf(page, label)));
  const address = page.url();
  await page.reload();
  await expect(page.getByRole("textbox", { name: "Prompt" })).toHaveValue("The fox & the “bear” said");
  await expect(page.getByLabel("Length", { exact: true })).toHaveValue("8");
  await page.getByRole("button", { name: "Generate" }).click();
  for (const label of REGIONS) await reaches(page, label, "done");
  expect(await Promise.all(REGIONS.map((label) => textOf(page, label)))).toEqual(before);
  await expect(region(page, "Speculative").getByLabel("Drafter")).toHaveValue("suffix");
  expect(page.url()).toBe(address);
  // What is as the page has it isn't in the address.
  await page.getByLabel("Seed", { exact: true }).fill("7");
  await expect(page).not.toHaveURL(/seed=/);
  expect(address).not.toContain("temperature");
});

test("Generate that is pressed before the address has been read writes what the address says", async ({ page }) => {
  let letThrough = () => {};
  const isPressed = new Promise<void>((resolve) => {
    letThrough = resolve;
  });
  await page.route(/\/address-[^/]*\.js$/, async (route) => {
    await isPressed;
    await route.continue();
  });
  await page.goto("/?max_new_tokens=6&prompt=The+fox");
  await page.getByRole("button", { name: "Generate" }).click();
  await expect(page.getByRole("button", { name: "Stop" })).toBeEnabled();
  letThrough();
  for (const label of REGIONS) await reaches(page, label, "done");
  await expect(page.getByRole("textbox", { name: "Prompt" })).toHaveValue("The fox");
  for (const label of REGIONS) await expect(region(page, label).locator('[data-figure="tokens"] dd')).toHaveText("6");
});

test("what an address asks for wrongly is said by name, and the rest holds", async ({ page }) => {
  await page.goto("/?seed=abc&temprature=1&speculative.drafter=magic&max_new_tokens=8");
  const leftOut = page.locator(".left-out li");
  await expect(leftOut).toHaveText([
    /^temprature=1: there is no such setting/,
    /^speculative\.drafter=magic: there are model, /,
  ]);
  await expect(page.locator(".desk .refusal")).toContainText('seed can\'t be "abc"');
  await expect(page.getByLabel("Seed", { exact: true })).toHaveValue("abc");
  await expect(page.getByLabel("Length", { exact: true })).toHaveValue("8");
  await expect(page.getByRole("alert")).toHaveCount(0);

  // A long one is packed; cut, it says so, and nothing of it is there.
  const story = "Once upon a time, there was a <b>girl</b> & a fox. ".repeat(8);
  await page.getByRole("textbox", { name: "Prompt" }).fill(story);
  await expect(page).toHaveURL(/\/#settings=1\.[\w-]{50,250}$/);
  const whole = page.url();
  await page.reload();
  await expect(page.getByLabel("Seed", { exact: true })).toHaveValue("abc");
  await expect(page.getByRole("textbox", { name: "Prompt" })).toHaveValue(story);
  await expect(leftOut).toHaveCount(0);
  expect(page.url()).toBe(whole);
  // Opened over the same page, which doesn't load it by itself.
  await page.evaluate((hash) => location.assign(hash), new URL(whole).hash.slice(0, -9));
  await expect(leftOut).toHaveText("The settings in this link are cut off or damaged: the page has its own.");
  await expect(page.getByLabel("Seed", { exact: true })).toHaveValue("7");
  await expect(page.getByRole("alert")).toHaveCount(0);
});
