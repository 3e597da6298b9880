// For tests: the law that a label names, computed from the joint law alone, without the sampler's or a decoder's code.
import type { TokenId } from "../vocabulary/events.js";
import { conditional } from "./laws.js";
import { FIRST, HOLE, indexOf, JOINT, NUM_TEXTS } from "./tabular.js";

/** How tokens are drawn, by the options' names. */
export interface Sampling {
  temperature: number;
  top_k?: number;
  top_p?: number;
  min_p?: number;
  repetition_penalty?: number;
  logit_bias?: Readonly<Record<string, number>>;
}

type Known = readonly (TokenId | undefined)[];

/** `JOINT`'s law of one position, as the model says it. */
const rawLaw = (known: Known, position: number): number[] => [...conditional(JOINT, known, position)];

/** What is drawn from a law: penalty, bias, tokens left out, temperature, top-k, top-p, min-p, in this order. */
function sampledLaw(
  law: readonly number[],
  sampling: Sampling,
  seen: readonly TokenId[],
  leftOut: readonly TokenId[] = [],
): number[] {
  const { temperature, top_k = 0, top_p = 1, min_p = 0, repetition_penalty = 1, logit_bias = {} } = sampling;
  // Logarithms of probabilities are negative, which a penalty multiplies.
  const logits = law.map((p, id) => {
    const logit = Math.log(p) * (seen.includes(id) ? repetition_penalty : 1);
    return leftOut.includes(id) ? Number.NEGATIVE_INFINITY : logit + (logit_bias[id] ?? 0);
  });
  const most = Math.max(...logits);
  if (temperature === 0) return logits.map((_, id) => (id === logits.indexOf(most) ? 1 : 0));
  let weights = logits.map((logit) => Math.exp((logit - most) / temperature));
  const descending = () => [...weights].sort((a, b) => b - a);
  const keep = (least: number) => {
    weights = weights.map((weight) => (weight >= least ? weight : 0));
  };
  if (top_k > 0) keep(descending()[Math.min(top_k, weights.length) - 1]);
  if (top_p < 1) {
    const total = sumOf(weights);
    const sorted = descending();
    keep(sorted.find((_, i) => sumOf(sorted.slice(0, i + 1)) >= top_p * total) ?? 0);
  }
  keep(min_p * Math.max(...weights));
  return weights.map((weight) => weight / sumOf(weights));
}

/** Which of these masks comes next, with which share. */
type Order = (
  known: Known,
  masks: readonly number[],
  sampling: Sampling,
  leftOut: readonly TokenId[],
) => readonly number[];

const entropyOf = (law: readonly number[]) => sumOf(law.map((p) => (p > 0 ? -p * Math.log(p) : 0)));
const marginOf = (law: readonly number[], token: TokenId) =>
  law[token] - Math.max(...law.filter((_, id) => id !== token));
const topOf = (law: readonly number[]) => law.indexOf(Math.max(...law));
/** Without the tokens left out, which count nowhere. */
const without = (law: readonly number[], leftOut: readonly TokenId[]) => {
  const left = law.map((p, id) => (leftOut.includes(id) ? 0 : p));
  return left.map((p) => p / sumOf(left));
};

/** The order of the smallest key; every measure is of the law as the model says it. */
const rising =
  (key: (law: readonly number[], drawn: TokenId, distance: number) => number): Order =>
  (known, masks, sampling, leftOut) => {
    const keys = masks.map((position) => {
      const law = rawLaw(known, position);
      const greedy = { ...sampling, temperature: 0 };
      const drawn = topOf(sampledLaw(law, greedy, tokensOf(known), leftOut));
      return key(without(law, leftOut), drawn, position - masks[0]);
    });
    return masks.map((_, i) => (i === keys.indexOf(Math.min(...keys)) ? 1 : 0));
  };

