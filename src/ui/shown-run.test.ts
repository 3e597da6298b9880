// @vitest-environment happy-dom
import { expect, it } from "vitest";
import type { GenerationEvent } from "../vocabulary/events.js";
import { Pane } from "./pane.js";

const CALM = { requestUpdate() {}, onPaneEvent() {}, onPaneError() {} };
const WAIT: GenerationEvent = { type: "recovering", seq: 0, reason: "", edits: [], pieces: [], elapsedMs: 0, ownMs: 0 };
const run = (length: number) => Array.from({ length }, (_, seq): GenerationEvent => ({ ...WAIT, seq }));

it("a pane has all events of the run that it shows, in order, and none of the run before", async () => {
  const pane = new Pane("a", "A", "any", CALM);
  expect(pane.events).toEqual([]);
  const write = (events: readonly GenerationEvent[]) =>
    pane.writeElsewhere(async (tell) => {
      expect(pane.events).toEqual([]);
      for (const event of events) tell(event);
    }, "");
  await write(run(3));
  const first = pane.events;
  expect(first).toEqual(run(3));
  await write(run(2));
  expect(pane.events).toEqual(run(2));
  // Whoever keeps an earlier run keeps it whole.
  expect(first).toEqual(run(3));
});
