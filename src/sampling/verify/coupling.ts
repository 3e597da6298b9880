import { PURPOSE, type Purpose } from "../noise.js";
import { childrenOf, type Decision, type Round, type Verifier } from "./verifier.js";
import type { Chance } from "./chance.js";

/**
 * A draft is accepted iff it is the token that autoregressive would draw there, with the same noise. A drafter that adds
 * this noise to its own law is right with probability (1 - TV) / (1 + TV) or more (arXiv 2408.07978).
 */
export const coupling: Verifier = {
  name: "coupling",
  label: "Shared noise",
  summary: "Accepts the token that autoregressive would draw with the same noise; the text is the same",
  fidelity: "identical",
  shape: "tree",
  needsDraftLaw: false,
  needsRawLaw: false,
  decide: (round, chance) => walkByDraw(round, chance, PURPOSE.token),
};

/**
 * For drafts that no law was drawn for: looked up, or the likeliest ones. One draw of the target at each node; the draft
 * equal to it is accepted. A draft is accepted with probability p(x), as rejection does with all of q on one token.
 */
export const pointMass: Verifier = {
  name: "point-mass",
  label: "Sample and match",
  summary: "Draws from the target with noise of its own and accepts the draft that is equal; for drafts by look-up",
  fidelity: "distribution",
  shape: "tree",
  needsDraftLaw: false,
  needsRawLaw: false,
  decide: (round, chance) => walkByDraw(round, chance, PURPOSE.residual),
};

function walkByDraw(round: Round, chance: Chance, purpose: Purpose): Decision {
  const path: number[] = [];
  for (let node = -1; ; ) {
    const token = chance.draw(round.target[node + 1], purpose, path.length, 0);
    const match = childrenOf(round, node).find((draft) => round.tokens[draft] === token);
    if (match === undefined) return { path, token };
    path.push(match);
    node = match;
  }
}
