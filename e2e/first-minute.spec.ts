import { expect, type Page } from "@playwright/test";
import { faultsOf, REGIONS, reaches, region, test, textOf } from "./triptych-page.js";

test.use({ usual: "wasm" });

/** A place that moved: from and to. */
type Move = { previousRect: DOMRectReadOnly; currentRect: DOMRectReadOnly };

/** What moves on a page from now on, but the written text itself, in which masks become words of other widths. */
async function watchShifts(page: Page): Promise<() => Promise<string[]>> {
  await page.addInitScript(() => {
    const moves: Move[] = [];
    Object.assign(globalThis, { moves });
    const add = (list: PerformanceObserverEntryList) => {
      for (const entry of list.getEntries()) moves.push(...(entry as unknown as { sources: Move[] }).sources);
    };
    new PerformanceObserver(add).observe({ type: "layout-shift", buffered: true });
  });
  return async () => {
    const papers = await page
      .locator(".paper")
      .evaluateAll((all) => all.map((one) => one.getBoundingClientRect().toJSON()));
    const moves = await page.evaluate(() =>
      (globalThis as unknown as { moves: Move[] }).moves.map(({ previousRect, currentRect }) => [
        previousRect.toJSON(),
        currentRect.toJSON(),
      ]),
    );
    const isIn = (inner: DOMRect, outer: DOMRect) =>
      inner.left >= outer.left && inner.right <= outer.right && inner.top >= outer.top && inner.bottom <= outer.bottom;
    // Chromium also reports lines whose text was cut elsewhere, from a place to the same place.
    const isMove = ([from, to]: DOMRect[]) => JSON.stringify(from) !== JSON.stringify(to);
    const elsewhere = moves
      .filter(isMove)
      .filter((pair) => !papers.some((paper) => pair.every((rect) => isIn(rect, paper))));
    return elsewhere.map((pair) => JSON.stringify(pair));
  };
}

/** Whether all of these lie in the window, from edge to edge. */
async function inView(page: Page, ...selectors: string[]): Promise<Record<string, boolean>> {
  const pairs = selectors.map(async (selector) => {
    const isIn = await page.locator(selector).evaluateAll((elements) =>
      elements.every((element) => {
        const { top, bottom, left, right } = element.getBoundingClientRect();
        return top >= 0 && left >= 0 && bottom <= innerHeight && right <= innerWidth && bottom > top;
      }),
    );
    return [selector, isIn] as const;
  });
  return Object.fromEntries(await Promise.all(pairs));
}

const IN_ONE_VIEW = [".pane-top", '[part="step"]', '[part="clocks"]', '[part="legend"]', '[part="recorded"]'];

for (const [width, height] of [
  [1280, 800],
  [390, 844],
]) {
  test(`a page opens on a recorded race at ${width} by ${height}: marked as one, in one view, and nothing moves`, async ({
    page,
  }) => {
    const asked: string[] = [];
    page.on("request", (request) => asked.push(new URL(request.url()).pathname));
    await page.setViewportSize({ width, height });
    const shiftsOf = await watchShifts(page);
    await page.goto("/");
    await expect(region(page, "Autoregressive").locator('[part="text"]')).not.toBeEmpty();
    await expect(page.locator('[part="recorded"]')).toContainText(
      /^Recorded on \d{4}-\d\d-\d\d, on a CPU.*: this is a replay/,
    );
    for (const label of REGIONS) {
      await reaches(page, label, "done");
      await expect(region(page, label).locator(".status")).toHaveText("recorded, full length");
      await expect(region(page, label).locator('[part="step"]')).toHaveText(/^48 tokens in \d+ passes$/);
    }
    await expect(region(page, "Speculative").getByText("same text as AR")).toBeVisible();
    await expect(page.locator('[part="summary"]')).toContainText("where it was recorded");
    expect(await inView(page, ...IN_ONE_VIEW)).toEqual(Object.fromEntries(IN_ONE_VIEW.map((one) => [one, true])));
    expect(await shiftsOf()).toEqual([]);
    // Nothing was fetched that a run needs.
    expect(asked.filter((one) => one === "/recorded.json")).toHaveLength(1);
    expect(asked.filter((one) => /models\/|onnx|\.wasm|(?<!service-)worker/.test(one))).toEqual([]);
    // A step's sentence, at the step: while it plays, a slow machine draws few of them.
    for (const [label, sentence] of [
      ["Diffusion", /^(opened \d+ masks|filled \d+ masks?)/],
      ["Speculative", /^drafted \d+, kept \d+, wrote 1 itself$/],
    ] as const) {
      await page.getByRole("slider", { name: `${label}, step` }).fill("2");
      await expect(region(page, label).locator('[part="step"]')).toHaveText(sentence);
    }
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
    expect(await faultsOf(page)).toEqual([]);
  });
}

