import type { TokenId } from "../vocabulary/events.js";
import { PURPOSE, uniform } from "../sampling/noise.js";
import { type Chance, type Law, outcomesOf } from "../sampling/verify/chance.js";
import { drawDistinct, without } from "../sampling/verify/recursive.js";
import type { Decision, Round, Verifier } from "../sampling/verify/verifier.js";

/** The test bed of the verifiers: a second-order Markov chain small enough to compute every law in full. */
export interface Toy {
  vocab: number;
  /** The law behind these tokens: depends on the last two. */
  target(prefix: readonly TokenId[]): Law;
  draft(prefix: readonly TokenId[]): Law;
}

/** How a toy's laws are made. */
export interface ToyShape {
  vocab: number;
  seed: number;
  /** Exponent of the weights: 1 is mild, 3 is peaky. */
  sharpness?: number;
  /** The draft law's share that is the target's own law; 1 makes them equal. */
  likeness?: number;
  /** Leave some tokens out of either law, not the same ones. */
  isSparse?: boolean;
}

/** Random laws that repeat with their seed. */
export function toyOf({ vocab, seed, sharpness = 1, likeness = 0.3, isSparse = false }: ToyShape): Toy {
  const laws = (salt: number) => (prefix: readonly TokenId[]) => {
    const context = (prefix.at(-1) ?? vocab) * (vocab + 1) + (prefix.at(-2) ?? vocab);
    return lawOf(
      Float64Array.from({ length: vocab }, (_, token) => {
        const u = uniform(seed, PURPOSE.order, context, salt, token);
        return isSparse && u < 0.3 && token !== (context + salt) % vocab ? 0 : u ** sharpness;
      }),
    );
  };
  const [target, own] = [laws(0), laws(1)];
  const draft = (prefix: readonly TokenId[]) => {
    const p = target(prefix);
    return likeness === 1 ? p : own(prefix).map((q, token) => (1 - likeness) * q + likeness * p[token]);
  };
  return { vocab, target: remember(target), draft: remember(isSparse ? own : draft) };
}

/** Weights scaled to sum to 1. */
export function lawOf(weights: Law): Law {
  const total = weights.reduce((a, b) => a + b, 0);
  return weights.map((weight) => weight / total);
}

/** p to the power of 1 / temperature. */
export function tempered(law: Law, temperature: number): Law {
  return lawOf(law.map((p) => p ** (1 / temperature)));
}

/** Draws a round's drafts, as a drafter would. */
export type Drafting = (toy: Toy, chance: Chance) => Round;

/** One chain. */
export function chainDraft(length: number): Drafting {
  return chainsDraft(1, length);
}

/** k independent chains. */
export function chainsDraft(k: number, length: number): Drafting {
  return (toy, chance) => {
    const drafts = new Growth();
    for (let chain = 0; chain < k; chain++) {
      let node = -1;
      for (let depth = 0; depth < length; depth++) {
        node = drafts.add(node, chance.draw(toy.draft(drafts.text(node)), PURPOSE.draft, depth, chain));
      }
    }
    return drafts.round(toy);
  };
}

/** A tree: `widths[d]` drafts behind each node of depth d, drawn with or without replacement. */
export function treeDraft(widths: readonly number[], replaces: boolean): Drafting {
  return (toy, chance) => {
    const drafts = new Growth();
    let chain = 0;
    const grow = (node: number, depth: number) => {
      if (depth === widths.length) return;
      let q = toy.draft(drafts.text(node));
      const children = Array.from({ length: widths[depth] }, () => {
        if (!q.some((weight) => weight > 0)) return -1;
        const token = chance.draw(q, PURPOSE.draft, depth, chain++);
        if (!replaces) q = without(q, token);
        return drafts.add(node, token);
      });
      for (const child of children.filter((draft) => draft >= 0)) grow(child, depth + 1);
    };
    grow(-1, 0);
    return drafts.round(toy);
  };
}

