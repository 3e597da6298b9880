import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { PageFrames } from "./page-frames.js";

let frames: PageFrames;
let costMs: number;
let drawn: number[];
beforeEach(() => {
  vi.useFakeTimers();
  let spentMs = 0;
  vi.stubGlobal("requestAnimationFrame", (tick: (nowMs: number) => void) => setTimeout(() => tick(Date.now()), 16));
  vi.stubGlobal("cancelAnimationFrame", (request: number) => clearTimeout(request));
  frames = new PageFrames(() => Date.now() + spentMs);
  drawn = [];
  costMs = 0;
  const begin = Date.now();
  const tick = () => {
    drawn.push(Date.now() - begin);
    spentMs += costMs;
    frames.request(tick);
  };
  frames.request(tick);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

it("come one after the other where each takes little", async () => {
  costMs = 3;
  await vi.advanceTimersByTimeAsync(65);
  expect(drawn).toEqual([16, 33, 50]);
});

it("rest behind one that took long for as long as it took", async () => {
  costMs = 100;
  await vi.advanceTimersByTimeAsync(300);
  expect(drawn).toEqual([16, 134, 252]);
});

it.each([0, 16, 40])("come no more once they are taken back (%i)", async (afterMs) => {
  costMs = 100;
  await vi.advanceTimersByTimeAsync(afterMs);
  const before = drawn.length;
  frames.cancel();
  await vi.advanceTimersByTimeAsync(500);
  expect([drawn.length, vi.getTimerCount()]).toEqual([before, 0]);
});
