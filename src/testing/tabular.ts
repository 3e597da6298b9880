import { Canvas, isOpen } from "../vocabulary/canvas.js";
import type { TokenId } from "../vocabulary/events.js";
import { conditional, type Joint, randomJoint, sequenceOf, tabularLaw } from "./laws.js";
import { type MockModel, mockModel } from "../backend/host/mock.js";
import type { Capabilities } from "../seam/capabilities.js";
import type { Model } from "../seam/model.js";
import type { Decoder } from "../decode/decoder.js";
import { Paths } from "./paths.js";
import { promptCanvas, rehearse } from "./rehearsal.js";

/** Four tokens of three ids: small enough to walk every way that a run can go. */
export const JOINT = randomJoint(11, 3, 4);
/** The prompt's only token. */
export const FIRST = 1;
/** Texts of the other three tokens. */
export const NUM_TEXTS = 27;

/** A masked model that knows `JOINT` exactly and reads blocks of this length. */
export function tabular(blockLength: number, joint: Joint = JOINT): MockModel {
  const capabilities: Partial<Capabilities> & { vocabSize: number } = {
    causal: false,
    blockLengths: [blockLength],
    inPlace: true,
    maskToken: joint.numTokens,
    vocabSize: joint.numTokens + 1,
    maxLength: joint.length,
  };
  return mockModel({ law: tabularLaw(joint, joint.numTokens), capabilities });
}

/** A masked model that knows `JOINT` exactly and reads the whole canvas. */
export const tabularFull = (): MockModel => tabularMasked({ causal: false, bidirectional: true });

/** A masked model that knows `JOINT` exactly and reads left to right: what is known first, then masks. */
export const tabularMasksLast = (): MockModel => tabularMasked({ causal: true });

function tabularMasked(reading: Partial<Capabilities>): MockModel {
  const { numTokens, length } = JOINT;
  const capabilities = { ...reading, inPlace: true, maskToken: numTokens, vocabSize: numTokens + 1, maxLength: length };
  return mockModel({ law: tabularLaw(JOINT, numTokens), capabilities });
}

/** A next-token model that knows `JOINT` exactly. */
export function tabularCausal(): MockModel {
  return mockModel({ law: tabularLaw(JOINT, null), capabilities: { vocabSize: 3, maxLength: 4 } });
}

/** P(x1 x2 x3 | x0 = FIRST), by the index of the three. */
export function exactLaw(joint: Joint = JOINT): Float64Array {
  const law = new Float64Array(NUM_TEXTS);
  joint.probability.forEach((probability, index) => {
    const [first, ...rest] = sequenceOf(joint, index);
    if (first === FIRST) law[indexOf(rest)] += probability;
  });
  const total = law.reduce((a, b) => a + b, 0);
  return law.map((p) => p / total);
}

/** The law of the three tokens behind FIRST, each drawn in proportion to the weights that `next` gives behind those before it. */
export function sequentialLaw(next: (written: readonly TokenId[]) => ArrayLike<number>): Float64Array {
  const law = new Float64Array(NUM_TEXTS);
  const walk = (written: readonly TokenId[], probability: number) => {
    if (written.length === JOINT.length - 1) {
      law[indexOf(written)] += probability;
      return;
    }
    const weights = Array.from(next(written));
    const total = weights.reduce((a, b) => a + b, 0);
    for (const [id, weight] of weights.entries()) walk([...written, id], (probability * weight) / total);
  };
  walk([], 1);
  return law;
}

/** `JOINT`'s law of the token behind these; an undefined one isn't known. */
export function lawBehind(known: readonly (TokenId | undefined)[]): Float64Array {
  return Float64Array.from(
    conditional(
      JOINT,
      Array.from({ length: JOINT.length }, (_, i) => known[i]),
      known.length,
    ),
  );
}

/** Where a text stands in a law. */
export const indexOf = (ids: readonly TokenId[]) => ids.reduce((index, id) => index * 3 + id, 0);

/** Total variation distance. */
export const distance = (a: Float64Array, b: Float64Array) => a.reduce((sum, p, i) => sum + Math.abs(p - b[i]), 0) / 2;

/** Stands for a hole in a prompt. */
export const HOLE = JOINT.numTokens;

/** What a walk may begin with: a second model, which draws too; a longer prompt, behind FIRST, perhaps with holes. */
export interface Walked {
  draft?: MockModel;
  prompt?: readonly TokenId[];
  /** Called with what is walked, for choices that no mock makes. */
  begin?(paths: Paths): void;
}

