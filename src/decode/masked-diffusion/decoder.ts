import { correctedClaim, correctionAsks, correctionCompanions, isCorrected } from "../masks/corrections/correction.js";
import { classifierOf } from "../masks/corrections/classifier.js";
import { checkEnergyReach, energyOf } from "../masks/corrections/energy.js";
import { guidanceOf } from "../masks/corrections/guidance.js";
import { jointSamplingOf } from "../masks/corrections/joint-sampling.js";
import { checkStepsForBlocks } from "../masks/commit/steps.js";
import { isOpen, isWritten } from "../../vocabulary/canvas.js";
import { invariant } from "../../vocabulary/errors.js";
import type { TokenId } from "../../vocabulary/events.js";
import type { TokenRef } from "../../seam/pending.js";
import type { Session } from "../../seam/session.js";
import { CanvasCache, cacheReasons } from "./canvas-cache.js";
import { applyChoice, Committer, tentativeOf } from "../masks/commit/committer.js";
import { commitAsks, commitBound, commitClaim, commitIdleSteps } from "../masks/commit/index.js";
import { type Decoder, defineDecoder, type Editor, type Outlook } from "../decoder.js";
import { fillingSampler } from "../masks/filling-sampler.js";
import { checkHoleFirst } from "../masks/hole-first.js";
import { approximately } from "../law.js";
import { policiesAhead, stepsAhead } from "../masks/steps-ahead.js";
import { numberOption, type OptionValues } from "../options.js";
import { CORRECTIONS, MASKED_DIFFUSION_OPTIONS, resolveMasked } from "./options.js";

/**
 * Opens all masks at once and reads the whole canvas in every forward, so that each token sees all others (LLaDA, MDLM).
 * Masks are filled block after block; nothing is stored, since what is written later changes what was read before.
 */
export const maskedDiffusion: Decoder = defineDecoder({
  name: "masked-diffusion",
  label: "Masked diffusion",
  summary: "Fills masks anywhere on a canvas that is read whole in each step",
  options: MASKED_DIFFUSION_OPTIONS,
  foremost: ["commit_rule", "threshold", "steps", "block_length", "cache"],
  resolve: resolveMasked,
  check(outlook, draft) {
    const { options } = outlook;
    checkEnergyReach(options, draft, textEnd(outlook));
    checkStepsForBlocks(options, blocksAhead(outlook));
    checkHoleFirst(outlook);
  },
  claim(outlook) {
    const { options } = outlook;
    const rule = commitClaim(options, blocksAhead(outlook), `within blocks of ${String(options.block_length)}`);
    return approximately(correctedClaim(CORRECTIONS, options, rule), ...cacheReasons(options));
  },
  boundNats: (options) => (isOwnLaw(options) ? commitBound(options) : null),
  idleSteps: commitIdleSteps,
  needs: (options) => ({
    full: true,
    maskToken: true,
    asks: [
      ...commitAsks(options),
      ...correctionAsks(CORRECTIONS, options),
      ...(options.cache === "none" ? [] : (["slots"] as const)),
    ],
    beside: correctionCompanions(CORRECTIONS, options),
  }),
  async *run(run) {
    const { canvas, target, capabilities, options } = run;
    const mask = capabilities.maskToken;
    invariant(mask !== null, "masked-diffusion runs on a model with a mask token");
    const base = fillingSampler(run, mask);
    const end = textEnd(run);
    const judge = energyOf(run);
    const committer = new Committer(options, target, judge?.numCandidates);
    const cache = new CanvasCache(options);
    const guide = guidanceOf(run);
    const towards = classifierOf(run);
    const between = jointSamplingOf(run);
    for (;;) {
      const slots = canvas.slots();
      const firstOpen = slots.findIndex(isOpen);
      const first = firstOpen < 0 ? slots.length : firstOpen;
      if (first >= end) return;
      const block = blockAt(run, first, end);
      const sampler = towards?.guide(base, canvas) ?? base;
      const positions = Array.from({ length: block.end - block.start }, (_, i) => block.start + i).filter(
        (position) => position >= slots.length || committer.considers(slots[position]),
      );
      const missing = new Array<number>(end - slots.length).fill(mask);
      const tokens = [...canvas.ids(mask), ...missing];
      // Models adapted from next-token heads fill a position from the row before it (Dream, DiffuGPT).
      const from = capabilities.inPlace ? positions : positions.map((position) => position - 1);
      const read = (session: Session, all: readonly TokenId[]) => cache.forward(session, all, mask, block, from);
      const rows = between?.forward(tokens, positions, from) ?? read(target, tokens);
      guide?.guide(rows, tokens, read);
      // What is known behind the block tells of it too, up to the next mask.
      const unknown = tokens.indexOf(mask, block.end);
      const ids = unknown < 0 ? tokens : tokens.slice(0, unknown);
      const filling = { ids, mask, positions, start: block.start, size: block.state.numMasks };
      const open = (edit: Editor) => {
        while (canvas.length < end) edit.append(null, "mask");
      };
      const isPlain = options.cache === "none" && capabilities.inPlace && !between && !judge && !guide && !towards;
      const policies = isPlain ? policiesAhead(run, committer, block.state) : [];
      if (policies.length > 1) {
        const again = (next: readonly (TokenId | TokenRef)[]) =>
          target.forward({ tokens: next, attend: "full", rows: positions, keep: 0 });
        yield* stepsAhead(run, { sampler, policies, mask, positions, rows, tokens, again, open });
        continue;
      }
      const pick = judge ? (draw: number) => judge.choose(rows, sampler, draw, filling) : undefined;
      const choice = await committer.choose(rows, sampler, positions, block.state, pick);
      yield run.now((edit) => {
        open(edit);
        applyChoice(edit, choice, canvas, block.state.tentative);
      });
    }
  },
});

/** Nothing but what is committed when makes the text's law another than the model's own. */
function isOwnLaw(options: OptionValues): boolean {
  return options.cache === "none" && !isCorrected(CORRECTIONS, options);
}

function textEnd({ canvas, capabilities, maxNewTokens, options }: Outlook): number {
  if (options.infill === true) return canvas.length;
  return Math.min(canvas.promptLength + maxNewTokens, capabilities.maxLength);
}

/** The blocks that are still to be filled, as they stand. */
function blocksAhead(outlook: Outlook) {
  const { canvas } = outlook;
  const end = textEnd(outlook);
  const firstOpen = canvas.slots().findIndex(isOpen);
  let first = firstOpen < 0 ? canvas.length : firstOpen;
  const ahead: ReturnType<typeof blockAt>["state"][] = [];
  while (first < end) {
    const block = blockAt(outlook, first, end);
    if (block.state.numMasks > 0) ahead.push(block.state);
    first = block.end;
  }
  return ahead;
}

/** The block that holds a position, counted from the prompt's end, and where it stands, from the canvas alone. */
function blockAt({ canvas, options }: Outlook, position: number, end: number) {
  const length = numberOption(options, "block_length");
  const { promptLength } = canvas;
  const index = Math.floor((position - promptLength) / length);
  const start = promptLength + index * length;
  const stop = Math.min(start + length, end);
  const slots = canvas.slots();
  const own = slots.slice(start, stop);
  const state = {
    numMasks: stop - start - own.filter((slot) => slot.state === "prompt").length,
    numCommitted: own.filter(isWritten).length,
    tentative: tentativeOf(own, start),
    index,
    numBlocks: Math.ceil((end - promptLength) / length),
    draw: slots.filter(isWritten).length,
  };
  return { start, end: stop, state };
}

/** Found by its folder (`decode/index.ts`). */
export default maskedDiffusion;
