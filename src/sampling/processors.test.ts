import { describe, expect, it } from "vitest";
import { GREEDY, type Sampler } from "../seam/sampler.js";
import { largest, probabilities, select } from "./processors.js";

const PLAIN: Sampler = { ...GREEDY, temperature: 1, seed: 1 };
// Probabilities .5 .25 .125 .125: every expectation below is by hand.
const LOGITS = [0, -1, -2, -2].map((power) => power * Math.LN2);
const law = (part: Partial<Sampler>, history: number[] = [], logits = LOGITS) =>
  [...probabilities(logits, { ...PLAIN, ...part }, history)].map((p) => Math.round(p * 1e9) / 1e9);

describe("the largest values", () => {
  it("are those that sorting puts first, the lower index of equal ones; those that are nothing are none", () => {
    const values = Array.from({ length: 60 }, (_, i) => (i % 7 === 3 ? Number.NEGATIVE_INFINITY : (i * i * 17) % 23));
    const finite = [...values.keys()].filter((i) => values[i] > Number.NEGATIVE_INFINITY);
    const sorted = finite.sort((a, b) => values[b] - values[a] || a - b);
    for (const k of [0, 1, 2, 9, 59, 70]) expect(largest(values, k)).toEqual(sorted.slice(0, k));
    expect(largest([Number.NaN, 2, Number.NaN, 1], 3)).toEqual([1, 3]);
  });
});

describe("the sampler chain", () => {
  it("is the softmax when everything is off", () => {
    expect(law({})).toEqual([0.5, 0.25, 0.125, 0.125]);
  });

  it("divides logits by the temperature", () => {
    expect(law({ temperature: 0.5 }).map((p) => p * 22)).toEqual(
      [16, 4, 1, 1].map((x) => (Math.round((x / 22) * 1e9) / 1e9) * 22),
    );
  });

  it("keeps ids tied with the k-th", () => {
    expect(law({ topK: 1 })).toEqual([1, 0, 0, 0]);
    expect(law({ topK: 3 })).toEqual([0.5, 0.25, 0.125, 0.125]);
    expect(law({ topK: 99 })).toEqual([0.5, 0.25, 0.125, 0.125]);
  });

  it("keeps the id that crosses p, and ids tied with it", () => {
    expect(law({ topP: 0.4 })).toEqual([1, 0, 0, 0]);
    expect(law({ topP: 0.5 })).toEqual([1, 0, 0, 0]);
    expect(law({ topP: 0.51 })).toEqual([0.666666667, 0.333333333, 0, 0]);
    expect(law({ topP: 0.8 })).toEqual([0.5, 0.25, 0.125, 0.125]);
  });

  it("applies top-p to what top-k kept", () => {
    expect(law({ topK: 2, topP: 0.6 })).toEqual([1, 0, 0, 0]);
  });

  it("drops ids below a share of the likeliest", () => {
    expect(law({ minP: 0.5 })).toEqual([0.666666667, 0.333333333, 0, 0]);
    expect(law({ minP: 0.51 })).toEqual([1, 0, 0, 0]);
  });

  it.each([{}, { topK: 2 }, { topP: 0.6 }, { minP: 0.4 }, { topK: 3, topP: 0.8, minP: 0.3, temperature: 0.7 }])(
    "is the same for logits that are greater by a number: %o",
    (part) => {
      for (const more of [-40, -3, 5, 60]) {
        const moved = LOGITS.map((logit) => logit + more);
        law(part, [], moved).forEach((p, id) => {
          expect(p).toBeCloseTo(law(part)[id], 7);
        });
      }
    },
  );

  it("divides positive and multiplies negative logits of the history by the penalty, once", () => {
    const [a, b] = law({ repetitionPenalty: 2 }, [0, 0, 1], [2, -2]);
    expect(a / b).toBeCloseTo(Math.exp(1 + 4), 4);
  });

  it("adds the bias after the penalty, and never draws suppressed ids", () => {
    const [a, b] = law({ repetitionPenalty: 2, logitBias: new Map([[0, 1]]) }, [0], [2, 0]);
    expect(a / b).toBeCloseTo(Math.exp(2), 6);
    expect(law({ suppress: [0], logitBias: new Map([[0, 100]]) })).toEqual([0, 0.5, 0.25, 0.25]);
  });
});

describe("select", () => {
  it("takes the lowest id on ties when greedy", () => {
    const greedy = { ...PLAIN, temperature: 0 };
    expect(select([1, 3, 3, 2], greedy, { position: 0, draw: 0, history: [] }).token).toBe(1);
  });

  it("reports probability and entropy of the untempered law, without bias or penalty, without suppressed ids", () => {
    const sampler = { ...PLAIN, temperature: 0.3, suppress: [0], logitBias: new Map([[1, 50]]), repetitionPenalty: 3 };
    const { token, logprob, entropy } = select(LOGITS, sampler, { position: 0, draw: 0, history: [1] });
    expect(token).toBe(1);
    expect(logprob).toBeCloseTo(Math.log(0.5), 12);
    expect(entropy).toBeCloseTo(1.5 * Math.LN2, 12);
  });

  it("draws by the chain's law", () => {
    const sampler = { ...PLAIN, topK: 2, temperature: 1.5 };
    const expected = probabilities(LOGITS, sampler, []);
    const counts = [0, 0, 0, 0];
    const n = 20_000;
    for (let position = 0; position < n; position++) {
      counts[select(LOGITS, sampler, { position, draw: 0, history: [] }).token]++;
    }
    const chi2 = counts.reduce(
      (sum, c, id) => sum + (expected[id] > 0 ? (c - n * expected[id]) ** 2 / (n * expected[id]) : c),
      0,
    );
    // 1 degree of freedom, p = .001
    expect(chi2).toBeLessThan(10.83);
  });
});

it("each draw of a position has noise of its own, and so has each position", () => {
  const even = new Float64Array(64);
  const tokens = (at: (i: number) => { position: number; draw: number }) =>
    new Set(Array.from({ length: 16 }, (_, i) => select(even, PLAIN, { ...at(i), history: [] }).token));
  expect(tokens((draw) => ({ position: 3, draw })).size).toBeGreaterThan(4);
  expect(tokens((position) => ({ position, draw: 3 })).size).toBeGreaterThan(4);
});
