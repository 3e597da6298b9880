import { PURPOSE } from "../noise.js";
import type { Law } from "./chance.js";
import type { Round, Verifier } from "./verifier.js";

/** Limits of typical acceptance. */
export interface TypicalLimits {
  /** A draft this likely is always typical. */
  epsilon: number;
  /** Scale of the limit where the target is unsure: delta * exp(-entropy). */
  delta: number;
}

/**
 * Accepts a draft with p(x) > min(epsilon, delta exp(-H(p))), the longest such path of the tree, the likeliest one among
 * equals (Medusa, arXiv 2401.10774). At temperature 0 only the argmax passes.
 */
export function typicalWith({ epsilon, delta }: TypicalLimits): Verifier {
  return {
    name: "typical",
    label: "Typical",
    summary: "Accepts drafts that the target finds likely enough; the text's distribution changes",
    fidelity: "approximate",
    shape: "tree",
    needsDraftLaw: false,
    needsRawLaw: false,
    decide(round, chance) {
      const limits = round.target.map((law) => Math.min(epsilon, delta * Math.exp(-entropyOf(law))));
      const path = longestPath(round, (p, row) => p > limits[row]);
      const last = path.at(-1) ?? -1;
      return { path, token: chance.draw(round.target[last + 1], PURPOSE.token, path.length, 0) };
    },
  };
}

/** Typical acceptance with the limits of its authors' code. */
export const typical: Verifier = typicalWith({ epsilon: 0.09, delta: 0.3 });

function longestPath({ tokens, parents, target }: Round, isTypical: (p: number, row: number) => boolean): number[] {
  const paths = new Map<number, { drafts: number[]; logprob: number }>([[-1, { drafts: [], logprob: 0 }]]);
  let best = { drafts: [] as number[], logprob: 0 };
  for (const [draft, token] of tokens.entries()) {
    const before = paths.get(parents[draft]);
    const row = parents[draft] + 1;
    const p = target[row][token];
    if (!before || !isTypical(p, row)) continue;
    const path = { drafts: [...before.drafts, draft], logprob: before.logprob + Math.log(p) };
    paths.set(draft, path);
    const longer = path.drafts.length - best.drafts.length;
    if (longer > 0 || (longer === 0 && path.logprob > best.logprob)) best = path;
  }
  return best.drafts;
}

/** In nats. */
function entropyOf(law: Law): number {
  return law.reduce((sum, p) => (p > 0 ? sum - p * Math.log(p) : sum), 0);
}
