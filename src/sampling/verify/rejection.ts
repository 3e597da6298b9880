import { PURPOSE } from "../noise.js";
import { draftLaws, ratio, residualOf, type Verifier } from "./verifier.js";

/**
 * Accepts draft x with probability min(1, p(x) / q(x)); the first one that fails is replaced by a token of
 * max(p - q, 0). A draft passes with probability sum min(p, q) (arXiv 2211.17192, 2302.01318).
 */
export const rejection: Verifier = {
  name: "rejection",
  label: "Rejection",
  summary: "Accepts draft by draft with probability p/q; draws from the residual where one fails",
  fidelity: "distribution",
  shape: "chain",
  needsDraftLaw: true,
  needsRawLaw: false,
  decide(round, chance) {
    const { tokens, target } = round;
    const path: number[] = [];
    for (const [i, token] of tokens.entries()) {
      const [p, q] = [target[i], draftLaws(round)[i]];
      if (!chance.accept(ratio(p, q, token), i, 0)) {
        return { path, token: chance.draw(residualOf(p, q), PURPOSE.residual, i, 0) };
      }
      path.push(i);
    }
    return { path, token: chance.draw(target[tokens.length], PURPOSE.token, tokens.length, 0) };
  },
};
