import { correctedClaim, correctionAsks, correctionCompanions, isCorrected } from "../masks/corrections/correction.js";
import { classifierOf } from "../masks/corrections/classifier.js";
import { checkEnergyReach, energyOf } from "../masks/corrections/energy.js";
import { type Guidance, guidanceOf } from "../masks/corrections/guidance.js";
import { checkStepsForBlocks } from "../masks/commit/steps.js";
import { measure } from "../../seam/questions/measure.js";
import { isOpen, isWritten } from "../../vocabulary/canvas.js";
import { invariant } from "../../vocabulary/errors.js";
import type { TokenId } from "../../vocabulary/events.js";
import type { TokenRef } from "../../seam/pending.js";
import type { Session } from "../../seam/session.js";
import { applyChoice, Committer, tentativeOf } from "../masks/commit/committer.js";
import { commitAsks, commitBound, commitClaim, commitIdleSteps } from "../masks/commit/index.js";
import { type Decoder, defineDecoder, type Editor, type Outlook, type Run } from "../decoder.js";
import { fillingSampler } from "../masks/filling-sampler.js";
import { checkHoleFirst } from "../masks/hole-first.js";
import { blockAsks, blockOffset, type BlockPlan, blockPlanOf, isAdaptive, type Span } from "../masks/block-plan.js";
import { chooseByPolicy } from "../masks/block-policy.js";
import { storeBlocks } from "../long-prompt.js";
import { policiesAhead, stepsAhead } from "../masks/steps-ahead.js";
import { numberOption } from "../options.js";
import { BLOCK_DIFFUSION_OPTIONS, CORRECTIONS, resolveBlockDiffusion } from "./options.js";

/**
 * Fills the masks of one block after the other, several a forward. Blocks are aligned at absolute position 0. A full
 * block is stored by the first forward of the next one; so storing, prefill and denoising are one shape of forward.
 */
export const blockDiffusion: Decoder = defineDecoder({
  name: "block-diffusion",
  label: "Diffusion",
  summary: "Fills the masks of a block together, block after block",
  options: BLOCK_DIFFUSION_OPTIONS,
  foremost: ["commit_rule", "threshold", "denoising_steps", "block_length"],
  resolve: resolveBlockDiffusion,
  check(outlook, draft) {
    const { canvas, options } = outlook;
    checkEnergyReach(options, draft, lastBlockEnd(outlook, blockOffset(options, canvas.promptLength)));
    checkStepsForBlocks(options, blocksAhead(outlook));
    checkHoleFirst(outlook);
  },
  claim(outlook) {
    const { options } = outlook;
    const rule = commitClaim(options, blocksAhead(outlook), `within blocks of ${String(options.block_length)}`);
    return correctedClaim(CORRECTIONS, options, rule);
  },
  boundNats: (options) => (isCorrected(CORRECTIONS, options) ? null : commitBound(options)),
  idleSteps: commitIdleSteps,
  needs: (options, canvas) => ({
    block: Number((isAdaptive(options) ? options.min_block_length : options.block_length) ?? 0),
    blockOffset: blockOffset(options, canvas?.promptLength ?? 0),
    maskToken: true,
    asks: [
      ...commitAsks(options),
      ...correctionAsks(CORRECTIONS, options),
      ...blockAsks(options, canvas?.promptLength ?? 0),
    ],
    beside: correctionCompanions(CORRECTIONS, options),
  }),
  usualForwards: ({ block_length }) => (typeof block_length === "number" ? { filled: block_length } : {}),
  async *run(run) {
    const { canvas, target, capabilities, options } = run;
    const mask = capabilities.maskToken;
    invariant(mask !== null, "block-diffusion runs on a model with a mask token");
    const offset = blockOffset(options, canvas.promptLength);
    const blocks = blockPlanOf(options, capabilities.blockLengths, capabilities.maxLength, offset);
    const isInfill = options.infill === true;
    const base = fillingSampler(run, mask);
    const judge = energyOf(run);
    const guide = guidanceOf(run);
    const towards = classifierOf(run);
    const committer = new Committer(options, target, judge?.numCandidates);
    for (;;) {
      const slots = canvas.slots();
      const firstOpen = slots.findIndex(isOpen);
      if (isInfill && firstOpen < 0) return;
      const first = firstOpen < 0 ? slots.length : firstOpen;
      let span = blocks.at(first, slots.length);
      if (first >= span.end) return;
      if (options.block_rule === "policy" && first >= slots.length) {
        span = await chooseByPolicy(run, blocks, span.start, canvas.ids());
      }
      const sampler = towards?.guide(base, canvas) ?? base;
      let reading = readBlock(run, blocks, span, committer, guide);
      if (blocks.choose && first >= slots.length) {
        const measured = await reading.rows.ask(measure(sampler)).read();
        const chosen = blocks.choose(span, reading.positions, measured);
        if (chosen.end < span.end) reading = readBlock(run, blocks, chosen, committer, guide);
        span = chosen;
      }
      const { start, end } = span;
      const { rows, positions, whole, again } = reading;
      const numNew = isInfill ? 0 : Math.max(0, end - slots.length);
      const state = blockState(run, span, offset);
      const known = isInfill ? Math.min(end, slots.length) : end;
      const filling = { ids: whole.slice(0, known), mask, positions, start, size: known - start };
      const open = (edit: Editor) => {
        for (let i = 0; i < numNew; i++) edit.append(null, "mask");
      };
      const isPlain = capabilities.inPlace && !judge && !guide && !towards;
      const policies = isPlain ? policiesAhead(run, committer, state) : [];
      if (policies.length > 1) {
        yield* stepsAhead(run, { sampler, policies, mask, positions, rows, tokens: whole, again, open });
        continue;
      }
      const pick = judge ? (draw: number) => judge.choose(rows, sampler, draw, filling) : undefined;
      const choice = await committer.choose(rows, sampler, positions, state, pick);
      yield run.now((edit) => {
        open(edit);
        applyChoice(edit, choice, canvas, state.tentative);
      });
    }
  },
});

