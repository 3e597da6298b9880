import { AxeBuilder } from "@axe-core/playwright";
import { expect, type Locator, type Page } from "@playwright/test";
import { test as base } from "./on-webgpu.js";
import type { CompareElement, PaneOutcomes } from "../src/ui/element.js";

/** The regions of the comparison, in reading order. */
export const REGIONS = ["Autoregressive", "Diffusion", "Speculative"] as const;

/** Playwright's `test`, which fails on any console error or uncaught exception of the page unless it is expected. */
export const test = base.extend<{ expectedConsole: RegExp[]; watch: undefined }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the parameter's shape.
  expectedConsole: async ({}, use) => use([]),
  watch: [
    async ({ page, expectedConsole }, use) => {
      const seen: string[] = [];
      page.on("console", (message) => {
        if (message.type() === "error") seen.push(message.text());
      });
      page.on("pageerror", (error) => seen.push(String(error)));
      await use(undefined);
      expect(seen.filter((text) => !expectedConsole.some((pattern) => pattern.test(text)))).toEqual([]);
    },
    { auto: true },
  ],
});

/** The region of one pane. */
export function region(page: Page, label: string): Locator {
  return page.getByRole("region", { name: label, exact: true });
}

/** Waits until the pane is in `state`. */
export async function reaches(
  page: Page,
  label: string,
  state: "done" | "unable" | "error" | "running" | "idle",
): Promise<void> {
  await expect(region(page, label)).toHaveAttribute("data-state", state, { timeout: 300_000 });
}

/** The completion shown in a pane. */
export async function textOf(page: Page, label: string): Promise<string> {
  return (await region(page, label).locator('[part="text"]').textContent()) ?? "";
}

/** Chooses a pane's method in the dialog, by its name there. */
export async function pickMethod(page: Page, pane: Locator, name: string): Promise<void> {
  await pane.getByRole("button", { name: /^Change method/ }).click();
  await page.getByRole("dialog").getByRole("button", { name, exact: true }).click();
}

/** Opens the bare page with this markup in it. */
export async function openBare(page: Page, markup: string): Promise<void> {
  await page.goto("/e2e/pages/bare.html");
  await page.evaluate(async (html) => {
    await customElements.whenDefined("triptych-compare");
    document.querySelector("main")?.insertAdjacentHTML("beforeend", html);
  }, markup);
}

/** Where ONNX Runtime's files come from, of all that a page asks for from now on. */
export function watchOnnx(page: Page): string[] {
  const urls: string[] = [];
  page.on("request", (request) => {
    if (/onnxruntime|ort[.-]wasm/.test(request.url())) urls.push(request.url());
  });
  return urls;
}

/** What axe finds in a page. */
export async function faultsOf(page: Page): Promise<unknown[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations.map(({ id, nodes }) => [id, nodes.map(({ target }) => target)]);
}

/** Calls `generate` on the first element of that name and returns its outcomes. */
export function generate(page: Page, tag: string, prompt?: string): Promise<PaneOutcomes> {
  return page.evaluate(
    ([name, text]) => (document.querySelector(name as string) as CompareElement).generate(text ?? undefined),
    [tag, prompt] as const,
  );
}

/** Outcome of one pane, as a code when it failed and as its finish reason when not. */
export function endOf(outcomes: PaneOutcomes, pane: string): string {
  const outcome = outcomes[pane];
  return "error" in outcome ? outcome.error.code : outcome.reason;
}
