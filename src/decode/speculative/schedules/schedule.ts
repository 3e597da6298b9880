import { InvalidOptionError } from "../../../vocabulary/errors.js";
import type { Ask } from "../../../seam/asks.js";
import { type CostCurve, costOfRows, curveOf, draftingCost } from "../../../seam/cost-curve.js";
import { type OptionTable, type OptionValues, numberOption } from "../../options.js";
import { AdaptiveLength, type DraftCosts } from "./adaptive-length.js";
import { MAX_DRAFTS } from "../drafters/source.js";

/** How many tokens the next rounds draft, from what earlier ones have shown; a function of that alone, so a seed repeats. */
export interface Schedule {
  /** Tokens to draft in the next round at most. */
  next(): number;
  /**
   * Tokens to write plainly before the next round, whatever they show; perhaps infinitely many. They count as written. Left
   * out: none.
   */
  skip?(): number;
  /** Tells that a chain of `accepted` out of `proposed` drafts was right. Called for every round, in order, `VERDICT_LAG` rounds late. */
  observe(proposed: number, accepted: number): void;
}

/** Rounds between a round and the one whose length may depend on it, where rounds run ahead of what was read back. */
export const VERDICT_LAG = 4;

/** The schedule's options of `speculative`. */
export const SCHEDULE_OPTIONS = {
  num_assistant_tokens_schedule: {
    type: "enum",
    label: "Draft length",
    doc: "constant; heuristic: 2 more after full acceptance, else 1 less; confidence: up to the first token that the draft model gives a smaller probability than assistant_confidence_threshold; adaptive: the fastest by forward_costs and the acceptance lately, for drafters of chains",
    values: ["constant", "heuristic", "confidence", "adaptive"],
    default: "constant",
  },
  assistant_confidence_threshold: {
    type: "number",
    label: "Draft while sure",
    doc: "For confidence: the first draft with a smaller probability is the round's last; 0.4 unless given",
    default: null,
    above: 0,
    max: 1,
    when: { num_assistant_tokens_schedule: ["confidence"] },
  },
  forward_costs: {
    type: "map",
    label: "Costs of a forward",
    doc: "For adaptive: the cost of a forward by its rows, in forwards of one row; triptych device measures it",
    keys: "numbers of rows",
    form: "rows:cost",
    default: {},
    when: { num_assistant_tokens_schedule: ["adaptive"] },
  },
  draft_cost: {
    type: "number",
    label: "Cost of a draft",
    doc: "For adaptive: the cost of one of the drafter's forwards, in forwards of one row of the target",
    default: null,
    min: 0,
    when: { num_assistant_tokens_schedule: ["adaptive"] },
  },
  wait_cost: {
    type: "number",
    label: "Cost of a wait",
    doc: "For adaptive: the cost of waiting for a result while the device has nothing to do, in forwards of one row; measured where a device is, else 0",
    default: null,
    min: 0,
    when: { num_assistant_tokens_schedule: ["adaptive"] },
  },
} as const satisfies OptionTable;

/** Hugging Face's `assistant_confidence_threshold`. */
const CONFIDENCE = 0.4;

/** The options with the schedule's default. Refuses a schedule without what it needs, and values that it would take no notice of. */
export function resolveSchedule(
  options: OptionValues,
  drafter: { name: string; isChain: boolean; isFree: boolean; hasLaw: boolean },
): OptionValues {
  const { num_assistant_tokens_schedule: schedule, assistant_confidence_threshold: threshold } = options;
  checkCosts(options, drafter);
  if (schedule !== "confidence") {
    if (threshold === null) return options;
    throw new InvalidOptionError(
      `assistant_confidence_threshold belongs to num_assistant_tokens_schedule confidence, not ${String(schedule)}.`,
    );
  }
  if (options.num_assistant_tokens === 1) {
    throw new InvalidOptionError(
      "num_assistant_tokens_schedule confidence asks whether to draft on behind a draft, and num_assistant_tokens 1 has no second: give more, or schedule constant.",
    );
  }
  if (drafter.isChain && drafter.hasLaw) return { ...options, assistant_confidence_threshold: threshold ?? CONFIDENCE };
  throw new InvalidOptionError(
    `num_assistant_tokens_schedule confidence asks a model how sure it is of each draft in a chain, and the drafter ${drafter.name} can't say: choose drafter model, early-exit, eagle or mtp, or another schedule.`,
  );
}

