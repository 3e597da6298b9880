import { describe, expect, it } from "vitest";
import type { FinishReason } from "../vocabulary/events.js";
import { compareIds } from "./compare-ids.js";

const outcome = (ids: number[], reason: FinishReason = "length") => ({ text: "", ids, reason, metrics: null });

describe("compareIds", () => {
  it("says the same text only when every id and the length agree", () => {
    expect(compareIds(outcome([1, 2]), outcome([1, 2]))).toEqual({ text: "same text as AR", isGood: true });
    expect(compareIds(outcome([1, 2]), outcome([1, 3]))).toEqual({ text: "differs from AR at token 2", isGood: false });
    expect(compareIds(outcome([1, 2]), outcome([1]))).toEqual({ text: "differs from AR at token 2", isGood: false });
    expect(compareIds(outcome([1]), outcome([1, 2]))).toEqual({ text: "differs from AR at token 2", isGood: false });
  });

  it("compares what there is when a run was cancelled", () => {
    expect(compareIds(outcome([1, 2, 3]), outcome([1, 2], "cancelled"))).toEqual({
      text: "same as AR for 2 tokens",
      isGood: true,
    });
  });

  it("says nothing about a failed, missing or empty run", () => {
    expect(compareIds(null, outcome([1]))).toBeNull();
    expect(compareIds(outcome([1]), { error: { name: "Error", code: "internal", message: "" } })).toBeNull();
    expect(compareIds(outcome([]), outcome([]))).toBeNull();
  });
});
