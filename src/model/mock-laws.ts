import type { TokenId } from "../events.js";
import { threefry2x32 } from "../sampling/noise.js";
import type { Cell } from "./mock-cell.js";

/** What a mock model computes: a key for each row when it runs, and logits from what a row sees. */
export interface Law {
  key(cell: Cell, seen: readonly Cell[]): number;
  /** `seen` holds the row itself. */
  logits(cell: Cell, seen: readonly Cell[]): Float64Array;
}

/** Rows of logits that a law remembers. */
const MAX_KNOWN_ROWS = 20_000;

/**
 * Pseudo-random logits that depend on every visible token, its position, and what that row saw when it was computed: a
 * wrong cache, a wrong `attend` or a stale key changes them. `spread` scales the logits.
 */
export function hashedLaw(seed: number, vocabSize: number, spread = 3): Law {
  const firsts = new Map<number, number>();
  /** By state: tests write the same text many times. */
  const rows = new Map<number, Float64Array>();
  const first = ({ token, position }: Cell) => {
    const at = position * vocabSize + token;
    const known = firsts.get(at);
    if (known !== undefined) return known;
    const value = threefry2x32(seed, 1, token, position)[0];
    firsts.set(at, value);
    return value;
  };
  const sum = (values: number[]) => values.reduce((total, value) => (total + value) >>> 0, 0);
  return {
    key: (cell, seen) => threefry2x32(seed, 2, first(cell), sum(seen.map(first)))[0],
    logits(cell, seen) {
      const state = threefry2x32(seed, 3, cell.key, sum(seen.map(({ key }) => key)))[0];
      let row = rows.get(state);
      if (!row) {
        row = new Float64Array(vocabSize);
        for (let id = 0; id < vocabSize; id++) {
          const [a, b] = threefry2x32(seed, 4, state, id);
          row[id] = spread * Math.sqrt(-2 * Math.log((a + 0.5) / 2 ** 32)) * Math.cos((2 * Math.PI * b) / 2 ** 32);
        }
        if (rows.size >= MAX_KNOWN_ROWS) rows.clear();
        rows.set(state, row);
      }
      return row.slice();
    },
  };
}

/** Logits of one law with a share of another's: a draft that is often right. */
export function mixedLaw(law: Law, other: Law, share: number): Law {
  // Both laws keep their own keys: one number can't hold two.
  const keys = new WeakMap<Cell, { own: number; other: number }>();
  const as = (which: "own" | "other", cells: readonly Cell[]) =>
    cells.map((cell): Cell => {
      const { token, position, index, saw } = cell;
      return { token, position, index, saw, key: keys.get(cell)?.[which] ?? 0 };
    });
  return {
    key(cell, seen) {
      keys.set(cell, { own: law.key(cell, seen), other: other.key(cell, seen) });
      return 0;
    },
    logits(cell, seen) {
      const own = law.logits(as("own", [cell])[0], as("own", seen));
      const rest = other.logits(as("other", [cell])[0], as("other", seen));
      return own.map((logit, id) => (1 - share) * logit + share * rest[id]);
    },
  };
}

/** Wants `script[p]` at every position p; `vocabSize` ids. Next-token rows unless `inPlace`. */
export function scriptedLaw(script: readonly TokenId[], vocabSize: number, inPlace = false): Law {
  return {
    key: () => 0,
    logits({ position }) {
      const wanted = script[position + (inPlace ? 0 : 1)];
      return Float64Array.from({ length: vocabSize }, (_, id) => (id === wanted ? 10 : 0));
    },
  };
}

/** A joint law over `length` positions of `numTokens` ids: `probability[index]`, first position most significant. */
export interface Joint {
  numTokens: number;
  length: number;
  probability: Float64Array;
}

/** A pseudo-random joint law, all probabilities positive. */
export function randomJoint(seed: number, numTokens: number, length: number): Joint {
  const weights = Float64Array.from({ length: numTokens ** length }, (_, index) => {
    return 0.05 - Math.log((threefry2x32(seed, 5, index, 0)[0] + 0.5) / 2 ** 32);
  });
  const total = weights.reduce((a, b) => a + b, 0);
  return { numTokens, length, probability: weights.map((weight) => weight / total) };
}

/** The sequence with this index in a joint law's table. */
export function sequenceOf({ numTokens, length }: Joint, index: number): TokenId[] {
  return Array.from({ length }, (_, p) => Math.floor(index / numTokens ** (length - 1 - p)) % numTokens);
}

/** P(token at `position` | the known tokens), one entry per id; `known[p]` undefined where unknown. */
export function conditional(joint: Joint, known: readonly (TokenId | undefined)[], position: number): Float64Array {
  const law = new Float64Array(joint.numTokens);
  const digit = (index: number, p: number) =>
    Math.floor(index / joint.numTokens ** (joint.length - 1 - p)) % joint.numTokens;
  joint.probability.forEach((probability, index) => {
    if (known.every((token, p) => token === undefined || token === digit(index, p))) {
      law[digit(index, position)] += probability;
    }
  });
  const total = law.reduce((a, b) => a + b, 0);
  return law.map((weight) => weight / total);
}

/** Stands for no probability at all: models give no token exactly none. */
const NEVER = 1e-30;

/**
 * Exact conditionals of a joint law given whatever a row sees. With a mask id (the id after the joint's own) the model
 * predicts in place and its favourite token is the mask, so that a sampler which doesn't suppress it is found out.
 */
export function tabularLaw(joint: Joint, maskToken: TokenId | null): Law {
  const conditionals = new Map<string, Float64Array>();
  const lawAt = (known: readonly (TokenId | undefined)[], position: number) => {
    const key = `${known.join()}:${position}`;
    const law = conditionals.get(key) ?? conditional(joint, known, position);
    conditionals.set(key, law);
    return law;
  };
  return {
    key: () => 0,
    logits({ position }, seen) {
      const known: (TokenId | undefined)[] = [];
      for (const cell of seen) if (cell.token !== maskToken) known[cell.position] = cell.token;
      const target = position + (maskToken === null ? 1 : 0);
      const law = target < joint.length ? lawAt(Array.from(known), target) : null;
      const logits = Float64Array.from({ length: joint.numTokens }, (_, id) => (law ? Math.log(law[id] || NEVER) : 0));
      return maskToken === null ? logits : Float64Array.from([...logits, 5]);
    },
  };
}
