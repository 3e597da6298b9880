// A measured selection and the two memories of rows, against float64: memory_divergence, memory_credit and memory_sum, with
// memory_place.
import { describe, expect, it } from "vitest";
import type { Measured } from "../../../seam/questions/measure.js";
import { GREEDY, type Sampler } from "../../../seam/sampler.js";
import { divergence, measure, withCredit } from "../../../sampling/measure.js";
import { RowMemoryStore } from "./row-memory.js";
import type { MemoryRule } from "../../../seam/questions/measure.js";
import { Select } from "./select.js";
import { MEASURED_WORDS, SELECT_WORDS } from "./selection.js";
import { numbers } from "../../../testing/test-bed.js";
import { fileBed } from "../../../testing/file-device.js";

const NONE = 0xffffffff;
const MASK = 1;
const SAMPLERS: [string, Sampler][] = [
  ["greedy", { ...GREEDY, suppress: [MASK] }],
  ["drawn", { ...GREEDY, temperature: 1, seed: 5, suppress: [MASK] }],
  ["filtered", { ...GREEDY, temperature: 0.8, topK: 3, topP: 0.9, seed: 6, suppress: [MASK] }],
];

const bed = await fileBed();

/** Rows of a vocabulary at positions 5, 8, 11, …: in place, so that each fills its own. */
class Measuring {
  private readonly select: Select;
  private readonly logits: GPUBuffer;
  private readonly bias: GPUBuffer;
  readonly positions: number[];
  readonly store: RowMemoryStore;

  constructor(
    readonly vocab: number,
    readonly numRows: number,
  ) {
    this.positions = Array.from({ length: numRows }, (_, l) => 5 + 3 * l);
    this.logits = bed.empty("logits", numRows * vocab);
    this.bias = bed.floats("bias", numbers(1, vocab).fill(0));
    const records = this.positions.flatMap((position, l) => [0, position, l, l, l + 1, 0, NONE, l]);
    const rows = bed.words("rows", records);
    const slots = bed.empty("slots", numRows * 4);
    const { gpu } = bed;
    const shape = { vocab, maxRows: numRows };
    this.select = new Select(gpu, gpu.arena, shape, { logits: this.logits, rows, slots, bias: this.bias });
    this.store = new RowMemoryStore(gpu, gpu.arena, vocab);
  }

  async run(logits: Float32Array<ArrayBuffer>, sampler: Sampler, isRemembered: boolean) {
    const { device, queue, results } = bed.gpu;
    const { numRows, store } = this;
    queue.flush();
    device.queue.writeBuffer(this.logits, 0, logits);
    device.queue.writeBuffer(this.bias, MASK * 4, Float32Array.of(-1e30));
    const numWords = numRows * (SELECT_WORDS + MEASURED_WORDS);
    const { seed, temperature, topK, topP, minP } = sampler;
    const selection = {
      numRows,
      rowsList: bed.inputs(this.positions.map((_, l) => l)),
      result: results.reserve(numWords).offset,
      fillsNext: false,
      draw: 0,
      purpose: 0,
      depth: 0,
      penalty: 1,
      maskToken: MASK,
      maxKeys: numRows,
      ...{ seed, temperature, topK, topP, minP },
    };
    const kernels = store.kernels({ logits: this.logits, bias: this.bias });
    const remember = (at: number) => store.record(kernels, { numRows, result: selection.result }, at);
    const known = isRemembered ? store.place(this.positions) : null;
    const { keeps } = store.rule;
    if (known && keeps === "credit") {
      this.select.record({ ...selection, temperature: 0 }, { isMeasured: true });
      remember(known.at);
    }
    this.select.record(selection, { isMeasured: true });
    if (known && keeps === "law") remember(known.at);
    const words = await bed.readWords(results.buffer, numWords, selection.result);
    const floats = new Float32Array(words.buffer);
    return this.positions.map((_, l): Measured => {
      const at = numRows * SELECT_WORDS + l * MEASURED_WORDS;
      return {
        token: words[l * 2],
        logprob: floats[l * 2 + 1],
        entropy: floats[numRows * 2 + l * 2],
        top: { token: words[at], logprob: floats[at + 1] },
        secondLogprob: floats[at + 2],
        divergence: known?.isKnown[l] && keeps === "law" ? floats[at + 3] : null,
        given: null,
      };
    });
  }