/** k chains whose first drafts are drawn without replacement; where the law has fewer tokens the first one again. */
export function distinctChainsDraft(k: number, length: number): Drafting {
  return (toy, chance) => {
    const drafts = new Growth();
    const firsts = drawDistinct(toy.draft([]), k, (left, chain) => chance.draw(left, PURPOSE.draft, 0, chain));
    for (let chain = 0; chain < k; chain++) {
      let node = drafts.add(-1, firsts[chain]);
      for (let depth = 1; depth < length; depth++) {
        node = drafts.add(node, chance.draw(toy.draft(drafts.text(node)), PURPOSE.draft, depth, chain));
      }
    }
    return drafts.round(toy);
  };
}

/** The likeliest drafts, drawn from nothing: `width` behind each node. */
export function topDraft(width: number, length: number): Drafting {
  return (toy) => {
    const drafts = new Growth();
    const grow = (node: number, depth: number) => {
      if (depth === length) return;
      const q = toy.draft(drafts.text(node));
      const top = [...q.keys()].sort((a, b) => q[b] - q[a]).slice(0, width);
      for (const draft of top.map((token) => drafts.add(node, token))) grow(draft, depth + 1);
    };
    grow(-1, 0);
    return drafts.round(toy);
  };
}

/** Drafts under construction. */
export class Growth {
  private readonly tokens: TokenId[] = [];
  private readonly parents: number[] = [];

  /** Appends a draft behind `parent`; returns its index. */
  add(parent: number, token: TokenId): number {
    this.parents.push(parent);
    return this.tokens.push(token) - 1;
  }

  /** The tokens up to `node`. */
  text(node: number): TokenId[] {
    return node < 0 ? [] : [...this.text(this.parents[node]), this.tokens[node]];
  }

  /** The round with the toy's laws behind every row. */
  round(toy: Toy): Round {
    const prefixes = [-1, ...this.tokens.keys()].map((node) => this.text(node));
    const target = prefixes.map((prefix) => toy.target(prefix));
    return {
      tokens: this.tokens,
      parents: this.parents,
      target,
      draft: prefixes.map((prefix) => toy.draft(prefix)),
      raw: target,
    };
  }
}

/** What a rule does with a round; a variant may read it wrongly. */
export type Rule = (round: Round, chance: Chance, toy: Toy) => Decision;

/** The rule of a verifier. */
export function ruleOf(verifier: Verifier): Rule {
  return (round, chance) => verifier.decide(round, chance);
}

/** The tokens that a decision writes. */
export function textOf(round: Round, { path, token }: Decision): TokenId[] {
  return [...path.map((draft) => round.tokens[draft]), token];
}

/**
 * The largest difference, over all texts of `length` tokens, between the target's law and that of drafting, deciding and
 * going on from the target; with the mean number of accepted drafts.
 */
export function exactLaw(
  toy: Toy,
  drafting: Drafting,
  rule: Rule,
  length: number,
): { error: number; accepted: number } {
  const masses = new Map<string, number>();
  let accepted = 0;
  const outcomes = outcomesOf((chance) => {
    const round = drafting(toy, chance);
    const decision = rule(round, chance, toy);
    return { text: textOf(round, decision), accepted: decision.path.length };
  });
  for (const { value, probability } of outcomes) {
    accepted += probability * value.accepted;
    const key = value.text.slice(0, length).join();
    masses.set(key, (masses.get(key) ?? 0) + probability);
  }
  let error = 0;
  const compare = (prefix: readonly TokenId[], made: number, due: number) => {
    if (prefix.length === length) {
      error = Math.max(error, Math.abs(made - due));
      return;
    }
    const p = toy.target(prefix);
    for (let token = 0; token < toy.vocab; token++) {
      const next = [...prefix, token];
      compare(next, (masses.get(next.join()) ?? 0) + made * p[token], due * p[token]);
    }
  };
  // A text shorter than `length` is in `masses` at its own length: what is behind it is the target's.
  compare([], 0, 1);
  return { error, accepted };
}

function remember(laws: (prefix: readonly TokenId[]) => Law): (prefix: readonly TokenId[]) => Law {
  const known = new Map<string, Law>();
  return (prefix) => {
    const key = prefix.slice(-2).join();
    const law = known.get(key) ?? laws(prefix);
    known.set(key, law);
    return law;
  };
}
