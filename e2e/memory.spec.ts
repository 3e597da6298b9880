import { expect } from "@playwright/test";
import { generate, openBare, test } from "./triptych-page.js";

test("20 generations leave GPU memory exactly as it was and the JS heap about as it was", async ({ page }) => {
  await openBare(page, '<triptych-compare models="/models/" temperature="0.7" max-new-tokens="24"></triptych-compare>');
  const session = await page.context().newCDPSession(page);
  const measure = async () => {
    await session.send("HeapProfiler.collectGarbage");
    const stats = await page.evaluate(async () => {
      const path = "/dist/index.js";
      return (await import(path)).stats();
    });
    const { usedSize } = await session.send("Runtime.getHeapUsage");
    return { ...stats, heapBytes: usedSize };
  };
  const write = async (seed: number) => {
    await page.evaluate(
      (value) => document.querySelector("triptych-compare")?.setAttribute("seed", String(value)),
      seed,
    );
    await generate(page, "triptych-compare", "Once upon a time");
  };
  for (let seed = 0; seed < 3; seed++) await write(seed);
  const before = await measure();
  for (let seed = 3; seed < 23; seed++) await write(seed);
  const after = await measure();
  expect(after.gpuBytes).toBe(before.gpuBytes);
  expect(after).toMatchObject({ workers: 1, devices: 1, models: 3, sessions: before.sessions, runs: 0 });
  expect(after.heapBytes - before.heapBytes).toBeLessThan(2e6);
});
