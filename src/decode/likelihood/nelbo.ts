import { InvalidOptionError } from "../../vocabulary/errors.js";
import type { TokenId } from "../../vocabulary/events.js";
import type { Model } from "../../seam/model.js";
import type { Session } from "../../seam/session.js";
import { PURPOSE, uniform } from "../../sampling/noise.js";
import { logprobOf, type ScoringHooks } from "./score.js";

/** How to estimate a bound: blocks of so many tokens, so many mask patterns for each row, from this seed. */
export interface NelboRequest {
  block: number;
  draws: number;
  seed: number;
}

/** In nats per token. The error is that of the random masks alone: of the mean of `draws` estimates. */
export interface NelboResult {
  nelbo: number;
  standard_error: number;
  tokens: number;
}

/** Rows are cut to a multiple of this, as `evaluation.json` beside the models defines its figures. */
const ROW_MULTIPLE = 32;

/** The rows, each cut to what a bound counts. */
export function evenRows(rows: readonly (readonly TokenId[])[]): TokenId[][] {
  return rows.map((row) => row.slice(0, Math.floor(row.length / ROW_MULTIPLE) * ROW_MULTIPLE));
}

/**
 * An estimate of the negative evidence lower bound of rows of ids under block diffusion, positions 1 to T - 1. For a model
 * that isn't told the time, E over levels t of (1 / t) Σ over masked positions of -log p (MDLM, arXiv 2406.07524; BD3-LM,
 * arXiv 2503.09573) is B E over n of (1 / n) Σ, with n of a block's B tokens masked, n uniform from 1 to B: the integral over t
 * done, which leaves out its heavy tail.
 * Throws `InvalidOptionError` for a model without such blocks or that doesn't fill them in place, or fewer than two draws.
 */
export async function nelboOfRows(
  model: Model,
  rows: readonly (readonly TokenId[])[],
  { block, draws, seed }: NelboRequest,
  { signal, onRow }: ScoringHooks = {},
): Promise<NelboResult> {
  const { blockLengths, maskToken, inPlace } = model.capabilities;
  if (!blockLengths.includes(block) || maskToken === null) {
    const allowed = blockLengths.length > 0 ? `block:${blockLengths.join(", block:")}` : "a model trained on blocks";
    throw new InvalidOptionError(`--nelbo can't be block:${block} for this model: it takes ${allowed}.`);
  }
  if (!inPlace) {
    throw new InvalidOptionError(
      "--nelbo is for models that fill a position in place; this one fills it from the row before, by which its blocks aren't read on their own.",
    );
  }
  if (draws < 2) throw new InvalidOptionError(`--draws ${draws}: give at least 2, of which the error is found.`);
  const sums = new Float64Array(draws);
  let tokens = 0;
  for (const [index, ids] of evenRows(rows).entries()) {
    onRow?.(index);
    const session = model.session();
    try {
      for (let start = 0; start < ids.length; start += block) {
        signal?.throwIfAborted();
        // Position 0 is given.
        const free = Array.from({ length: block }, (_, i) => start + i).filter((position) => position > 0);
        for (let draw = 0; draw < draws && free.length > 0; draw++) {
          const key = { seed, index, draw };
          const count = countMasked(key, start / block, ids.length / block, free.length);
          const masked = someOf(free, count, key);
          const loss = await lossOf(session, ids, start, block, masked, maskToken);
          sums[draw] += (free.length / count) * loss;
        }
      }
    } finally {
      session.dispose();
    }
    tokens += ids.length - 1;
  }
  if (tokens <= 0) throw new InvalidOptionError("--text-file holds no document of at least 64 ids.");
  const estimates = [...sums].map((sum) => sum / tokens);
  const mean = estimates.reduce((a, b) => a + b, 0) / draws;
  const variance = estimates.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (draws - 1);
  return { nelbo: mean, standard_error: Math.sqrt(variance / draws), tokens };
}

interface Key {
  seed: number;
  /** Number of the row. */
  index: number;
  draw: number;
}

/** How many of the block's `numFree` tokens are masked: a row's blocks take every equal part of 1 to `numFree`, shuffled. */
function countMasked({ seed, index, draw }: Key, block: number, numBlocks: number, numFree: number): number {
  const offset = uniform(seed, PURPOSE.remask, 0, draw, index);
  const keys = Array.from({ length: numBlocks }, (_, i) => uniform(seed, PURPOSE.order, i, draw, index));
  const rank = keys.filter((key) => key < keys[block]).length;
  return 1 + Math.floor(((rank + offset) / numBlocks) * numFree);
}

/** So many of these positions, at random. */
function someOf(positions: readonly number[], count: number, { seed, index, draw }: Key): number[] {
  const keys = new Map(positions.map((at) => [at, uniform(seed, PURPOSE.unmask, at, draw, index)]));
  return positions.toSorted((a, b) => (keys.get(a) ?? 0) - (keys.get(b) ?? 0)).slice(0, count);
}

/** Sum of -log p of the masked ids; stores the blocks before this one if they aren't yet. */
async function lossOf(
  session: Session,
  ids: readonly TokenId[],
  start: number,
  block: number,
  masked: readonly number[],
  maskToken: TokenId,
): Promise<number> {
  const { length } = session;
  const tokens = ids.slice(length, start + block);
  for (const position of masked) tokens[position - length] = maskToken;
  const at = masked.map((position) => position - length);
  const rows = session.forward({ tokens, attend: { block }, rows: at, keep: start - length });
  const logits = await rows.logits();
  const vocab = logits.length / masked.length;
  // A mask is never what stands behind a mask.
  for (let i = 0; i < masked.length; i++) logits[i * vocab + maskToken] = Number.NEGATIVE_INFINITY;
  return masked.reduce(
    (sum, position, i) => sum - logprobOf(logits.subarray(i * vocab, (i + 1) * vocab), ids[position]),
    0,
  );
}
