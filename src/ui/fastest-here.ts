import { keyOf, type ModelRef } from "../worker/client.js";
import { BY_COSTS } from "./default-panes.js";
import { type Fastest, findFastest, UNMEASURED } from "./fastest.js";
import type { Models } from "./model-set.js";
import type { Pane } from "./pane.js";

/** What the decoder whose drafter goes by costs has unless a person chooses, and the models that it was measured for. */
export class FastestHere {
  /** The choice as it is now. */
  fastest: Fastest = UNMEASURED;
  private measuredFor: readonly string[] = [];

  /** `panes`: those that there are now. */
  constructor(private readonly panes: () => readonly Pane[]) {}

  /** Has a new pane go by costs, should it draft. */
  startIn(pane: Pane): void {
    pane.choose(BY_COSTS.decoder, this.fastest.options);
  }

  /** Whether a pane goes by costs, and has what is fastest here. */
  isIn(pane: Pane): boolean {
    return pane.decoder === BY_COSTS.decoder && this.isChosenIn(pane);
  }

  /** Whether it is to be measured first: for a model and its draft, unless it was for just these. */
  isToMeasure(refs: readonly ModelRef[]): boolean {
    return refs.length > 1 && refs.map(keyOf).join("\n") !== this.measuredFor.join("\n");
  }

  /** Measures it for a model and its draft, for every pane that has it; false where `signal` ended that. */
  async measure(refs: readonly ModelRef[], signal: AbortSignal): Promise<boolean> {
    const fastest = await findFastest(refs[0], refs[1], signal);
    if (!fastest) return false;
    this.measuredFor = refs.map(keyOf);
    this.set(fastest);
    return true;
  }

  /** Forgets what was measured of models, or on a device, that aren't at hand any more. */
  keepOnly(models: Models): void {
    const here = Object.values(models).map(keyOf);
    if (this.measuredFor.every((key) => here.includes(key))) return;
    this.measuredFor = [];
    this.set(UNMEASURED);
  }

  private isChosenIn(pane: Pane): boolean {
    return pane.chosenOf(BY_COSTS.decoder) === this.fastest.options;
  }

  private set(fastest: Fastest): void {
    // Those that are folded behind another decoder as well.
    const chosen = this.panes().filter((pane) => this.isChosenIn(pane));
    this.fastest = fastest;
    for (const pane of chosen) pane.choose(BY_COSTS.decoder, fastest.options);
  }
}
