import type { RowsOwner } from "./host-rows.js";
import type { ExtensionKey } from "../../seam/extension.js";
import type { TokenId } from "../../vocabulary/events.js";
import type { Chance } from "../../sampling/verify/chance.js";
import type { Cell } from "./cell.js";
import type { Law } from "./law.js";
import type { Capabilities } from "../../seam/capabilities.js";
import type { TokenRef } from "../../seam/pending.js";
import type { Session } from "../../seam/session.js";

/** What a mock's sessions need to know of it. */
export interface Behaviour {
  capabilities: Capabilities;
  latency: () => Promise<void>;
  shallow: (numLayers: number) => Law;
  head?: Law;
  policy?: (seen: readonly Cell[]) => readonly number[];
  maskSampler?: Law;
  chance?: Chance;
  /** What its sessions can be asked for, by extension. */
  parts: ReadonlyMap<string, HostPart>;
}

/** A row that left its hidden state: a mock's records only which rows were visible. */
export interface HiddenRow {
  cell: Cell;
  seen: readonly Cell[];
  isMask: boolean;
}

/** What a part may touch of the session that it stands beside. */
export interface MockTrunk extends RowsOwner {
  readonly behaviour: Behaviour;
  /** Of the last forward that left some. */
  readonly hiddenRows: readonly HiddenRow[];
  /** What `make` makes, the same when asked again. */
  once<T>(id: string, make: () => T): T;
  /** Another session on this model with a law of its own, which may read what this one's forwards leave, or its mask rows alone. */
  another(law: Law, reads: "nothing" | "states" | "masks"): Session;
  /** From now on forwards may be asked to leave states. */
  leaveStates(): void;
  /** The kept rows. Throws while the length isn't known. */
  kept(): readonly Cell[];
  /** Ids of the kept tokens and of this one behind them. */
  written(last: TokenId | TokenRef): TokenId[];
}

/** An extension's part for the CPU: what stands beside a session there. */
export interface HostPart {
  readonly extension: string;
  open(trunk: MockTrunk, key: ExtensionKey<unknown>): unknown;
}

/** A part whose keys are of type `K`. */
export function defineHostPart<K extends ExtensionKey<unknown>>(
  extension: string,
  open: (trunk: MockTrunk, key: K) => unknown,
): HostPart {
  return { extension, open: open as HostPart["open"] };
}
