import type { ExtensionKey } from "../../seam/extension.js";
import type { MemoryRule, RowMemory } from "../../seam/questions/measure.js";

/** A memory of rows, as decoders ask whether there is any. */
export const ROW_MEMORY: ExtensionKey<RowMemory> = { extension: "row-memory", what: "a memory of rows" };

/** What is to be remembered. */
export interface MemoryRoom extends ExtensionKey<RowMemory> {
  readonly rule: MemoryRule;
}

/** An empty memory for a session's rows; one of the same rule takes the place of an earlier one. */
export const memoryOf = (rule: MemoryRule): MemoryRoom => ({ ...ROW_MEMORY, rule });
