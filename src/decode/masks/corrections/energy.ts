import { besideOf } from "../../companion.js";
import type { Capabilities } from "../../../seam/capabilities.js";
import { type Measured, measure } from "../../../seam/questions/measure.js";
import { sample } from "../../../seam/questions/sample.js";
import { InvalidOptionError } from "../../../vocabulary/errors.js";
import type { TokenId } from "../../../vocabulary/events.js";
import type { Rows } from "../../../seam/rows.js";
import { GREEDY, type Sampler } from "../../../seam/sampler.js";
import type { Session } from "../../../seam/session.js";
import { PURPOSE, uniform } from "../../../sampling/noise.js";
import type { Run } from "../../decoder.js";
import type { Claim } from "../../law.js";
import type { Correction } from "./correction.js";
import { storeLongPrompt } from "../../long-prompt.js";
import { certaintyOf } from "../../inert-options.js";
import { numberOption, type OptionTable, type OptionValues } from "../../options.js";

/** Rows whose tokens one forward of the second model scores. */
const MAX_SCORED = 64;

/** The options of `energyOf`. */
export const ENERGY_OPTIONS = {
  energy_candidates: {
    type: "integer",
    label: "Candidates",
    doc: "Fillings of a block that are drawn in a step and weighed by an autoregressive model, given as draft (EDLM); the more, the closer to that model's law of whole blocks, to the power 1 / temperature, of what penalty, biases and filters leave; 1: none is asked",
    default: 1,
    min: 1,
    max: 64,
  },
  energy_temperature: {
    type: "number",
    label: "Energy temperature",
    doc: "Temperature of the choice among the candidates; 1 goes by their weights",
    default: 1,
    min: 0.01,
  },
  energy_from: {
    type: "number",
    label: "Weighed from share masked",
    doc: "The share of a block that is masked, at most, for its candidates to be weighed; on a whole canvas a block is of masks alone",
    default: 1,
    min: 0,
    max: 1,
  },
  energy_to: {
    type: "number",
    label: "Weighed down to share",
    doc: "And at least",
    default: 0,
    min: 0,
    max: 1,
  },
} as const satisfies OptionTable;

/** Whether the options ask a second model. */
function asksEnergy({ energy_candidates }: OptionValues): boolean {
  return Number(energy_candidates) > 1;
}

/** The claim of a text whose fillings a second model weighs, in place of the commit rule's. */
function energyClaim(options: OptionValues): Claim {
  const why = [
    `a step takes one of ${String(options.energy_candidates)} fillings, and only ever more of them come to that law`,
  ];
  const { energy_temperature, energy_from, energy_to } = options;
  if (energy_temperature !== 1) why.push(`its weights are taken to the power 1 / ${String(energy_temperature)}`);
  if (energy_from !== 1 || energy_to !== 0) {
    why.push(`a step is weighed only while ${String(energy_to)} to ${String(energy_from)} of a block are masked`);
  }
  return { fidelity: "approximate", of: "DRAFT's law of whole blocks", draftCounts: true, why };
}

/** Refuses options that would have no effect. */
function checkEnergy(options: OptionValues, { vocabSize }: { vocabSize: number }): void {
  if (asksEnergy(options)) {
    const certain = certaintyOf(options, vocabSize);
    if (certain) {
      throw new InvalidOptionError(
        `energy_candidates draws several fillings, which at ${certain} are all the same one: draw from more, or leave it out.`,
      );
    }
    const { energy_from, energy_to } = options;
    if (Number(energy_from) >= Number(energy_to) && energy_from !== 0) return;
    throw new InvalidOptionError(
      `energy_from ${String(energy_from)} and energy_to ${String(energy_to)} leave no share of masks at which a block is weighed: raise energy_from, lower energy_to, or leave energy_candidates out.`,
    );
  }
  for (const [name, { default: standard }] of Object.entries(ENERGY_OPTIONS)) {
    if (name === "energy_candidates" || options[name] === standard) continue;
    throw new InvalidOptionError(`${name} needs energy_candidates of 2 or more.`);
  }
}

