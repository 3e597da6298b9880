import type { TokenId } from "../events.js";
import type { Model, Pending, Rows, Sampler, Session, Unmasked, UnmaskPolicy } from "../model/session.js";
import { softmax } from "../sampling/processors.js";

/** Walks every way that a run's random choices can fall, one path a run, and knows each path's probability. */
export class Paths {
  private readonly trail: { index: number; weights: readonly number[] }[] = [];
  private depth = 0;

  /** Product of the chosen weights so far. */
  get probability(): number {
    return this.trail.slice(0, this.depth).reduce((product, { index, weights }) => product * weights[index], 1);
  }

  /** One of the outcomes with these probabilities. */
  choose(weights: readonly number[]): number {
    if (this.depth === this.trail.length) this.trail.push({ index: nextPossible(weights, -1), weights });
    return this.trail[this.depth++].index;
  }

  /** Goes to the next path; false after the last. */
  next(): boolean {
    this.depth = 0;
    for (;;) {
      const last = this.trail.at(-1);
      if (!last) return false;
      last.index = nextPossible(last.weights, last.index);
      if (last.index < last.weights.length) return true;
      this.trail.pop();
    }
  }
}

/**
 * A model whose unmask selections follow `paths` where the real ones follow noise: the rows to commit uniformly without
 * replacement (random order, by quota), their tokens by the rows' own law at temperature 1.
 */
export function branchingModel(model: Model, paths: Paths): Model {
  return { ...model, session: () => branchingSession(model.session(), paths) };
}

function branchingSession(session: Session, paths: Paths): Session {
  return new Proxy(session, {
    get(inner, name) {
      if (name === "forward") {
        return (...args: Parameters<Session["forward"]>) => branchingRows(inner.forward(...args), paths);
      }
      const value: unknown = Reflect.get(inner, name, inner);
      return typeof value === "function" ? value.bind(inner) : value;
    },
  });
}

function branchingRows(rows: Rows, paths: Paths): Rows {
  const unmask = (sampler: Sampler, policy: UnmaskPolicy): Pending<Unmasked> => {
    const logits = rows.logits();
    const pending = rows.unmask(sampler, policy);
    return {
      ref: (pick) => pending.ref(pick),
      read: async () => branch(await logits, rows.count, sampler, policy, paths),
    };
  };
  return new Proxy(rows, { get: (inner, name) => (name === "unmask" ? unmask : Reflect.get(inner, name, inner)) });
}

function branch(logits: Float32Array, count: number, sampler: Sampler, policy: UnmaskPolicy, paths: Paths): Unmasked {
  const vocabSize = logits.length / count;
  const free = Array.from({ length: count }, (_, row) => row);
  const tokens = new Map<number, TokenId>();
  for (let i = Math.min(policy.quota ?? 1, count); i > 0; i--) {
    const [row] = free.splice(paths.choose(free.map(() => 1 / free.length)), 1);
    const law = Float64Array.from(logits.subarray(row * vocabSize, (row + 1) * vocabSize));
    for (const id of sampler.suppress) law[id] = Number.NEGATIVE_INFINITY;
    tokens.set(row, paths.choose([...softmax(law)]));
  }
  return {
    rows: Array.from({ length: count }, (_, row) => ({
      token: tokens.get(row) ?? 0,
      logprob: 0,
      commit: tokens.has(row),
    })),
  };
}

function nextPossible(weights: readonly number[], index: number): number {
  let next = index + 1;
  while (next < weights.length && weights[next] === 0) next++;
  return next;
}
