// Over 300 lines: one class, every way to read a forward's logits, which share one record and one way to be enqueued.
import { invariant } from "../../../vocabulary/errors.js";
import { floatBits } from "../gpu/queue.js";
import { LawStore } from "../ops/laws.js";
import { RowMemoryStore } from "../ops/row-memory.js";
import { MEASURED_WORDS, SELECT_WORDS, SELECTED_WORDS, type Selection } from "../ops/select.js";
import { type SelectStep, selectStep } from "../ops/select-step.js";
import type { TokenId } from "../../../vocabulary/events.js";
import { PURPOSE } from "../../../sampling/noise.js";
import type { LogitRows } from "./logit-rows.js";
import { checkSelection } from "../../../seam/row-limits.js";
import { checkedToken, explained, NotFinite } from "./not-finite.js";
import { GpuPending, type ResultLayout } from "./pending.js";
import type { Judging, Laws, Verdict } from "../../../seam/judging.js";
import type { Measured, Measuring, Selected } from "../../../seam/measuring.js";
import type { Pending, TokenRef } from "../../../seam/pending.js";
import type { Rows } from "../../../seam/rows.js";
import { GREEDY, type Sampler } from "../../../seam/sampler.js";
import { NUM_SUCCESSORS, type TextDrafts } from "../../../seam/text-drafts.js";
import type { Unmasked, UnmaskPolicy } from "../../../seam/unmasking.js";
import { type VerdictContext, verdictLayout, verdictWords } from "./verdict.js";
import type { Sequence } from "./sequence.js";
import { GpuTextDrafts } from "./text-drafts.js";

const NONE = 0xffffffff;
/** Stands for no token's logit where a law has one token. */
const NO_LOGIT = -1e29;
/** Of a selection that only asks for the likeliest token. */
const UNFILTERED = { temperature: 0, penalty: 1 };
const ORDERS = { confidence: 0, random: 1, left_to_right: 2 } as const;

/** Facts of the forward that made these rows. */
export interface RowsOrigin {
  /** Word in the inputs ring where the list of logit rows starts. */
  rowsList: number;
  /** Whether the inputs ring still holds the forward's inputs. */
  hasInputs(): boolean;
  /** Of a tree, rows read the paths among the forward's inputs, too. */
  hasPaths: boolean;
  rows: readonly number[];
  /** Of all of the forward's rows. */
  tokens: readonly (TokenId | TokenRef)[];
  /** Tree parents by forward row; null where the logit rows don't branch. */
  parents: readonly number[] | null;
  keep: number;
  maxKeys: number;
}

/** Logit rows of one forward on the GPU. */
export class WebGpuRows implements Rows {
  private readonly generation: number;
  private readonly revision: number;

  constructor(
    private readonly sequence: Sequence,
    private readonly logitRows: LogitRows,
    private origin: RowsOrigin,
  ) {
    this.generation = sequence.generation;
    this.revision = sequence.revision;
  }

  get count(): number {
    return this.origin.rows.length;
  }

  sample(sampler: Sampler, draw = 0): Pending<Selected[]> {
    return this.select(sampler, draw, 0, this.selectedLayout());
  }

  argmax(): Pending<Selected[]> {
    return this.sample(GREEDY);
  }

  topK(k: number): Pending<Selected[][]> {
    return this.enqueueTopK(k);
  }

  private enqueueTopK(k: number): GpuPending<Selected[][]> {
    const n = this.count;
    const { select } = this.logitRows;
    const layout: ResultLayout<Selected[][]> = {
      start: n * SELECT_WORDS,
      numWords: n * k * 2,
      decode: (words, floats) =>
        Array.from({ length: n }, (_, row) =>
          Array.from({ length: k }, (_, j) => {
            const at = (row * k + j) * 2;
            return { token: this.checked(words[at]), logprob: floats[at + 1] };
          }),
        ),
      tokenWord: (pick) => n * SELECT_WORDS + Number(pick) * 2,
    };
    return this.enqueue(GREEDY, 0, n * (SELECT_WORDS + k * 2), layout, (selection) => select.recordTopK(selection, k));
  }

  race(sampler: Sampler, k: number): Pending<TokenId[][]> {
    const n = this.count;
    const { select } = this.logitRows;
    const layout: ResultLayout<TokenId[][]> = {
      start: n * SELECT_WORDS,
      numWords: n * k * 2,
      decode: (words) =>
        Array.from({ length: n }, (_, row) =>
          Array.from({ length: k }, (_, j) => this.checked(words[(row * k + j) * 2])),
        ),
      tokenWord: (pick) => n * SELECT_WORDS + Number(pick) * 2,
    };
    return this.enqueue(sampler, 0, n * (SELECT_WORDS + k * 2), layout, (selection) => select.recordRace(selection, k));
  }

