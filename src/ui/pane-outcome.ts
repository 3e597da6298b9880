import type { WireError } from "../vocabulary/errors.js";
import type { FinishReason, Metrics, TokenId } from "../vocabulary/events.js";

/** A pane's name in events: a region of the comparison, or the decoder of a single pane. */
export type PaneName = string;
/** What a pane is doing; `unable`: what was asked isn't for its decoder or its models, which is no fault. */
export type PaneState = "idle" | "loading" | "running" | "done" | "unable" | "error";

/** How one pane ended. */
export type PaneOutcome =
  | { text: string; ids: TokenId[]; reason: FinishReason; metrics: Metrics | null }
  | { error: WireError };
/** Detail of `triptych-done`. */
export type PaneOutcomes = Record<PaneName, PaneOutcome>;

/** How a pane ended that was stopped before it wrote. */
export const CANCELLED: PaneOutcome = { text: "", ids: [], reason: "cancelled", metrics: null };

const REASON_WORDS: Record<FinishReason, string> = {
  stop: "done: reached an end",
  length: "done: full length",
  complete: "done: complete",
  cancelled: "stopped",
};

/** What isn't for a decoder or its models, by the error's code, and the status that says so. */
const UNABLE: Record<string, string> = {
  no_infill: "can't fill holes",
  no_sets: "can't read sets",
  no_such_role: "no model for this",
};

/** How a pane ended, in the words of its head. */
export function outcomeWords(outcome: PaneOutcome): string {
  if ("error" in outcome) return UNABLE[outcome.error.code] ?? "failed";
  const { reason, metrics } = outcome;
  return reason === "length" && metrics?.tokens === 0 ? "done: nothing to write" : REASON_WORDS[reason];
}

/** Whether a failure is no fault: what was asked isn't for this decoder or its models. */
export function isUnable({ code }: WireError): boolean {
  return Object.hasOwn(UNABLE, code);
}

/** Whether two failures are one, met in several places. */
export function isSame(one: WireError, other: WireError | null): boolean {
  return one.code === other?.code && one.message === other.message;
}

/** The failure that all of these have; null where one has none, or they differ. */
export function sameFailure(failures: readonly (WireError | null)[]): WireError | null {
  const [first, ...others] = failures;
  return first && others.every((other) => isSame(first, other)) ? first : null;
}
