import { expect, type Page } from "@playwright/test";
import type { CompareElement, TriptychElementEventMap } from "../src/ui/element.js";
import type { ReplayElement } from "../src/replay.js";
import { test } from "./triptych-page.js";

test.use({ usual: "wasm" });

/** What a page counts of its own: what outlives an element would still be in here. */
interface Kept {
  timers: number;
  ports: number;
  listeners: string[];
}

/** Has the page count its timers, the ports that it keeps, and what listens to its window and document. */
async function countKept(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const kept = { timers: new Set<number>(), ports: new Set<MessagePort>(), listeners: new Map<string, number>() };
    const { setTimeout: later, clearTimeout: never, setInterval: often } = globalThis;
    const begin = (timer: number) => {
      kept.timers.add(timer);
      return timer;
    };
    const end = (timer: number) => {
      kept.timers.delete(timer);
      never(timer);
    };
    const NativeChannel = MessageChannel;
    Object.assign(globalThis, {
      kept: (): Kept => ({
        timers: kept.timers.size,
        ports: kept.ports.size,
        listeners: [...kept.listeners].flatMap(([type, count]) => (count === 0 ? [] : `${type} ${count}`)),
      }),
      setTimeout: (call: () => void, ms?: number) => {
        const run = () => {
          kept.timers.delete(timer);
          call();
        };
        const timer = begin(Number(later(run, ms)));
        return timer;
      },
      setInterval: (call: () => void, ms?: number) => begin(Number(often(call, ms))),
      clearTimeout: end,
      clearInterval: end,
      MessageChannel: class extends NativeChannel {
        constructor() {
          super();
          const { port1: port } = this;
          kept.ports.add(port);
          const close = port.close.bind(port);
          port.close = () => {
            kept.ports.delete(port);
            close();
          };
        }
      },
    });
    for (const target of [window, document] as EventTarget[]) {
      const seen = new Set<unknown>();
      const { addEventListener: add, removeEventListener: remove } = target;
      const count = (type: string, by: number) => kept.listeners.set(type, (kept.listeners.get(type) ?? 0) + by);
      target.addEventListener = (type, listener, options) => {
        if (!seen.has(listener)) count(type, 1);
        seen.add(listener);
        add.call(target, type, listener, options);
      };
      target.removeEventListener = (type, listener, options) => {
        if (seen.delete(listener)) count(type, -1);
        remove.call(target, type, listener, options);
      };
    }
  });
}

test("100 mounts and unmounts of each element, before, in and after runs, leave nothing behind", async ({ page }) => {
  await countKept(page);
  await page.goto("/e2e/pages/bare.html");
  await page.addScriptTag({ type: "module", url: "/dist/replay.js" });
  const page0 = await page.evaluate(() => (globalThis as unknown as { kept(): Kept }).kept());
  await page.evaluate(async () => {
    await customElements.whenDefined("triptych-compare");
    const gone: [string, WeakRef<Element>][] = [];
    Object.assign(globalThis, { gone });
    const ends = new Set<string>();
    const replays: number[] = [];
    Object.assign(globalThis, { ends, replays });
    const until = (type: keyof TriptychElementEventMap) => async (element: CompareElement) => {
      void element.generate();
      await new Promise((resolve) => element.addEventListener(type, resolve, { once: true }));
    };
    const runs: Record<number, (element: CompareElement) => Promise<unknown>> = {
      10: (element) => element.generate(),
      40: until("triptych-event"),
      60: until("triptych-start"),
    };
    for (let i = 0; i < 100; i++) {
      for (const tag of ["triptych-compare", "triptych-generate"]) {
        const element = document.createElement(tag) as CompareElement;
        Object.assign(element, { models: "/models/", prompt: "Once upon a time", maxNewTokens: i === 10 ? 3 : 200 });
        element.addEventListener("triptych-done", ({ detail }) => {
          for (const end of Object.values(detail)) ends.add("reason" in end ? end.reason : end.error.code);
        });
        document.querySelector("main")?.append(element);
        await element.updateComplete;
        await runs[i]?.(element);
        element.remove();
        gone.push([`${tag} ${i}`, new WeakRef(element)]);
      }
      // Before its trace has come, in its midst and at its end.
      const replay = document.createElement("triptych-replay") as ReplayElement;
      Object.assign(replay, { trace: "/recorded.json", autoplay: true, speed: 8 });
      document.querySelector("main")?.append(replay);
      await replay.updateComplete;
      if (i % 40 === 20) {
        await new Promise((resolve) => replay.addEventListener("triptych-replay", resolve, { once: true }));
        if (i === 20) replay.seek(replay.numMoments - 1);
        replays.push(replay.numMoments);
      }
      replay.remove();
      gone.push([`triptych-replay ${i}`, new WeakRef(replay)]);
    }
  });
  const stats = () =>
    page.evaluate(async () => {
      const path = "/dist/index.js";
      return (await import(path)).stats();
    });
  // The worker ends a second behind what was asked of it last: asked more often, it would stay.
  const nothing = { workers: 0, devices: 0, models: 0, sessions: 0, runs: 0, gpuBytes: 0 };
  await expect.poll(stats, { intervals: [2500] }).toMatchObject(nothing);
  expect(await page.evaluate(() => [...(globalThis as unknown as { ends: Set<string> }).ends].toSorted())).toEqual([
    "cancelled",
    "length",
  ]);
  const played = await page.evaluate(() => (globalThis as unknown as { replays: number[] }).replays);
  expect(played).toHaveLength(2);
  expect(Math.min(...played)).toBeGreaterThan(50);
  const session = await page.context().newCDPSession(page);
  const alive = async () => {
    await session.send("HeapProfiler.collectGarbage");
    return page.evaluate(() => {
      const { gone } = globalThis as unknown as { gone: [string, WeakRef<Element>][] };
      return gone.flatMap(([name, element]) => (element.deref() ? name : []));
    });
  };
  await expect.poll(alive).toEqual([]);
  await expect.poll(() => page.evaluate(() => (globalThis as unknown as { kept(): Kept }).kept())).toEqual(page0);
});
