import { expect } from "@playwright/test";
import { faultsOf, REGIONS, reaches, region, test, textOf } from "./triptych-page.js";

test.use({ usual: "wasm" });

test("a race's tokens are inspected one by one, and the race is looked at again with all panes in step", async ({
  page,
}) => {
  await page.goto("/");
  await page.getByLabel("Length", { exact: true }).fill("24");
  await page.getByRole("button", { name: "Generate" }).click();
  for (const label of REGIONS) await reaches(page, label, "done");
  const card = page.locator(".token-card");
  const likely = card.locator(".token-likely li");

  for (const label of REGIONS) {
    const paper = region(page, label).locator(".paper");
    const tokens = paper.locator('[part="text"] > span');
    const numTokens = await tokens.count();
    // The text is one stop of the Tab key; arrows lead from token to token.
    await paper.focus();
    await page.keyboard.press("Home");
    await expect(tokens.first()).toBeFocused();
    await page.keyboard.press("End");
    await expect(tokens.last()).toBeFocused();
    await page.keyboard.press("ArrowLeft");
    const token = tokens.nth(numTokens - 2);
    await expect(token).toBeFocused();
    await expect(token).toHaveAttribute("aria-expanded", "true");
    await expect(card).toBeVisible();
    await expect(likely).toHaveCount(5);
    const probabilities = await likely.evaluateAll((items) =>
      items.map((item) => Number(item.getAttribute("data-probability"))),
    );
    expect(probabilities).toEqual(probabilities.toSorted((a, b) => b - a));
    const sum = probabilities.reduce((total, p) => total + p, 0);
    expect(sum).toBeGreaterThan(0);
    expect(sum).toBeLessThanOrEqual(1);
    // Five tokens alone are at least as sure as the whole law.
    const entropy = Number(await card.locator('[data-token="entropy"]').textContent());
    expect(entropy).toBeGreaterThanOrEqual(0);
    expect(entropy).toBeLessThan(Math.log(8192));
    const place = await card.boundingBox();
    expect(
      place && place.x >= 0 && place.y >= 0 && place.x + place.width <= 1280 && place.y + place.height <= 720,
    ).toBe(true);
    // A text that is exactly the model's has at each place the probability that the model gives there.
    const id = await card.locator('[data-token="id"]').textContent();
    const told = await card.locator('[data-token="probability"]').textContent();
    const shown = likely.and(page.locator(`[data-id="${id}"]`));
    if ((await shown.count()) > 0) await expect(shown.locator("span").last()).toHaveText(told ?? "");
    await expect(card.locator(".token-story")).toContainText(/written by|filled with|accepted/);
    await page.keyboard.press("Enter");
    await expect(card.getByRole("button", { name: "Close" })).toBeVisible();
    if (label === "Diffusion") expect(await faultsOf(page)).toEqual([]);
    // Pinned, it stays when the focus goes elsewhere.
    await page.keyboard.press("Shift+Tab");
    await expect(card).toBeVisible();
    await token.focus();
    await page.keyboard.press("Escape");
    await expect(card).toBeHidden();
  }

  const hovered = region(page, "Autoregressive").locator('[part="text"] > span').nth(3);
  await page.mouse.move(0, 0);
  await page.getByRole("textbox", { name: "Prompt" }).focus();
  await hovered.hover();
  await expect(card).toBeVisible();
  await expect(likely).toHaveCount(5);
  await card.hover();
  await expect(card).toBeVisible();
  await page.mouse.move(2, 2);
  await expect(card).toBeHidden();
  await hovered.click();
  await page.mouse.move(2, 2);
  await expect(card.getByRole("button", { name: "Close" })).toBeVisible();
  await page.keyboard.press("Escape");

  const timeline = page.getByRole("region", { name: "Timeline of all panes" });
  const slider = timeline.getByRole("slider");
  const play = timeline.locator(".timeline-play");
  const rows = timeline.locator("li");
  const said = timeline.getByRole("status");
  const whole = await Promise.all(REGIONS.map((label) => textOf(page, label)));
  const texts = () => Promise.all(REGIONS.map((label) => textOf(page, label)));
  const where = async () => (await timeline.locator(".timeline-where").textContent()) ?? "";
  await expect(rows).toHaveCount(3);
  await expect(timeline.locator("li[data-ended]")).toHaveCount(3);
  await slider.focus();
  await page.keyboard.press("Home");
  expect(await texts()).toEqual(["", "", ""]);
  await page.keyboard.press("ArrowRight");
  await expect(said).toHaveText(/^step 1 of \d+$/);
  // By time the first step of some pane, by forward passes of each.
  expect((await texts()).filter((text) => text !== "").length).toBeLessThan(3);
  await timeline.getByLabel("In step by").selectOption("forward passes");
  await slider.focus();
  await page.keyboard.press("Home");
  for (let i = 0; i < 3; i++) await page.keyboard.press("ArrowRight");
  expect(await where()).toMatch(/^step 3 of \d+, 3 forward passes$/);
  for (const [i, label] of REGIONS.entries()) {
    const value = await page.getByRole("slider", { name: `${label}, step` }).inputValue();
    await expect(rows.nth(i)).toContainText(`step ${value} of`);
  }
  await expect(page.getByRole("slider", { name: "Autoregressive, step" })).toHaveValue("3");
  await page.keyboard.press("ArrowLeft");
  await expect(page.getByRole("slider", { name: "Autoregressive, step" })).toHaveValue("2");
  // Played from there to the end, each pane stands at its text.
  await timeline.getByLabel("Speed").selectOption("40 passes/s");
  await page.keyboard.press("Tab");
  await slider.focus();
  await page.keyboard.press(" ");
  await expect(play).toHaveText("Pause");
  expect(await said.textContent()).toBe("");
  await expect(play).toHaveText("Play");
  expect(await texts()).toEqual(whole);
  await expect(timeline.locator("li[data-ended]")).toHaveCount(3);
  await timeline.getByRole("button", { name: "Loop" }).click();
  await expect(timeline.getByRole("button", { name: "Loop" })).toHaveAttribute("aria-pressed", "true");
  await play.click();
  // It begins anew: the end has come once, and something before it again.
  await expect(timeline.locator("li[data-ended]")).toHaveCount(3);
  await expect(timeline.locator("li[data-ended]")).toHaveCount(0);
  await play.click();
  await expect(said).toHaveText(/^step \d+ of \d+$/);
  expect(await faultsOf(page)).toEqual([]);

  // What was pinned and played is of the run before.
  await hovered.click();
  await expect(card).toBeVisible();
  await play.click();
  await page.getByRole("button", { name: "Generate" }).click();
  await expect(card).toBeHidden();
  await expect(timeline).toBeHidden();
});
