import { readdirSync, readFileSync } from "node:fs";
import { AxeBuilder } from "@axe-core/playwright";
import { expect } from "@playwright/test";
import { test } from "./triptych-page.js";

const RESULTS = new URL("../bench/results/", import.meta.url);
const newest = readdirSync(RESULTS)
  .filter((file) => /^diffusion-.*\.json$/.test(file))
  .sort()
  .at(-1) as string;
const {
  date,
  laws,
}: { date: string; laws: { name: string; nll: number; nllPerByte: number; distinct2: number; text: string }[] } =
  JSON.parse(readFileSync(new URL(newest, RESULTS), "utf8"));

test("what the models say of an unseen text stands beside it", async ({ page }) => {
  await page.goto("/frontier.html");
  const rows = page.locator(".likelihoods tbody tr");
  // Two models that read left to right, and four lengths of blocks.
  await expect(rows).toHaveCount(6);
  await expect(rows.first()).toContainText("story-ar");
  await expect(rows.filter({ hasText: "at most" })).toHaveCount(4);
});

test("the recorded frontier is drawn, with a table and the texts behind it", async ({ page }, info) => {
  await page.goto("/");
  await page.getByRole("link", { name: "Frontier" }).click();
  await expect(page.getByText(new RegExp(`Recorded on ${date} by npm run bench -- diffusion`))).toBeVisible();
  const rows = page.locator(".ways-frame tbody tr");
  await expect(rows).toHaveCount(laws.length);
  const marks = page.locator("svg.frontier .mark");
  // By both judges, each with the baselines by name.
  const [own, other] = [0, 1].map((i) => page.locator("figure.plot").nth(i));
  await expect(own.locator(".mark")).toHaveCount(laws.filter(({ nll }) => nll <= 3).length);
  await expect(other.locator(".mark")).toHaveCount(laws.filter(({ nllPerByte }) => nllPerByte <= 1).length);
  await expect(own.getByText("this judge wrote the autoregressive and speculative texts itself")).toBeVisible();
  for (const baseline of ["autoregressive", "speculative, 4 draft tokens"]) {
    for (const plot of [own, other]) await expect(plot.locator(".name").filter({ hasText: baseline })).toHaveCount(1);
  }
  const saved = async (name: RegExp) => {
    const coming = page.waitForEvent("download");
    await page.getByRole("button", { name }).press("Enter");
    return readFileSync(await (await coming).path());
  };
  const lines = (await saved(/table as CSV/)).toString().trimEnd().split("\r\n");
  expect(lines).toHaveLength(laws.length + 1);
  expect(lines[0]).toContain('"nats per token, story-ar","nats per byte, stories260k"');
  const png = await saved(/stories260k” as PNG/);
  // Twice the drawing's width with its margins.
  expect([png.readUInt32BE(16), png.length > 10_000]).toEqual([2 * (760 + 2 * 16), true]);
  // Nothing in the plot is surer than the best of all.
  const surest = laws.reduce((best, law) => (law.nll < best.nll ? law : best));
  await expect(page.locator(".ways-frame .best").filter({ hasText: surest.name })).toHaveCount(1);

  await page.getByRole("button", { name: laws[1].name, exact: true }).press("Enter");
  await expect(page.getByRole("region", { name: "Text of the chosen way" })).toContainText(
    laws[1].text.trim().slice(0, 60),
  );
  await expect(own.locator(".selected")).toHaveCount(laws[1].nll <= 3 ? 1 : 0);
  // The other model's forwards count too: what was fastest by one model's is slower by both.
  const line = own.locator(".front");
  const before = await line.getAttribute("d");
  await page.getByLabel("Speed").selectOption("speedupOfGpu");
  await expect(page.getByText("by the counts of both models")).toBeVisible();
  expect(await line.getAttribute("d")).not.toBe(before);
  await page.getByLabel("Quality").selectOption("distinct2");
  await expect(marks).toHaveCount(laws.length);
  await page.getByRole("checkbox", { name: "threshold", exact: true }).uncheck();
  await expect(rows.filter({ hasText: /^\s*threshold,/ })).toHaveCount(0);
  expect(await rows.count()).toBeLessThan(laws.length);
  const looks = [
    { colorScheme: "light", width: 1280 },
    { colorScheme: "dark", width: 360 },
  ] as const;
  for (const { colorScheme, width } of looks) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height: 900 });
    await page.screenshot({ path: info.outputPath(`frontier-${colorScheme}-${width}.png`), fullPage: true });
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
  }
});
