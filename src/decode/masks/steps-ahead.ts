import type { TokenId } from "../../vocabulary/events.js";
import type { TokenRef } from "../../seam/pending.js";
import type { Rows } from "../../seam/rows.js";
import type { Sampler } from "../../seam/sampler.js";
import { unmask, type Unmasked, type UnmaskPolicy } from "../../seam/questions/unmask.js";
import { applyChoice, chosen, type Committer } from "./commit/committer.js";
import type { Editor, Run, Step } from "../decoder.js";

/** A block whose steps are recorded one behind the other. */
export interface BlockAhead {
  sampler: Sampler;
  /** `policiesAhead`. */
  policies: readonly UnmaskPolicy[];
  mask: TokenId;
  /** Positions of the block's masks. */
  positions: readonly number[];
  /** The first forward's rows, of these positions. */
  rows: Rows;
  /** What that forward read, by position. */
  tokens: readonly TokenId[];
  /** The same forward of other tokens. */
  again(tokens: readonly (TokenId | TokenRef)[]): Rows;
  /** Opens the block's masks on the canvas. */
  open(edit: Editor): void;
}

/**
 * The policies of this step and all later ones of a block, where they are known beforehand and results are worth recording steps
 * ahead of: on a slow device reading one costs nothing beside a step. Else empty.
 */
export function policiesAhead(
  { stepsPerSync, sampler }: Run,
  committer: Committer,
  state: Parameters<Committer["policies"]>[0],
): UnmaskPolicy[] {
  return stepsPerSync >= 2 ? committer.policies(state, sampler.seed) : [];
}

/**
 * Steps of a block that know beforehand how many masks each commits: the GPU chooses which, and the next forward reads its
 * choice there, so that several steps share a submit and a readback. The last one waits, since what follows needs the canvas.
 */
export async function* stepsAhead(run: Run, block: BlockAhead): AsyncGenerator<Step, void, void> {
  const { sampler, policies, mask, positions, tokens, again, open } = block;
  let { rows } = block;
  for (const [i, policy] of policies.entries()) {
    const pending = rows.ask(unmask(sampler, { ...policy, mask }));
    const edits = (edit: Editor, unmasked: Unmasked) => {
      if (i === 0) open(edit);
      applyChoice(edit, chosen(unmasked, positions), run.canvas, []);
    };
    if (i === policies.length - 1) {
      const unmasked = await pending.read();
      yield run.now((edit) => edits(edit, unmasked));
      return;
    }
    yield run.later(pending, edits);
    const next: (TokenId | TokenRef)[] = [...tokens];
    for (const [row, position] of positions.entries()) next[position] = pending.ref(row);
    rows = again(next);
  }
}
