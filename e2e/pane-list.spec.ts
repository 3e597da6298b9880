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
  // By keyboard alone: the filters, the list, a card.
  await add(page).focus();
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog", { name: "Add a pane: choose its method" });
  await expect(dialog.locator(".method").first()).toBeVisible();
  // What can't run is told, and taking it does nothing.
  const head = dialog.getByRole("button", { name: "EAGLE head", exact: true });
  await expect(head).toHaveAttribute("aria-disabled", "true");
  await expect(head).toHaveAccessibleDescription(/EAGLE head/);
  await head.focus();
  await page.keyboard.press("Enter");
  await expect(dialog).toBeVisible();
  expect(await faultsOf(page)).toEqual([]);
  await dialog.getByRole("button", { name: "run with these models" }).press("Enter");
  await expect(head).toHaveCount(0);
  await dialog.getByRole("searchbox").fill("filled token a forward autoregressive every other");
  await expect(dialog.locator(".method")).toHaveCount(0);
  await dialog.getByRole("searchbox").fill("resistance");
  await dialog.getByRole("button", { name: "Momentum decoding", exact: true }).press("Enter");
  await expect(region(page, "Momentum").getByRole("button", { name: /^Duplicate/ })).toBeFocused();
  await add(page).press("Enter");
  await dialog.getByRole("searchbox").fill("");
  await dialog.getByRole("button", { name: "Autoregressive", exact: true }).press("ArrowDown");
  await page.keyboard.press("Escape");
  await expect(dialog).toHaveCount(0);
  await expect(add(page)).toBeFocused();
  await add(page).click();
  await dialog.getByRole("button", { name: "Contrastive search", exact: true }).click();
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
  await expect(page).toHaveURL(/panes=(?:[\w-]+,){5}[\w-]+(&|$)/);
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
    const until = async (selector: string) => {
      while (!element.shadowRoot?.querySelector(selector)) await new Promise((resolve) => setTimeout(resolve, 20));
    };
    element.addEventListener("triptych-event", async (event) => {
      const { pane, event: inner } = (event as CustomEvent).detail;
      if (pane !== "diffusion" || inner.type !== "start") return;
      press('[data-pane="diffusion"] .remove');
      await element.updateComplete;
      press(".add-pane");
      await until("[data-method=momentum] button");
      press("[data-method=momentum] button");
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
