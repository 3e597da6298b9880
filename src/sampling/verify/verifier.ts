import { invariant } from "../../vocabulary/errors.js";
import type { Fidelity, TokenId } from "../../vocabulary/events.js";
import type { Chance, Law } from "./chance.js";

/** What a round's drafts look like: one path; paths that may share beginnings; or k whole paths, drawn independently. */
export type DraftShape = "chain" | "tree" | "chains";

/**
 * A round's drafts and laws. `parents[i]` is the draft before draft i, always an earlier one; -1 is the known text.
 * Row 0 of a table of laws is the law behind the known text, row i + 1 that behind draft i.
 */
export interface Round {
  tokens: readonly TokenId[];
  parents: readonly number[];
  /** The target's laws after its processors, normalised. */
  target: readonly Law[];
  /**
   * The laws that the drafts behind each row were drawn from, normalised: after the drafter's own temperature and
   * filters. Rows with nothing behind them are never read.
   */
  draft?: readonly Law[];
  /** The target's laws before processors and temperature, where the rule `needsRawLaw`. */
  raw?: readonly Law[];
}

/** What a round came to: the accepted drafts from the first on, then one recovered or bonus token. */
export interface Decision {
  path: number[];
  token: TokenId;
}

/** A rule that decides which drafts to keep. */
export interface Verifier {
  name: string;
  label: string;
  summary: string;
  /** Fidelity of the text that it makes, against autoregressive's. */
  fidelity: Fidelity;
  /** A rule for trees takes a chain as well, a rule for `chains` a single one. */
  shape: DraftShape;
  /** Whether it reads `Round.draft`; one that doesn't is right for drafts that were not drawn from any law. */
  needsDraftLaw: boolean;
  /** Whether it reads `Round.raw`. */
  needsRawLaw: boolean;
  decide(round: Round, chance: Chance): Decision;
}

/** The drafts behind `node` (-1: the known text), in drafting order. */
export function childrenOf({ parents }: Round, node: number): number[] {
  return [...parents.keys()].filter((draft) => parents[draft] === node);
}

/** The drafts from the known text to `node`, which is the last of them; none for -1. */
export function pathTo({ parents }: Round, node: number): number[] {
  const path: number[] = [];
  for (let at = node; at >= 0; at = parents[at]) path.unshift(at);
  return path;
}

/** Draft laws of a round whose verifier `needsDraftLaw`. */
export function draftLaws({ draft }: Round): readonly Law[] {
  invariant(draft, "this verifier needs the laws that the drafts were drawn from");
  return draft;
}

/** p(x) / q(x) for a token that was drawn from q. */
export function ratio(p: Law, q: Law, token: TokenId): number {
  invariant(q[token] > 0, `token ${token} can't have been drawn from the draft law that is given for it`);
  return p[token] / q[token];
}

/** max(scale * p - q, 0) per token; p where that is nothing, which only rounding can lead to. */
export function residualOf(p: Law, q: Law, scale = 1): Law {
  const residual = p.map((probability, token) => Math.max(scale * probability - q[token], 0));
  return massOf(residual) > 0 ? residual : p;
}

/** The sum of the weights. */
export function massOf(weights: Law): number {
  let mass = 0;
  for (const weight of weights) mass += weight;
  return mass;
}
