import { PURPOSE } from "../noise.js";
import { draftLaws, massOf, ratio, residualOf, type Round, type Verifier } from "./verifier.js";

/**
 * Decides on the chain as a whole: the longest beginning whose own test passes is accepted, even if a shorter one's
 * fails. Accepts at least as many drafts as `rejection` on average (arXiv 2403.10444).
 */
export const block: Verifier = {
  name: "block",
  label: "Block",
  summary: "Accepts the longest beginning of the drafts that passes a joint test; at least as many as rejection",
  fidelity: "distribution",
  shape: "chain",
  needsDraftLaw: true,
  needsRawLaw: false,
  decide(round, chance) {
    const { tokens, target } = round;
    const reach = blockReach(round);
    let accepted = tokens.length;
    while (accepted > 0 && !chance.accept(passProbability(round, reach, accepted), accepted - 1, 0)) accepted--;
    const path = [...tokens.keys()].slice(0, accepted);
    if (accepted === tokens.length) return { path, token: chance.draw(target[accepted], PURPOSE.token, accepted, 0) };
    const residual = residualOf(target[accepted], draftLaws(round)[accepted], reach[accepted]);
    return { path, token: chance.draw(residual, PURPOSE.residual, accepted, 0) };
  },
};

/** P_0 = 1, P_i = min(1, P_(i-1) p(x_i) / q(x_i)): what is left of the first i drafts' joint ratio. */
function blockReach(round: Round): number[] {
  const reach = [1];
  for (const [i, token] of round.tokens.entries()) {
    reach.push(Math.min(1, reach[i] * ratio(round.target[i], draftLaws(round)[i], token)));
  }
  return reach;
}

function passProbability(round: Round, reach: readonly number[], length: number): number {
  if (length === round.tokens.length) return reach[length];
  const [p, q] = [round.target[length], draftLaws(round)[length]];
  const left = massOf(p.map((probability, token) => Math.max(reach[length] * probability - q[token], 0)));
  const lost = 1 - reach[length];
  // Nothing left and nothing lost: the laws are equal here, so every longer beginning passes first.
  return left + lost > 0 ? left / (left + lost) : 1;
}