/** The law of a decoder's text on a masked model over every path that its draws can take, at temperature 1 unless another is given. */
export async function enumerated(
  decoder: Decoder,
  model: MockModel,
  options: Record<string, unknown>,
  { draft, prompt = [FIRST], begin }: Walked = {},
): Promise<{ law: Float64Array; numPaths: number }> {
  const paths = new Paths();
  begin?.(paths);
  const models = { target: model.drawing(paths), draft: draft?.drawing(paths) };
  const law = new Float64Array(NUM_TEXTS);
  let numPaths = 0;
  do {
    const run = { decoder, models, promptIds: prompt };
    // Of what a path branches into, tokens aren't on the device: each step is read before the next.
    const { done } = await rehearse({
      ...run,
      lookahead: 1,
      stepsPerSync: 1,
      options: { max_new_tokens: JOINT.length - prompt.length, temperature: 1, ...options },
    });
    law[indexOf([...knownBefore(prompt), ...done.ids])] += paths.probability;
    numPaths++;
  } while (paths.next());
  return { law, numPaths };
}

/**
 * As `enumerated`, step by step: equal canvases are walked from once. Only for decoders whose next step follows from the canvas
 * alone. */
export async function enumeratedBySteps(
  decoder: Decoder,
  model: MockModel,
  options: Record<string, unknown>,
  { draft, prompt = [FIRST] }: Walked = {},
): Promise<Float64Array> {
  const law = new Float64Array(NUM_TEXTS);
  let reached = new Map([["", { canvas: promptCanvas(prompt, HOLE), share: 1 }]]);
  while (reached.size > 0) {
    const next = new Map<string, { canvas: Canvas; share: number }>();
    for (const { canvas: before, share } of reached.values()) {
      const paths = new Paths();
      const models = { target: model.drawing(paths), draft: draft?.drawing(paths) };
      do {
        const canvas = copyOf(before);
        const ahead = { lookahead: 1, stepsPerSync: 1, maxSteps: 1 };
        const { done } = await rehearse({
          ...ahead,
          decoder,
          models,
          canvas,
          options: { max_new_tokens: JOINT.length - prompt.length, temperature: 1, ...options },
        });
        const slots = canvas.slots();
        if (slots.length === JOINT.length && !slots.some(isOpen))
          law[indexOf([...knownBefore(prompt), ...done.ids])] += share * paths.probability;
        else {
          const key = slots.map(({ state, token }) => `${state} ${token}`).join();
          const known = next.get(key)?.share ?? 0;
          next.set(key, { canvas, share: known + share * paths.probability });
        }
      } while (paths.next());
    }
    reached = next;
  }
  return law;
}

/** What of a prompt stands behind FIRST and before its first hole. */
function knownBefore(prompt: readonly TokenId[]): readonly TokenId[] {
  const hole = prompt.indexOf(HOLE);
  return prompt.slice(1, hole < 0 ? prompt.length : hole);
}

function copyOf(canvas: Canvas): Canvas {
  const copy = new Canvas();
  let after: number | null = null;
  for (const { token, state, logprob } of canvas.slots()) {
    const slot = copy.newSlot();
    copy.apply({ op: "insert", slot, after, token, state, ...(logprob === undefined ? {} : { logprob }) });
    after = slot;
  }
  return copy;
}

/** How often each text comes out of `n` seeds at temperature 1; `draft`: a second model, for decoders that ask one. */
export async function drawn(
  n: number,
  decoder: Decoder,
  target: Model,
  options: Record<string, unknown>,
  draft?: Model,
): Promise<number[]> {
  const counts = new Array<number>(NUM_TEXTS).fill(0);
  for (let seed = 0; seed < n; seed++) {
    const run = { decoder, models: { target, draft }, promptIds: [FIRST] };
    const { done } = await rehearse({ ...run, options: { max_new_tokens: 3, temperature: 1, seed, ...options } });
    counts[indexOf(done.ids)]++;
  }
  return counts;
}

/** Pearson's statistic of these counts under a law. */
export function chiSquare(counts: readonly number[], law: Float64Array): number {
  const n = counts.reduce((a, b) => a + b, 0);
  return counts.reduce((sum, count, index) => sum + (count - n * law[index]) ** 2 / (n * law[index]), 0);
}

/** 26 degrees of freedom, p = .001 */
export const CRITICAL = 54.05;
