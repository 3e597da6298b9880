import type { ExtensionKey } from "../../../seam/extension.js";
import type { Adapter } from "../plan/adapter.js";
import type { Transformer } from "../plan/transformer.js";
import type { HiddenStates } from "./hidden-states.js";
import type { Sequence } from "./sequence.js";

/** What sessions run: a transformer, and what it was loaded with beside its own weights. */
export interface Runnable {
  readonly transformer: Transformer;
  /** What mask rows get. */
  readonly adapter: Adapter | null;
  /** What its sessions can be asked for, by extension. */
  readonly parts: ReadonlyMap<string, Part>;
}

/** What an extension is beside one session, and goes with it: it gives what its keys ask for. */
export interface Opened {
  one(key: ExtensionKey<unknown>): unknown;
  dispose?(): void;
}

/** What a part may touch of the session that it stands beside. */
export interface Trunk {
  readonly running: Runnable;
  readonly sequence: Sequence;
  /** It runs all of the model's layers: what the model was loaded with reads what they leave. */
  readonly isWhole: boolean;
  /** So many kept rows, from the first, left their states by slot. Throws while the length isn't known. */
  readonly numStated: number;
  /** The states that its forwards leave, when asked to, for what reads them. */
  states(): HiddenStates;
}

/** An extension's part for this backend. */
export interface Part {
  readonly extension: string;
  open(session: Trunk): Opened;
}

/** A part whose keys are of type `K`. */
export function definePart<K extends ExtensionKey<unknown>>(
  extension: string,
  open: (session: Trunk) => { one(key: K): unknown; dispose?(): void },
): Part {
  return { extension, open: open as Part["open"] };
}
