import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { expect, type Page } from "@playwright/test";
import { serveStatic } from "../scripts/static-server.mjs";
import { focused, tabTo } from "./focus.js";
import { root } from "./installed-package.js";
import { faultsOf, pickMethod, REGIONS, reaches, region, test, textOf } from "./triptych-page.js";
import { watchAll } from "./whole-watch.js";

test.use({ usual: "wasm", permissions: ["clipboard-read", "clipboard-write"] });

let site: { url: string; close(): Promise<void> };
let empty: string;

test.beforeAll(async () => {
  empty = mkdtempSync(path.join(os.tmpdir(), "triptych-newcomer-"));
  site = await serveStatic({ root: empty, mounts: { "/repo/": path.join(root, "dist/demo") } });
});

test.afterAll(async () => {
  await site.close();
  rmSync(empty, { recursive: true, force: true });
});

const promptOf = (page: Page) => page.getByRole("textbox", { name: "Prompt" });
const lengthOf = (page: Page) => page.getByLabel("Length", { exact: true });
const timelineOf = (page: Page) => page.getByRole("region", { name: "Timeline of all panes" });
const copied = (page: Page) => page.evaluate(() => navigator.clipboard.readText());
const widthBeyond = (page: Page) => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);

for (const [width, height] of [
  [1280, 800],
  [390, 844],
]) {
  test(`a newcomer's whole path at ${width} by ${height}, on the built site in a folder of a host`, async ({
    page,
  }) => {
    const watch = await watchAll(page, `${site.url}/repo/`);
    await page.setViewportSize({ width, height });
    await page.goto(`${site.url}/repo/`);

    // A recorded race is seen before anything else, and ends.
    await expect(page.locator('[part="recorded"]')).toContainText("this is a replay");
    await expect(region(page, "Speculative").locator('[part="text"]')).not.toBeEmpty();
    await page.getByRole("button", { name: "Skip", exact: true }).click();
    for (const label of REGIONS)
      await expect(region(page, label).locator(".status")).toHaveText("recorded, full length");

    await watch.none();

    // The tour is begun, led on by a step, and left.
    await page.getByRole("button", { name: "Take the tour", exact: true }).click();
    await page.getByRole("button", { name: "Next", exact: true }).click();
    await expect(page.getByText(/\b2 of 6\b/).first()).toBeVisible();
    await page.keyboard.press("Escape");
    await expect(page.getByRole("button", { name: "Next", exact: true })).toHaveCount(0);

    // The own prompt is written on from, by a method that was picked.
    await promptOf(page).fill("The little robot wanted");
    await lengthOf(page).fill("12");
    await pickMethod(page, region(page, "Diffusion"), "Momentum decoding");
    await watch.forget();
    await page.getByRole("button", { name: "Generate", exact: true }).click();
    const labels = ["Autoregressive", "Momentum", "Speculative"];
    for (const label of labels) await reaches(page, label, "done");
    await watch.none();

    // The race is looked at again: dragged, and by the other clock.
    const timeline = timelineOf(page);
    await timeline.getByRole("slider").click({ position: { x: 1, y: 4 } });
    for (const label of labels) expect(await textOf(page, label)).toBe("");
    await timeline.getByLabel("In step by").press("f");
    await timeline.getByRole("button", { name: "One step on" }).click();
    await expect(timeline.locator(".timeline-where")).toHaveText(/^step 1 of \d+, 1 forward pass$/);
    await timeline.getByLabel("In step by").press("t");
    await expect(timeline.locator(".timeline-where")).toHaveText(/ms$|s$/);

    // Its figures leave the page.
    await page.getByText("Charts", { exact: true }).click();
    const saving = page.waitForEvent("download");
    await page.getByRole("button", { name: "Save “Tokens over time” as CSV" }).click();
    expect(readFileSync(await (await saving).path(), "utf8")).toContain("Momentum");
    await page.getByText("Save, share and replay").click();
    await page.getByRole("button", { name: "Copy report (Markdown)" }).click();
    await expect.poll(() => copied(page)).toContain("The little robot wanted");
    const keeping = page.waitForEvent("download");
    await page.getByRole("button", { name: "Save trace" }).click();
    const trace = readFileSync(await (await keeping).path(), "utf8");
    await page.getByRole("button", { name: "Copy link with trace" }).click();
    await expect.poll(() => copied(page)).toMatch(/#trace=/);
    const link = await copied(page);
    expect(await widthBeyond(page)).toBeLessThanOrEqual(0);
    expect(await faultsOf(page)).toEqual([]);

    // A run that is longer than wanted is stopped.
    await lengthOf(page).fill("400");
    await watch.forget();
    await page.getByRole("button", { name: "Generate", exact: true }).click();
    await expect(region(page, "Autoregressive").locator('[part="text"]')).not.toBeEmpty();
    await page.getByRole("button", { name: "Stop", exact: true }).click();
    for (const label of labels) await expect(region(page, label).locator(".status")).toHaveText(/^stopped|^done/);
    await expect(page.getByRole("button", { name: "Generate", exact: true })).toBeEnabled();
    await watch.none();

    // The link has all settings and the race, which replays without a model.
    const asked: string[] = [];
    page.on("request", (request) => {
      // Heads of files may be looked at, for what a run would need.
      const isWhole = request.method() === "GET" && !request.headers().range;
      if (isWhole && /\.(wasm|safetensors)/.test(request.url())) asked.push(request.url());
    });
    // Of an address that differs in its fragment alone the page would not be read again.
    await page.goto("about:blank");
    await page.goto(link);
    await expect(promptOf(page)).toHaveValue("The little robot wanted");
    await expect(lengthOf(page)).toHaveValue("12");
    const methods = page.getByRole("button", { name: /^Change method/ });
    for (const [i, label] of labels.entries())
      await expect(methods.nth(i)).toHaveAccessibleName(`Change method, ${label}`);
    const replayed = page.locator("triptych-replay");
    await expect(replayed).toContainText("Nothing is computed here");
    await expect(replayed.getByRole("slider")).toBeVisible();
    await expect(replayed.getByRole("button", { name: "Play", exact: true })).toBeVisible();
    expect(await widthBeyond(page)).toBeLessThanOrEqual(0);
    expect(await faultsOf(page)).toEqual([]);
    expect(asked).toEqual([]);
    await watch.none();

    // So does its file, dropped on the page.
    await page.goto(`${site.url}/repo/?seed=3`);
    await page.locator("triptych-compare").evaluate((element, text) => {
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File([text], "race.json", { type: "application/json" }));
      element.dispatchEvent(new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true }));
    }, trace);
    await expect(replayed).toContainText("Nothing is computed here");
    await expect(replayed).toContainText("The little robot wanted");
    await watch.forget();
    await watch.none();
  });
}