test("Escape and writing end the recording, and the real race takes its place at once", async ({ page }) => {
  await page.goto("/");
  await expect(region(page, "Autoregressive").locator('[part="text"]')).not.toBeEmpty();
  await page.keyboard.press("Escape");
  for (const label of REGIONS) await expect(region(page, label).locator(".status")).toHaveText("recorded, full length");
  await page.locator(".recorded-act").getByRole("button", { name: "Play", exact: true }).click();
  await expect(region(page, "Diffusion").locator(".status")).toHaveText("recorded, writing");
  await page.getByLabel("Length", { exact: true }).fill("6");
  await expect(region(page, "Diffusion").locator(".status")).toHaveText("recorded, full length");
  await expect(page.locator('[part="clocks"]')).toContainText("Recorded time");
  await page.getByRole("button", { name: "Run it on your machine" }).click();
  await expect(page.locator('[part="recorded"]')).toHaveCount(0);
  for (const label of REGIONS) {
    await reaches(page, label, "done");
    await expect(region(page, label).locator('[data-figure="tokens"] dd')).toHaveText("6");
    await expect(region(page, label).locator(".status")).toHaveText("done: full length");
    expect(await textOf(page, label)).toMatch(/\w/);
  }
  await expect(page.locator('[part="clocks"]')).toContainText("Time on this device");
});

test("who wants no motion sees the end of it with a button that plays; who comes with settings sees none", async ({
  page,
}) => {
  await page.emulateMedia({ reducedMotion: "reduce" });
  await page.goto("/");
  for (const label of REGIONS) await expect(region(page, label).locator(".status")).toHaveText("recorded, full length");
  await expect(page.locator(".recorded-act").getByRole("button", { name: "Play", exact: true })).toBeVisible();
  await expect(page.getByRole("slider", { name: "Diffusion, step" })).toBeVisible();
  const asked: string[] = [];
  page.on("request", (request) => asked.push(new URL(request.url()).pathname));
  await page.goto("/?seed=3");
  await expect(page.getByLabel("Seed", { exact: true })).toHaveValue("3");
  for (const label of REGIONS) await reaches(page, label, "idle");
  expect(asked).not.toContain("/recorded.json");
});

test("a tour leads over the recorded race by the keyboard alone: what it points at is seen, and Escape gives the focus back", async ({
  page,
}) => {
  await page.emulateMedia({ reducedMotion: "reduce" });
  await page.setViewportSize({ width: 390, height: 844 });
  const asked: string[] = [];
  page.on("request", (request) => asked.push(new URL(request.url()).pathname));
  await page.goto("/");
  for (const label of REGIONS) await expect(region(page, label).locator(".status")).toHaveText("recorded, full length");
  const button = page.locator(".recorded-act").getByRole("button", { name: "Take the tour" });
  expect(asked.filter((one) => /\/tour[/.-]/.test(one))).toEqual([]);
  await button.focus();
  await page.keyboard.press("Enter");
  const card = page.getByRole("dialog", { name: "Guided tour" });
  await expect(card.getByRole("button", { name: "Next" })).toBeFocused();
  const marked = page.locator("[data-toured]");
  for (const [i, [says, shown]] of [
    [/^All panes write on from the same prompt/, /^Once upon a time/],
    [/^Autoregressive .* it has written 2 tokens with 2 passes\.$/, /Autoregressive[\s\S]*wrote 1 token/],
    [/^Diffusion .* filled \d of them at once/, /Diffusion[\s\S]*filled \d masks/],
    [
      /^Speculative: a cheaper model drafted 4 tokens, .*struck out/,
      /Speculative[\s\S]*drafted 4, kept \d, wrote 1 itself/,
    ],
    [/^Speculative took 26 forward passes where Autoregressive took 48/, /Forward passes/],
    [/^A label in each pane says it\./, /exact/],
  ].entries()) {
    if (i > 0) await page.keyboard.press("ArrowRight");
    await expect(card.getByRole("status")).toContainText(`Step ${i + 1} of 6`);
    await expect(card.locator(".tour-says")).toHaveText(says);
    await expect(marked.first()).toContainText(shown);
    await expect(marked.first()).toBeInViewport({ ratio: 1 });
    const isHidden = async () => {
      const [place, over] = await Promise.all([marked.first().boundingBox(), card.boundingBox()]);
      return !place || !over || place.y + place.height > over.y;
    };
    expect(await isHidden(), `step ${i + 1}`).toBe(false);
    if (i === 2) expect(await faultsOf(page)).toEqual([]);
    if (i === 3) await expect(region(page, "Speculative").locator(".ghost")).toHaveCount(1);
  }
  await page.keyboard.press("ArrowLeft");
  await expect(card.getByRole("heading", { name: "Two clocks" })).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(card).toHaveCount(0);
  await expect(marked).toHaveCount(0);
  await expect(button).toBeFocused();
  for (const label of REGIONS)
    await expect(region(page, label).locator('[part="step"]')).toHaveText(/^48 tokens in \d+ passes$/);
  // What starts a race ends it.
  await page.keyboard.press("Enter");
  await expect(card).toBeVisible();
  await page.locator(".recorded-act").getByRole("button", { name: "Play", exact: true }).press("Enter");
  await expect(card).toHaveCount(0);
  await expect(marked).toHaveCount(0);
});
