import { approximately, type Claim, isGreedy } from "../../law.js";
import type { OptionValues } from "../../options.js";

/** Why a text whose steps commit more than one token is only near the model's law. */
export const SEVERAL = "a step may commit several tokens, each drawn without the others";
/** Why an order that depends on what was drawn makes another law. */
const BY_DRAWN =
  "the order goes by how sure the drawn tokens are, so that sure draws are kept more often than they come";
/** Why a law in which tokens are taken back isn't the model's. */
export const REVISED = "written tokens are taken back by how sure the model is of them";

/** The claim of a rule that commits one token a step in an order that doesn't depend on what is drawn, or in part so. */
export function oneByOne(order: string): Claim {
  return { fidelity: "exact", order: `one token a forward ${order}` };
}

/** The claim of a rule whose steps commit several tokens. */
export function several(...why: readonly string[]): Claim {
  return { fidelity: "approximate", order: "one token a forward", why: why.length > 0 ? why : [SEVERAL] };
}

/** The claim of a rule that commits one token a step by the option `order`. */
export function orderedOneByOne(options: OptionValues): Claim {
  if (options.order === "random") return oneByOne("in random order");
  return options.order === "left_to_right" ? oneByOne("from left to right") : surestOneByOne(options);
}

/** The claim of a rule that commits one token a step, the surest. */
export function surestOneByOne(options: OptionValues): Claim {
  const { confidence, confidence_of } = options;
  if (confidence === "neg_entropy") return oneByOne("in order of rising entropy");
  const isMargin = confidence === "margin";
  if (confidence_of === "top") {
    return oneByOne(`in order of the likeliest token's ${isMargin ? "margin" : "probability"}`);
  }
  const claim = oneByOne(`in order of the drawn token's ${isMargin ? "margin" : "probability"}`);
  // The likeliest token is drawn: what is known alone says which, and how sure it is.
  return isGreedy(options) ? claim : approximately(claim, BY_DRAWN);
}
