import { LENGTH_POLICY } from "../../extension/length-policy/key.js";
import type { TokenId } from "../../vocabulary/events.js";
import type { BlockPlan, Span } from "./block-plan.js";
import type { Run } from "../decoder.js";
import { storeBlocks } from "../long-prompt.js";

/**
 * Chooses a block by the policy that the model was loaded with (after CtrlDiff, arXiv 2505.14455): of the blocks that may begin
 * at `start`, the one whose length it scores highest by the state of the last stored token; the shortest where nothing is
 * stored. `ids` is what stands before. Takes a forward of the last stored block, so that the choice is the same for a run that is
 * started again.
 */
export async function chooseByPolicy(
  { target, capabilities }: Run,
  blocks: BlockPlan,
  start: number,
  ids: readonly TokenId[],
): Promise<Span> {
  const { maxLength, policyLengths } = capabilities;
  const [shortest, ...longer] = blocks.lengthsAt(start);
  const spanOf = (length: number) => ({ start, end: Math.min(start + length, maxLength) });
  if (start === 0 || longer.length === 0) return spanOf(shortest);
  const policy = target.beside(LENGTH_POLICY);
  const known = start - blocks.stored;
  if (target.length > known) target.truncate(known);
  storeBlocks(target, ids, blocks, start);
  const numStored = target.length;
  const keep = start - numStored;
  const attend = blocks.attend(numStored, { start, end: start });
  target.forward({ tokens: ids.slice(numStored, start), attend, rows: [], hidden: true, keep });
  const scores = await policy.score(keep - 1);
  const scoreOf = (length: number) => scores[policyLengths.indexOf(length)] ?? Number.NEGATIVE_INFINITY;
  return spanOf(longer.reduce((best, length) => (scoreOf(length) > scoreOf(best) ? length : best), shortest));
}
