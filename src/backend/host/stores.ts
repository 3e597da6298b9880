import type { Laws } from "../../seam/questions/draft.js";
import type { MemoryRule, RowMemory } from "../../seam/questions/measure.js";
import type { States } from "../../seam/states.js";
import type { HostTrunk } from "./part.js";

/** By draft, of the round that is being drafted. */
export class HostLaws implements Laws {
  readonly drafts: Float64Array[] = [];

  constructor(
    readonly numDrafts: number,
    readonly numChains: number,
    readonly isDistinct: boolean,
  ) {}
}

/** By position: the logits, or the credits, of the step before. */
export class HostMemory implements RowMemory {
  readonly rows = new Map<number, Float64Array>();

  constructor(readonly rule: MemoryRule) {}
}

/** The states of a session's kept rows, which hold them themselves. */
export class HostStates implements States {
  constructor(private readonly trunk: Pick<HostTrunk, "numStated">) {}

  get length(): number {
    return this.trunk.numStated;
  }
}
