import { Select } from "../backend/webgpu/ops/select.js";
import { SELECT_WORDS, SELECTED_WORDS } from "../backend/webgpu/ops/selection.js";
import { select as oracle } from "../sampling/processors.js";
import { GREEDY, type Sampler } from "../seam/sampler.js";
import { numbers, type TestBed } from "./test-bed.js";

const NONE = 0xffffffff;
/** The token that no history counts. */
export const MASK = 2;
/** Draws from the model's own law. */
export const PLAIN: Sampler = { ...GREEDY, temperature: 1, seed: 11 };

/** What a selection says of a row. */
export type Drawn = ReturnType<typeof oracle>;

/** `L` rows of logits with all that a selection reads beside them. Row l stands at position 3 l and sees slots 0 to l. */
export class TestLogits {
  readonly tokens: number[];
  private readonly select: Select;
  private readonly bias: GPUBuffer;

  constructor(
    private readonly bed: TestBed,
    readonly values: Float32Array,
    readonly vocab: number,
  ) {
    const count = this.count;
    this.tokens = Array.from({ length: count }, (_, slot) => (slot % 5 === 3 ? MASK : (slot * 7) % vocab));
    const records = this.tokens.flatMap((token, l) => [token, 3 * l, l, l, l + 1, 0, NONE, l]);
    this.bias = this.bed.empty("bias", vocab);
    this.select = new Select(
      this.bed.gpu,
      this.bed.gpu.arena,
      { vocab, maxRows: count },
      {
        logits: this.bed.floats("logits", values),
        rows: this.bed.words("rows", records),
        slots: this.bed.words(
          "slots",
          this.tokens.flatMap((token, slot) => [slot, slot, token, 0]),
        ),
        bias: this.bias,
      },
    );
  }

  get count(): number {
    return this.values.length / this.vocab;
  }

  row(l: number): Float32Array {
    return this.values.subarray(l * this.vocab, (l + 1) * this.vocab);
  }

  history(l: number): number[] {
    return this.tokens.slice(0, l + 1).filter((token) => token !== MASK);
  }

  private selection(sampler: Sampler, draw: number, extraWords: number, rows: number[]) {
    const { device, queue, results } = this.bed.gpu;
    const bias = new Float32Array(this.vocab);
    for (const [token, value] of sampler.logitBias) bias[token] = value;
    for (const token of sampler.suppress) bias[token] = -1e30;
    queue.flush();
    device.queue.writeBuffer(this.bias, 0, bias);
    return {
      numRows: rows.length,
      rowsList: this.bed.inputs(rows),
      result: results.reserve(rows.length * SELECT_WORDS + extraWords).offset,
      fillsNext: true,
      draw,
      purpose: 0,
      depth: 0,
      seed: sampler.seed,
      temperature: sampler.temperature,
      penalty: sampler.repetitionPenalty,
      topK: sampler.topK,
      topP: sampler.topP,
      minP: sampler.minP,
      maskToken: MASK,
      maxKeys: this.count,
    };
  }

  async sample(sampler: Sampler, draw = 0): Promise<Drawn[]> {
    const rows = Array.from({ length: this.count }, (_, l) => l);
    const selection = this.selection(sampler, draw, 0, rows);
    this.select.record(selection);
    const words = await this.bed.readWords(this.bed.gpu.results.buffer, rows.length * SELECT_WORDS, selection.result);
    const floats = new Float32Array(words.buffer);
    const law = rows.length * SELECTED_WORDS;
    return rows.map((l) => ({ token: words[l * 2], logprob: floats[l * 2 + 1], entropy: floats[law + l * 2] }));
  }

  async topK(k: number, suppress: readonly number[] = []): Promise<{ token: number; logprob: number }[][]> {
    const rows = Array.from({ length: this.count }, (_, l) => l);
    const selection = this.selection({ ...PLAIN, suppress }, 0, rows.length * k * 2, rows);
    this.select.recordTopK(selection, k);
    const start = selection.result + rows.length * SELECT_WORDS;
    const words = await this.bed.readWords(this.bed.gpu.results.buffer, rows.length * k * 2, start);
    const floats = new Float32Array(words.buffer);
    return rows.map((l) =>
      Array.from({ length: k }, (_, j) => ({ token: words[(l * k + j) * 2], logprob: floats[(l * k + j) * 2 + 1] })),
    );
  }

  expected(sampler: Sampler, draw = 0): Drawn[] {
    return Array.from({ length: this.count }, (_, l) =>
      oracle(this.row(l), sampler, { position: 3 * l + 1, draw, history: this.history(l) }),
    );
  }
}

/** Logits in (-scale, scale). */
export const scaled = (seed: number, length: number, scale: number) =>
  numbers(seed, length).map((value) => value * scale);

/** Steps of a half: ties everywhere. */
export const stepped = (seed: number, length: number) =>
  numbers(seed, length).map((value) => Math.round(value * 8) / 2);