  measure(sampler: Sampler, { memory, draw = 0, given }: Measuring = {}): Pending<Measured[]> {
    const n = this.count;
    const { logitRows } = this;
    const { model } = this.sequence;
    const { of: store = null, positions = [] } = memory ?? {};
    invariant(
      !store || (store instanceof RowMemoryStore && store.vocab === model.capabilities.vocabSize),
      "this memory is of another device or vocabulary",
    );
    invariant(!store || positions.length === n, `${positions.length} positions for ${n} rows`);
    const known = store?.place(positions);
    const keepsLaw = store?.rule.keeps === "law";
    invariant(!given || given.length === n, `${given?.length} given tokens for ${n} rows`);
    const layout = measuredLayout(
      this.selectedLayout(),
      n,
      (row) => keepsLaw && known?.isKnown[row] === true,
      given !== undefined,
    );
    const words = n * (SELECT_WORDS + MEASURED_WORDS);
    return this.enqueue(sampler, draw, words + (given ? n : 0), layout, (selection) => {
      if (store && known && !keepsLaw) {
        logitRows.select.record({ ...selection, ...UNFILTERED }, { isMeasured: true });
        store.record(logitRows.memoryOps(store), this.stepFields(selection), known.at);
      }
      logitRows.select.record(selection, { isMeasured: true });
      if (store && known && keepsLaw) store.record(logitRows.memoryOps(store), this.stepFields(selection), known.at);
      if (given) this.scoreGiven(selection, given, selection.result + words);
    });
  }

  /** Writes each row's log-probability of its given token, from word `to` of the results on. */
  private scoreGiven(selection: Selection, given: readonly TokenId[], to: number): void {
    const { logitRows } = this;
    const { model } = this.sequence;
    const { inputs } = model.gpu.queue;
    const parents = inputs.reserve(given.length);
    for (const [i, token] of given.entries()) inputs.setWord(parents + i, token);
    const step = this.smallStep(selection, { parents, k: to, vocab: model.capabilities.vocabSize });
    logitRows.scoreGiven.record(step, given.length);
  }

  unmask(sampler: Sampler, policy: UnmaskPolicy): Pending<Unmasked> {
    const n = this.count;
    const layout: ResultLayout<Unmasked> = {
      start: n * SELECT_WORDS,
      numWords: n * 3,
      decode: (words, floats) => ({
        rows: Array.from({ length: n }, (_, i) => ({
          token: this.checked(words[i * 3]),
          logprob: floats[i * 3 + 1],
          commit: words[i * 3 + 2] === 1,
        })),
      }),
      tokenWord: (pick) => n * (SELECT_WORDS + 3) + Number(pick),
    };
    return this.select(sampler, 0, n * 4, layout, (selection) => {
      const { threshold } = policy;
      const quota = threshold === undefined ? (policy.quota ?? 1) : 0;
      invariant(quota > 0 || threshold !== undefined, `a quota of ${quota} commits nothing`);
      const logThreshold = threshold !== undefined && threshold > 0 ? Math.log(threshold) : -1e30;
      const step = this.smallStep(selection, {
        quota,
        logThreshold: floatBits(logThreshold),
        order: ORDERS[policy.order],
        draw: policy.draw,
        maskToken: policy.mask ?? NONE,
      });
      this.logitRows.unmask.record(step, 1);
    });
  }

  verify(sampler: Sampler): Pending<Verdict> {
    const n = this.count;
    const parents = this.writeParents();
    const layout = verdictLayout(this.verdictContext());
    return this.select(sampler, 0, verdictWords(n), layout, (selection) => {
      this.logitRows.verify.record(this.smallStep(selection, { parents }), 1);
    });
  }

  draft(sampler: Sampler, laws: Laws, depth: number): Pending<Selected[]> {
    const store = storeOf(laws);
    const { numChains, numDrafts } = store;
    const at = depth * numChains;
    invariant(
      this.count === numChains && at < numDrafts,
      `depth ${depth} of ${numDrafts} drafts, ${numChains} at once`,
    );
    // A law of one token needs no judge: verification of equal tokens is the same rule.
    if (sampler.temperature === 0) return this.sample(sampler);
    const words = numChains * SELECT_WORDS;
    return this.enqueue(sampler, 0, words, this.selectedLayout(), (selection) => {
      const drafted = { ...selection, purpose: PURPOSE.draft, depth };
      const { select } = this.logitRows;
      select.record(drafted, { laws: { table: store.draft, at } });
      if (store.isDistinct && depth === 0) select.recordDistinct(drafted, store.draft);
    });
  }

  judge(sampler: Sampler, judging: Judging): Pending<Verdict> {
    const n = this.count;
    if (judging.rule === "bild") return this.judgeBild(sampler, judging);
    const { rule, laws } = judging;
    const store = storeOf(laws);
    invariant(store.vocab === this.sequence.model.capabilities.vocabSize, "these laws are of another vocabulary");
    invariant(n <= store.numDrafts + 1, `${n - 1} drafts of at most ${store.numDrafts}`);
    const isChain = !this.origin.parents && store.numChains === 1;
    invariant(isChain || (rule !== "rejection" && rule !== "block"), `${rule} judges one chain`);
    if (sampler.temperature === 0 || n === 1) return this.verify(sampler);
    const { logitRows } = this;
    const parents = this.writeParents();
    const limits =
      judging.rule === "typical"
        ? { threshold: floatBits(judging.threshold), alpha: floatBits(judging.alpha) }
        : undefined;
    const layout = verdictLayout(this.verdictContext());
    return this.enqueue(sampler, 0, n * SELECT_WORDS + verdictWords(n), layout, (selection) => {
      logitRows.select.record(selection, { laws: { table: store.target, at: 0 } });
      logitRows.judgeOf(rule, store).record({ ...this.stepFields(selection), ...limits, parents }, n);
    });
  }