/** Fillings weighed by a second model, as a row of a decoder's corrections. */
export const energy: Correction = {
  option: "energy_candidates",
  group: "Weighed by a second model",
  options: ENERGY_OPTIONS,
  asks: asksEnergy,
  conflicts: [],
  check: checkEnergy,
  asked: ["sample"],
  beside: { judge: { model: "second", asks: ["measure", "parents"] } },
  claim: energyClaim,
};

/** A block in a step: what is known of the text up to its end. */
export interface Filling {
  ids: readonly TokenId[];
  /** Stands for what isn't known. */
  mask: TokenId;
  /** By row. */
  positions: readonly number[];
  /** The block's first position. */
  start: number;
  /** How many positions make up the block, the masked share of which says whether it is weighed. */
  size: number;
}

/**
 * Chooses among whole fillings of a block by self-normalised importance sampling with an autoregressive model (EDLM, arXiv
 * 2410.21357): candidate x with weight (p_AR(x) / Π p(x_i))^(1/T), where the diffusion model draws each position by itself, at
 * temperature T. More candidates come closer to p_AR(x)^(1/T), of what is known and of whole blocks: the temperature sharpens a block as a
 * whole, not each token behind the ones before it. Penalty and biases act on it as on the diffusion model's draws, and what the
 * filters drop there is never a candidate. One candidate is the diffusion model's own. Null without it.
 */
export function energyOf({ beside, options }: Run): Energy | null {
  if (!asksEnergy(options)) return null;
  const { session, capabilities } = besideOf(beside, "judge");
  return new Energy(session, capabilities.maxLength, options);
}

/** Refuses a model that weighs whose context is shorter than the text will be, up to `end`. */
export function checkEnergyReach(options: OptionValues, draft: Capabilities | null, end: number): void {
  if (!asksEnergy(options) || !draft || end <= draft.maxLength) return;
  throw new InvalidOptionError(
    `The model that weighs candidates reads ${draft.maxLength} tokens, and the last block ends at ${end}: write less, or leave energy_candidates out.`,
    "context_exceeded",
  );
}

/** See `energyOf`. */
export class Energy {
  /** Candidates of a step; the first is what is drawn without them. */
  readonly numCandidates: number;
  private readonly temperature: number;
  private readonly from: number;
  private readonly to: number;

  constructor(
    private readonly session: Session,
    private readonly maxLength: number,
    options: OptionValues,
  ) {
    this.numCandidates = numberOption(options, "energy_candidates");
    this.temperature = numberOption(options, "energy_temperature");
    this.from = numberOption(options, "energy_from");
    this.to = numberOption(options, "energy_to");
  }

  /** The number of the candidate that is taken: rows draw it with noise `draw` = `first` plus that. */
  async choose(rows: Rows, sampler: Sampler, first: number, filling: Filling): Promise<number> {
    const { ids, mask, positions, start, size } = filling;
    const isMasked = positions.map((position) => ids[position] === mask);
    const firstMask = ids.indexOf(mask, start);
    const share = isMasked.filter(Boolean).length / size;
    // Nothing says how likely a text's first token is.
    if (firstMask < 1 || share > this.from || share < this.to) return 0;
    const numbers = Array.from({ length: this.numCandidates }, (_, j) => j);
    const drawn = await Promise.all(numbers.map((j) => rows.ask(sample(sampler, first + j)).read()));
    const candidates = drawn.map((row) => {
      const text = [...ids];
      for (const [i, { token }] of row.entries()) if (isMasked[i]) text[positions[i]] = token;
      return text;
    });
    const own = drawn.map((row) => row.reduce((sum, { logprob }, i) => sum + (isMasked[i] ? logprob : 0), 0));
    const joint = await this.score(candidates, firstMask, sampler);
    // Candidates are drawn in proportion to exp((own + biases) / temperature), and wanted so with `joint` in place of `own`.
    const scale = this.temperature * sampler.temperature;
    const weights = weightsOf(joint.map((logprob, j) => (logprob - own[j]) / scale));
    return this.pick(weights, uniform(sampler.seed, PURPOSE.resample, firstMask, first, 0));
  }

