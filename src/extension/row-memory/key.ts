import type { ExtensionKey } from "../../seam/extension.js";
import type { MemoryRule, RowMemory } from "../../seam/questions/measure.js";

/** What is to be remembered. */
export interface MemoryRoom extends ExtensionKey<RowMemory> {
  readonly rule: MemoryRule;
}

/** An empty memory for a session's rows; one of the same rule takes the place of an earlier one. */
export const memoryOf = (rule: MemoryRule): MemoryRoom => ({ extension: "row-memory", what: "a memory of rows", rule });
