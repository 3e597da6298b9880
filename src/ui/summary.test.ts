import { describe, expect, it } from "vitest";
import type { FinishReason, Metrics } from "../vocabulary/events.js";
import type { PaneOutcome } from "./pane-outcome.js";
import { type SummedUp, summaryOf } from "./summary.js";

const ids = (count: number, first = 0) => Array.from({ length: count }, (_, i) => first + i);

function outcome(
  tokens: number,
  forwards: number,
  { reason = "length", first = 0, ...more }: { reason?: FinishReason; first?: number } & Partial<Metrics> = {},
): PaneOutcome {
  const metrics = { tokens, forwards, forwardsBy: {}, ownMs: 1000, ...more } as Metrics;
  return { text: "", ids: ids(tokens, first), reason, metrics };
}

const failed = (code: string): PaneOutcome => ({ error: { name: "Error", code, message: "" } });
const cancelled: PaneOutcome = { text: "", ids: [], reason: "cancelled", metrics: null };
const ar = (ended: PaneOutcome | null): SummedUp => ({
  label: "Autoregressive",
  decoder: "autoregressive",
  outcome: ended,
});
const spec = (ended: PaneOutcome | null, label = "Speculative"): SummedUp => ({
  label,
  decoder: "speculative",
  outcome: ended,
});
const diff = (ended: PaneOutcome | null): SummedUp => ({
  label: "Diffusion",
  decoder: "block-diffusion",
  outcome: ended,
});

/** Panes, and the sentence about them. */
const CASES: [string, SummedUp[], string][] = [
  [
    "same text with fewer passes that takes longer, beside another text",
    [
      ar(outcome(128, 128)),
      diff(outcome(128, 128, { first: 7 })),
      spec(outcome(128, 58, { ownMs: 1300, forwardsBy: { drafter: 230 } })),
    ],
    "Speculative wrote the same 128 tokens as Autoregressive with 58 forward passes instead of 128 (and 230 of its drafter), and took 1.3 times as long on this device; Diffusion wrote another text of 128 tokens with 128 forward passes.",
  ],
  [
    "the same text, faster",
    [ar(outcome(64, 64)), spec(outcome(64, 20, { ownMs: 500 }))],
    "Speculative wrote the same 64 tokens as Autoregressive with 20 forward passes instead of 64, and was 2 times as fast on this device.",
  ],
  [
    "times that hardly differ, and passes that don't",
    [ar(outcome(64, 64)), spec(outcome(64, 64, { ownMs: 1080 }))],
    "Speculative wrote the same 64 tokens as Autoregressive with 64 forward passes as well, and took about as long on this device.",
  ],
  [
    "no times: none are told",
    [ar(outcome(64, 64, { ownMs: 0 })), spec(outcome(64, 20, { ownMs: 0 }))],
    "Speculative wrote the same 64 tokens as Autoregressive with 20 forward passes instead of 64.",
  ],
  [
    "texts that differ in their last token",
    [
      ar(outcome(3, 3)),
      spec({
        ...(outcome(3, 2) as Extract<PaneOutcome, { ids: number[] }>),
        ids: [0, 1, 9],
      }),
    ],
    "Autoregressive wrote 3 tokens with 3 forward passes; Speculative wrote another text of 3 tokens with 2 forward passes.",
  ],
  [
    "texts of other lengths, one the beginning of the other",
    [ar(outcome(64, 64)), spec(outcome(40, 20))],
    "Autoregressive wrote 64 tokens with 64 forward passes; Speculative wrote 40 tokens with 20 forward passes.",
  ],
  [
    "one token and one pass",
    [ar(outcome(1, 1)), diff(outcome(1, 2, { first: 5 }))],
    "Autoregressive wrote 1 token with 1 forward pass; Diffusion wrote another text of 1 token with 2 forward passes.",
  ],
  [
    "one pane: with its time",
    [diff(outcome(96, 12, { ownMs: 2410, forwardsBy: { judge: 3, guide: 12, joint: 0 } }))],
    "Diffusion wrote 96 tokens with 12 forward passes (and 3 of its judge, 12 of its guide) in 2.41 s on this device.",
  ],
  [
    "one that failed",
    [ar(outcome(64, 64)), spec(failed("internal"))],
    "Autoregressive wrote 64 tokens with 64 forward passes; Speculative: failed.",
  ],
  [
    "plain decoding that failed: the first that ended is what others are compared with",
    [ar(failed("no_infill")), spec(outcome(8, 3), "One"), spec(outcome(8, 4, { ownMs: 2000 }), "Other")],
    "Other wrote the same 8 tokens as One with 4 forward passes instead of 3, and took 2 times as long on this device; Autoregressive: can't fill holes.",
  ],
  [
    "one that was stopped, though its text is that of the other",
    [ar(outcome(64, 64)), spec(outcome(64, 20, { reason: "cancelled" }))],
    "Autoregressive wrote 64 tokens with 64 forward passes; Speculative was stopped after 64 tokens and 20 forward passes.",
  ],
  [
    "all stopped: nothing is compared",
    [ar(outcome(5, 5, { reason: "cancelled" })), spec(cancelled)],
    "Autoregressive was stopped after 5 tokens and 5 forward passes; Speculative was stopped before it wrote.",
  ],
  [
    "one that had nothing to write",
    [ar(outcome(4, 4)), diff(outcome(0, 0))],
    "Autoregressive wrote 4 tokens with 4 forward passes; Diffusion wrote nothing.",
  ],
  ["one pane that was stopped before it wrote", [ar(cancelled)], "No pane wrote anything."],
  ["all failed", [ar(failed("internal")), spec(failed("internal"))], "No pane wrote anything."],
  [
    "two panes of one decoder",
    [spec(outcome(8, 3)), spec(outcome(8, 3))],
    "Speculative in pane 2 wrote the same 8 tokens as Speculative in pane 1 with 3 forward passes as well, and took about as long on this device.",
  ],
  [
    "six panes",
    [
      diff(outcome(8, 4, { first: 3 })),
      ar(outcome(8, 8)),
      spec(outcome(8, 2), "A"),
      spec(outcome(8, 4), "B"),
      spec(outcome(6, 4), "C"),
      spec(failed("no_such_role"), "D"),
    ],
    "A wrote the same 8 tokens as Autoregressive with 2 forward passes instead of 8, and took about as long on this device; B wrote the same 8 tokens as Autoregressive with 4 forward passes instead of 8, and took about as long on this device; Diffusion wrote another text of 8 tokens with 4 forward passes; C wrote 6 tokens with 4 forward passes; D: no model for this.",
  ],
  ["one that still writes: nothing yet", [ar(outcome(8, 8)), spec(null)], ""],
  ["none has begun", [ar(null), spec(null)], ""],
  ["no panes", [], ""],
];

describe("summaryOf", () => {
  it.each(CASES)("says of %s", (_, panes, sentence) => {
    expect(summaryOf(panes, true)).toBe(sentence);
  });

  it("doesn't call times of a recording this device's", () => {
    const panes = [ar(outcome(8, 8)), spec(outcome(8, 2, { ownMs: 3000 }))];
    expect(summaryOf(panes, false)).toMatch(/took 3 times as long where it was recorded\.$/);
    expect(summaryOf([ar(outcome(8, 8))], false)).toMatch(/ in 1.00 s where it was recorded\.$/);
  });
});
