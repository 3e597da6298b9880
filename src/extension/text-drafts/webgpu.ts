import { definePart } from "../../backend/webgpu/session/part.js";
import { invariant } from "../../vocabulary/errors.js";
import type { TokenId } from "../../vocabulary/events.js";
import type { Rows } from "../../seam/rows.js";
import { topK } from "../../backend/webgpu/answers/top-k.js";
import { SELECT_WORDS } from "../../backend/webgpu/ops/selection.js";
import { ForwardRows } from "../../backend/webgpu/session/forward-rows.js";
import { makeOp, type Op } from "../../backend/webgpu/ops/op.js";
import { type SelectStep, selectStep } from "../../backend/webgpu/ops/select-step.js";
import { checkedToken } from "../../backend/webgpu/session/not-finite.js";
import { GpuPending } from "../../backend/webgpu/session/pending.js";
import type { Pending, TokenRef } from "../../seam/pending.js";
import { type Copying, NUM_SUCCESSORS, type TextDrafts } from "./key.js";
import type { Sequence } from "../../backend/webgpu/session/sequence.js";

/** Ranks that a path holds at most, three bits each in one word. */
const MAX_DEPTH = 9;

/** A session's text drafts on the GPU: `draft_copy.wgsl`, `draft_successors.wgsl` and `learn_successors.wgsl`. */
class GpuTextDrafts implements TextDrafts {
  private readonly ops: Record<"own" | "given" | "follow" | "learn", Op>;
  private readonly successors: GPUBuffer;

  constructor(private readonly sequence: Sequence) {
    const { gpu, capabilities } = sequence.model;
    const inputs = gpu.queue.inputs.buffer;
    const results = gpu.results.buffer;
    const successors = sequence.arena.storage("successors", capabilities.vocabSize * NUM_SUCCESSORS * 4);
    this.successors = successors;
    const text = [inputs, sequence.lengths, sequence.slots, results];
    this.ops = {
      own: makeOp(gpu, "draft_copy", { OF: "own" }, text),
      given: makeOp(gpu, "draft_copy", { OF: "given" }, text),
      follow: makeOp(gpu, "draft_successors", {}, [inputs, successors, results]),
      learn: makeOp(gpu, "learn_successors", {}, [inputs, sequence.rowRecords, results, successors]),
    };
  }

  copy({ last, maxNgram, count, text }: Copying): Pending<TokenId[]> {
    invariant(maxNgram >= 1 && maxNgram < 256, `sequences of up to ${maxNgram} tokens are looked for`);
    invariant(!text || text.length > 1, "a given text has two tokens or more");
    const op = text ? this.ops.given : this.ops.own;
    const fields = { depth: maxNgram, session: this.sequence.index, numRows: text?.length ?? 0 };
    // It reads in strides, so that one workgroup serves.
    return this.draft(op, { last, words: text ?? [], count, numInvocations: 1 }, fields);
  }

  follow(last: TokenId | TokenRef, paths: readonly (readonly number[])[]): Pending<TokenId[]> {
    const words = paths.map(pathWord);
    return this.draft(this.ops.follow, { last, words, count: paths.length, numInvocations: paths.length }, {});
  }

  forget(): void {
    const { queue, device } = this.sequence.model.gpu;
    // What was recorded so far must still see the old ones.
    queue.flush();
    const encoder = device.createCommandEncoder({ label: "forget successors" });
    encoder.clearBuffer(this.successors);
    device.queue.submit([encoder.finish()]);
  }

  learn(rows: Rows): void {
    const { sequence } = this;
    invariant(rows instanceof ForwardRows && rows.sequence === sequence, "rows teach their own session's drafts");
    const { queue } = sequence.model.gpu;
    const k = Math.min(NUM_SUCCESSORS, sequence.model.capabilities.vocabSize);
    const numRows = rows.count;
    const result = topK(rows, { k }).offset + numRows * SELECT_WORDS;
    const step = selectStep(queue, { numRows, rowsList: rows.origin.rowsList, result, k });
    this.ops.learn.record(step, NUM_SUCCESSORS);
    sequence.counts.dispatches++;
  }

  private draft(
    op: Op,
    what: { last: TokenId | TokenRef; words: readonly number[]; count: number; numInvocations: number },
    fields: SelectStep,
  ): Pending<TokenId[]> {
    const { model, counts } = this.sequence;
    const { queue, results } = model.gpu;
    const { last, words, count } = what;
    const parents = queue.inputs.reserve(1 + words.length);
    queue.inputs.setWord(parents, this.sequence.wordOf(last));
    for (let i = 0; i < words.length; i++) queue.inputs.setWord(parents + 1 + i, words[i]);
    const region = results.reserve(count);
    const step = selectStep(queue, { ...fields, parents, rowsList: parents + 1, k: count, result: region.offset });
    op.record(step, what.numInvocations);
    counts.dispatches++;
    const layout = {
      start: 0,
      numWords: count,
      decode: (drafts: Uint32Array) => Array.from(drafts, (token) => checkedToken(token, this.sequence)),
      tokenWord: (pick: number | "last" | "previous") => Number(pick),
    };
    const onReadback = (byteLength: number) => {
      counts.readbackBytes += byteLength;
    };
    return new GpuPending(model.gpu, region, layout, onReadback, this.sequence);
  }
}

/** One set of drafts a session. */
export const textDrafts = definePart("text-drafts", ({ sequence }) => {
  const drafts = new GpuTextDrafts(sequence);
  return { one: () => drafts };
});

function pathWord(path: readonly number[]): number {
  invariant(path.length <= MAX_DEPTH, `a path of ${path.length} ranks; ${MAX_DEPTH} at most`);
  return path.reduce((word, rank, depth) => (word | (rank << (3 * depth))) >>> 0, (path.length << 28) >>> 0);
}
