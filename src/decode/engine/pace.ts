import type { Plan } from "./plan.js";
import type { PulledSteps } from "./pulled-steps.js";
import type { GenerateRequest } from "./request.js";
import type { RunClock } from "./run-clock.js";

/** Unread results at most: alone on a device, and shared. */
const LOOKAHEAD = { alone: 8, shared: 3 };
/** Results that travel together at most: fewer submits and maps, while two such groups are still under way. */
const MAX_STEPS_PER_SYNC = 4;
/** And no more than take this long, so that text still flows where a step is slow. */
const SYNC_MS = 50;

/** How far a run pulls steps ahead of their results, and how many results travel together. */
export class Pace {
  private applied = 0;
  private numCommitted = 0;

  constructor(
    private readonly request: Pick<GenerateRequest, "capabilities" | "lookahead" | "stepsPerSync" | "turn">,
    private readonly plan: Pick<Plan, "canvas" | "maxNewTokens">,
    private readonly clock: RunClock,
  ) {}

  /** Steps applied so far. */
  get numSteps(): number {
    return this.applied;
  }

  /** Unread results at most. */
  get lookahead(): number {
    const { lookahead, turn } = this.request;
    return lookahead ?? (turn?.isShared ? LOOKAHEAD.shared : LOOKAHEAD.alone);
  }

  /** Results that are asked for together as things are. */
  get stepsPerSync(): number {
    const { stepsPerSync } = this.request;
    if (stepsPerSync !== undefined) return stepsPerSync;
    return Math.min(MAX_STEPS_PER_SYNC, (SYNC_MS * this.applied) / this.clock.times().ownMs);
  }

  /** One more step was applied, which committed so many tokens. */
  step(numCommitted: number): void {
    this.applied++;
    this.numCommitted += numCommitted;
  }

  /**
   * Whether one more step may be pulled. Ahead by unread results, not by time: results are awaited only when the queue is full, so a
   * run does the same work however late they arrive. Near the end only as far as the steps so far would need.
   */
  mayPull({ all }: PulledSteps): boolean {
    const { request, plan } = this;
    if (all.length === 0) return true;
    // Text doesn't wait for results that lie behind what the decoder has read already.
    if (!all[all.length - 1].step.after || all[0].step.isKnown || request.turn?.isOver) return false;
    const { promptLength, numFilled } = plan.canvas;
    const end = Math.min(promptLength + plan.maxNewTokens, request.capabilities.maxLength);
    const tokensPerStep = this.applied > 0 ? this.numCommitted / this.applied : 1;
    return all.length < this.lookahead && all.length * Math.max(1, tokensPerStep) < end - numFilled;
  }

  /** Whether what was just pulled is to be asked for, with all that waits for it. */
  isDue({ all, numUnsent }: PulledSteps): boolean {
    // The first result never waits for others.
    const isFirst = this.applied === 0 && all.length === 1;
    return isFirst || numUnsent >= Math.min(this.stepsPerSync, this.lookahead / 2);
  }
}
