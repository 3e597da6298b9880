import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { expect } from "@playwright/test";
import { serveStatic } from "../scripts/static-server.mjs";
import { root } from "./installed-package.js";
import { reaches, test, textOf } from "./triptych-page.js";

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
  await expect(page.getByText(/solved, \d+ forwards/).first()).toBeVisible();
  await page.getByRole("link", { name: "Frontier" }).click();
  await expect(page.getByRole("region", { name: "All ways" })).toBeVisible();
  await page.getByRole("link", { name: "Stories" }).click();
  await expect(page).toHaveURL(`${site.url}/repo/`);
  expect(outside).toEqual([]);
});
