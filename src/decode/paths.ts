import type { TokenId } from "../events.js";
import type { Model, Rows, Sampler, Session, Unmasked, UnmaskPolicy } from "../model/session.js";
import { softmax } from "../sampling/processors.js";
import { chooseCommits } from "../sampling/unmask.js";

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
 * A model whose draws of masked rows follow `paths` where the real ones follow noise: tokens by the rows' own law at
 * temperature 1, and in random order the rows to commit, uniformly without replacement.
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
      if (name === "head") return () => branchingSession(inner.head(), paths);
      const value: unknown = Reflect.get(inner, name, inner);
      return typeof value === "function" ? value.bind(inner) : value;
    },
  });
}

function branchingRows(rows: Rows, paths: Paths): Rows {
  const measure: Rows["measure"] = (sampler, how) => {
    const pending = rows.measure(sampler, how);
    return {
      ref: (pick) => pending.ref(pick),
      read: async () => {
        const laws = await lawsOf(rows, sampler);
        const measured = await pending.read();
        return measured.map((row, i) => ({ ...row, ...drawFrom(laws[i], paths) }));
      },
    };
  };
  const unmask: Rows["unmask"] = (sampler, policy) => {
    const pending = rows.unmask(sampler, policy);
    return {
      ref: (pick) => pending.ref(pick),
      read: async () => branch(await lawsOf(rows, sampler), sampler, policy, paths),
    };
  };
  return new Proxy(rows, {
    get: (inner, name) => (name === "unmask" ? unmask : name === "measure" ? measure : Reflect.get(inner, name, inner)),
  });
}

/** Each row's law at temperature 1, biased as the sampler has it. */
async function lawsOf(rows: Rows, { logitBias, suppress }: Sampler): Promise<Float64Array[]> {
  const { count } = rows;
  const logits = await rows.logits();
  const vocabSize = logits.length / count;
  return Array.from({ length: count }, (_, row) => {
    const law = Float64Array.from(logits.subarray(row * vocabSize, (row + 1) * vocabSize));
    for (const [id, bias] of logitBias) law[id] += bias;
    for (const id of suppress) law[id] = Number.NEGATIVE_INFINITY;
    return softmax(law);
  });
}

function drawFrom(law: Float64Array, paths: Paths): { token: TokenId; logprob: number } {
  const token = paths.choose([...law]);
  return { token, logprob: Math.log(law[token]) };
}

function branch(laws: readonly Float64Array[], sampler: Sampler, policy: UnmaskPolicy, paths: Paths): Unmasked {
  if (policy.order !== "random") {
    const drawn = laws.map((law) => drawFrom(law, paths));
    // Rows are in the order of their positions.
    const candidates = drawn.map(({ logprob }, position) => ({ position, logprob }));
    const commits = chooseCommits(candidates, policy, sampler.seed);
    return { rows: drawn.map((row, i) => ({ ...row, commit: commits[i] })) };
  }
  // Only what is committed is drawn: fewer paths.
  const free = [...laws.keys()];
  const drawn = new Map<number, { token: TokenId; logprob: number }>();
  for (let i = Math.min(policy.quota ?? 1, laws.length); i > 0; i--) {
    const [row] = free.splice(paths.choose(free.map(() => 1 / free.length)), 1);
    drawn.set(row, drawFrom(laws[row], paths));
  }
  return { rows: laws.map((_, row) => ({ token: 0, logprob: 0, ...drawn.get(row), commit: drawn.has(row) })) };
}

function nextPossible(weights: readonly number[], index: number): number {
  let next = index + 1;
  while (next < weights.length && weights[next] === 0) next++;
  return next;
}
