import { PURPOSE } from "../noise.js";
import type { Chance, Law } from "./chance.js";
import {
  childrenOf,
  type Decision,
  draftLaws,
  massOf,
  ratio,
  residualOf,
  type Round,
  type Verifier,
} from "./verifier.js";

/** For trees whose drafts behind a node were drawn independently, repeats and all (SpecInfer, arXiv 2305.09781). */
export const recursive: Verifier = {
  name: "recursive",
  label: "Recursive rejection",
  summary: "Tries the drafts behind a node in turn, each against what the ones before left of the target's law",
  fidelity: "distribution",
  shape: "tree",
  needsDraftLaw: true,
  needsRawLaw: false,
  decide: (round, chance) => descend(round, chance, (q) => q),
};

/** For trees whose drafts behind a node were drawn without replacement (Sequoia, arXiv 2402.12374). */
export const recursiveWithoutReplacement: Verifier = {
  name: "recursive-without-replacement",
  label: "Recursive rejection, distinct drafts",
  summary: "Recursive rejection for drafts drawn without replacement: a draft that failed leaves the draft law too",
  fidelity: "distribution",
  shape: "tree",
  needsDraftLaw: true,
  needsRawLaw: false,
  decide: (round, chance) => descend(round, chance, without),
};

/** `update`: the law of the next draft behind the same node, once `token` has failed. */
function descend(round: Round, chance: Chance, update: (q: Law, token: number) => Law): Decision {
  const path: number[] = [];
  for (let node = -1; ; ) {
    const drafts = childrenOf(round, node);
    const depth = path.length;
    let p = round.target[node + 1];
    if (drafts.length === 0) return { path, token: chance.draw(p, PURPOSE.token, depth, 0) };
    let q = draftLaws(round)[node + 1];
    let accepted = -1;
    for (const [chain, draft] of drafts.entries()) {
      const token = round.tokens[draft];
      if (chance.accept(ratio(p, q, token), depth, chain)) {
        accepted = draft;
        break;
      }
      p = normalised(residualOf(p, q));
      q = update(q, token);
    }
    if (accepted < 0) return { path, token: chance.draw(p, PURPOSE.residual, depth, 0) };
    path.push(accepted);
    node = accepted;
  }
}

/** The law of the next draw without replacement after `token`; all zero when it was the last one. */
export function without(q: Law, token: number): Law {
  const rest = q.map((probability, id) => (id === token ? 0 : probability));
  return massOf(rest) > 0 ? normalised(rest) : rest;
}

function normalised(weights: Law): Law {
  const mass = massOf(weights);
  return weights.map((weight) => weight / mass);
}
