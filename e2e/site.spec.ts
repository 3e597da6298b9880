import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { expect } from "@playwright/test";
import { serveStatic } from "../scripts/static-server.mjs";
import { root } from "./installed-package.js";
import { faultsOf, reaches, test, textOf } from "./triptych-page.js";

// What a site needs is the same on every device.
test.use({ usual: "wasm" });

let site: { url: string; close(): Promise<void> };
let empty: string;

test.beforeAll(async () => {
  empty = mkdtempSync(path.join(os.tmpdir(), "triptych-site-"));
  site = await serveStatic({ root: empty, mounts: { "/repo/": path.join(root, "dist/demo") } });
});

test.afterAll(async () => {
  await site.close();
  rmSync(empty, { recursive: true, force: true });
});

test("the built site works in a folder of a host, and asks for nothing outside it", async ({ page }) => {
  const outside: string[] = [];
  page.on("request", (request) => {
    const url = request.url();
    if (/^https?:/.test(url) && !url.startsWith(`${site.url}/repo/`)) outside.push(url);
  });
  await page.goto(`${site.url}/repo/`);
  await page.getByLabel("Length", { exact: true }).fill("6");
  await page.getByRole("button", { name: "Generate", exact: true }).click();
  for (const label of ["Autoregressive", "Diffusion", "Speculative"]) {
    await reaches(page, label, "done");
    expect(await textOf(page, label)).toMatch(/\w/);
  }
  await page.getByRole("link", { name: "Sudoku" }).click();
  await expect(page.getByText(/solved, \d+ forwards?/).first()).toBeVisible();
  await page.getByRole("link", { name: "Frontier" }).click();
  await expect(page.getByRole("region", { name: "All ways" })).toBeVisible();
  await page.getByRole("link", { name: "Stories" }).click();
  await expect(page).toHaveURL(`${site.url}/repo/`);
  expect(outside).toEqual([]);
});

function numRecordedPanes(): number {
  const files = readdirSync("public/traces").map((name) => readFileSync(`public/traces/${name}`, "utf8"));
  return files.reduce((sum, file) => sum + JSON.parse(file).panes.length, 0);
}

test("the documentation leads from page to page, finds what is searched, and has no fault", async ({ page }) => {
  const messages: string[] = [];
  page.on("console", (message) => messages.push(message.text()));
  await page.goto(`${site.url}/repo/`);
  await page.getByRole("link", { name: "Docs" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Triptych" })).toBeVisible();
  await page.keyboard.press("/");
  await page.keyboard.type("longrope");
  await page.locator("#found").getByRole("link").first().click();
  await expect(page).toHaveURL(/\/repo\/docs\/\w+\.html/);
  await page.getByRole("navigation", { name: "Documentation" }).getByRole("link", { name: "API", exact: true }).click();
  await expect(page.getByRole("heading", { name: "compareVocabularies" })).toBeVisible();
  await page.setViewportSize({ width: 360, height: 740 });
  await page.reload();
  const pages = page.getByRole("navigation", { name: "Documentation" });
  await pages.getByText("Using it").click();
  await pages.getByRole("link", { name: "Chat", exact: true }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Chat" })).toBeVisible();
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
  expect(await faultsOf(page)).toEqual([]);
  await pages.getByText("Start", { exact: true }).click();
  await pages.getByRole("link", { name: "Gallery" }).click();
  const tree = page.locator("triptych-replay").nth(1);
  await expect(
    tree.getByText(/^A recording\. Nothing is computed here: this was written on \d{4}-\d\d-\d\d on a CPU/),
  ).toBeVisible();
  // Each pane of each trace, boards among them.
  await expect(page.locator("triptych-replay [part=text]:not(:empty)")).toHaveCount(numRecordedPanes());
  await tree.getByRole("button", { name: "Step back" }).click();
  await expect(tree.getByText("writing", { exact: true })).not.toHaveCount(0);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
  expect(await faultsOf(page)).toEqual([]);
  // Of the demo page that it begins on: there is no service worker in this test.
  expect(messages.filter((text) => !text.includes("registration blocked"))).toEqual([]);
});

test("the site works without a network after the first visit: pages at once, models once they have written", async ({
  browser,
}) => {
  const context = await browser.newContext({ serviceWorkers: "allow" });
  const page = await context.newPage();
  await page.goto(`${site.url}/repo/?device=wasm&seed=3`);
  await expect(page.getByText("Without a network these pages open all the same")).toBeVisible();
  await page.getByLabel("Length", { exact: true }).fill("6");
  await page.getByRole("button", { name: "Generate", exact: true }).click();
  for (const label of ["Autoregressive", "Speculative"]) await reaches(page, label, "done");
  const text = await textOf(page, "Autoregressive");
  await page.getByRole("button", { name: /^Keep the story models now/ }).click();
  await expect(page.getByText("This page and its story models work without a network.")).toBeVisible();
  await context.setOffline(true);
  await page.goto(`${site.url}/repo/docs/models.html`);
  await expect(page.getByRole("heading", { level: 1, name: "Models" })).toBeVisible();
  await page.goto(`${site.url}/repo/?device=wasm&seed=3&max_new_tokens=6`);
  await expect(page.getByText("This page and its story models work without a network.")).toBeVisible();
  await page.getByRole("button", { name: "Generate", exact: true }).click();
  for (const label of ["Autoregressive", "Speculative"]) await reaches(page, label, "done");
  expect(await textOf(page, "Autoregressive")).toBe(text);
  await context.close();
});
