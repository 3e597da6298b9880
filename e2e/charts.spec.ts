import { readFileSync } from "node:fs";
import { expect, type Locator, type Page } from "@playwright/test";
import type { PaneOutcome } from "../src/ui/element.js";
import { faultsOf, generate, test } from "./triptych-page.js";

test.use({ usual: "wasm" });

type Ended = Extract<PaneOutcome, { ids: unknown }>;

/** The charts' names, in the order in which they stand. */
const CHARTS = ["tokens", "commits", "accepted", "depth", "rows", "surprise", "entropy", "costs", "kernels", "memory"];

const chart = (page: Page, name: string) => page.locator(`[data-chart="${name}"]`);

/** The cells of a chart's table, heads first; turns the chart to its table and back. */
async function cellsOf(figure: Locator): Promise<string[][]> {
  const turn = figure.getByRole("button", { name: /as a table$/ });
  await turn.press("Enter");
  await expect(turn).toHaveAttribute("aria-pressed", "true");
  const cells = await figure
    .locator("tr")
    .evaluateAll((rows) => rows.map((row) => [...row.children].map(({ textContent }) => textContent ?? "")));
  await turn.press("Enter");
  await expect(figure.locator("canvas")).toBeVisible();
  return cells;
}

/** The bytes that a button has the browser save. */
async function saved(page: Page, figure: Locator, kind: string): Promise<Buffer> {
  const coming = page.waitForEvent("download");
  await figure.getByRole("button", { name: new RegExp(`as ${kind}$`) }).click();
  return readFileSync(await (await coming).path());
}

/** The drawing, as a picture in text. */
const drawingOf = (figure: Locator) =>
  figure.locator("canvas").evaluate((canvas: HTMLCanvasElement) => canvas.toDataURL());

const column = (cells: string[][], label: string) => cells.slice(1).map((row) => row[cells[0].indexOf(label)]);

