import { expect, type Page } from "@playwright/test";
import type { CompareElement } from "../src/ui/element.js";
import { faultsOf, openBare, reaches, region, test } from "./triptych-page.js";

test.use({ usual: "wasm" });

const labels = (page: Page) => page.locator(".pane h2").allTextContents();
const add = (page: Page) => page.getByRole("button", { name: "Add a pane" });

test("panes are added up to six, duplicated with their settings, write together on shared models, and are removed down to one", async ({
  page,
}) => {
  await page.goto("/?max_new_tokens=6&3.drafter=suffix");
  // The twin of a pane has what is set there.
  await region(page, "Speculative")
    .getByRole("button", { name: /^Duplicate Speculative/ })
    .click();
  const twin = region(page, "Speculative 2");
  await expect(twin.getByRole("button", { name: /^Duplicate/ })).toBeFocused();
  await twin.getByText(/^Options/).click();
  await expect(twin.getByLabel("Drafter")).toHaveValue("suffix");
  await twin.getByLabel("Drafter").selectOption("prompt-lookup");
  await add(page).click();
  await add(page).click();
  await expect(page.locator(".pane")).toHaveCount(6);
  await expect(add(page)).toBeDisabled();
  await expect(page.getByRole("button", { name: /^Duplicate/ })).toHaveCount(0);
  expect(await faultsOf(page)).toEqual([]);
  await page.getByRole("button", { name: "Generate" }).click();
  const all = await labels(page);
  for (const label of all) await reaches(page, label, "done");
  for (const label of ["Speculative", "Speculative 2"])
    await expect(region(page, label).getByText("same text as AR")).toBeVisible();
  await expect(page.locator('[part="rounds"]')).toHaveCount(2);
  await expect(page).toHaveURL(/panes=(?:[\w-]+%2C){5}[\w-]+&/);
  await page.reload();
  await expect.poll(() => labels(page)).toEqual(all);
  await expect(page).toHaveURL(/3\.drafter=suffix&4\.drafter=prompt-lookup/);
  for (const label of all.slice(1))
    await region(page, label)
      .getByRole("button", { name: `Remove ${label}` })
      .click();
  await expect(page.locator(".pane")).toHaveCount(1);
  await expect(page.getByRole("button", { name: /^Remove/ })).toHaveCount(0);
  await expect(region(page, "Autoregressive").getByRole("button", { name: /^Duplicate/ })).toBeFocused();
  await expect(page).toHaveURL(/panes=autoregressive(&|$)/);
});

test("a pane that is removed while it writes ends, one that is added waits; six share three models, which removed panes give back", async ({
  page,
}) => {
  const decoders = "autoregressive, autoregressive, block-diffusion, block-diffusion, speculative, speculative";
  await openBare(
    page,
    `<triptych-compare models="/models/" prompt="Once upon a time" decoders="${decoders}" max-new-tokens="40"></triptych-compare>`,
  );
  const models = () =>
    page.evaluate(async () => {
      const path = "/dist/index.js";
      return (await (await import(path)).stats()).models;
    });
  const outcomes = await page.evaluate(async () => {
    const element = document.querySelector("triptych-compare") as CompareElement;
    const press = (selector: string) => element.shadowRoot?.querySelector<HTMLButtonElement>(selector)?.click();
    element.addEventListener("triptych-event", async (event) => {
      const { pane, event: inner } = (event as CustomEvent).detail;
      if (pane !== "diffusion" || inner.type !== "start") return;
      press('[data-pane="diffusion"] .remove');
      await element.updateComplete;
      press(".add-pane");
    });
    return element.generate();
  });
  expect(Object.keys(outcomes)).toEqual([
    "autoregressive",
    "autoregressive-2",
    "diffusion-2",
    "speculative",
    "speculative-2",
  ]);
  await expect(page.locator(".pane")).toHaveCount(6);
  await expect(page.locator(".pane").last()).toHaveAttribute("data-state", "idle");
  expect(await models()).toBeLessThanOrEqual(3);
  await page.evaluate(() => document.querySelector("triptych-compare")?.setAttribute("decoders", "autoregressive"));
  await expect(page.locator(".pane")).toHaveCount(1);
  await expect.poll(models).toBe(1);
});
