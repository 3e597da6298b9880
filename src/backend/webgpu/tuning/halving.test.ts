import { describe, expect, it } from "vitest";
import { halve } from "./halving.js";

/** A contest whose clock moves by each sample, candidate by candidate's own milliseconds and what `noise` adds to them. */
function contest<C extends string>(
  costs: Record<C, number>,
  { budgetMs = 1e9, noise = (_count: number) => 0 }: { budgetMs?: number; noise?: (count: number) => number } = {},
) {
  const samples: C[] = [];
  let nowMs = 0;
  const candidates = Object.keys(costs) as [C, ...C[]];
  const outcome = halve<C>({
    candidates,
    clock: () => nowMs,
    budgetMs,
    async measure(candidate) {
      const ms = costs[candidate] + noise(samples.length);
      samples.push(candidate);
      nowMs += ms;
      return ms;
    },
  });
  return { samples, outcome, count: (candidate: C) => samples.filter((name) => name === candidate).length };
}

describe("successive halving", () => {
  it("takes one sample of all, three of the better half, seven of the best two, in turn", async () => {
    const { outcome, samples, count } = contest({ a: 10, b: 8, c: 12, d: 20 });
    expect((await outcome).winner).toBe("b");
    expect(count("d")).toBe(1);
    expect(count("c")).toBe(1);
    expect(count("a")).toBe(1 + 3 + 7);
    expect(count("b")).toBe(1 + 3 + 7);
    expect(samples.slice(0, 8)).toEqual(["a", "b", "c", "d", "b", "a", "a", "b"]);
  });

  it("keeps the prior in to the end, however slow it is, and out of the way of the best", async () => {
    const { outcome, count } = contest({ prior: 30, b: 8, c: 9, d: 10 });
    expect((await outcome).winner).toBe("b");
    expect(count("prior")).toBe(11);
    expect(count("b")).toBe(11);
    expect(count("c")).toBe(1);
  });

  it("keeps the prior on ties and where the gain is under 5 %", async () => {
    expect((await contest({ a: 10, b: 10 }).outcome).winner).toBe("a");
    expect((await contest({ a: 10, b: 9.51 }).outcome).winner).toBe("a");
    expect((await contest({ a: 10, b: 9.5 }).outcome).winner).toBe("b");
  });

  it("isn't misled by samples that something else disturbed", async () => {
    const noise = (count: number) => (count % 3 === 1 ? 25 : 0);
    const { outcome } = contest({ a: 10, b: 8 }, { noise });
    expect(await outcome).toEqual({ winner: "b", ms: { a: 10, b: 8 } });
  });

  it("takes one sample of each, however slow they are, none after its budget besides, and decides by what there is", async () => {
    // Each sample is longer than the budget: the default isn't kept because it came first.
    const { outcome, samples } = contest({ a: 631, b: 290, c: 228 }, { budgetMs: 200 });
    expect(await outcome).toEqual({ winner: "c", ms: { a: 631, b: 290, c: 228 } });
    expect(samples).toEqual(["a", "b", "c"]);
    expect((await contest({ a: 10, b: 8 }, { budgetMs: 0 }).outcome).winner).toBe("b");
    const ended = contest({ a: 10, b: 8, c: 1 }, { budgetMs: 40 });
    expect((await ended.outcome).winner).toBe("c");
    // 19 ms for one of each; then the prior and the best in turn, until 40 ms are over.
    expect(ended.samples).toEqual(["a", "b", "c", "a", "c", "c", "a"]);
  });

  it("ends when a sample is refused", async () => {
    const aborted = new Error("stopped");
    let count = 0;
    const outcome = halve({
      candidates: ["a", "b"],
      clock: () => 0,
      budgetMs: 1,
      async measure() {
        if (++count === 3) throw aborted;
        return 1;
      },
    });
    await expect(outcome).rejects.toBe(aborted);
    expect(count).toBe(3);
  });
});