/** One forward of a block, with logits of its candidates, behind what is stored and in the same forward with what isn't yet. */
function readBlock(
  { canvas, target, capabilities, options }: Run,
  blocks: BlockPlan,
  span: Span,
  committer: Committer,
  guide: Guidance | null,
) {
  const { start, end } = span;
  const mask = capabilities.maskToken ?? 0;
  const slots = canvas.slots();
  // A block is read whole, as in training: what lies behind a text that is filled in is masked and never shown.
  const whole = [...canvas.ids(mask), ...new Array<TokenId>(Math.max(0, end - slots.length)).fill(mask)];
  const isCandidate = (position: number) =>
    position < slots.length ? committer.considers(slots[position]) : options.infill !== true;
  const positions = Array.from({ length: end - start }, (_, i) => start + i).filter(isCandidate);
  // Models adapted from next-token heads fill a position from the row before it: while a block's first one is open, the block before is
  // read again, whose last row says it.
  const shift = capabilities.inPlace ? 0 : 1;
  const first = positions[0] === start ? start - shift : start;
  const read = (session: Session, tokens: readonly (TokenId | TokenRef)[]) => {
    if (session.length > start) session.truncate(start);
    storeBlocks(session, tokens, blocks, start);
    if (session.length > first) session.truncate(first);
    const { length } = session;
    return session.forward({
      tokens: tokens.slice(length, end),
      attend: blocks.attend(length, span),
      rows: positions.map((position) => position - shift - length),
      keep: start - length,
    });
  };
  const rows = read(target, whole);
  guide?.guide(rows, whole, read);
  return { rows, positions, whole, again: (tokens: readonly (TokenId | TokenRef)[]) => read(target, tokens) };
}

/** The blocks that are still to be filled, as they stand; of blocks that choose their length the longest stands for all. */
function blocksAhead(outlook: Outlook) {
  const { canvas, capabilities, maxNewTokens, options } = outlook;
  const offset = blockOffset(options, canvas.promptLength);
  const slots = canvas.slots();
  const firstOpen = slots.findIndex(isOpen);
  let first = firstOpen < 0 ? slots.length : firstOpen;
  if (isAdaptive(options)) {
    const start = 0;
    return [blockState(outlook, { start, end: numberOption(options, "block_length") }, offset)];
  }
  const plan = blockPlanOf(options, capabilities.blockLengths, capabilities.maxLength, offset);
  const written = options.infill === true ? canvas.length : canvas.promptLength + maxNewTokens;
  const end = Math.min(written, capabilities.maxLength);
  const ahead: ReturnType<typeof blockState>[] = [];
  while (first < end) {
    const span = plan.at(first, slots.length);
    ahead.push(blockState(outlook, span, offset));
    first = span.end;
  }
  return ahead;
}

/** Where the last block ends. */
function lastBlockEnd({ canvas, capabilities, maxNewTokens, options }: Outlook, offset: number): number {
  const block = numberOption(options, "block_length");
  const written = options.infill === true ? canvas.length : canvas.promptLength + maxNewTokens;
  return Math.min(offset + Math.ceil((written - offset) / block) * block, capabilities.maxLength);
}

/** Where the block stands, from the canvas alone: a run that starts again here goes on the same way. */
function blockState({ canvas, capabilities, maxNewTokens, options }: Outlook, { start, end }: Span, offset: number) {
  const block = numberOption(options, "block_length");
  const own = canvas.slots().slice(start, end);
  const blockOf = (position: number) => Math.floor((position - offset) / block);
  const firstBlock = blockOf(canvas.promptLength);
  const isInfill = options.infill === true;
  const textEnd = isInfill ? end : Math.min(canvas.promptLength + maxNewTokens, capabilities.maxLength);
  const width = isInfill ? own.length : end - start;
  return {
    numMasks: width - own.filter(({ state }) => state === "prompt").length,
    numCommitted: own.filter(isWritten).length,
    tentative: tentativeOf(own, start),
    index: blockOf(start) - firstBlock,
    numBlocks: Math.ceil((textEnd - offset) / block) - firstBlock,
    draw: canvas.slots().filter(isWritten).length,
  };
}

/** Found by its folder (`decode/index.ts`). */
export default blockDiffusion;
