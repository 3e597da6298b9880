import type { TokenId } from "../../vocabulary/events.js";
import { invariant } from "../../vocabulary/errors.js";
import { argmax } from "../processors.js";
import type { Law } from "./chance.js";
import type { Verifier } from "./verifier.js";

/** When the target takes a draft back. */
export interface BildRollback {
  /** In nats: a draft whose -log p under the target's raw law is larger violates. */
  rollback: number;
  /**
   * "corrected": the first violation that the target's argmax disagrees with is replaced. "literal", as in the authors'
   * code: only the first violation counts, and when the argmax agrees with it every later one is kept.
   */
  rule: "corrected" | "literal";
}

/**
 * Big Little Decoder (arXiv 2302.07863), greedy: keeps the drafts up to the first one that the target finds too
 * unlikely, and writes its own argmax behind them. `keepsDrafting` is the other half.
 */
export function bildWith({ rollback, rule }: BildRollback): Verifier {
  return {
    name: "bild",
    label: "BiLD",
    summary: "Greedy; the target takes back only drafts that it finds very unlikely, so the text is not its own",
    fidelity: "approximate",
    shape: "chain",
    needsDraftLaw: false,
    needsRawLaw: true,
    decide({ tokens, target, raw }) {
      invariant(raw, "bild needs the target's raw laws");
      const isViolation = (token: TokenId, i: number) => -Math.log(raw[i][token]) > rollback;
      const disagrees = (token: TokenId, i: number) => argmax(target[i]) !== token;
      const first = tokens.findIndex(
        (token, i) => isViolation(token, i) && (rule === "literal" || disagrees(token, i)),
      );
      const isTakenBack = first >= 0 && disagrees(tokens[first], first);
      const length = isTakenBack ? first : tokens.length;
      return { path: [...tokens.keys()].slice(0, length), token: argmax(target[length]) };
    },
  };
}

/** BiLD with its authors' rollback limit and the corrected rule. */
export const bild: Verifier = bildWith({ rollback: 5, rule: "corrected" });

/** The probability under which the drafter hands over to the target, in the authors' code. */
const BILD_FALLBACK = 0.6;

/** Whether a drafter that is this sure of its next token appends it; else it is dropped and the target goes on. */
export function keepsDrafting(law: Law, fallback = BILD_FALLBACK): boolean {
  return Math.max(...law) >= fallback;
}