test("the same by keyboard alone: every stop shows that it has the focus", async ({ page }) => {
  const watch = await watchAll(page, `${site.url}/repo/`);
  await page.goto(`${site.url}/repo/`);
  const press = (...keys: string[]) =>
    keys.reduce((before, key) => before.then(() => page.keyboard.press(key)), Promise.resolve());
  await expect(page.getByRole("button", { name: "Skip", exact: true })).toBeVisible();
  await press("Escape");
  for (const label of REGIONS) await expect(region(page, label).locator(".status")).toHaveText("recorded, full length");

  await tabTo(page, "Prompt");
  await press("Control+a");
  await page.keyboard.type("The little robot wanted");
  await tabTo(page, "Length");
  await press("Control+a");
  await page.keyboard.type("12");
  await tabTo(page, "Change method, Diffusion");
  await press("Enter");
  await expect(page.getByRole("dialog")).toBeVisible();
  await tabTo(page, "Momentum decoding");
  await press("Enter");
  await expect(region(page, "Momentum")).toBeVisible();
  expect(await focused(page)).toMatch(/^Change method, Momentum/);
  await press("Control+Enter");
  const labels = ["Autoregressive", "Momentum", "Speculative"];
  for (const label of labels) await reaches(page, label, "done");

  await tabTo(page, "In step by");
  await press("f");
  await tabTo(page, "Moment of all panes");
  await press("Home", "ArrowRight");
  await expect(timelineOf(page).locator(".timeline-where")).toHaveText(/^step 1 of \d+, 1 forward pass$/);
  await tabTo(page, "Charts");
  await press("Enter");
  await expect(page.locator("[data-chart]").first()).toBeVisible();
  await tabTo(page, "Save “Tokens over time” as CSV");
  const saving = page.waitForEvent("download");
  await press("Enter");
  expect((await saving).suggestedFilename()).toMatch(/\.csv$/);
  await tabTo(page, "Save, share and replay");
  await press("Enter");
  await expect(page.getByRole("button", { name: "Copy link to these settings" })).toBeVisible();
  await tabTo(page, "Copy link to these settings");
  await press("Enter");
  await expect.poll(() => copied(page)).toMatch(/max_new_tokens=12/);

  await tabTo(page, "Length", "Shift+Tab");
  await press("Control+a");
  await page.keyboard.type("400");
  await press("Control+Enter");
  await expect(region(page, "Autoregressive").locator('[part="text"]')).not.toBeEmpty();
  await press("Escape");
  for (const label of labels) await expect(region(page, label).locator(".status")).toHaveText(/^stopped|^done/);
  await watch.forget();
  await watch.none();
});