  row(logits: Float32Array, l: number): Float32Array {
    return logits.subarray(l * this.vocab, (l + 1) * this.vocab);
  }
}

function expectClose(actual: Measured, expected: Measured): void {
  expect([actual.token, actual.top.token]).toEqual([expected.token, expected.top.token]);
  expect(actual.logprob).toBeCloseTo(expected.logprob, 4);
  expect(actual.entropy).toBeCloseTo(expected.entropy, 4);
  expect(actual.top.logprob).toBeCloseTo(expected.top.logprob, 4);
  expect(actual.secondLogprob).toBeCloseTo(expected.secondLogprob, 4);
}

const VOCABS = [5, 33, 4096, 4099];
const scaled = (seed: number, length: number) => numbers(seed, length).map((value) => value * 6);
/** Steps of a half: ties everywhere, also for the first place. */
const stepped = (seed: number, length: number) => numbers(seed, length).map((value) => Math.round(value * 8) / 2);

describe.each(SAMPLERS)("a measured selection, %s", (_name, sampler) => {
  it.each(VOCABS)("has the draw, the entropy and the two likeliest of %i tokens", async (vocab) => {
    const rows = new Measuring(vocab, 6);
    for (const logits of [scaled(vocab, 6 * vocab), stepped(vocab, 6 * vocab)]) {
      const measured = await rows.run(logits, sampler, false);
      for (const [l, position] of rows.positions.entries())
        expectClose(measured[l], measure(rows.row(logits, l), sampler, { position, draw: 0, history: [] }));
    }
  });
});

describe("a memory of laws", () => {
  it.each(VOCABS)("gives the divergence from the step before, for %i tokens", async (vocab) => {
    const rows = new Measuring(vocab, 3);
    const sampler = SAMPLERS[1][1];
    rows.store.restart({ keeps: "law" });
    const steps = [1, 2, 3].map((seed) => scaled(seed * 100 + vocab, 3 * vocab));
    expect((await rows.run(steps[0], sampler, true)).map(({ divergence }) => divergence)).toEqual([null, null, null]);
    for (const i of [1, 2]) {
      const measured = await rows.run(steps[i], sampler, true);
      for (let l = 0; l < 3; l++) {
        const expected = divergence(rows.row(steps[i], l), rows.row(steps[i - 1], l), [MASK]);
        expect(Math.abs((measured[l].divergence ?? Number.NaN) - expected)).toBeLessThan(1e-4 * (1 + expected));
      }
    }
    const [same] = await rows.run(steps[2], sampler, true);
    expect(Math.abs(same.divergence ?? Number.NaN)).toBeLessThan(1e-5);
    rows.store.restart({ keeps: "law" });
    expect((await rows.run(steps[0], sampler, true))[0].divergence).toBeNull();
  });
});

describe("a memory of credits", () => {
  it.each(VOCABS)("adds to the logits of %i tokens what those that were likeliest have earned", async (vocab) => {
    const rows = new Measuring(vocab, 3);
    const rule: MemoryRule & { keeps: "credit" } = { keeps: "credit", decay: 0.8, power: 0.2, weight: 2.5 };
    for (const [, sampler] of SAMPLERS) {
      rows.store.restart(rule);
      const credits: (Float64Array | null)[] = [null, null, null];
      for (const seed of [1, 2, 1, 3]) {
        const logits = scaled(seed * 50 + vocab, 3 * vocab);
        const measured = await rows.run(logits, sampler, true);
        for (const [l, position] of rows.positions.entries()) {
          const credited = withCredit(rows.row(logits, l), credits[l], rule, [MASK]);
          credits[l] = credited.credits;
          expectClose(measured[l], measure(credited.logits, sampler, { position, draw: 0, history: [] }));
        }
      }
    }
  });
});
