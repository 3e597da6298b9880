import { expect, test } from "vitest";
import type { DoneEvent, StepEvent } from "../vocabulary/events.js";
import { TextStream } from "./text-stream.js";

const step = (edits: StepEvent["edits"], pieces: StepEvent["pieces"]): StepEvent => ({
  ...{
    type: "step",
    seq: 1,
    forwards: 1,
    rows: 1,
    draftForwards: 0,
    waits: 0,
    dispatches: 1,
    readbackBytes: 16,
    elapsedMs: 0,
    ownMs: 0,
  },
  ...{ edits, pieces },
});

test("text behind an open mask waits until the mask is filled", () => {
  const stream = new TextStream();
  const open = step(
    [0, 1, 2].map((slot) => ({ op: "insert", slot, after: slot === 0 ? null : slot - 1, token: null, state: "mask" })),
    [],
  );
  expect(stream.push(open)).toBe("");
  expect(stream.push(step([{ op: "write", slot: 1, token: 7, state: "committed" }], [{ slot: 1, text: "b" }]))).toBe(
    "",
  );
  expect(stream.push(step([{ op: "write", slot: 0, token: 6, state: "committed" }], [{ slot: 0, text: "a" }]))).toBe(
    "ab",
  );
  expect(stream.push({ type: "done", seq: 4, reason: "stop", text: "abc", ids: [] } as unknown as DoneEvent)).toBe("c");
});

test("drafts are not text", () => {
  const stream = new TextStream();
  const drafted = step([{ op: "insert", slot: 0, after: null, token: 5, state: "draft" }], [{ slot: 0, text: "d" }]);
  expect(stream.push(drafted)).toBe("");
});
