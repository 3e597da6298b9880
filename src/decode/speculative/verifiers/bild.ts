import type { Canvas } from "../../../vocabulary/canvas.js";
import { InvalidOptionError } from "../../../vocabulary/errors.js";
import { numberOption, type OptionTable, type OptionValues } from "../../options.js";

/** The options of the verifier `bild`. */
export const BILD_OPTIONS = {
  fallback_threshold: {
    type: "number",
    label: "Hand over below",
    doc: "The draft model hands over where it gives its likeliest token a smaller probability; 0: never",
    default: 0.6,
    min: 0,
    max: 1,
  },
  fallback_rule: {
    type: "enum",
    label: "Handing over",
    doc: "hand_over, as published: the draft model stops where it is unsure and the target writes there, as it does first of all and behind what it took back; each draft is read back before the next is asked for, and each verdict. discard: num_assistant_tokens are always drafted, all at once on the device, and those from the first unsure one on don't count",
    values: ["hand_over", "discard"],
    default: "hand_over",
  },
  rollback_threshold: {
    type: "number",
    label: "Take back above",
    doc: "In nats: a draft whose -log p is larger is replaced, unless the target would write it itself",
    default: 5,
    above: 0,
  },
  rollback_rule: {
    type: "enum",
    label: "Taking back by",
    doc: "corrected; literal, as in the authors' code: behind a very unlikely draft that the target would write, all are kept",
    values: ["corrected", "literal"],
    default: "corrected",
  },
} as const satisfies OptionTable;

/** Refuses draws, and a rule that would change nothing. */
export function checkBild(options: OptionValues): void {
  const { temperature, rollback_rule } = options;
  if (temperature !== 0) {
    throw new InvalidOptionError(
      `verifier bild is greedy: temperature must be 0 beside it, not ${String(temperature)}; verifier typical takes any.`,
    );
  }
  if (rollback_rule === "literal" && numberOption(options, "num_assistant_tokens") === 1) {
    throw new InvalidOptionError(
      "rollback_rule literal keeps what stands behind a draft, and num_assistant_tokens 1 leaves nothing there: give more, or leave rollback_rule out.",
    );
  }
}

/** Whether the draft model stops where it is unsure, and rounds wait for their verdicts: Big Little Decoder as published. */
export function handsOver({ verifier, fallback_rule }: OptionValues): boolean {
  return verifier === "bild" && fallback_rule === "hand_over";
}

/**
 * Whether the target writes the next token of a text by itself, in a run that `handsOver`: first of all, and behind drafts that
 * it took back. Those left their slots' ids unused before the last slot, so that a run that starts again on the canvas sees it.
 */
export function isTargetsTurn(canvas: Canvas): boolean {
  const { length, promptLength } = canvas;
  if (length === promptLength) return true;
  const [before, last] = canvas.slots().slice(-2);
  return last !== undefined && last.id - before.id > 1;
}
