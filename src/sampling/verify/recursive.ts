import type { TokenId } from "../../vocabulary/events.js";
import { PURPOSE } from "../noise.js";
import type { Chance, Law } from "./chance.js";
import {
  childrenOf,
  type Decision,
  draftLaws,
  massOf,
  pathTo,
  ratio,
  residualOf,
  type Round,
  type Verifier,
} from "./verifier.js";

/** Drafts are tried while at least this share of the law they were drawn from is left: float32 doesn't resolve less. */
const LEAST_LEFT = 2 ** -10;

/** For trees whose drafts behind a node were drawn independently, repeats and all (SpecInfer, arXiv 2305.09781). */
export const recursive: Verifier = {
  name: "recursive",
  label: "Recursive rejection",
  summary: "Tries the drafts behind a node in turn, each against what the ones before left of the target's law",
  fidelity: "distribution",
  shape: "tree",
  needsDraftLaw: true,
  needsRawLaw: false,
  decide: (round, chance) => descend(round, chance, false),
};

/**
 * For trees whose drafts behind a node were drawn without replacement (Sequoia, arXiv 2402.12374). A draft that equals an
 * earlier one behind the same node fills a place where nothing was left of the law: neither it nor what is behind it counts.
 */
export const recursiveWithoutReplacement: Verifier = {
  name: "recursive-without-replacement",
  label: "Recursive rejection, distinct drafts",
  summary: "Recursive rejection for drafts drawn without replacement: a draft that failed leaves the draft law too",
  fidelity: "distribution",
  shape: "tree",
  needsDraftLaw: true,
  needsRawLaw: false,
  decide: (round, chance) => descend(round, chance, true),
};

/** Drafts of equal text count as one node unless they should be distinct: what is behind them was drawn from one law. */
function descend(round: Round, chance: Chance, isDistinct: boolean): Decision {
  let nodes = [-1];
  for (let depth = 0; ; depth++) {
    const row = nodes[0] + 1;
    const path = () => pathTo(round, nodes[0]);
    const drafts = nodes.flatMap((node) => childrenOf(round, node));
    let p = round.target[row];
    if (drafts.length === 0) return { path: path(), token: chance.draw(p, PURPOSE.token, depth, 0) };
    let q = draftLaws(round)[row];
    let left = 1;
    const accepted = drafts.find((draft, chain) => {
      const token = round.tokens[draft];
      // Ending early is right as well: it depends on nothing but drafts that have failed.
      if (left < LEAST_LEFT) return false;
      if (chance.accept(ratio(p, q, token), depth, chain)) return true;
      p = normalised(residualOf(p, q));
      if (!isDistinct) return false;
      left -= draftLaws(round)[row][token];
      q = without(q, token);
      return false;
    });
    if (accepted === undefined) return { path: path(), token: chance.draw(p, PURPOSE.residual, depth, 0) };
    nodes = isDistinct ? [accepted] : drafts.filter((draft) => round.tokens[draft] === round.tokens[accepted]);
  }
}

/** Tokens that `draw` draws one after the other without replacement; where the law has fewer the first fills up. */
export function drawDistinct(law: Law, count: number, draw: (left: Law, i: number) => TokenId): TokenId[] {
  const tokens: TokenId[] = [];
  let left = law;
  for (let i = 0; i < count; i++) {
    const isUsedUp = massOf(left) === 0;
    tokens.push(isUsedUp ? tokens[0] : draw(left, i));
    if (!isUsedUp) left = without(left, tokens[i]);
  }
  return tokens;
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