test("charts follow a race and add up to its metrics, as drawing, table, CSV and picture", async ({ page }, info) => {
  const files: string[] = [];
  page.on("request", (request) => files.push(request.url()));
  // An address with settings: the page opens on no recorded race.
  await page.goto("/?seed=7");
  await page.getByRole("button", { name: "fixed draft length" }).click();
  await page.getByLabel("Length", { exact: true }).fill("24");
  expect(files.filter((url) => /charts/.test(url))).toEqual([]);
  const part = page.getByText("Charts", { exact: true });
  await part.focus();
  await page.keyboard.press("Enter");
  await expect(page.locator("[data-chart]")).toHaveCount(CHARTS.length);
  await expect(chart(page, "tokens").locator(".says")).toHaveText("Nothing has been written yet.");

  const outcomes = (await generate(page, "triptych-compare")) as Record<string, Ended>;
  const { autoregressive, diffusion, speculative } = outcomes;
  const metricsOf = [autoregressive, diffusion, speculative].map(
    ({ metrics }) => metrics as NonNullable<Ended["metrics"]>,
  );
  const labels = ["Autoregressive", "Diffusion", "Speculative"];
  await expect(page.locator('[part="summary"]')).toContainText(
    `Speculative wrote the same 24 tokens as Autoregressive with ${metricsOf[2].forwards} forward passes instead of 24`,
  );

  const tokens = await cellsOf(chart(page, "tokens"));
  await chart(page, "tokens").getByRole("combobox").selectOption("forwards");
  await expect(chart(page, "tokens").locator(".says")).toContainText("forward passes");
  const overForwards = await cellsOf(chart(page, "tokens"));
  const commits = await cellsOf(chart(page, "commits"));
  const rows = await cellsOf(chart(page, "rows"));
  for (const [i, label] of labels.entries()) {
    const { tokens: numTokens, ownMs, steps, forwards, rows: numRows, proposed, accepted } = metricsOf[i];
    const told = tokens.slice(1).filter((row) => row[1 + i] !== "");
    expect(told.at(-1)?.[1 + i]).toBe(String(numTokens));
    expect(Number(told.at(-1)?.[0])).toBeLessThanOrEqual(ownMs + 0.1);
    expect(overForwards.findLast((row) => row[1 + i] !== "")?.[0]).toBe(String(forwards));
    const committed = column(commits, label).filter(Boolean).map(Number);
    expect(committed).toHaveLength(steps);
    const [, kept, rejected, others] = rows[1 + i].map(Number);
    expect(rows[1 + i][0]).toBe(label);
    expect([kept, rejected, kept + rejected + others]).toEqual([numTokens, proposed - accepted, numRows]);
  }
  const byLength = await cellsOf(chart(page, "accepted"));
  const counted = byLength.slice(1).map(([length, count]) => Number(length) * Number(count));
  expect(counted.reduce((sum, count) => sum + count, 0)).toBe(metricsOf[2].accepted);
  expect(column(await cellsOf(chart(page, "depth")), "Speculative")[0]).toMatch(/^\d/);
  const surprise = await cellsOf(chart(page, "surprise"));
  expect(column(surprise, "Autoregressive")).toHaveLength(24);
  expect(column(surprise, "Speculative")).toEqual(column(surprise, "Autoregressive"));
  // Every place is asked for by the button alone; texts that are the same have the same law at each place.
  await chart(page, "entropy").getByRole("button", { name: "Ask for the entropy of every place" }).press("Enter");
  await expect(chart(page, "entropy").locator(".says")).toHaveText(
    new RegExp(`^${labels.map((label) => `${label}: [\\d.]+ nats in the mean`).join("; ")}\\.$`),
  );
  const entropy = await cellsOf(chart(page, "entropy"));
  for (const label of labels) expect(column(entropy, label).filter(Boolean)).toHaveLength(24);
  expect(column(entropy, "Speculative")).toEqual(column(entropy, "Autoregressive"));
  expect((await cellsOf(chart(page, "memory"))).slice(1).map(([name]) => name)).toEqual([
    "story-ar",
    "story-diffusion",
    "story-draft",
  ]);

  const csv = (await saved(page, chart(page, "surprise"), "CSV")).toString();
  expect(
    csv
      .trimEnd()
      .split("\r\n")
      .map((line) => line.split(",")),
  ).toEqual(surprise);
  const png = await saved(page, chart(page, "commits"), "PNG");
  const drawn = await chart(page, "commits")
    .locator("canvas")
    .evaluate((canvas: HTMLCanvasElement) => canvas.width);
  // Width, in the first chunk of the file; 14 on both sides are margins.
  expect(png.readUInt32BE(16)).toBe(drawn + 28);
  const colours = await page.evaluate(
    async (bytes) => {
      const picture = await createImageBitmap(new Blob([new Uint8Array(bytes)], { type: "image/png" }));
      const context = new OffscreenCanvas(picture.width, picture.height).getContext("2d");
      context?.drawImage(picture, 0, 0);
      const words = new Uint32Array(context?.getImageData(0, 0, picture.width, picture.height).data.buffer ?? []);
      return new Set(words).size;
    },
    [...png],
  );
  expect(colours).toBeGreaterThan(20);

  const light = await drawingOf(chart(page, "tokens"));
  for (const [colorScheme, width] of [
    ["light", 1280],
    ["dark", 360],
  ] as const) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height: 900 });
    await expect
      .poll(() =>
        chart(page, "surprise")
          .locator("canvas")
          .evaluate(({ clientWidth }) => clientWidth),
      )
      .toBeLessThanOrEqual(width);
    await expect
      .poll(() => page.evaluate(() => document.documentElement.scrollWidth - innerWidth))
      .toBeLessThanOrEqual(0);
    expect(await faultsOf(page)).toEqual([]);
    await page.locator('[part="charts"]').screenshot({ path: info.outputPath(`charts-${colorScheme}-${width}.png`) });
  }
  expect(await drawingOf(chart(page, "tokens"))).not.toBe(light);
});
