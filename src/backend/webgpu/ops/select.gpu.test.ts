// select_chunks, select_merge, process_logits, history_clear, history_mark, and filter_bound, filter_gather,
// filter_bins, filter_pick, filter_cut with filter_state: against the float64 chain of sampling/processors.
import { describe, expect, it } from "vitest";
import type { Sampler } from "../../../seam/sampler.js";
import { probabilities, select as oracle } from "../../../sampling/processors.js";
import { IS_WHOLE } from "../../../testing/test-depth.js";
import { Select } from "./select.js";
import { fileBed } from "../../../testing/file-device.js";
import { type Drawn, MASK, PLAIN, scaled, stepped, TestLogits } from "../../../testing/test-logits.js";

const NONE = 0xffffffff;

const bed = await fileBed();

function expectSame(actual: Drawn[], expected: Drawn[]): void {
  expect(actual.map(({ token }) => token)).toEqual(expected.map(({ token }) => token));
  actual.forEach((selected, i) => {
    expect(selected.logprob).toBeCloseTo(expected[i].logprob, 4);
    expect(selected.entropy).toBeCloseTo(expected[i].entropy, 4);
  });
}

/** The same row many times: the draws differ by position. */
const repeat = (row: Float32Array, count: number) =>
  Float32Array.from({ length: row.length * count }, (_, i) => row[i % row.length]);
/** Other rows of the same kind, with their greatest value in every part of the vocabulary. */
const rowsOf = (make: (seed: number, length: number) => Float32Array, vocab: number, count: number) =>
  Float32Array.from(
    Array.from({ length: count }, (_, l) => {
      const row = make(8 + l, vocab);
      row[(l * 37) % vocab] = 4.5;
      return Array.from(row);
    }).flat(),
  );

