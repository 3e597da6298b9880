import { describe, expect, it } from "vitest";
import { threefry2x32 } from "../../../sampling/noise.js";
import { AdaptiveLength, type DraftCosts } from "./adaptive-length.js";

const uniform = (seed: number, round: number, depth: number) => threefry2x32(seed, 9, round, depth)[0] / 2 ** 32;
const NO_WAIT = { catchingUp: () => 0, roundTrip: 0, lag: 0 };
/** A software adapter's curve, as measured on ORT's wasm: v(4) 2.3, v(8) 4.2. */
const SLOW: DraftCosts = {
  ...NO_WAIT,
  drafting: (numDrafts) => 0.35 * numDrafts,
  forward: (numRows) => 1 + (numRows - 1) * 0.45,
};
/** A bandwidth-bound GPU's. */
const FAST: DraftCosts = {
  ...NO_WAIT,
  drafting: (numDrafts) => 0.05 * numDrafts,
  forward: (numRows) => 1 + (numRows - 1) * 0.02,
};

/** Rounds of drafts that are right with this probability, each on its own. */
function play(costs: DraftCosts, acceptance: (round: number) => number, numRounds: number, maxDrafts = 8) {
  const lengths = new AdaptiveLength(costs, maxDrafts);
  const chosen: number[] = [];
  for (let round = 0; round < numRounds; round++) {
    const numPlain = Math.min(lengths.skip(), numRounds - round);
    if (numPlain > 0) {
      chosen.push(...new Array<number>(numPlain).fill(0));
      round += numPlain - 1;
      continue;
    }
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

/** The first try, which is made whatever is assumed, and many rounds more that show what drafts are worth. */
function failOften(lengths: AdaptiveLength): void {
  expect([lengths.skip(), lengths.next()]).toEqual([0, 1]);
  for (let i = 0; i < 50; i++) lengths.observe(1, 0);
}

describe("adaptive draft length", () => {
  it("tries a draft where none pays, as often as its failures cost 1 % of the text at most, and less often the more fail", () => {
    const costs = { ...NO_WAIT, drafting: () => 0, roundTrip: 0.25, forward: (numRows: number) => 0.75 + numRows / 4 };
    const lengths = new AdaptiveLength(costs, 4);
    failOften(lengths);
    // A quarter for the draft's row, one for its verdict, one for the last plain token: 0.75 of at least 75, in powers of 2.
    for (const gap of [128, 128, 128, 128, 256, 512]) {
      expect(lengths.next()).toBe(0);
      expect(lengths.skip()).toBe(gap);
      expect(lengths.skip()).toBe(0);
      expect(lengths.next()).toBe(1);
      lengths.observe(1, 0);
    }
    // A draft that was right is followed by another one at once, and a wrong one then by fewer tokens.
    expect(lengths.skip()).toBe(1024);
    expect(lengths.next()).toBe(1);
    lengths.observe(1, 1);
    expect([lengths.skip(), lengths.next()]).toEqual([0, 1]);
    lengths.observe(1, 0);
    expect(lengths.skip()).toBe(128);
  });

  it("waits for the verdict of a try before the next one, where rounds run ahead", () => {
    const lengths = new AdaptiveLength({ ...SLOW, lag: 3 }, 4);
    failOften(lengths);
    expect(lengths.skip()).toBe(128);
    expect(lengths.next()).toBe(1);
    // Rounds without drafts, which are as cheap as plain steps.
    expect([lengths.skip(), lengths.next(), lengths.skip(), lengths.next()]).toEqual([0, 0, 0, 0]);
    lengths.observe(1, 1);
    expect([lengths.skip(), lengths.next()]).toEqual([0, 1]);
  });

  it("never tries where the drafter would have to read up what it missed for more than that", () => {
    const lengths = new AdaptiveLength({ ...SLOW, catchingUp: (numTokens) => numTokens / 50 }, 4);
    failOften(lengths);
    expect(lengths.skip()).toBe(Number.POSITIVE_INFINITY);
    expect(new AdaptiveLength(SLOW, 0).skip()).toBe(Number.POSITIVE_INFINITY);
    expect(new AdaptiveLength({ ...NO_WAIT, drafting: () => 0, forward: () => 1 }, 4).skip()).toBe(0);
  });

  it("counts the wait for a verdict, where rounds wait for it", () => {
    const waiting = { ...FAST, roundTrip: 0.5 };
    expect(new AdaptiveLength(waiting, 4).speedup(1)).toBeCloseTo(1.7 / (0.05 + 1.02 + 0.5), 12);
    expect(new AdaptiveLength({ ...waiting, lag: 3 }, 4).speedup(1)).toBeCloseTo(1.7 / (0.05 + 1.02), 12);
    // So much that no length pays.
    expect(new AdaptiveLength({ ...FAST, roundTrip: 9 }, 8).best().numDrafts).toBe(0);
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
    // Of the deeper ones, what was assumed beforehand still has 2 of 27 parts in it.
    expect(ratio).toBeGreaterThan(0.98);
    expect(ratio).toBeLessThanOrEqual(1);
    expect(lengths.speedup(0)).toBe(1);
  });

  it("never drafts where none may be", () => {
    expect(play(FAST, () => 1, 300, 0).chosen.every((numDrafts) => numDrafts === 0)).toBe(true);
  });
});
