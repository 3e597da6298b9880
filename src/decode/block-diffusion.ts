import type { Slot } from "../canvas.js";
import { invariant } from "../errors.js";
import type { Sampler } from "../model/session.js";
import { Committer } from "./commit/committer.js";
import { COMMIT_OPTIONS, commitFidelity, resolveCommit } from "./commit/index.js";
import { type Decoder, defineDecoder, type Run } from "./decoder.js";
import { COMMON_OPTIONS, invalidValue, numberOption } from "./options.js";

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
      doc: "Tokens denoised together; one of the lengths the model was trained with, by default its own",
      default: null,
      min: 1,
    },
    ...COMMIT_OPTIONS,
  },
  resolve(options, { blockLengths }) {
    const block_length = options.block_length ?? blockLengths[0] ?? null;
    if (block_length !== null && blockLengths.length > 0 && !blockLengths.includes(Number(block_length))) {
      throw invalidValue("block_length", block_length, `the model was trained with ${blockLengths.join(", ")}`);
    }
    return resolveCommit({ ...options, block_length });
  },
  fidelity: commitFidelity,
  needs: ({ block_length }) => ({ block: Number(block_length ?? 0), maskToken: true, inPlace: true }),
  async *run(run) {
    const { canvas, target, capabilities, options } = run;
    const mask = capabilities.maskToken;
    invariant(mask !== null, "block-diffusion runs on a model with a mask token");
    const block = numberOption(options, "block_length");
    const sampler: Sampler = { ...run.sampler, suppress: [...run.sampler.suppress, mask] };
    const committer = new Committer(options, target);
    for (;;) {
      const slots = canvas.slots();
      const firstMask = slots.findIndex(({ state }) => state === "mask");
      const first = firstMask < 0 ? slots.length : firstMask;
      const start = Math.floor(first / block) * block;
      const end = Math.min(start + block, capabilities.maxLength);
      if (first >= end) return;
      if (target.length > start) target.truncate(start);
      const numNew = Math.max(0, end - slots.length);
      const tokens = [...canvas.ids(mask), ...new Array<number>(numNew).fill(mask)].slice(target.length, end);
      const masked = slots.slice(start, end).filter(({ state }) => state === "mask");
      const positions = Array.from({ length: end - start }, (_, i) => start + i).filter(
        (position) => position >= slots.length || slots[position].state === "mask",
      );
      const rows = target.forward({
        tokens,
        attend: { block },
        rows: positions.map((position) => position - target.length),
        keep: start - target.length,
      });
      const chosen = await committer.choose(rows, sampler, positions, blockState(run, start, end));
      yield run.now((edit) => {
        const ids = masked.map(({ id }) => id);
        for (let i = 0; i < numNew; i++) ids.push(edit.append(null, "mask"));
        chosen.forEach(({ token, logprob, commit }, i) => {
          if (commit) edit.write(ids[i], token, "committed", logprob);
        });
      });
    }
  },
});

/** Where the block stands, from the canvas alone: a run that starts again here goes on the same way. */
function blockState({ canvas, capabilities, maxNewTokens, options }: Run, start: number, end: number) {
  const block = numberOption(options, "block_length");
  const isCommitted = ({ state }: Slot) => state === "committed";
  const own = canvas.slots().slice(start, end);
  const firstBlock = Math.floor(canvas.promptLength / block);
  const textEnd = Math.min(canvas.promptLength + maxNewTokens, capabilities.maxLength);
  return {
    numMasks: end - start - own.filter(({ state }) => state === "prompt").length,
    numCommitted: own.filter(isCommitted).length,
    index: start / block - firstBlock,
    numBlocks: Math.ceil(textEnd / block) - firstBlock,
    draw: canvas.slots().filter(isCommitted).length,
  };
}
