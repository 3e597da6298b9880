import { InvalidOptionError } from "../../vocabulary/errors.js";
import type { TokenId } from "../../vocabulary/events.js";
import type { Capabilities } from "../../seam/capabilities.js";
import type { Attend } from "../../seam/forward.js";
import type { Model } from "../../seam/model.js";
import type { Session } from "../../seam/session.js";

/** Rows per forward where the attention allows any number: bounds what logits take. */
const ROWS_PER_FORWARD = 64;

/** What `triptych score` is asked: logits of the last `last` positions of `ids` under `attend`. */
export interface ScoreRequest {
  ids: readonly TokenId[];
  attend: "causal" | "full" | { block: number };
  /** The last `parents.length` ids are a draft tree on the rest, which is causal. */
  parents: readonly number[] | null;
  last: number;
}

/** Raw logits, one row per position; `logprobs[i]` of id i + 1 given those before it, for causal attention alone. */
export interface ScoreResult {
  logits: number[][];
  logprobs?: number[];
}

/** Log-probability of `token` under one row of raw logits, in float64. */
export function logprobOf(logits: Float32Array, token: TokenId): number {
  let max = Number.NEGATIVE_INFINITY;
  for (const logit of logits) if (logit > max) max = logit;
  let sum = 0;
  for (const logit of logits) sum += Math.exp(logit - max);
  return logits[token] - max - Math.log(sum);
}

/** Runs `use` on a session of its own, which is disposed of in any case. */
async function withSession<T>(model: Model, use: (session: Session) => Promise<T>): Promise<T> {
  const session = model.session();
  try {
    return await use(session);
  } finally {
    session.dispose();
  }
}

/** Refuses ids that a model of these capabilities can't read: throws `InvalidOptionError`. */
export function checkIds(
  { vocabSize, maxLength }: Pick<Capabilities, "vocabSize" | "maxLength">,
  { ids, parents, last }: ScoreRequest,
): void {
  if (ids.length === 0) throw new InvalidOptionError("--ids is empty: give at least one id.");
  const bad = ids.find((id) => id >= vocabSize);
  if (bad !== undefined) {
    throw new InvalidOptionError(`--ids holds ${bad}: this model's vocabulary has ids 0 to ${vocabSize - 1}.`);
  }
  if (ids.length > maxLength) {
    throw new InvalidOptionError(`--ids has ${ids.length} ids: this model's context holds ${maxLength}.`);
  }
  if (last > ids.length) throw new InvalidOptionError(`--last ${last}: there are only ${ids.length} ids.`);
  if (!parents) return;
  if (parents.length >= ids.length) {
    throw new InvalidOptionError(`--parents has ${parents.length} entries: the tree needs at least one id before it.`);
  }
  const wrong = parents.findIndex((parent, row) => parent < -1 || parent >= row);
  if (wrong >= 0) {
    throw new InvalidOptionError(
      `--parents entry ${wrong} is ${parents[wrong]}: a parent is -1 or an earlier entry's index.`,
    );
  }
}

/** One forward of all of `tokens`; calls `row` with those from `firstRow` on. */
async function forwardRows(
  session: Session,
  tokens: readonly TokenId[],
  { attend, keep, firstRow }: { attend: Attend; keep: number; firstRow: number },
  row: (logits: Float32Array, index: number) => void,
): Promise<void> {
  const indices = Array.from({ length: tokens.length - firstRow }, (_, i) => firstRow + i);
  const rows = session.forward({ tokens, attend, rows: indices, keep });
  if (indices.length === 0) return;
  const logits = await rows.logits();
  const vocabSize = logits.length / indices.length;
  indices.forEach((index, i) => {
    row(logits.subarray(i * vocabSize, (i + 1) * vocabSize), index);
  });
}

/** Calls `row` for each position of `ids` read causally, from position `first` on. */
async function causalRows(
  session: Session,
  ids: readonly TokenId[],
  first: number,
  row: (logits: Float32Array, position: number) => void,
): Promise<void> {
  for (let start = 0; start < ids.length; start += ROWS_PER_FORWARD) {
    const tokens = ids.slice(start, start + ROWS_PER_FORWARD);
    const firstRow = Math.min(tokens.length, Math.max(0, first - start));
    await forwardRows(session, tokens, { attend: "causal", keep: tokens.length, firstRow }, (logits, index) =>
      row(logits, start + index),
    );
  }
}

/** Answers one `score` request. */
export function score(model: Model, request: ScoreRequest): Promise<ScoreResult> {
  checkIds(model.capabilities, request);
  const { ids, attend, parents, last } = request;
  const first = ids.length - last;
  return withSession(model, async (session) => {
    const logits: number[][] = [];
    const collect = (row: Float32Array) => logits.push(Array.from(row, (logit) => Number(logit.toPrecision(9))));
    if (parents) {
      const prefix = ids.length - parents.length;
      await causalRows(session, ids.slice(0, prefix), first, collect);
      const firstRow = Math.max(0, first - prefix);
      await forwardRows(session, ids.slice(prefix), { attend: { parents }, keep: 0, firstRow }, collect);
      return { logits };
    }
    if (attend !== "causal") {
      await forwardRows(session, ids, { attend, keep: 0, firstRow: first }, collect);
      return { logits };
    }
    const logprobs: number[] = [];
    await causalRows(session, ids, 0, (row, position) => {
      if (position + 1 < ids.length) logprobs.push(Number(logprobOf(row, ids[position + 1]).toPrecision(9)));
      if (position >= first) collect(row);
    });
    return { logits, logprobs };
  });
}

/** A way to stop, and what is told as each row begins, by its index. */
export interface ScoringHooks {
  signal?: AbortSignal;
  onRow?: (index: number) => void;
}

/** Mean negative log-likelihood per token, in nats, of every id but the first of each row; and how many those are. */
export async function scoreRows(
  model: Model,
  rows: readonly (readonly TokenId[])[],
  { signal, onRow }: ScoringHooks = {},
): Promise<{ nll: number; tokens: number }> {
  let sum = 0;
  let tokens = 0;
  for (const [index, ids] of rows.entries()) {
    signal?.throwIfAborted();
    onRow?.(index);
    checkIds(model.capabilities, { ids, attend: "causal", parents: null, last: 0 });
    await withSession(model, (session) =>
      causalRows(session, ids.slice(0, -1), 0, (row, position) => {
        sum -= logprobOf(row, ids[position + 1]);
        tokens++;
      }),
    );
  }
  if (tokens === 0) throw new InvalidOptionError("--text-file holds no document of at least 64 ids.");
  return { nll: sum / tokens, tokens };
}
