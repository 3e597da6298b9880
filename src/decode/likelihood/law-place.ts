import type { Edit, SlotId } from "../../vocabulary/events.js";
import type { SetRows } from "../../vocabulary/prompt.js";
import type { Decoder } from "../decoder.js";
import type { OptionValues } from "../options.js";

/** A place in a text as it stood when a step of a run wrote there. */
export interface LawPlace {
  /** Edits before that step, the prompt's first. */
  before: readonly Edit[];
  /** Those of the step: masks that it opened were read by it, and so were tokens that stand before the place. None: as the text stands. */
  step: readonly Edit[];
  slot: SlotId;
}

/** A run whose text it is: who wrote it, with every option, and which parts of its prompt are sets. */
export interface LawRun {
  decoder: Decoder;
  options: OptionValues;
  sets: readonly SetRows[];
}
