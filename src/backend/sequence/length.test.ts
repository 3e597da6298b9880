import { describe, expect, it } from "vitest";
import { cutTo, exactly, type Peekable, plus, plusAccepted } from "./length.js";
import type { Verdict } from "../../seam/questions/verify.js";

function lateVerdict(accepted: number): Peekable<Verdict> & { arrive(): void } {
  let value: Verdict | undefined;
  const verdict: Verdict = { accepted, drafts: [], emitted: [], path: [] };
  return {
    peek: () => value,
    arrive: () => {
      value = verdict;
    },
    read: async () => verdict,
    ref(word) {
      return { pending: this, word: Number(word) };
    },
  };
}

describe("length", () => {
  it("is known only once every verdict that it depends on was read", () => {
    const [first, second] = [lateVerdict(3), lateVerdict(1)];
    const length = plus(plusAccepted(plus(plusAccepted(exactly(10), first, 4), 1), second, 4), 1);
    expect(length.known()).toBeNull();
    expect([length.min, length.max]).toEqual([12, 20]);
    second.arrive();
    expect(length.known()).toBeNull();
    first.arrive();
    expect(length.known()).toBe(16);
  });

  it("closes its bounds as results arrive, so that running ahead never drifts towards the context limit", () => {
    let length = exactly(0);
    const unread: ReturnType<typeof lateVerdict>[] = [];
    for (let round = 0; round < 100; round++) {
      const verdict = lateVerdict(0);
      length = plus(plusAccepted(length, verdict, 4), 1);
      unread.push(verdict);
      if (unread.length > 2) unread.shift()?.arrive();
      expect(length.max).toBeLessThanOrEqual(round + 1 + 2 * 4);
    }
    expect(length.min).toBe(100);
  });

  it("is cut to another length that isn't known yet, and never grows", () => {
    const verdict = lateVerdict(2);
    const target = plusAccepted(exactly(5), verdict, 4);
    const draft = cutTo(exactly(8), target, -1);
    const short = cutTo(exactly(3), target, -1);
    expect([draft.known(), draft.min, draft.max]).toEqual([null, 4, 8]);
    expect([short.min, short.max]).toEqual([3, 3]);
    verdict.arrive();
    expect([draft.known(), short.known()]).toEqual([6, 3]);
    expect(cutTo(exactly(3), exactly(0), -1).known()).toBe(0);
  });
});
