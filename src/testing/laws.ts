import type { Cell } from "../backend/host/cell.js";
import type { Law } from "../backend/host/law.js";
import { threefry2x32 } from "../sampling/noise.js";
import type { TokenId } from "../vocabulary/events.js";

/** More than any mock's ids, masks included. */
const MOST_TOKENS = 2 ** 20;

/** Rows of logits that a law remembers. */
const MAX_KNOWN_ROWS = 20_000;

/** By seed and shape: what one test has worked out serves the others of its process. */
const hashedLaws = new Map<string, Law>();

/**
 * Pseudo-random logits that depend on every visible token, its position, and what that row saw when it was computed: a
 * wrong cache, a wrong `attend` or a stale key changes them. `spread` scales the logits.
 */
export function hashedLaw(seed: number, vocabSize: number, spread = 3): Law {
  return remembered(hashedLaws, `${seed} ${vocabSize} ${spread}`, () => newHashedLaw(seed, vocabSize, spread));
}

function newHashedLaw(seed: number, vocabSize: number, spread: number): Law {
  const firsts = new Map<number, number>();
  /** By state: tests write the same text many times. */
  const rows = new Map<number, Float64Array>();
  const first = ({ token, position }: Cell) => {
    // A mask row's token is behind the vocabulary, and mustn't be taken for one at the next position.
    const at = position * MOST_TOKENS + token;
    return remembered(firsts, at, () => threefry2x32(seed, 1, token, position)[0]);
  };
  const rowOf = (state: number) => {
    const row = new Float64Array(vocabSize);
    for (let id = 0; id < vocabSize; id++) {
      const [a, b] = threefry2x32(seed, 4, state, id);
      const normal = Math.sqrt(-2 * Math.log((a + 0.5) / 2 ** 32)) * Math.cos((2 * Math.PI * b) / 2 ** 32);
      // As a device gives it.
      row[id] = Math.fround(spread * normal);
    }
    return row;
  };
  return {
    key(cell, seen) {
      let total = 0;
      for (const other of seen) total = (total + first(other)) >>> 0;
      return threefry2x32(seed, 2, first(cell), total)[0];
    },
    logits(cell, seen, keys = "key") {
      let total = 0;
      for (const other of seen) total = (total + other[keys]) >>> 0;
      const state = threefry2x32(seed, 3, cell[keys], total)[0];
      if (rows.size >= MAX_KNOWN_ROWS) rows.clear();
      return remembered(rows, state, () => rowOf(state));
    },
  };
}

/** Logits of one law with a share of another's: a draft that is often right. Neither is a mixture. */
export function mixedLaw(law: Law, other: Law, share: number): Law {
  return {
    key(cell, seen) {
      cell.mixedKey = other.key(cell, seen);
      return law.key(cell, seen);
    },
    logits(cell, seen) {
      const own = law.logits(cell, seen);
      const rest = other.logits(cell, seen, "mixedKey");
      return own.map((logit, id) => Math.fround((1 - share) * logit + share * rest[id]));
    },
  };
}

/** Wants `script[p]` at every position p; `vocabSize` ids. Next-token rows unless `inPlace`. */
export function scriptedLaw(script: readonly TokenId[], vocabSize: number, inPlace = false): Law {
  const rows = new Map<TokenId | undefined, Float64Array>();
  const rowOf = (wanted: TokenId | undefined) =>
    Float64Array.from({ length: vocabSize }, (_, id) => (id === wanted ? 10 : 0));
  return {
    key: () => 0,
    logits({ position }) {
      const wanted = script[position + (inPlace ? 0 : 1)];
      return remembered(rows, wanted, () => rowOf(wanted));
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

/** By joint: the laws that were asked for, by what is known and the position. */
const conditionals = new WeakMap<Joint, Map<number, Float64Array>>();

/** P(token at `position` | the known tokens), one entry per id; `known[p]` undefined where unknown. To be read only. */
export function conditional(joint: Joint, known: readonly (TokenId | undefined)[], position: number): Float64Array {
  const laws = conditionals.get(joint) ?? new Map<number, Float64Array>();
  conditionals.set(joint, laws);
  return remembered(laws, keyOf(joint, known, position), () => {
    const law = new Float64Array(joint.numTokens);
    joint.probability.forEach((probability, index) => {
      const text = sequenceOf(joint, index);
      if (known.every((token, p) => token === undefined || token === text[p])) law[text[position]] += probability;
    });
    const total = law.reduce((a, b) => a + b, 0);
    return law.map((weight) => weight / total);
  });
}

/** A number that stands for known tokens and a position; one for all tokens that the joint hasn't. */
function keyOf({ numTokens, length }: Joint, known: readonly (TokenId | undefined)[], position: number): number {
  let key = 1 + position;
  for (let p = 0; p < Math.max(length, known.length); p++) {
    const token = known[p];
    key = key * (numTokens + 2) + (token === undefined ? 0 : 1 + Math.min(token, numTokens));
  }
  return key;
}

function remembered<K, V>(values: Map<K, V>, key: K, make: () => V): V {
  const known = values.get(key);
  if (known !== undefined) return known;
  const made = make();
  values.set(key, made);
  return made;
}

/** Stands for no probability at all: models give no token exactly none. */
const NEVER = 1e-30;

/**
 * Exact conditionals of a joint law given whatever a row sees. With a mask id (the id after the joint's own) the model
 * predicts in place and its favourite token is the mask, so that a sampler which doesn't suppress it is found out.
 */
export function tabularLaw(joint: Joint, maskToken: TokenId | null): Law {
  const rows = new Map<number, Float64Array>();
  const rowOf = (known: readonly (TokenId | undefined)[], target: number) => {
    const law = target < joint.length ? conditional(joint, known, target) : null;
    const logits = Array.from({ length: joint.numTokens }, (_, id) => (law ? Math.log(law[id] || NEVER) : 0));
    return Float64Array.from(maskToken === null ? logits : [...logits, 5]);
  };
  return {
    key: () => 0,
    logits({ position }, seen) {
      const known: (TokenId | undefined)[] = [];
      for (const cell of seen) if (cell.token !== maskToken) known[cell.position] = cell.token;
      const target = position + (maskToken === null ? 1 : 0);
      return remembered(rows, keyOf(joint, known, target), () => rowOf(known, target));
    },
  };
}
