import { describe, expect, it } from "vitest";
import type { Edit, SlotState, StepEvent } from "../vocabulary/events.js";
import { RunView } from "./run-view.js";
import { Tally } from "./tally.js";
import { transitionOf } from "./transition.js";

function step(edits: Edit[], elapsedMs = 0): StepEvent {
  return {
    type: "step",
    seq: 0,
    edits,
    pieces: [],
    forwards: 1,
    draftForwards: 4,
    waits: 0,
    dispatches: 0,
    readbackBytes: 0,
    rows: 1,
    elapsedMs: elapsedMs * 3,
    ownMs: elapsedMs,
  };
}
const insert = (slot: number, state: Exclude<SlotState, "prompt">): Edit => ({
  op: "insert",
  slot,
  after: null,
  token: state === "mask" ? null : 1,
  state,
});
const write = (slot: number, state: Exclude<SlotState, "prompt">): Edit => ({ op: "write", slot, token: 1, state });

describe("transitionOf", () => {
  it("names every transition of the table of edits and states", () => {
    expect(transitionOf(null, insert(1, "committed"))).toBe("append");
    expect(transitionOf(null, insert(1, "mask"))).toBe("open");
    expect(transitionOf("mask", { op: "delete", slot: 1 })).toBe("close");
    expect(transitionOf("mask", write(1, "committed"))).toBe("unmask");
    expect(transitionOf("committed", write(1, "mask"))).toBe("remask");
    expect(transitionOf(null, insert(1, "draft"))).toBe("draft");
    expect(transitionOf("mask", write(1, "draft"))).toBe("draft");
    expect(transitionOf("draft", write(1, "committed"))).toBe("accept");
    expect(transitionOf("draft", { op: "delete", slot: 1 })).toBe("reject");
    expect(transitionOf("draft", write(1, "mask"))).toBe("reject");
    expect(transitionOf("committed", write(1, "committed"))).toBe("revise");
    expect(transitionOf("mask", write(1, "tentative"))).toBe("unmask");
    expect(transitionOf("tentative", write(1, "tentative"))).toBe("revise");
    expect(transitionOf("tentative", write(1, "mask"))).toBe("remask");
    expect(transitionOf("tentative", write(1, "committed"))).toBe("none");
    expect(transitionOf("tentative", { op: "delete", slot: 1 })).toBe("backspace");
    expect(transitionOf("committed", { op: "delete", slot: 1 })).toBe("backspace");
  });
});

describe("Tally", () => {
  it("counts accepted and rejected drafts of one step, and the token that follows them", () => {
    const tally = new Tally();
    const run = new RunView();
    run.subscribe((seen) => tally.add(seen));
    run.add(
      step([
        insert(1, "draft"),
        insert(2, "draft"),
        insert(3, "draft"),
        insert(4, "draft"),
        write(1, "committed"),
        { op: "delete", slot: 2 },
        { op: "delete", slot: 3 },
        { op: "delete", slot: 4 },
        insert(5, "committed"),
      ]),
    );
    expect(tally).toMatchObject({ tokens: 2, proposed: 4, accepted: 1, forwards: 1, draftForwards: 4 });
    expect(tally.acceptance).toBe(0.25);
    expect(tally.tokensPerForward).toBe(2);
  });

  it("takes remasked and deleted tokens off again", () => {
    const tally = new Tally();
    const run = new RunView();
    run.subscribe((seen) => tally.add(seen));
    run.add(step([insert(1, "mask"), insert(2, "mask"), write(1, "committed"), write(2, "committed")]));
    run.add(step([write(1, "mask"), { op: "delete", slot: 2 }]));
    expect(tally.tokens).toBe(0);
    expect(tally.commitsPerStep).toBe(0);
  });

  it("measures the rate between the first and the last token, by the time in which the run held the device", () => {
    const tally = new Tally();
    const run = new RunView();
    run.subscribe((seen) => tally.add(seen));
    run.add(step([insert(1, "mask")], 50));
    expect(tally.tokensPerSecond).toBeNull();
    run.add(step([write(1, "committed")], 100));
    for (let slot = 2; slot <= 5; slot++) run.add(step([insert(slot, "committed")], slot * 100));
    expect(tally.firstTokenMs).toBe(300);
    expect(tally.tokensPerSecond).toBe(10);
  });
});