  private judgeBild(sampler: Sampler, { drafts, ...limits }: Judging & { rule: "bild" }): Pending<Verdict> {
    const n = this.count;
    invariant(sampler.temperature === 0 && !this.origin.parents, "Big Little Decoder judges greedy chains");
    invariant(drafts.length === n - 1, `${drafts.length} drafts for ${n} rows`);
    // A select record holds the log-probability behind the token.
    const sureness = drafts.map((draft) => draft.ref(0).word + 1);
    const parents = this.writeParents(sureness);
    const layout = verdictLayout(this.verdictContext());
    return this.select(sampler, 0, verdictWords(n), layout, (selection) => {
      const { fallback, rollback } = limits;
      const logThreshold = floatBits(fallback > 0 ? Math.log(fallback) : -1e30);
      const fields = { ...this.stepFields(selection), parents, logThreshold, threshold: floatBits(rollback) };
      this.logitRows.bildJudge(limits.isLiteral).record(fields, n);
    });
  }

  /** Writes the parent of each logit row, itself by logit row, and further words behind; returns where they start. */
  private writeParents(more: readonly number[] = []): number {
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

  teach(drafts: TextDrafts): void {
    const { sequence, origin, count } = this;
    const isOwn = drafts instanceof GpuTextDrafts && drafts.isOf(sequence);
    invariant(isOwn, "rows teach their own session's drafts");
    const k = Math.min(NUM_SUCCESSORS, sequence.model.capabilities.vocabSize);
    const top = this.enqueueTopK(k);
    const result = top.offset + count * SELECT_WORDS;
    drafts.learn({ numRows: count, rowsList: origin.rowsList, result, k });
    sequence.counts.dispatches++;
  }

  blend(other: Rows, share: number): void {
    this.checkAlive();
    invariant(
      other instanceof WebGpuRows && other.sequence !== this.sequence,
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

  private select<T>(
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

  private enqueue<T>(
    sampler: Sampler,
    draw: number,
    numWords: number,
    layout: ResultLayout<T>,
    record: (selection: Selection) => void,
  ): GpuPending<T> {
    this.checkAlive();
    checkSelection(this.count);
    invariant(this.count > 0, "selection takes rows");
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

  private checked(token: TokenId): TokenId {
    return checkedToken(token, this.sequence);
  }

  private selectedLayout(): ResultLayout<Selected[]> {
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

  private verdictContext(): VerdictContext {
    this.checkAlive();
    const { rows, keep, rowsList, tokens } = this.origin;
    const { sequence, revision } = this;
    const drafterOf = (draft: number) => {
      const token = tokens[rows[draft + 1]];
      return typeof token !== "number" && token.pending instanceof GpuPending ? token.pending.maker : sequence;
    };
    const keepMatches = rows[0] === keep - 1;
    return { numRows: this.count, keepMatches, rowsList, sequence, revision, maker: sequence, drafterOf };
  }

  /** A step block for the kernels behind a selection. */
  private smallStep(selection: Selection, fields: SelectStep): number {
    return selectStep(this.sequence.model.gpu.queue, { ...this.stepFields(selection), ...fields });
  }

  private stepFields({ numRows, rowsList, result, seed, fillsNext }: Selection): SelectStep {
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

function storeOf(laws: Laws): LawStore {
  invariant(laws instanceof LawStore, "these laws are of another device");
  return laws;
}

/** Select records, then the measured ones, then what was asked for given tokens; `hasDivergence` by row. */
function measuredLayout(
  selected: ResultLayout<Selected[]>,
  numRows: number,
  hasDivergence: (row: number) => boolean,
  hasGiven: boolean,
): ResultLayout<Measured[]> {
  return {
    ...selected,
    numWords: numRows * (SELECT_WORDS + MEASURED_WORDS + (hasGiven ? 1 : 0)),
    decode: (words, floats) =>
      selected.decode(words, floats).map((own, row) => {
        const at = numRows * SELECT_WORDS + row * MEASURED_WORDS;
        const second = floats[at + 2];
        return {
          ...own,
          entropy: floats[numRows * SELECTED_WORDS + row * 2],
          top: { token: words[at], logprob: floats[at + 1] },
          secondLogprob: second < NO_LOGIT ? Number.NEGATIVE_INFINITY : second,
          divergence: hasDivergence(row) ? floats[at + 3] : null,
          given: hasGiven ? floats[numRows * (SELECT_WORDS + MEASURED_WORDS) + row] : null,
        };
      }),
  };
}
