import { describe, expect, it } from "vitest";
import type { GenerationEvent, StepEvent } from "../../vocabulary/events.js";
import { frameAt, framesOf, Moments } from "./moments.js";

/** A run whose steps end at these times with so many forwards each. */
const run = (...steps: [ownMs: number, forwards: number][]) =>
  new Moments([
    { type: "start" } as GenerationEvent,
    ...steps.map(([ownMs, forwards]) => ({ type: "step", ownMs, forwards }) as StepEvent),
    { type: "recovering", ownMs: 99 } as GenerationEvent,
    { type: "done" } as GenerationEvent,
  ]);

describe("the moments of a run", () => {
  const moments = run([10, 1], [20, 2], [20, 0], [50, 1]);

  it.each([
    [-1, 0],
    [0, 0],
    [9.9, 0],
    [10, 1],
    [19, 1],
    [20, 3],
    [49, 3],
    [50, 4],
    [1e9, 4],
  ])("by time: at %f ms %i steps had ended", (at, step) => {
    expect(moments.stepAt("time", at)).toBe(step);
  });

  it.each([
    [0, 0],
    [1, 1],
    [2, 1],
    [3, 3],
    [4, 4],
  ])("by forward passes: at %i %i steps had ended", (at, step) => {
    expect(moments.stepAt("forwards", at)).toBe(step);
  });

  it("say when a step and the run ended", () => {
    expect([0, 1, 2, 3, 4, 9].map((step) => moments.atStep("time", step))).toEqual([0, 10, 20, 20, 50, 50]);
    expect([moments.end("time"), moments.end("forwards"), moments.numSteps]).toEqual([50, 4, 4]);
    expect([run().end("time"), run().stepAt("time", 5), run().numSteps]).toEqual([0, 0, 0]);
  });

  it("tell which events are shown then: all up to the next step, and in the end all", () => {
    expect([-1, 0, 1, 2, 3, 4, 9].map((step) => moments.eventsAt(step))).toEqual([1, 1, 2, 3, 4, 7, 7]);
    expect(run().eventsAt(0)).toBe(3);
  });

  it("of several runs are one list, each once", () => {
    const frames = framesOf([moments, run([5, 1], [20, 1]), run()], "time");
    expect(frames).toEqual([0, 5, 10, 20, 50]);
    expect([-1, 0, 4, 5, 19, 20, 60].map((at) => frameAt(frames, at))).toEqual([0, 0, 0, 1, 2, 3, 4]);
    expect(framesOf([moments, run([5, 1], [20, 1])], "forwards")).toEqual([0, 1, 2, 3, 4]);
    expect(framesOf([], "time")).toEqual([0]);
  });
});