  /** The index that a number from 0 to 1 falls on. */
  pick(weights: readonly number[], u: number): number {
    let sum = 0;
    const index = weights.findIndex((weight) => {
      sum += weight;
      return u < sum;
    });
    return index < 0 ? weights.length - 1 : index;
  }

  /** Log-probabilities of the texts' tokens from `start` on under the autoregressive model. */
  private async score(texts: readonly TokenId[][], start: number, { suppress }: Sampler): Promise<number[]> {
    const { session } = this;
    const [{ length: end }] = texts;
    const perText = end - start;
    // All of a forward's rows lie in the cache for a while; a text's last token needs no row.
    const room = Math.floor((this.maxLength - start) / Math.max(1, perText - 1));
    const perForward = Math.max(1, Math.min(room, Math.floor(MAX_SCORED / perText)));
    const scores: number[] = [];
    // What all candidates begin with is read once; its last token says what comes at `start`.
    await session.settle();
    session.match(texts[0].slice(0, start - 1));
    if (perText > MAX_SCORED) {
      for (const text of texts) scores.push(await this.scoreInPieces(text, start, suppress));
      return scores;
    }
    for (let at = 0; at < texts.length; at += perForward) {
      const group = texts.slice(at, at + perForward);
      const known = storeLongPrompt(session, texts[0].slice(session.length, start));
      const last = known.length - 1;
      const tokens = [...known];
      const parents = known.map((_, row) => row - 1);
      const list: number[] = [];
      const given: TokenId[] = [];
      for (const text of group) {
        let parent = last;
        for (let position = start; position < end; position++) {
          list.push(parent);
          given.push(text[position]);
          if (position === end - 1) break;
          parents.push(parent);
          parent = tokens.push(text[position]) - 1;
        }
      }
      const rows = session.forward({ tokens, attend: { parents }, rows: list, keep: last });
      const measured = await rows.ask(measure({ ...GREEDY, suppress }, { given })).read();
      for (let j = 0; j < group.length; j++) {
        const own = measured.slice(j * perText, (j + 1) * perText);
        scores.push(own.reduce((sum, row) => sum + (row.given ?? 0), 0));
      }
    }
    return scores;
  }

  /** The same of one text that has more such tokens than a forward scores; the session keeps it until the next one. */
  private async scoreInPieces(text: readonly TokenId[], start: number, suppress: Sampler["suppress"]): Promise<number> {
    const { session } = this;
    const keep = start - 1 - session.length;
    if (keep < 0) session.truncate(start - 1);
    else if (keep > 0) {
      session.forward({ tokens: text.slice(session.length, start - 1), attend: "causal", rows: [], keep });
    }
    const pieces: Promise<Measured[]>[] = [];
    for (let at = start - 1; at < text.length - 1; at += MAX_SCORED) {
      const tokens = text.slice(at, Math.min(at + MAX_SCORED, text.length - 1));
      const given = text.slice(at + 1, at + 1 + tokens.length);
      const rows = session.forward({ tokens, attend: "causal", rows: "all", keep: tokens.length });
      pieces.push(rows.ask(measure({ ...GREEDY, suppress }, { given })).read());
    }
    return (await Promise.all(pieces)).flat().reduce((sum, row) => sum + (row.given ?? 0), 0);
  }
}

/** Weights that sum to 1, from their logs. */
export function weightsOf(logs: readonly number[]): number[] {
  const most = Math.max(...logs);
  const weights = logs.map((log) => Math.exp(log - most));
  const total = weights.reduce((a, b) => a + b, 0);
  return weights.map((weight) => weight / total);
}
