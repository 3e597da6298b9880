import { expect, it } from "vitest";
import { resist } from "../../../seam/questions/resist.js";
import { sample } from "../../../seam/questions/sample.js";
import { GREEDY } from "../../../seam/sampler.js";
import { definedChoice } from "../../../testing/defined-length.js";
import { hashedLaw } from "../../../testing/laws.js";
import { numbers } from "../../../testing/test-bed.js";
import { mockModel } from "../mock.js";

const VOCAB = 7;
const SUPPRESSED = 2;
const SAMPLER = { ...GREEDY, suppress: [SUPPRESSED] };
const RESISTANCE = [0, 0.1, 0.25, Infinity];

const ids = (seed: number, length: number) =>
  Array.from(numbers(seed, length), (x) => Math.floor(((x + 1) / 2) * VOCAB));

/** What the definition takes behind a text of this row's logits. */
function defined(logits: Float32Array, text: readonly number[], k: number): { token: number; probability: number } {
  const weights = Array.from(logits, (logit, id) => (id === SUPPRESSED ? 0 : Math.exp(logit)));
  const total = weights.reduce((a, b) => a + b);
  const candidates = weights
    .map((weight, token) => ({ token, probability: weight / total }))
    .sort((a, b) => b.probability - a.probability)
    .slice(0, k);
  return candidates[definedChoice(candidates, text, RESISTANCE).place];
}

const session = (seed: number) =>
  mockModel({ law: hashedLaw(seed, VOCAB), capabilities: { vocabSize: VOCAB, maxLength: 96 } }).session();

it("each row of a chain takes the candidate that its own text leaves, as the definition has it", async () => {
  for (let seed = 0; seed < 12; seed++) {
    const kept = ids(seed, seed * 3);
    const own = ids(seed + 50, 1 + (seed % 5));
    const s = session(seed);
    if (kept.length > 0) s.forward({ tokens: kept, attend: "causal", rows: [], keep: kept.length });
    const rows = s.forward({ tokens: own, attend: "causal", keep: own.length });
    const k = 1 + (seed % 6);
    const taken = await rows.ask(resist(SAMPLER, { k, resistance: RESISTANCE })).read();
    const logits = await rows.logits();
    for (const [row, { token, logprob }] of taken.entries()) {
      const text = [...kept, ...own.slice(0, row + 1)];
      const expected = defined(logits.subarray(row * VOCAB, (row + 1) * VOCAB), text, k);
      expect(token).toBe(expected.token);
      expect(logprob).toBeCloseTo(Math.log(expected.probability), 5);
    }
  }
});

it("a row of a tree takes the candidate that its path leaves", async () => {
  const kept = ids(3, 11);
  const branch = [1, 4, 4, 1, 6];
  const s = session(5);
  s.forward({ tokens: kept, attend: "causal", rows: [], keep: kept.length });
  const rows = s.forward({ tokens: branch, attend: { parents: [-1, -1, 0, 1, 2] }, keep: 0 });
  const taken = await rows.ask(resist(SAMPLER, { k: 4, resistance: RESISTANCE })).read();
  const logits = await rows.logits();
  const paths = [[1], [4], [1, 4], [4, 1], [1, 4, 6]];
  for (const [row, path] of paths.entries()) {
    const expected = defined(logits.subarray(row * VOCAB, (row + 1) * VOCAB), [...kept, ...path], 4);
    expect(taken[row].token).toBe(expected.token);
  }
});

it("a forward reads the token that was taken before it was read", async () => {
  const [s, other] = [session(8), session(8)];
  const kept = ids(8, 20);
  const how = { k: 4, resistance: [0, 1, 2] };
  const taken = s.forward({ tokens: kept, attend: "causal", rows: "last", keep: 20 }).ask(resist(GREEDY, how));
  const next = s.forward({ tokens: [taken.ref(0)], attend: "causal", keep: 1 }).ask(sample(GREEDY));
  const [{ token }] = await taken.read();
  const whole = other.forward({ tokens: [...kept, token], attend: "causal", rows: "last", keep: 21 });
  expect(await next.read()).toEqual(await whole.ask(sample(GREEDY)).read());
});
