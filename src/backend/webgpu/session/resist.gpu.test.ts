// What is taken on a device against its resistance is what momentum decoding's definition takes of the rows' logits and texts.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Pending } from "../../../seam/pending.js";
import { resist } from "../../../seam/questions/resist.js";
import type { Selected } from "../../../seam/questions/sample.js";
import { GREEDY } from "../../../seam/sampler.js";
import type { Session } from "../../../seam/session.js";
import { definedChoice } from "../../../testing/defined-length.js";
import { fileDevice } from "../../../testing/file-device.js";
import { tinyModel } from "../../../testing/tiny-model.js";
import type { TokenId } from "../../../vocabulary/events.js";
import type { WebGpuModel } from "./webgpu-model.js";

const CONTEXT = 41;
const VOCAB = 67;
const SUPPRESSED = 65;
const SAMPLER = { ...GREEDY, suppress: [SUPPRESSED, 66] };
const RESISTANCE = [0, 0.1, 0.3, 0.4, 0.6, Infinity];

const gpu = await fileDevice();
let model: WebGpuModel;
let session: Session;
beforeAll(async () => {
  const reading = { inPlace: false, maskToken: null, bidirectional: false, blockLengths: [] };
  model = await tinyModel(gpu, 3, { vocabSize: VOCAB, maxLength: CONTEXT, ...reading });
  session = model.session();
});
afterAll(() => {
  session.dispose();
  model.dispose();
});
beforeEach(() => session.truncate(0));

const ask = (k: number) => resist(SAMPLER, { k, resistance: RESISTANCE });
const read = (tokens: readonly TokenId[], on = session) =>
  on.forward({ tokens, attend: "causal", rows: "last", keep: tokens.length });

/** What the definition takes behind a text, by the logits of its last row; and how many tokens the candidates repeat. */
function defined(logits: Float32Array, text: readonly TokenId[], k: number) {
  const weights = Array.from(logits, (logit, id) => (id >= SUPPRESSED ? 0 : Math.exp(logit)));
  const total = weights.reduce((a, b) => a + b);
  const candidates = weights
    .map((weight, token) => ({ token, probability: weight / total }))
    .sort((a, b) => b.probability - a.probability)
    .slice(0, k);
  const { place, lengths } = definedChoice(candidates, text, RESISTANCE);
  return { ...candidates[place], place, lengths };
}

describe.each([1, 5, 10, 64])("of %d candidates", (k) => {
  it("each is taken by the text so far, from its first token to the context's end, and none is waited for", async () => {
    const taken: Pending<Selected[]>[] = [read([3]).ask(ask(k))];
    while (session.length < CONTEXT) {
      const tokens = [taken[taken.length - 1].ref(0)];
      taken.push(session.forward({ tokens, attend: "causal", keep: 1 }).ask(ask(k)));
    }
    const written = await Promise.all(taken.map((pending) => pending.read()));
    const text = [3, ...written.map(([{ token }]) => token)];
    const other = model.session();
    const logits = await other.forward({ tokens: text.slice(0, CONTEXT), attend: "causal", keep: 0 }).logits();
    other.dispose();
    const places = new Set<number>();
    const lengths = new Set<number>();
    for (const [row, [{ token, logprob }]] of written.entries()) {
      const own = logits.subarray(row * VOCAB, (row + 1) * VOCAB);
      const expected = defined(own, text.slice(0, row + 1), k);
      expect(token).toBe(expected.token);
      expect(logprob).toBeCloseTo(Math.log(expected.probability), 4);
      places.add(expected.place);
      for (const length of expected.lengths) lengths.add(length);
    }
    if (k > 1) expect(Math.min(places.size, lengths.size)).toBeGreaterThan(1);
  });
});

it("every row of a chain and of a tree takes by what it saw itself", async () => {
  const kept = [5, 9, 5, 9, 7, 5, 9];
  const check = async (rows: ReturnType<typeof read>, texts: readonly (readonly TokenId[])[]) => {
    const taken = await rows.ask(ask(10)).read();
    const logits = await rows.logits();
    for (const [row, text] of texts.entries()) {
      const expected = defined(logits.subarray(row * VOCAB, (row + 1) * VOCAB), text, 10);
      expect(taken[row].token).toBe(expected.token);
    }
  };
  const chain = session.forward({ tokens: kept, attend: "causal", keep: kept.length });
  await check(
    chain,
    kept.map((_, row) => kept.slice(0, row + 1)),
  );
  const paths = [[5], [9], [5, 9], [9, 5], [5, 9, 7]];
  const tree = { tokens: [5, 9, 9, 5, 7], attend: { parents: [-1, -1, 0, 1, 2] }, keep: 0 };
  const branches = session.forward(tree);
  await check(
    branches,
    paths.map((path) => [...kept, ...path]),
  );
  session.keep([0, 2]);
  expect(() => branches.ask(ask(10))).toThrow(/before a path of it is kept/);
});

it("what was cut off is no part of the text, and a fork goes on from the same one", async () => {
  const kept = [5, 9, 5, 9, 7];
  read([...kept, 1, 2, 3, 4, 5, 6, 7, 8]);
  session.truncate(kept.length);
  const fork = session.fork();
  for (const on of [session, fork]) {
    for (const text of [
      [...kept, 5],
      [...kept, 5, 9],
    ]) {
      const rows = read(text.slice(-1), on);
      const [{ token }] = await rows.ask(ask(64)).read();
      expect(token).toBe(defined(await rows.logits(), text, 64).token);
    }
  }
  fork.dispose();
});

it("of a padded vocabulary no id is taken that stands for no token", async () => {
  for (let token = 0; token < 20; token++) {
    const [taken] = await read([token]).ask(ask(64)).read();
    expect(taken.token).toBeLessThan(SUPPRESSED);
  }
});
