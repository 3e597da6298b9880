import type { SlotId, StepEvent } from "../vocabulary/events.js";
import { largestSpeedUp, predictedSpeedUp } from "../vocabulary/figures.js";
import { type CostCurve, costOfRows, curveOf, draftingCost } from "../worker/client.js";
import type { Round } from "./round.js";
import type { Seen } from "./run-view.js";

/** How many rounds got to a depth with a draft to judge there, and how many accepted one. */
export interface DepthCount {
  tried: number;
  accepted: number;
}

/** What forwards cost by their rows, and drafting so many tokens where a model does it, in forwards of one row. */
export interface RunCosts {
  curve: Pick<CostCurve, "rows" | "ratio">;
  drafting: ((numDrafts: number) => number) | null;
  /** Waiting for a result while the device has nothing to do. */
  waiting: number;
}

/** What a run's own counts come to, beside plain decoding. */
export interface Prediction {
  speedUp: number;
  /** If nothing had been waited for: no run of these counts is faster. */
  largest: number;
  /** Drafting's share of drafting and verifying. */
  draftShare: number;
}

/** The books of a run with drafts, counted from its events. */
export class Rounds {
  /** The latest round with drafts, and the texts of its slots. */
  latest: Round | null = null;
  readonly texts = new Map<SlotId, string>();
  /** Leaves of the widest tree so far; a chain has one. */
  mostLeaves = 0;
  /** Rounds by the number of drafts that they accepted. */
  readonly byLength: number[] = [];
  /** By depth, the first for depth 1. */
  readonly byDepth: DepthCount[] = [];
  /** Own tokens of the target behind drafts. */
  readonly own = { recovered: 0, bonus: 0 };
  /** The costs that the run told of when it started. */
  costs: RunCosts | null = null;
  /** What the run drafts by; null for a decoder that drafts nothing, and before the run has begun. */
  drafting: { schedule: unknown; most: unknown } | null = null;
  /** Whether all rounds are known. */
  isDone = false;
  /** Whether a draft model has run. */
  hasDraftModel = false;
  /** Rounds behind the first token, by the number of their drafts; one without drafts is a plain step. */
  private readonly bySize = new Map<number, number>();
  /** Tokens behind the first round that wrote any. */
  private numTimedTokens = 0;
  /** Results that were waited for behind it. */
  private numWaits = 0;
  private hasBegun = false;

  /** Counts one event. */
  add({ event, round }: Seen): void {
    if (event.type === "start") {
      this.costs = costsIn(event.options);
      const { drafter, num_assistant_tokens_schedule: schedule, num_assistant_tokens: most } = event.options;
      this.drafting = drafter === undefined ? null : { schedule, most };
    }
    this.isDone ||= event.type === "done";
    if (event.type !== "step") return;
    this.hasDraftModel ||= event.draftForwards > 0;
    this.time(event, round);
    if (!round) return;
    this.latest = round;
    this.texts.clear();
    for (const { slot, text } of event.pieces) this.texts.set(slot, text);
    while (this.byLength.length <= round.numAccepted) this.byLength.push(0);
    this.byLength[round.numAccepted]++;
    const inner = new Set(round.drafts.map(({ parent }) => parent));
    this.mostLeaves = Math.max(this.mostLeaves, round.drafts.filter((_, i) => !inner.has(i)).length);
    if (round.own) this.own[round.own.kind]++;
    // By depth, whether a draft there was accepted; of the depths where one was judged.
    const judged = new Map<number, boolean>();
    for (const { parent, depth, isAccepted } of round.drafts) {
      const isReached = parent < 0 || round.drafts[parent].isAccepted;
      if (isReached) judged.set(depth, isAccepted || judged.get(depth) === true);
    }
    for (const [depth, isAccepted] of judged) {
      this.byDepth[depth - 1] ??= { tried: 0, accepted: 0 };
      this.byDepth[depth - 1].tried++;
      if (isAccepted) this.byDepth[depth - 1].accepted++;
    }
  }

  /** Rounds that drafted something. */
  get numRounds(): number {
    return this.byLength.reduce((sum, count) => sum + count, 0);
  }

  /** Rounds behind the first token that drafted nothing. */
  get numPlainRounds(): number {
    return this.bySize.get(0) ?? 0;
  }

  /**
   * What the counts behind the first token come to, in forwards of one row: `verify` for rounds of n drafts at
   * `forward(1 + n)` each, `draft` at `drafting(n)`, and each wait at `waiting`. `null` before there are any.
   */
  cost(costs: {
    forward(numRows: number): number;
    drafting(numDrafts: number): number;
    waiting: number;
  }): Prediction | null {
    let verifying = 0;
    let drafting = 0;
    for (const [numDrafts, count] of this.bySize) {
      verifying += count * costs.forward(1 + numDrafts);
      drafting += count * costs.drafting(numDrafts);
    }
    const counted = { tokens: this.numTimedTokens, verifying, drafting, waiting: this.numWaits * costs.waiting };
    const speedUp = predictedSpeedUp(counted);
    const largest = largestSpeedUp(counted);
    return speedUp === null || largest === null
      ? null
      : { speedUp, largest, draftShare: drafting / (verifying + drafting) };
  }

  /** `cost` at the run's own costs, which its `start` event tells, else at those of the device, which know no draft model. */
  predict(measured: CostCurve | null): Prediction | null {
    const curve = this.costs?.curve ?? measured;
    const drafting = this.costs?.drafting ?? (this.hasDraftModel ? null : () => 0);
    const waiting = this.costs?.waiting ?? (measured ? measured.waitMs / measured.forwardMs : 0);
    return curve && drafting && this.cost({ drafting, waiting, forward: (numRows) => costOfRows(curve, numRows) });
  }

  private time({ edits, waits, forwards }: StepEvent, round: Round | null): void {
    // A run's last step may only show text that was held back for a stop.
    if (forwards === 0) return;
    const numWritten = edits.filter((edit) => edit.op !== "delete" && edit.state === "committed").length;
    if (this.hasBegun) {
      const size = round?.drafts.length ?? 0;
      this.bySize.set(size, (this.bySize.get(size) ?? 0) + 1);
      this.numTimedTokens += numWritten;
      this.numWaits += waits;
    }
    this.hasBegun ||= numWritten > 0;
  }
}

/** The measured costs among a run's options, if it has any. */
function costsIn(options: Record<string, unknown>): RunCosts | null {
  const { forward_costs, draft_cost, wait_cost } = options;
  const curve = curveOf((forward_costs ?? {}) as Record<string, number>);
  if (curve.rows.length === 0) return null;
  const isKnown = typeof draft_cost === "number";
  const waiting = Number(wait_cost ?? 0);
  return {
    curve,
    waiting,
    drafting: isKnown ? (numDrafts) => draftingCost(options, curve, numDrafts) : null,
  };
}