describe("selection agrees with float64", () => {
  it.each([1, 7, 64, 67, 300, 4096, 16387])("for a vocabulary of %i, greedy and drawn", async (vocab) => {
    const logits = new TestLogits(bed, scaled(vocab, vocab * 5, 6), vocab);
    expectSame(await logits.sample({ ...PLAIN, temperature: 0 }), logits.expected({ ...PLAIN, temperature: 0 }));
    for (let draw = 0; draw < 4; draw++) expectSame(await logits.sample(PLAIN, draw), logits.expected(PLAIN, draw));
  });

  it("for rows of equal logits and ties: the lowest id", async () => {
    const vocab = 193;
    const greedy = { ...PLAIN, temperature: 0 };
    const flat = new TestLogits(bed, new Float32Array(vocab * 2).fill(-3), vocab);
    expect((await flat.sample(greedy)).map(({ token }) => token)).toEqual([0, 0]);
    const tied = new Float32Array(vocab);
    for (const id of [70, 131, 192]) tied[id] = 5;
    const [selected] = await new TestLogits(bed, tied, vocab).sample(greedy);
    expect(selected.token).toBe(70);
    const chain = await new TestLogits(bed, tied, vocab).sample({
      ...greedy,
      repetitionPenalty: 1.5,
      topK: 2,
      topP: 0.5,
    });
    expect(chain[0].token).toBe(70);
  });

  const CHAINS: [string, Partial<Sampler>][] = [
    ["temperature", { temperature: 0.3 }],
    ["a high temperature", { temperature: 3 }],
    ["top-k", { topK: 5 }],
    ["top-k of one", { topK: 1 }],
    ["top-k beyond the vocabulary", { topK: 1000 }],
    ["top-p", { topP: 0.7 }],
    ["a tiny top-p", { topP: 1e-6 }],
    ["top-p close to one", { topP: 0.999 }],
    ["min-p", { minP: 0.2 }],
    ["a penalty", { repetitionPenalty: 1.7 }],
    ["a penalty, greedy", { repetitionPenalty: 1.7, temperature: 0 }],
    [
      "a bias and suppressed ids",
      {
        logitBias: new Map([
          [9, 4],
          [10, -3],
        ]),
        suppress: [0, MASK, 66],
      },
    ],
    [
      "everything at once",
      {
        temperature: 0.8,
        topK: 40,
        topP: 0.85,
        minP: 0.02,
        repetitionPenalty: 1.2,
        suppress: [MASK],
        logitBias: new Map([[5, 2]]),
      },
    ],
    [
      "everything at once, greedy",
      { temperature: 0, topK: 40, topP: 0.85, minP: 0.02, repetitionPenalty: 1.2, suppress: [MASK] },
    ],
  ];

  describe.each<[string, (seed: number, length: number) => Float32Array]>([
    ["logits without ties", (seed, length) => scaled(seed, length, 4)],
    ["logits full of ties", stepped],
  ])("on %s", (_title, make) => {
    it.each(CHAINS)("under %s, at 64 positions and five draws", async (_name, change) => {
      const sampler = { ...PLAIN, ...change };
      const logits = new TestLogits(bed, rowsOf(make, 131, 64), 131);
      for (let draw = 0; draw < 5; draw++) {
        expectSame(await logits.sample(sampler, draw), logits.expected(sampler, draw));
      }
    });
  });

  it("never draws an id outside top-k, top-p or min-p, nor a suppressed one, and draws all others", async () => {
    const vocab = 67;
    const sampler = { ...PLAIN, temperature: 2, topK: 12, topP: 0.95, minP: 0.3, suppress: [MASK, 5] };
    const logits = new TestLogits(bed, repeat(stepped(3, vocab), 64), vocab);
    const law = probabilities(logits.row(0), sampler, []);
    const allowed = Array.from(law.keys()).filter((id) => law[id] > 0);
    const seen = new Set<number>();
    for (let draw = 0; draw < 30; draw++) for (const { token } of await logits.sample(sampler, draw)) seen.add(token);
    expect([...seen].sort((a, b) => a - b)).toEqual(allowed);
    expect(allowed.length).toBeGreaterThan(3);
  });

  it.each<[string, Partial<Sampler>, number]>([
    ["greedy", { temperature: 0 }, 2],
    ["greedy under filters, which can't change it", { temperature: 0, topK: 40, topP: 0.9, minP: 0.1 }, 2],
    ["temperature", {}, 2],
    ["min-p", { minP: 0.1 }, 4],
    ["top-k", { topK: 40 }, 6],
    ["top-p", { topP: 0.95 }, 8],
    ["top-k, top-p and min-p", { topK: 40, topP: 0.95, minP: 0.05 }, 6],
    ["all of them and a penalty", { topK: 40, topP: 0.95, minP: 0.05, repetitionPenalty: 1.1 }, 8],
  ])("takes for %s the same few dispatches for one row and for many", async (_title, change, dispatches) => {
    for (const count of [1, 64]) {
      const logits = new TestLogits(bed, scaled(2, 300 * count, 4), 300);
      const before = bed.gpu.queue.dispatchCount;
      await logits.sample({ ...PLAIN, ...change });
      expect(bed.gpu.queue.dispatchCount - before).toBe(dispatches);
    }
  });

  it.each<[string, Partial<Sampler>]>([
    ["top-k of as many as there are chunks", { topK: 64 }],
    ["top-k of nearly all", { topK: 4000 }],
    ["top-p", { topP: 0.95 }],
    ["top-p close to one", { topP: 0.9999 }],
    ["top-k and top-p", { topK: 40, topP: 0.95, minP: 0.01 }],
  ])("keeps what float64 keeps of 4096 logits, flat, peaked or tied, under %s", async (_title, change) => {
    const sampler = { ...PLAIN, ...change };
    const rows = [scaled(5, 4096, 1), scaled(6, 4096, 12), stepped(7, 4096), new Float32Array(4096)];
    const logits = new TestLogits(bed, Float32Array.from(rows.flatMap((row) => Array.from(row))), 4096);
    for (let draw = 0; draw < 6; draw++) expectSame(await logits.sample(sampler, draw), logits.expected(sampler, draw));
  });

  it.each([0, 1, 2, 3])(
    "keeps what float64 keeps of 4096 logits whose greatest ones lie in three chunks (order %i)",
    async (turn) => {
      // The k-th value is the bound, and what equals a bound is kept: two tie for the third place.
      const places = [70, 1500, 2900, 4000];
      const row = new Float32Array(4096);
      [8, 7, 6, 6].forEach((value, i) => {
        row[places[(i + turn) % 4]] = value;
      });
      const logits = new TestLogits(bed, repeat(row, 64), 4096);
      for (const change of [
        { topK: 3 },
        { topK: 1 },
        { topK: 4 },
        { topK: 3, topP: 0.99 },
        { topP: 0.1 },
        { minP: Math.exp(-2) },
      ]) {
        const sampler = { ...PLAIN, temperature: 1, ...change };
        for (let draw = 0; draw < 2; draw++)
          expectSame(await logits.sample(sampler, draw), logits.expected(sampler, draw));
      }
      const drawn = new Set<number>();
      for (let draw = 0; draw < 6; draw++) {
        for (const { token } of await logits.sample({ ...PLAIN, temperature: 9, topK: 3 }, draw)) drawn.add(token);
      }
      expect([...drawn].sort((a, b) => a - b)).toEqual(places);
    },
  );

  it.each([0.5, 0.95, 0.9999])("keeps what float64 keeps of 151936 logits under top-p %f", async (topP) => {
    const vocab = 151936;
    const sampler = { ...PLAIN, topP };
    const rows = [scaled(5, vocab, 1), scaled(6, vocab, 20), stepped(7, vocab), new Float32Array(vocab)];
    const values = new Float32Array(vocab * rows.length);
    rows.forEach((row, l) => {
      values.set(row, l * vocab);
    });
    const logits = new TestLogits(bed, values, vocab);
    for (let draw = 0; draw < 2; draw++) expectSame(await logits.sample(sampler, draw), logits.expected(sampler, draw));
  });

  it("leaves an id of .999 for 50,000 of 2e-8 as often as it should, which a uniform of 24 bits can't", async () => {
    const others = 50_000;
    const row = new Float32Array(others + 1).fill(Math.log(2e-8));
    row[others] = Math.log(0.999);
    const logits = new TestLogits(bed, repeat(row, 64), others + 1);
    /** Of the first 110 draws for 64 positions, these leave it in one row each, by a search in float64. */
    const leaving = [4, 14, 18, 26, 31, 34, 35, 49, 75, 86, 95, 104, 109];
    /** These nearly do. */
    const staying = [8, 62];
    const left: number[] = [];
    const draws = IS_WHOLE ? Array.from({ length: 110 }, (_, draw) => draw) : [...leaving.slice(0, 4), ...staying];
    for (const draw of draws) {
      const tokens = (await logits.sample(PLAIN, draw)).map(({ token }) => token);
      const leaves = tokens.findIndex((token) => token !== others);
      if (leaves < 0) continue;
      left.push(draw);
      // One row's float64 race; the others' don't leave, as the search says.
      const expected = oracle(row, PLAIN, { position: 3 * leaves + 1, draw, history: logits.history(leaves) });
      expect(tokens.map((token, l) => (l === leaves ? expected.token : token))).toEqual(tokens);
      expect(tokens.filter((token) => token !== others)).toHaveLength(1);
    }
    expect(left).toEqual(IS_WHOLE ? leaving : leaving.slice(0, 4));
    // 64 x 110 x .001 are due. (Searched on, float64 has 111 of 100,032 draws leave, where 100 are due.)
    expect(Math.abs(leaving.length - 7.04)).toBeLessThan(4 * Math.sqrt(7.04));
  }, 300_000);

  it("takes no mask for a part of the history", async () => {
    // Row 3 saw the mask: were it penalised, 1 would be the greatest.
    const row = new Float32Array(9).map((_, id) => (id === MASK ? 4 : id === 1 ? 3 : 0));
    const logits = new TestLogits(bed, repeat(row, 4), 9);
    expect(logits.tokens[3]).toBe(MASK);
    const selected = await logits.sample({ ...PLAIN, temperature: 0, repetitionPenalty: 2 });
    expect(selected[3].token).toBe(MASK);
  });

  it("keeps a tree row's history to its own ancestors", async () => {
    const vocab = 70;
    const base = 2;
    const tokens = [30, 31, 40, 41, 42];
    const list = bed.inputs([0, 2]);
    // Row 0 is forward row 2, a child of row 0 beside row 1: it must not see token 41.
    const records = tokens.flatMap((token, slot) => [token, slot, slot, slot, slot + 1, 0, NONE, slot]);
    records.splice(4 * 8, 8, 42, 3, 4, 0xfffffffe, base + 2, base, list, 4);
    const bias = bed.empty("bias", vocab);
    const select = new Select(
      bed.gpu,
      bed.gpu.arena,
      { vocab, maxRows: 1 },
      {
        logits: bed.floats(
          "logits",
          new Float32Array(vocab).map((_, id) => (tokens.includes(id) ? 3 : 1)),
        ),
        rows: bed.words("rows", records),
        slots: bed.words(
          "slots",
          tokens.flatMap((token, slot) => [slot, slot, token, 0]),
        ),
        bias,
      },
    );
    const { offset } = bed.gpu.results.reserve(4);
    select.record({
      numRows: 1,
      rowsList: bed.inputs([4]),
      result: offset,
      fillsNext: true,
      draw: 0,
      purpose: 0,
      depth: 0,
      seed: 0,
      temperature: 0,
      penalty: 10,
      topK: 0,
      topP: 1,
      minP: 0,
      maskToken: -1,
      maxKeys: 5,
    });
    expect((await bed.readWords(bed.gpu.results.buffer, 1, offset))[0]).toBe(41);
  });
});
