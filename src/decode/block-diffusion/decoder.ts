import {
  checkCorrections,
  correctedClaim,
  correctionCompanions,
  correctionOptions,
  isCorrected,
} from "../masks/corrections/correction.js";
import { classifier, classifierOf } from "../masks/corrections/classifier.js";
import { checkEnergyReach, energy, energyOf } from "../masks/corrections/energy.js";
import { type Guidance, guidance, guidanceOf } from "../masks/corrections/guidance.js";
import { checkStepsForBlocks } from "../masks/commit/steps.js";
import { measure } from "../../seam/questions/measure.js";
import { type Canvas, isOpen, isWritten } from "../../vocabulary/canvas.js";
import { InvalidOptionError, invariant } from "../../vocabulary/errors.js";
import type { TokenId } from "../../vocabulary/events.js";
import type { TokenRef } from "../../seam/pending.js";
import type { Capabilities } from "../../seam/capabilities.js";
import type { Session } from "../../seam/session.js";
import { applyChoice, Committer, tentativeOf } from "../masks/commit/committer.js";
import {
  COMMIT_OPTIONS,
  commitBound,
  commitClaim,
  commitIdleSteps,
  masksOf,
  resolveCommit,
} from "../masks/commit/index.js";
import { type Decoder, defineDecoder, type Editor, type Outlook, type Run } from "../decoder.js";
import { fillingSampler } from "../masks/filling-sampler.js";
import {
  BLOCK_OPTIONS,
  blockOffset,
  type BlockPlan,
  blockPlanOf,
  isAdaptive,
  resolveBlocks,
  type Span,
} from "../masks/block-plan.js";
import { chooseByPolicy } from "../masks/block-policy.js";
import { storeBlocks } from "../long-prompt.js";
import { policiesAhead, stepsAhead } from "../masks/steps-ahead.js";
import { COMMON_OPTIONS, grouped, INFILL_OPTION, invalidValue, numberOption, type OptionValues } from "../options.js";

const CORRECTIONS = [energy, guidance, classifier];

/**
 * Fills the masks of one block after the other, several a forward. Blocks are aligned at absolute position 0. A full
 * block is stored by the first forward of the next one; so storing, prefill and denoising are one shape of forward.
 */
export const blockDiffusion: Decoder = defineDecoder({
  name: "block-diffusion",
  label: "Diffusion",
  summary: "Fills the masks of a block together, block after block",
  options: {
    ...COMMON_OPTIONS,
    block_length: {
      type: "integer",
      label: "Block length",
      doc: "Tokens denoised together; one of the lengths the model was trained with, by default its own, or for infill one that holds the holes",
      default: null,
      min: 1,
    },
    ...grouped("Block lengths", BLOCK_OPTIONS),
    ...COMMIT_OPTIONS,
    ...correctionOptions(CORRECTIONS),
    ...INFILL_OPTION,
  },
  resolve(options, capabilities, canvas) {
    const { blockLengths } = capabilities;
    const asked = options.block_length === null ? null : numberOption(options, "block_length");
    if (asked !== null && blockLengths.length > 0 && !blockLengths.includes(asked)) {
      throw invalidValue("block_length", asked, `the model was trained with ${blockLengths.join(", ")}`);
    }
    // Of none: that the model reads no blocks is said by what the run needs.
    const own = isAdaptive(options) && blockLengths.length > 0 ? Math.max(...blockLengths) : blockLengths[0];
    const isAround = options.infill === true && canvas && blockLengths.length > 0;
    const around = isAround ? lengthAroundHoles(canvas, asked, blockLengths, options) : null;
    const block_length = around ?? asked ?? own ?? null;
    checkCorrections(CORRECTIONS, options, capabilities);
    const shape = {
      numMasks: masksOf(options, canvas),
      // A model without blocks is refused for that.
      most: Number(block_length ?? Number(options.max_new_tokens)),
      numBlocks:
        isAround || !canvas || !block_length ? null : numBlocksOf(Number(block_length), options, canvas, capabilities),
      single: block_length === 1 ? "block_length 1" : null,
    };
    return resolveBlocks(resolveCommit({ ...options, block_length }, shape), blockLengths);
  },
  check(outlook, draft) {
    const { canvas, options } = outlook;
    checkEnergyReach(options, draft, lastBlockEnd(outlook, blockOffset(options, canvas.promptLength)));
    checkStepsForBlocks(options, blocksAhead(outlook));
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
    inPlace: true,
    ...(options.block_rule === "policy" ? { policy: true } : {}),
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
      const policies = judge || guide || towards ? [] : policiesAhead(run, committer, state);
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
  const read = (session: Session, tokens: readonly (TokenId | TokenRef)[]) => {
    if (session.length > start) session.truncate(start);
    storeBlocks(session, tokens, blocks, start);
    const { length } = session;
    return session.forward({
      tokens: tokens.slice(length, end),
      attend: blocks.attend(length, span),
      rows: positions.map((position) => position - length),
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

/** How many blocks a text is written in, the one that holds the prompt's end among them. */
function numBlocksOf(
  block_length: number,
  { max_new_tokens, block_align }: OptionValues,
  { promptLength }: Canvas,
  { maxLength }: Capabilities,
): number {
  const offset = blockOffset({ block_align, block_length }, promptLength);
  const end = Math.min(promptLength + Number(max_new_tokens), maxLength);
  return Math.ceil((end - offset) / block_length) - Math.floor((promptLength - offset) / block_length);
}

/**
 * The trained block length that holds a canvas's holes and all that follows them, since a block sees nothing behind its end:
 * the one that is asked for, else the model's own, else the smallest. Throws `InvalidOptionError` where none does.
 */
function lengthAroundHoles(
  canvas: Canvas,
  asked: number | null,
  trained: readonly number[],
  { block_align }: OptionValues,
): number {
  const first = canvas.slots().findIndex(({ state }) => state !== "prompt");
  const last = canvas.length - 1;
  const fits = (block_length: number) => {
    const offset = blockOffset({ block_align, block_length }, canvas.promptLength);
    const blockOf = (position: number) => Math.floor((position - offset) / block_length);
    return blockOf(first) === blockOf(last);
  };
  const fitting = trained.filter(fits);
  const [own] = trained;
  if (asked === null && fitting.length > 0) return fits(own) ? own : Math.min(...fitting);
  if (asked !== null && fits(asked)) return asked;
  const advice = fitting.length > 0 ? `block_length ${fitting.join(" or ")} would do` : "shorten the text";
  throw new InvalidOptionError(
    `The first hole is at position ${first} and the text ends at ${last}, in different blocks of ${asked ?? Math.max(...trained)}, and a block sees nothing behind its end: ${advice}.`,
    "holes_too_far",
  );
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
