import { describe, expect, it } from "vitest";
import { threefry2x32 } from "../../sampling/noise.js";
import { AdaptiveLength, type DraftCosts } from "./adaptive-length.js";

const uniform = (seed: number, round: number, depth: number) => threefry2x32(seed, 9, round, depth)[0] / 2 ** 32;
/** A software adapter's curve, as measured on ORT's wasm: v(4) 2.3, v(8) 4.2. */
const SLOW: DraftCosts = { drafting: (numDrafts) => 0.35 * numDrafts, forward: (numRows) => 1 + (numRows - 1) * 0.45 };
/** A bandwidth-bound GPU's. */
const FAST: DraftCosts = { drafting: (numDrafts) => 0.05 * numDrafts, forward: (numRows) => 1 + (numRows - 1) * 0.02 };

/** Rounds of drafts that are right with this probability, each on its own. */
function play(costs: DraftCosts, acceptance: (round: number) => number, numRounds: number, maxDrafts = 8) {
  const lengths = new AdaptiveLength(costs, maxDrafts);
  const chosen: number[] = [];
  for (let round = 0; round < numRounds; round++) {
    const proposed = lengths.next();
    let accepted = 0;
    while (accepted < proposed && uniform(3, round, accepted) < acceptance(round)) accepted++;
    lengths.observe(proposed, accepted);
    chosen.push(proposed);
  }
  return { lengths, chosen };
}

/** The best γ of the closed form (1 - a^(γ+1)) / (1 - a) / cost. */
function bestOf({ drafting, forward }: DraftCosts, a: number, maxDrafts: number): number {
  const ratios = Array.from(
    { length: maxDrafts + 1 },
    (_, gamma) => (1 - a ** (gamma + 1)) / (1 - a) / (drafting(gamma) + forward(gamma + 1)),
  );
  return ratios.indexOf(Math.max(...ratios));
}

describe("adaptive draft length", () => {
  it("says how many rounds draft nothing, the same that next would", () => {
    const costs = { drafting: () => 0, forward: (numRows: number) => (numRows === 1 ? 1 : 9) };
    const [asked, skipping] = [new AdaptiveLength(costs, 4), new AdaptiveLength(costs, 4)];
    for (let probe = 0; probe < 5; probe++) {
      let numPlain = 0;
      while (asked.next() === 0) numPlain++;
      expect(skipping.skip()).toBe(numPlain);
      expect(skipping.skip()).toBe(0);
      expect(skipping.next()).toBe(1);
      for (const lengths of [asked, skipping]) lengths.observe(1, 0);
    }
    const paying = new AdaptiveLength({ drafting: () => 0, forward: () => 1 }, 4);
    expect(paying.skip()).toBe(0);
    expect(new AdaptiveLength(costs, 0).skip()).toBe(0);
  });

  it("drafts more where drafts share forwards", () => {
    const each = { ...FAST, drafting: (numDrafts: number) => numDrafts * 0.3 };
    const shared = { ...FAST, drafting: (numDrafts: number) => Math.min(1, numDrafts) * 0.3 };
    const lengthOf = (costs: DraftCosts) => play(costs, () => 0.8, 100).lengths.best().numDrafts;
    expect(lengthOf(shared)).toBeGreaterThan(lengthOf(each));
  });

  it.each([
    ["fast", FAST, 0.9],
    ["fast", FAST, 0.5],
    ["slow", SLOW, 0.95],
  ])("settles near the closed form's best on a %s adapter (%#)", (_name, costs, acceptance) => {
    const { chosen } = play(costs, () => acceptance, 400);
    const best = bestOf(costs, acceptance, 8);
    const late = chosen.slice(200);
    const mean = late.reduce((a, b) => a + b, 0) / late.length;
    expect(best).toBeGreaterThan(0);
    expect(Math.abs(mean - best)).toBeLessThanOrEqual(2);
  });

  it("stops drafting where no length pays, but for a probe now and then", () => {
    const { chosen } = play(SLOW, () => 0.2, 600);
    const late = chosen.slice(40);
    expect(Math.max(...late)).toBeLessThanOrEqual(1);
    expect(late.filter((numDrafts) => numDrafts > 0).length).toBeLessThanOrEqual(8);
    expect(late.some((numDrafts) => numDrafts > 0)).toBe(true);
  });

  it("comes back when drafts become right", () => {
    const { chosen } = play(FAST, (round) => (round < 200 ? 0 : 1), 2000);
    expect(chosen.slice(150, 200).every((numDrafts) => numDrafts <= 1)).toBe(true);
    expect(chosen.slice(-100).every((numDrafts) => numDrafts === 8)).toBe(true);
  });

  it("expects what the closed form gives once acceptance is known", () => {
    const { lengths } = play(FAST, () => 1, 500);
    const ratio = lengths.speedup(4) / (5 / (4 * 0.05 + 1.08));
    // What was assumed beforehand still has 2 of 27 parts in it.
    expect(ratio).toBeGreaterThan(0.95);
    expect(ratio).toBeLessThanOrEqual(1);
    expect(lengths.speedup(0)).toBe(1);
  });

  it("never drafts where none may be", () => {
    expect(play(FAST, () => 1, 300, 0).chosen.every((numDrafts) => numDrafts === 0)).toBe(true);
  });
});
