import type { TokenId } from "../vocabulary/events.js";
import { PURPOSE } from "../sampling/noise.js";
import { type Chance, noiseChance } from "../sampling/verify/chance.js";
import { type Drafting, type Rule, textOf, type Toy } from "./toy-chain.js";

/** What the tests by drawing vary. */
export interface Drawing {
  toy: Toy;
  drafting: Drafting;
  rule: Rule;
  /** Tokens of a text whose law is compared. */
  length: number;
  numTexts: number;
  /** The rule's chance, from the noise's; default: itself. */
  through?: (chance: Chance, seed: number) => Chance;
}

/** How far drawn texts are from the target's law. */
export interface Misfit {
  /** Pearson's, over cells that expect at least 5 texts; smaller ones are pooled. */
  chiSquare: number;
  /** What a right rule exceeds once in 10,000 times. */
  limit: number;
  /** Mean number of accepted drafts. */
  accepted: number;
}

/** Draws texts with the noise of seeds 0, 1, ... and compares them with the target's law. */
export function drawnLaw({ toy, drafting, rule, length, numTexts, through = (chance) => chance }: Drawing): Misfit {
  const counts = new Map<string, number>();
  let accepted = 0;
  for (let seed = 0; seed < numTexts; seed++) {
    const chance = noiseChance({ seed, position: 10 });
    const round = drafting(toy, chance);
    const decision = rule(round, through(chance, seed), toy);
    accepted += decision.path.length / numTexts;
    const text = textOf(round, decision);
    // What follows is drawn by autoregressive; purpose "resample" keeps it apart from whatever the rule drew.
    while (text.length < length) text.push(chance.draw(toy.target(text), PURPOSE.resample, text.length, 0));
    const key = text.slice(0, length).join();
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const cells: { drawn: number; expected: number }[] = [];
  const pool = { drawn: 0, expected: 0 };
  const compare = (prefix: readonly TokenId[], share: number) => {
    if (prefix.length < length) {
      toy.target(prefix).forEach((p, token) => {
        compare([...prefix, token], share * p);
      });
      return;
    }
    const [drawn, expected] = [counts.get(prefix.join()) ?? 0, share * numTexts];
    if (expected >= 5) cells.push({ drawn, expected });
    else {
      pool.drawn += drawn;
      pool.expected += expected;
    }
  };
  compare([], 1);
  if (pool.expected > 0) cells.push(pool);
  const chiSquare = cells.reduce((sum, { drawn, expected }) => sum + (drawn - expected) ** 2 / expected, 0);
  return { chiSquare, limit: chiSquareLimit(cells.length - 1), accepted };
}

/** The 0.9999 quantile by the Wilson-Hilferty approximation. */
function chiSquareLimit(degrees: number): number {
  const variance = 2 / (9 * degrees);
  return degrees * (1 - variance + 3.719 * Math.sqrt(variance)) ** 3;
}
