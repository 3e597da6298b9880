import { checkSelection } from "../../../seam/row-limits.js";
import { invariant } from "../../../vocabulary/errors.js";
import type { TokenId } from "../../../vocabulary/events.js";
import { PURPOSE } from "../../../sampling/noise.js";
import { type RowInput, tokenOf } from "../../../seam/row-input.js";
import type { Selected } from "../../../seam/questions/sample.js";
import type { Rows } from "../../../seam/rows.js";
import type { Sampler } from "../../../seam/sampler.js";
import { floatBits } from "../gpu/queue.js";
import { SELECT_WORDS, SELECTED_WORDS, type Selection } from "../ops/selection.js";
import { type SelectStep, selectStep } from "../ops/select-step.js";
import type { LogitRows } from "./logit-rows.js";
import { checkedToken, explained, NotFinite } from "./not-finite.js";
import { GpuPending, type ResultLayout } from "./pending.js";
import type { Sequence } from "./sequence.js";
import type { ScratchRows } from "./promotion.js";
import type { VerdictContext } from "./verdict.js";

const NONE = 0xffffffff;

/** Facts of the forward that made these rows. */
export interface RowsOrigin {
  /** Word in the inputs ring where the list of logit rows starts. */
  rowsList: number;
  /** Whether the inputs ring still holds the forward's inputs. */
  hasInputs(): boolean;
  /** Set for trees, whose rows also read the paths among the forward's inputs. */
  hasPaths: boolean;
  rows: readonly number[];
  /** The inputs of all of the forward's rows. */
  tokens: readonly RowInput[];
  /** Tree parents by forward row; null where the logit rows don't branch. */
  parents: readonly number[] | null;
  keep: number;
  maxKeys: number;
}

/** The logit rows of one forward on the GPU, and how a selection of them is enqueued: what answers are made of. */
export class ForwardRows {
  private readonly generation: number;
  private readonly revision: number;

  constructor(
    readonly sequence: Sequence,
    readonly logitRows: LogitRows,
    public origin: RowsOrigin,
  ) {
    this.generation = sequence.generation;
    this.revision = sequence.revision;
  }

  get count(): number {
    return this.origin.rows.length;
  }

  blend(other: Rows, share: number): void {
    this.checkAlive();
    invariant(
      other instanceof ForwardRows && other.sequence !== this.sequence,
      "rows are mixed with those of another session",
    );
    other.checkAlive();
    const { logitRows } = this;
    const { model, counts } = this.sequence;
    const vocab = model.capabilities.vocabSize;
    invariant(other.count <= this.count, `${other.count} rows are mixed into ${this.count}`);
    const numRows = other.count;
    const width = other.sequence.model.capabilities.vocabSize;
    const step = selectStep(model.gpu.queue, { numRows, vocab, width, weight: floatBits(share) });
    logitRows.blend(other.logitRows.logits).record(step, numRows * vocab);
    counts.dispatches++;
  }

  async logits(): Promise<Float32Array> {
    this.checkAlive();
    const { gpu, capabilities } = this.sequence.model;
    const byteLength = this.count * capabilities.vocabSize * 4;
    this.sequence.counts.readbackBytes += byteLength;
    const logits = new Float32Array(await gpu.queue.read(this.logitRows.logits, 0, byteLength));
    if (!logits.every(Number.isFinite)) return explained(new NotFinite(this.sequence));
    return logits;
  }

  /** Writes the parent of each logit row, itself by logit row, and further words behind; returns where they start. */
  writeParents(more: readonly number[] = []): number {
    const { rows, parents } = this.origin;
    const n = this.count;
    const { inputs } = this.sequence.model.gpu.queue;
    const start = inputs.reserve(n + more.length);
    for (let i = 0; i < n; i++) {
      const parent = i === 0 ? NONE : parents ? rows.indexOf(parents[rows[i]]) : i - 1;
      invariant(i === 0 || (parent >= 0 && parent < i), `the parent of logit row ${i} has no logits before it`);
      inputs.setWord(start + i, parent);
    }
    for (const [i, word] of more.entries()) inputs.setWord(start + n + i, word);
    return start;
  }

  /** Enqueues a selection of a token a row, and `then` what else comes of it. */
  select<T>(
    sampler: Sampler,
    draw: number,
    extraWords: number,
    layout: ResultLayout<T>,
    then?: (selection: Selection) => void,
  ): GpuPending<T> {
    const words = this.count * SELECT_WORDS + extraWords;
    return this.enqueue(sampler, draw, words, layout, (selection) => {
      this.logitRows.select.record(selection);
      then?.(selection);
    });
  }

