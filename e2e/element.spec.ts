import { expect } from "@playwright/test";
import type { CompareElement, PaneOutcomes } from "../src/ui/element.js";
import { endOf, generate, openBare, REGIONS, test, textOf } from "./triptych-page.js";
import { holdReads } from "./worker-in-hand.js";

const SMALL = 'models="/models/" max-new-tokens="12" temperature="0.7" seed="5"';
const PROMPT = "Once upon a time";

test("two elements and the library share one worker, one device and one copy of each model", async ({ page }) => {
  await openBare(
    page,
    `<triptych-compare ${SMALL} prompt="${PROMPT}"></triptych-compare>
     <triptych-generate ${SMALL} prompt="${PROMPT}"></triptych-generate>`,
  );
  await Promise.all([generate(page, "triptych-compare"), generate(page, "triptych-generate")]);
  const stats = await page.evaluate(async () => {
    const path = "/dist/index.js";
    const { load, stats } = await import(path);
    const model = await load("/models/story-ar");
    const now = await stats();
    await model.dispose();
    return now;
  });
  expect(stats).toMatchObject({ workers: 1, devices: 1, models: 3, runs: 0 });
  expect(stats.gpuBytes).toBeGreaterThan(20e6);
});

test("frees the models of an element that has left the page, and ends the worker that had them", async ({ page }) => {
  await openBare(page, `<triptych-generate ${SMALL} prompt="${PROMPT}"></triptych-generate>`);
  await generate(page, "triptych-generate");
  await page.evaluate(() => document.querySelector("triptych-generate")?.remove());
  const models = () =>
    page.evaluate(async () => {
      const path = "/dist/index.js";
      return (await (await import(path)).stats()).models;
    });
  await expect.poll(models).toBe(0);
  await expect.poll(() => page.workers().length).toBe(0);
  // The next one starts another.
  await page.evaluate(
    (html) => document.querySelector("main")?.insertAdjacentHTML("beforeend", html),
    `<triptych-generate ${SMALL} prompt="${PROMPT}"></triptych-generate>`,
  );
  expect(endOf(await generate(page, "triptych-generate"), "autoregressive")).toBe("length");
});

test("stop() ends a run early and generate() replaces one that is under way", async ({ page }) => {
  await openBare(page, `<triptych-compare ${SMALL}></triptych-compare>`);
  /** How two runs end, where what is done with the element at the first event of the first one gives the second. */
  const ends = (then: "generate" | "stop") =>
    page.evaluate(
      async ([prompt, then]) => {
        const element = document.querySelector("triptych-compare") as CompareElement;
        element.maxNewTokens = 300;
        const first = element.generate(prompt);
        await new Promise((resolve) => element.addEventListener("triptych-event", resolve, { once: true }));
        element.maxNewTokens = 4;
        const second = await (then === "stop" ? element.stop() : element.generate(prompt));
        return [await first, ...(second ? [second] : [])].map((outcome) => outcome.autoregressive);
      },
      [PROMPT, then] as const,
    );
  await holdReads(page, "autoregressive");
  expect(await ends("generate")).toMatchObject([{ reason: "cancelled" }, { reason: "length" }]);
  await holdReads(page, "autoregressive");
  expect(await ends("stop")).toMatchObject([{ reason: "cancelled" }]);
});

test.describe("on any device", () => {
  test.use({ usual: "wasm" });

  test("events name their pane, carry the run's own events and rebuild the text that done returns", async ({
    page,
  }) => {
    await openBare(page, `<triptych-compare ${SMALL}></triptych-compare>`);
    const seen = await page.evaluate(async (prompt) => {
      const element = document.querySelector("triptych-compare") as HTMLElement & {
        generate(prompt: string): Promise<unknown>;
      };
      const log: Record<string, { types: string[]; seqs: number[] }> = {};
      let done: unknown = null;
      element.parentElement?.addEventListener("triptych-event", (event) => {
        const { pane, event: inner } = (event as CustomEvent).detail;
        log[pane] ??= { types: [], seqs: [] };
        log[pane].types.push(inner.type);
        log[pane].seqs.push(inner.seq);
      });
      element.addEventListener("triptych-done", (event) => {
        done = (event as CustomEvent).detail;
      });
      await element.generate(prompt);
      return { log, done: done as PaneOutcomes };
    }, PROMPT);
    for (const [index, pane] of ["autoregressive", "diffusion", "speculative"].entries()) {
      const { types, seqs } = seen.log[pane];
      expect(types[0]).toBe("start");
      expect(types.at(-1)).toBe("done");
      expect(new Set(types.slice(1, -1))).toEqual(new Set(["step"]));
      expect(seqs).toEqual(seqs.map((_, seq) => seq));
      const outcome = seen.done[pane];
      expect("text" in outcome && outcome.text).toBe(await textOf(page, REGIONS[index]));
      expect("metrics" in outcome && outcome.metrics?.tokens).toBe(12);
    }
  });

  test("every bad input is a clear error in its pane, and the next generation works", async ({
    page,
    expectedConsole,
  }) => {
    expectedConsole.push(/404/);
    await openBare(page, `<triptych-generate ${SMALL}></triptych-generate>`);
    const set = (properties: Record<string, unknown>) =>
      page.evaluate((values) => {
        Object.assign(document.querySelector("triptych-generate") as HTMLElement, values);
      }, properties);
    const cases: [name: string, properties: Record<string, unknown>, prompt: string, message: RegExp][] = [
      ["a prompt longer than the context", {}, "once upon a time ".repeat(400), /prompt has \d+ tokens.*511/],
      ["an unknown option", { options: { tempratur: 1 } }, PROMPT, /"tempratur".*temperature/s],
      ["NaN", { options: {}, temperature: Number.NaN }, PROMPT, /temperature can't be NaN/],
      ["a negative number", { temperature: 1, options: { top_k: -2 } }, PROMPT, /top_k can't be -2/],
      ["a negative length", { options: {}, maxNewTokens: -1 }, PROMPT, /max_new_tokens can't be -1/],
      ["an unknown decoder", { maxNewTokens: 4, decoder: "sideways" }, PROMPT, /"sideways".*autoregressive/s],
      ["missing weights", { decoder: "autoregressive", target: "/models/no-such-model" }, PROMPT, /no-such-model/],
      ["no model at all", { target: undefined, models: undefined }, PROMPT, /models/],
    ];
    for (const [name, properties, prompt, message] of cases) {
      await set(properties);
      await generate(page, "triptych-generate", prompt);
      const pane = page.getByRole("region");
      await expect(pane, name).toHaveAttribute("data-state", "error");
      await expect(pane.getByRole("alert"), name).toHaveText(message);
    }
    await set({ models: "/models/" });
    expect(endOf(await generate(page, "triptych-generate", PROMPT), "autoregressive")).toBe("length");
    await expect(page.getByRole("region").getByRole("alert")).toHaveCount(0);
  });
});
