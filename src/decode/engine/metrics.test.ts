import { expect, it } from "vitest";
import { Meter, NO_WORK } from "./metrics.js";

const WORK = { ...NO_WORK, forwards: 1, drafter: 0, judge: 0, guide: 0, joint: 0 };

it("the first token's time is the clock's on the wall, the rate is of the run's own time up to the last step that wrote", () => {
  const meter = new Meter();
  meter.step(WORK, 1, { elapsedMs: 50, ownMs: 10 });
  meter.step(WORK, 5, { elapsedMs: 90, ownMs: 30 });
  meter.step(WORK, null, { elapsedMs: 500, ownMs: 400 });
  const metrics = meter.finish({ promptTokens: 2, tokens: 5, written: 5, elapsedMs: 500, ownMs: 400 });
  expect(metrics.timeToFirstTokenMs).toBe(50);
  expect(metrics.tokensPerSecond).toBe(200);
  expect(metrics.steps).toBe(3);
});
