import type { Laws } from "../../seam/questions/draft.js";
import type { MemoryRule, RowMemory } from "../../seam/questions/measure.js";
import type { States } from "../../seam/states.js";
import type { Cell } from "./cell.js";

/** By draft, of the round that is being drafted. */
export class MockLaws implements Laws {
  readonly drafts: Float64Array[] = [];

  constructor(
    readonly numDrafts: number,
    readonly numChains: number,
    readonly isDistinct: boolean,
  ) {}
}

/** By position: the logits, or the credits, of the step before. */
export class MockMemory implements RowMemory {
  readonly rows = new Map<number, Float64Array>();

  constructor(readonly rule: MemoryRule) {}
}

/** Of a session's kept rows, which hold their states themselves. */
export class MockStates implements States {
  /** `kept`: the rows, once the length is known. */
  constructor(private readonly kept: () => readonly Cell[]) {}

  get length(): number {
    const kept = this.kept();
    const first = kept.findIndex(({ state }) => !state);
    return first < 0 ? kept.length : first;
  }
}
