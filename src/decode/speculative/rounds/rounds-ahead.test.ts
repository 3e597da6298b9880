import { afterEach, describe, expect, it, vi } from "vitest";
import type { Verdict } from "../../../seam/questions/verify.js";
import type { Pending } from "../../../seam/pending.js";
import type { Step } from "../../decoder.js";
import { parseOptions } from "../../parse-options.js";
import { hashedModels, rehearse, stepsOf } from "../../../testing/rehearsal.js";
import { speculative } from "../decoder.js";
import { AdaptiveLength } from "../schedules/adaptive-length.js";
import { LateSchedule } from "./rounds-ahead.js";
import { VERDICT_LAG } from "../schedules/schedule.js";

const HEURISTIC = parseOptions(speculative.options, { num_assistant_tokens_schedule: "heuristic" });

function verdictOf(accepted: number, onRead: () => void): Pending<Verdict> {
  const verdict: Verdict = { accepted, drafts: [], emitted: [], path: [] };
  const read = async () => {
    onRead();
    return verdict;
  };
  return { ref: () => expect.unreachable(), read };
}

describe("the schedule of rounds that run ahead", () => {
  it("sees each verdict with its own round's length, exactly so many rounds late, and marks its step", async () => {
    const seen: [number, number][] = [];
    const schedule = new LateSchedule(HEURISTIC, { next: () => 3, observe: (...pair) => seen.push(pair) });
    const steps: Step[] = [];
    const rounds = [7, 3, 5, 1, 6, 2, 4, 8].map((numDrafts) => [numDrafts, numDrafts % 3] as [number, number]);
    for (const [i, [numDrafts, accepted]] of rounds.entries()) {
      const due = await schedule.observe();
      const numSeen = Math.max(0, i + 1 - VERDICT_LAG);
      expect(seen).toEqual(rounds.slice(0, numSeen));
      expect(due?.outcome.accepted).toBe(rounds[numSeen - 1]?.[1]);
      expect(steps.map(({ isKnown = false }) => isKnown)).toEqual(steps.map((_, at) => at < numSeen));
      const step: Step = { edits: () => {} };
      steps.push(step);
      let isAsked = false;
      const verdict = verdictOf(accepted, () => {
        isAsked = true;
      });
      schedule.push(numDrafts, verdict, step);
      // Asked for at once: what is asked for when it is due is late by a round trip.
      expect(isAsked).toBe(true);
    }
    await schedule.observeAll();
    expect(seen).toEqual(rounds);
  });
});

describe("every drafter with an adaptive length", () => {
  afterEach(() => void vi.restoreAllMocks());

  it.each([
    ["model", "causal", {}],
    ["early-exit", "causal", {}],
    ["device-lookup", "causal", {}],
    ["eagle", "causal", {}],
    ["block-diffusion", "block-drafts", { draft_block_length: 4 }],
    ["prompt-lookup", "causal", { draft_timing: "late" }],
    ["suffix", "causal", { draft_timing: "late", wait_cost: 2.5 }],
  ] as const)(
    "%s is told what each round drafted and how much of that was right, in order",
    async (drafter, kind, own) => {
      const observe = vi.spyOn(AdaptiveLength.prototype, "observe");
      const skip = vi.spyOn(AdaptiveLength.prototype, "skip");
      // Rows are free, so that every round drafts.
      const costs = {
        forward_costs: { 1: 1, 64: 1 },
        ...(["model", "early-exit", "eagle", "block-diffusion"].includes(drafter) ? { draft_cost: 0 } : {}),
      };
      const options = {
        drafter,
        max_new_tokens: 60,
        num_assistant_tokens: 5,
        num_assistant_tokens_schedule: "adaptive",
        ...costs,
        ...own,
      };
      const promptIds = [0, 3, 4, 1, 2, 0, 3, 4];
      const { events } = await rehearse({ decoder: speculative, models: hashedModels(kind), promptIds, options });
      expect(skip.mock.results.every(({ value }) => value === 0)).toBe(true);
      const rounds = stepsOf(events).map(({ edits }) => [
        edits.filter((edit) => edit.op === "insert" && edit.state === "draft").length,
        edits.filter((edit) => edit.op === "write" && edit.state === "committed").length,
      ]);
      const told = observe.mock.calls.map(([proposed, accepted]) => [proposed, accepted]);
      expect(told.length).toBeGreaterThan(8);
      // The last step is cut where the text ends.
      const numCompared = Math.min(told.length, rounds.length - 1);
      expect(told.slice(0, numCompared)).toEqual(rounds.slice(0, numCompared));
      expect(new Set(told.map(String)).size).toBeGreaterThan(2);
    },
  );
});