/** Orders by the words of a label. */
const ORDERS: readonly [RegExp, Order][] = [
  [/in random order/, (_, masks) => masks.map(() => 1 / masks.length)],
  [/rising entropy/, rising((law) => entropyOf(law))],
  [/entropy and distance/, rising((law, _, distance) => entropyOf(law) + 0.02 * distance)],
  [/the likeliest token's probability/, rising((law) => -Math.max(...law))],
  [/the likeliest token's margin/, rising((law) => -marginOf(law, topOf(law)))],
  [/the drawn token's probability/, rising((law, drawn) => -law[drawn])],
  [/the drawn token's margin/, rising((law, drawn) => -marginOf(law, drawn))],
  [/.*/, (_, masks) => masks.map((_, i) => (i === 0 ? 1 : 0))],
];

/** Where the text begins, with holes if there are some; where blocks are counted from; and what is never drawn. */
interface Walk {
  prompt?: readonly TokenId[];
  isFromPrompt?: boolean;
  leftOut?: readonly TokenId[];
}

/**
 * The law of the three tokens behind FIRST that the words of a label (`Law.of`) mean, some of which may stand in the prompt.
 * `isFromPrompt`: blocks are counted from its end, else from position 0.
 */
export function statedLaw(
  of: string,
  sampling: Sampling,
  { prompt = [FIRST], isFromPrompt = false, leftOut = [] }: Walk = {},
): Float64Array {
  const law = new Float64Array(NUM_TEXTS);
  const [, order] = ORDERS.find(([words]) => words.test(of)) as (typeof ORDERS)[number];
  const block = Number(/within blocks of (\d+)/.exec(of)?.[1] ?? JOINT.length);
  const window = Number(/among the first (\d+) masks?/.exec(of)?.[1] ?? JOINT.length);
  const known = prompt.map((token) => (token === HOLE ? undefined : token));
  const begun: Known = Array.from({ length: JOINT.length }, (_, i) => known[i]);
  const blockStart = isFromPrompt ? begun.indexOf(undefined) : 0;
  const blockOf = (position: number) => Math.floor((position - blockStart) / block);
  const walk = (known: Known, probability: number) => {
    const all = known.flatMap((token, position) => (token === undefined ? [position] : []));
    if (all.length === 0) {
      law[indexOf(tokensOf(known).slice(1))] += probability;
      return;
    }
    const masks = all.filter((position) => blockOf(position) === blockOf(all[0])).slice(0, window);
    const shares = order(known, masks, sampling, leftOut);
    for (const [i, share] of shares.entries()) {
      if (share === 0) continue;
      const next = sampledLaw(rawLaw(known, masks[i]), sampling, tokensOf(known), leftOut);
      for (const [id, p] of next.entries()) if (p > 0) walk(known.with(masks[i], id), probability * share * p);
    }
  };
  walk(begun, 1);
  return law;
}

/** A law of whole fillings of the masks behind a prompt, and what each is drawn with when each mask is drawn by itself. */
export interface BlockLaw {
  /** By the tokens behind FIRST, as `indexOf` has them. */
  stated: Float64Array;
  drawn: Float64Array;
}

/**
 * What weighed fillings come to, with ever more of them, where both models know `JOINT`: its law of whole fillings to the power
 * 1 / temperature, with each token's penalty and bias as its mask's own law has them, and without what the filters drop there.
 */
export function blockLaw(sampling: Sampling, prompt: readonly TokenId[]): BlockLaw {
  const known: Known = Array.from({ length: JOINT.length }, (_, i) => prompt[i]);
  const masks = known.flatMap((token, position) => (token === undefined ? [position] : []));
  const { temperature, repetition_penalty = 1, logit_bias = {} } = sampling;
  const stated = new Float64Array(NUM_TEXTS);
  const drawn = new Float64Array(NUM_TEXTS);
  const walk = (filled: Known, i: number, drawnWith: number, log: number) => {
    if (i === masks.length) {
      const index = indexOf(tokensOf(filled).slice(1));
      drawn[index] = drawnWith;
      stated[index] = drawnWith > 0 ? Math.exp(log / temperature) : 0;
      return;
    }
    const position = masks[i];
    const alone = rawLaw(known, position);
    const own = sampledLaw(alone, sampling, prompt);
    const behind = rawLaw(filled, position);
    for (const [id, p] of own.entries()) {
      const penalty = prompt.includes(id) ? (repetition_penalty - 1) * Math.log(alone[id]) : 0;
      const more = Math.log(behind[id]) + penalty + (logit_bias[id] ?? 0);
      walk(filled.with(position, id), i + 1, drawnWith * p, log + more);
    }
  };
  walk(known, 0, 1, 0);
  const total = sumOf([...stated]);
  return { stated: stated.map((p) => p / total), drawn };
}

function tokensOf(known: Known): TokenId[] {
  return known.filter((token) => token !== undefined);
}

function sumOf(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0);
}