function checkCosts(options: OptionValues, drafter: { name: string; isChain: boolean; isFree: boolean }): void {
  const { num_assistant_tokens_schedule: schedule, draft_cost, wait_cost } = options;
  const { rows, ratio } = forwardCosts(options);
  if (schedule !== "adaptive") {
    if (rows.length === 0 && draft_cost === null && wait_cost === null) return;
    throw new InvalidOptionError(
      `forward_costs, draft_cost and wait_cost belong to num_assistant_tokens_schedule adaptive, not ${String(schedule)}.`,
    );
  }
  if (!drafter.isChain) {
    throw new InvalidOptionError(`num_assistant_tokens_schedule adaptive is for chains; ${drafter.name} drafts trees.`);
  }
  if (rows.length === 0 || (draft_cost === null && !drafter.isFree)) {
    const missing = rows.length === 0 ? "forward_costs" : "draft_cost";
    throw new InvalidOptionError(
      `num_assistant_tokens_schedule adaptive needs ${missing}, as triptych device measures it on this machine. Or choose constant or heuristic.`,
    );
  }
  if (rows[0] !== 1 || ratio.some((cost) => cost <= 0)) {
    throw new InvalidOptionError("forward_costs must be positive and hold the cost of 1 row.");
  }
}

/** The least probability of a draft behind which another one is drafted: 0 but for the schedule `confidence`. */
export function leastConfidence({
  num_assistant_tokens_schedule,
  assistant_confidence_threshold,
}: OptionValues): number {
  return num_assistant_tokens_schedule === "confidence" ? Number(assistant_confidence_threshold) : 0;
}

/** How a drafter's rounds follow each other; by default they wait for each verdict. */
export interface Pace {
  /** As in `DraftCosts`. */
  lag?: number;
  /** Behind tokens that were written without it, the target has to read these again too. */
  rereads?: boolean;
}

/** What the schedule that checked options name asks of a target: by costs tokens are written without drafts, too. */
export function scheduleAsks({ num_assistant_tokens_schedule }: OptionValues): readonly Ask[] {
  return num_assistant_tokens_schedule === "adaptive" ? ["sample"] : [];
}

/** The schedule that checked options name. */
export function scheduleOf(options: OptionValues, pace: Pace = {}): Schedule {
  const wanted = numberOption(options, "num_assistant_tokens");
  const { num_assistant_tokens_schedule: name } = options;
  if (name === "heuristic") return heuristic(wanted);
  if (name !== "adaptive") return { next: () => wanted, observe: () => {} };
  return new AdaptiveLength(costsOf(options, pace), wanted);
}

/** The costs among the options of `adaptive`. */
export function costsOf(options: OptionValues, { lag = 0, rereads = false }: Pace): DraftCosts {
  const curve = forwardCosts(options);
  const draftCost = Number(options.draft_cost ?? 0);
  const forward = (numRows: number) => costOfRows(curve, numRows);
  return {
    forward,
    drafting: (numDrafts) => draftingCost(options, curve, numDrafts),
    // The drafter's forwards are taken to grow with their rows as the target's do.
    catchingUp: (numTokens) =>
      draftCost * (forward(1 + numTokens) - 1) + (rereads ? forward(Math.max(1, numTokens)) : 0),
    roundTrip: Number(options.wait_cost ?? 0),
    lag,
  };
}

/** Hugging Face's: 2 more when all drafts matched, else 1 less, at least 1; `most` is what it begins with. */
function heuristic(start: number): Schedule {
  let length = start;
  return {
    next: () => length,
    observe(proposed, accepted) {
      // The row limit of a verification is far above what this reaches in practice, but nothing else bounds it.
      if (proposed > 0) length = accepted === proposed ? Math.min(MAX_DRAFTS, length + 2) : Math.max(1, length - 1);
    },
  };
}

function forwardCosts({ forward_costs }: OptionValues): Pick<CostCurve, "rows" | "ratio"> {
  return curveOf(forward_costs as Readonly<Record<string, number>>);
}
