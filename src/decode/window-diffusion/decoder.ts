import { counted } from "../../vocabulary/counted.js";
import { correctedClaim, isCorrected } from "../masks/corrections/correction.js";
import { classifierOf } from "../masks/corrections/classifier.js";
import { mostRows } from "../../seam/row-limits.js";
import { isOpen, isWritten } from "../../vocabulary/canvas.js";
import { InvalidOptionError, invariant } from "../../vocabulary/errors.js";
import type { TokenId } from "../../vocabulary/events.js";
import { applyChoice, Committer } from "../masks/commit/committer.js";
import { commitAsks, commitBound, commitClaim, commitIdleSteps } from "../masks/commit/index.js";
import { type Decoder, defineDecoder, type Outlook, type Run } from "../decoder.js";
import { fillingSampler } from "../masks/filling-sampler.js";
import { storeLongPrompt } from "../long-prompt.js";
import { numberOption } from "../options.js";
import { CORRECTIONS, resolveWindow, WINDOW_DIFFUSION_OPTIONS } from "./options.js";

/** A window as a block: it is always at its beginning. */
const WHOLE_WINDOW = { numCommitted: 0, tentative: [], index: 0, numBlocks: 1, draw: 0 };
/**
 * Fills the first masks of a text that is read left to right (after WeDLM, from its paper): in each forward what is known
 * comes first, whatever its place, and masks last, each at its own position. So every mask sees all that is known, and what
 * is known without a gap is stored by the forward that reads it, as a next-token model's text is: no forward only stores.
 */
export const windowDiffusion: Decoder = defineDecoder({
  name: "window-diffusion",
  label: "Window diffusion",
  summary: "Fills the first few masks of a text read left to right, masks last; new ones follow as they are filled",
  options: WINDOW_DIFFUSION_OPTIONS,
  foremost: ["window_length", "commit_rule", "entropy_threshold"],
  resolve: resolveWindow,
  check: checkKnownBehind,
  claim: (outlook) =>
    correctedClaim(
      CORRECTIONS,
      outlook.options,
      commitClaim(
        outlook.options,
        [{ ...WHOLE_WINDOW, numMasks: window(outlook).length }],
        `among the first ${counted(Number(outlook.options.window_length), "mask")}`,
      ),
    ),
  boundNats: (options) => (isCorrected(CORRECTIONS, options) ? null : commitBound(options)),
  idleSteps: commitIdleSteps,
  needs: (options) => ({
    causal: true,
    maskToken: true,
    inPlace: true,
    asks: [...commitAsks(options), "positions"],
  }),
  async *run(run) {
    const { canvas, target, capabilities, options } = run;
    const mask = capabilities.maskToken;
    invariant(mask !== null, "window-diffusion runs on a model with a mask token");
    const base = fillingSampler(run, mask);
    const committer = new Committer(options, target);
    const towards = classifierOf(run);
    for (;;) {
      const masked = window(run);
      const [first] = masked;
      if (first === undefined) return;
      const sampler = towards?.guide(base, canvas) ?? base;
      const rows = readMasksLast(run, masked, mask);
      const draw = canvas.slots().filter(isWritten).length;
      const state = { ...WHOLE_WINDOW, numMasks: masked.length, draw };
      const choice = await committer.choose(rows, sampler, masked, state);
      yield run.now((edit) => {
        while (canvas.length <= masked[masked.length - 1]) edit.append(null, "mask");
        applyChoice(edit, choice, canvas, []);
      });
    }
  },
});

/** A window is read with all that is known behind its first mask, which one forward must hold. */
function checkKnownBehind({ canvas, options, capabilities }: Outlook): void {
  const { maxLength } = capabilities;
  const first = canvas.slots().findIndex(isOpen);
  const rows = mostRows(capabilities, maxLength);
  if (first < 0 || rows >= maxLength) return;
  const length = numberOption(options, "window_length");
  // What is filled in joins what is known, and the token before it is read too.
  const most = rows - length - 1;
  const numBehind = canvas.length - first;
  if (numBehind <= most) return;
  throw new InvalidOptionError(
    `From the first hole on the text has ${numBehind} tokens, of which a forward reads ${most} at most beside a window of ${length}: shorten what stands behind the hole.`,
    "too_many_rows",
  );
}

/** Positions of the first masks, opened or yet to be; also of those behind the text's end, which is the longer text's beginning. */
function window({ canvas, capabilities, maxNewTokens, options }: Outlook): number[] {
  const slots = canvas.slots();
  const isInfill = options.infill === true;
  const open = slots.flatMap((slot, position) => (isOpen(slot) ? [position] : []));
  const first = open[0] ?? slots.length;
  const end = isInfill ? slots.length : Math.min(canvas.promptLength + maxNewTokens, capabilities.maxLength);
  if (first >= end) return [];
  const masked = open.slice(0, numberOption(options, "window_length"));
  const room = isInfill ? 0 : capabilities.maxLength - slots.length;
  const numNew = Math.min(numberOption(options, "window_length") - masked.length, room);
  for (let i = 0; i < numNew; i++) masked.push(slots.length + i);
  return masked;
}

/** One forward of what is known and not stored, then of the masks; stores what is known before the first mask. */
function readMasksLast({ canvas, target, capabilities }: Run, masked: readonly number[], mask: TokenId) {
  const [first] = masked;
  const slots = canvas.slots();
  const ids = canvas.ids(mask);
  if (target.length > first) target.truncate(first);
  const beyond = slots.flatMap((slot, position) => (position > first && !isOpen(slot) ? [position] : []));
  const room = Math.max(1, mostRows(capabilities, capabilities.maxLength) - beyond.length - masked.length);
  storeLongPrompt(target, ids.slice(target.length, first), room);
  const stored = target.length;
  const pending = Array.from({ length: first - stored }, (_, i) => stored + i);
  const known = [...pending, ...beyond];
  return target.forward({
    tokens: [...known.map((position) => ids[position]), ...masked.map(() => mask)],
    positions: [...known, ...masked],
    attend: "causal",
    rows: masked.map((_, i) => known.length + i),
    keep: pending.length,
  });
}

/** Found by its folder (`decode/index.ts`). */
export default windowDiffusion;
