import { expect } from "@playwright/test";
import { REGIONS, reaches, test } from "./triptych-page.js";

interface LongTask {
  startMs: number;
  durationMs: number;
}

test("the page's thread has no task over 50 ms while models load and three decoders write", async ({ page }) => {
  await page.addInitScript(() => {
    const tasks: LongTask[] = [];
    Object.assign(globalThis, { longTasks: tasks });
    new PerformanceObserver((list) => {
      for (const { startTime, duration } of list.getEntries()) tasks.push({ startMs: startTime, durationMs: duration });
    }).observe({ type: "longtask", buffered: true });
  });
  const tasks = () => page.evaluate(() => (globalThis as unknown as { longTasks: LongTask[] }).longTasks);
  await page.goto("/");
  await expect(page.getByText(/adapter: /)).toBeVisible();
  const atRest = await tasks();
  await page.getByLabel("Length", { exact: true }).fill("48");
  const fromMs = await page.evaluate(() => performance.now());
  await page.getByRole("button", { name: "Generate" }).click();
  for (const label of REGIONS) await reaches(page, label, "done");
  const later = (await tasks()).filter(({ startMs }) => startMs >= fromMs);
  expect(later).toEqual([]);
  // The observer works: a task that is long is seen.
  await page.evaluate(() => {
    setTimeout(() => {
      const endMs = performance.now() + 80;
      while (performance.now() < endMs);
    });
  });
  await expect.poll(async () => (await tasks()).length).toBeGreaterThan(atRest.length);
});
