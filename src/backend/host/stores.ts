import type { Laws } from "../../seam/questions/draft.js";
import type { MemoryRule, RowMemory } from "../../seam/questions/measure.js";

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
