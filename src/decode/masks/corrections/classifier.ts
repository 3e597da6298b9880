import { because, type Correction } from "./correction.js";
import type { Canvas } from "../../../vocabulary/canvas.js";
import { InvalidOptionError } from "../../../vocabulary/errors.js";
import type { TokenId } from "../../../vocabulary/events.js";
import type { Sampler } from "../../../seam/sampler.js";
import type { Run } from "../../decoder.js";
import { changesNothing } from "../../inert-options.js";
import { checkId, numberOption, type OptionTable, type OptionValues } from "../../options.js";

/** The options of `classifierOf`. */
const CLASSIFIER_OPTIONS = {
  classifier_weights: {
    type: "map",
    label: "By a classifier’s weights",
    doc: "Guides the text to a class: what each of these tokens adds to its log-odds",
    keys: "token ids",
    form: "id:weight",
    default: {},
  },
  classifier_bias: {
    type: "number",
    label: "Classifier's bias",
    doc: "Log-odds of the class for a text without such tokens",
    default: 0,
    min: -1000,
    max: 1000,
  },
  classifier_scale: {
    type: "number",
    label: "Classifier's scale",
    doc: "How much the class counts beside the model: the power of its probability",
    default: 1,
    min: 0,
    max: 100,
  },
} as const satisfies OptionTable;

/** Whether the options ask for a classifier. */
function asksClassifier({ classifier_weights }: OptionValues): boolean {
  return Object.keys(classifier_weights ?? {}).length > 0;
}

/** Refuses options of a classifier without one, and tokens that the vocabulary lacks. */
function checkClassifier(options: OptionValues, { vocabSize }: { vocabSize: number }): void {
  for (const id of Object.keys(options.classifier_weights ?? {})) checkId(Number(id), vocabSize, "classifier_weights");
  if (asksClassifier(options)) {
    if (options.classifier_scale === 0) {
      throw changesNothing("classifier_weights", "beside classifier_scale 0, which turns the classifier off");
    }
    return;
  }
  const { classifier_bias, classifier_scale } = CLASSIFIER_OPTIONS;
  const given = Object.entries({ classifier_bias, classifier_scale }).find(
    ([name, own]) => options[name] !== own.default,
  );
  if (given) throw new InvalidOptionError(`${given[0]} is an option of a classifier: give its classifier_weights too.`);
}

/** Guidance by a classifier, as a row of a decoder's corrections. */
export const classifier: Correction = {
  option: "classifier_weights",
  group: "Guidance",
  options: CLASSIFIER_OPTIONS,
  asks: asksClassifier,
  conflicts: ["energy_candidates"],
  check: checkClassifier,
  claim: because("a classifier moves the law of each token towards its class"),
};

/** The classifier that guides a run; null without one. */
export function classifierOf({ options }: Pick<Run, "options">): Classifier | null {
  if (!asksClassifier(options)) return null;
  const weights = Object.entries(options.classifier_weights ?? {}).map(([id, weight]) => [Number(id), weight] as const);
  return new Classifier(
    new Map(weights),
    numberOption(options, "classifier_bias"),
    numberOption(options, "classifier_scale"),
  );
}

/**
 * Guidance by a classifier that is linear in a text's tokens: log p(y | x) = log s(bias + sum of their weights), s(z) = 1 / (1 + e^-z),
 * masks counting nothing. Each mask's law is that of the model times p(y | x with v in its place)^scale, to first order: a token
 * v gains scale (1 - p(y | x)) weight(v), where x is what is known (Schiff et al., arXiv 2412.10193; CtrlDiff, arXiv 2505.14455).
 */
export class Classifier {
  constructor(
    private readonly weights: ReadonlyMap<TokenId, number>,
    private readonly bias: number,
    private readonly scale: number,
  ) {}

  /** The sampler of a step that begins with this canvas. */
  guide(sampler: Sampler, canvas: Canvas): Sampler {
    const weightOf = (token: TokenId | null) => (token === null ? 0 : (this.weights.get(token) ?? 0));
    const logOdds = canvas.slots().reduce((sum, { token }) => sum + weightOf(token), this.bias);
    const slope = this.scale / (1 + Math.exp(logOdds));
    const logitBias = new Map(sampler.logitBias);
    for (const [id, weight] of this.weights) logitBias.set(id, (logitBias.get(id) ?? 0) + slope * weight);
    return { ...sampler, logitBias };
  }
}
