import { InvalidOptionError } from "../../../vocabulary/errors.js";
import type { Measured } from "../../../seam/questions/measure.js";
import { certaintyOf, changesNothing, isUnbiased } from "../../inert-options.js";
import { grouped, type OptionTable, type OptionValues } from "../../options.js";

/** Options of rules that go by how sure the model is. */
export const CONFIDENCE_OPTIONS = grouped("Which masks first", {
  confidence: {
    type: "enum",
    label: "Confidence by",
    doc: "probability of the token; margin: what it has more than the best other one; neg_entropy: exp(-entropy) of the law. All of the law that the logits give, once guidance, credit or a joint sampler changed them, and before penalty, biases (a classifier's too), temperature and filters",
    values: ["probability", "margin", "neg_entropy"],
    default: "probability",
  },
  confidence_of: {
    type: "enum",
    label: "Confidence of the",
    doc: "Whose: the drawn token's, which makes the text's law another one, or the likeliest token's",
    values: ["drawn", "top"],
    default: "drawn",
  },
} as const satisfies OptionTable);

/** Refuses options of a confidence that nothing goes by; `isRead` says why, if so. Options that weren't given are null. */
export function checkConfidence(options: OptionValues, unread: string | null): void {
  const { confidence, confidence_of } = options;
  const given = Object.keys(CONFIDENCE_OPTIONS).find((name) => (options[name] ?? null) !== null);
  if (unread !== null && given) {
    throw changesNothing(given, `beside ${unread}`);
  }
  const certain = certaintyOf(options);
  if (confidence_of === "top" && certain && isUnbiased(options)) {
    throw changesNothing("confidence_of top", `beside ${certain}, where the likeliest token is the one that is drawn`);
  }
  if (confidence === "neg_entropy" && (confidence_of ?? null) !== null) {
    throw new InvalidOptionError(
      "confidence_of changes nothing beside confidence neg_entropy, which is of the law and of no token: leave it out.",
    );
  }
}

/** Log of no margin at all. */
const NO_MARGIN = -1000;

/** Whether the confidence is the drawn token's probability, which comes with every draw. */
export function isPlain({ confidence, confidence_of }: OptionValues): boolean {
  return (confidence ?? "probability") === "probability" && (confidence_of ?? "drawn") === "drawn";
}

/** Log of the confidence that the options ask for; of the drawn token's probability where they don't say. */
export function logConfidence(measured: Measured, { confidence, confidence_of }: OptionValues): number {
  if (confidence === "neg_entropy") return -measured.entropy;
  const { top, secondLogprob, token, logprob } = measured;
  const isTop = confidence_of === "top" || token === top.token;
  const own = isTop ? top.logprob : logprob;
  if (confidence !== "margin") return own;
  const margin = Math.exp(own) - Math.exp(isTop ? secondLogprob : top.logprob);
  // A drawn token that isn't the likeliest has none; among those the likelier ones are surer.
  return margin > 0 ? Math.log(margin) : NO_MARGIN + margin;
}