  /** Enqueues what `record` records of a selection into `numWords` of results. */
  enqueue<T>(
    sampler: Sampler,
    draw: number,
    numWords: number,
    layout: ResultLayout<T>,
    record: (selection: Selection) => void,
  ): GpuPending<T> {
    this.checkAlive();
    checkSelection(this.count);
    invariant(this.count > 0, "selection takes rows");
    if (sampler.repetitionPenalty !== 1) this.checkHistory();
    const { logitRows } = this;
    const { model, counts } = this.sequence;
    const before = model.gpu.queue.dispatchCount;
    logitRows.useSampler(sampler);
    const region = model.gpu.results.reserve(numWords);
    record({
      numRows: this.count,
      rowsList: this.origin.rowsList,
      result: region.offset,
      fillsNext: !model.capabilities.inPlace,
      draw,
      purpose: PURPOSE.token,
      depth: 0,
      seed: sampler.seed,
      temperature: sampler.temperature,
      penalty: sampler.repetitionPenalty,
      topK: sampler.topK,
      topP: sampler.topP,
      minP: sampler.minP,
      maskToken: model.capabilities.maskToken ?? -1,
      maxKeys: this.origin.maxKeys,
    });
    counts.dispatches += model.gpu.queue.dispatchCount - before;
    const onReadback = (byteLength: number) => {
      counts.readbackBytes += byteLength;
    };
    return new GpuPending(model.gpu, region, layout, onReadback, this.sequence);
  }

  /** A token that was read back. */
  checked(token: TokenId): TokenId {
    return checkedToken(token, this.sequence);
  }

  /** The layout of results that are select records alone. */
  selectedLayout(): ResultLayout<Selected[]> {
    const numRows = this.count;
    return {
      start: 0,
      numWords: numRows * SELECTED_WORDS,
      decode: (words, floats) =>
        Array.from({ length: numRows }, (_, i) => ({
          token: this.checked(words[i * SELECTED_WORDS]),
          logprob: floats[i * SELECTED_WORDS + 1],
        })),
      tokenWord: (pick) => Number(pick) * SELECTED_WORDS,
    };
  }

  /** Throws when the tokens that these rows saw are others by now: a tree's slots are, once a path was kept. */
  checkHistory(): void {
    const isInPlace = !this.origin.hasPaths || this.revision === this.sequence.revision;
    invariant(isInPlace, "a tree's rows are asked before a path of it is kept");
  }

  /** What a verdict needs to know of this forward. */
  verdictContext(): VerdictContext {
    const { rows, keep, tokens } = this.origin;
    const { sequence } = this;
    const drafterOf = (draft: number) => {
      const token = tokenOf(tokens[rows[draft + 1]]);
      return token !== null && typeof token !== "number" && token.pending instanceof GpuPending
        ? token.pending.maker
        : sequence;
    };
    const keepMatches = rows[0] === keep - 1;
    return { ...this.scratch(), keepMatches, maker: sequence, drafterOf };
  }

  /** What promoting rows of this forward needs to know of it. */
  scratch(): ScratchRows {
    this.checkAlive();
    const { keep, rowsList } = this.origin;
    return { numRows: this.count, rowsList, numKept: keep, sequence: this.sequence, revision: this.revision };
  }

  /** A step block for the kernels behind a selection. */
  smallStep(selection: Selection, fields: SelectStep): number {
    return selectStep(this.sequence.model.gpu.queue, { ...this.stepFields(selection), ...fields });
  }

  /** What kernels behind a selection need of it. */
  stepFields({ numRows, rowsList, result, seed, fillsNext }: Selection): SelectStep {
    return { numRows, rowsList, result, seed, fillsNext: fillsNext ? 1 : 0 };
  }

  private checkAlive(): void {
    invariant(this.generation === this.sequence.generation, "these rows died at the session's next forward");
    const { origin } = this;
    if (origin.hasInputs()) return;
    // Other sessions' forwards have overwritten them since: as those of a model that weighs many fillings of long texts.
    invariant(!origin.hasPaths, "a tree's rows were kept until other sessions' forwards had overwritten their inputs");
    const { inputs } = this.sequence.model.gpu.queue;
    const rowsList = inputs.reserve(origin.rows.length);
    for (const [i, row] of origin.rows.entries()) inputs.setWord(rowsList + i, row);
    const { serial } = inputs;
    this.origin = { ...origin, rowsList, hasInputs: () => inputs.holds(serial, origin.rows.length) };
  }
}
