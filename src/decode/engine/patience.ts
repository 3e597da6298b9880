import { invariant } from "../../vocabulary/errors.js";
import type { Plan } from "./plan.js";
import type { GenerateRequest } from "./request.js";

/** Steps in a row that any decoder may make without changing the canvas, as to look at it once more. */
const IDLE_STEPS = 64;

/** No run is endless: what a decoder does next follows from the canvas, so that it would do the same again. */
export class Patience {
  /** Steps since the canvas changed. */
  private numIdle = 0;

  constructor(
    private readonly request: Pick<GenerateRequest, "decoder" | "capabilities">,
    private readonly plan: Pick<Plan, "options" | "maxNewTokens">,
  ) {}

  /** Begins anew, as behind a lost device. */
  reset(): void {
    this.numIdle = 0;
  }

  /** Throws `InvariantError` where a step behind `numSteps` others is one too many. */
  check(hasChanged: boolean, numSteps: number): void {
    const { decoder, capabilities } = this.request;
    const { options, maxNewTokens } = this.plan;
    const patience = IDLE_STEPS + (decoder.idleSteps?.(options) ?? 0);
    this.numIdle = hasChanged ? 0 : this.numIdle + 1;
    invariant(this.numIdle <= patience, `${decoder.name} made ${this.numIdle} steps that changed nothing`);
    const most = (Math.min(maxNewTokens, capabilities.maxLength) + 1) * patience;
    invariant(numSteps < most, `${decoder.name} goes in circles: ${most} steps for ${maxNewTokens} tokens`);
  }
}
