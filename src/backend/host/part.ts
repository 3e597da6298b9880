import type { RowsOwner } from "./host-rows.js";
import type { ExtensionKey } from "../../seam/extension.js";
import type { TokenId } from "../../vocabulary/events.js";
import type { Chance } from "../../sampling/verify/chance.js";
import type { Cell } from "./cell.js";
import type { HostPending } from "./pending.js";
import type { Law } from "./law.js";
import type { Capabilities } from "../../seam/capabilities.js";
import type { Pending, TokenRef } from "../../seam/pending.js";
import type { Session } from "../../seam/session.js";

/** What a part may touch of the session that it stands beside, on any backend whose questions the CPU answers. */
export interface HostTrunk {
  /** What the session's rows are of. */
  readonly owner: RowsOwner;
  /** So many kept rows, from the first, left their states. Throws while the length isn't known. */
  readonly numStated: number;
  /** What `make` makes, the same when asked again. */
  once<T>(id: string, make: () => T): T;
  /** Another session on so many of this one's model's layers, from the first, that reads nothing of this one and goes with it. */
  onLayers(numLayers: number): Session;
  /** Has a result worked out once all that was asked before has been done. */
  later<T>(work: () => HostPending<T>): Pending<T>;
  /** Does this once all that was asked before has been done. */
  behind(work: () => void): void;
  /** Ids of the kept tokens and of this one behind them: within what is done later. */
  written(last: TokenId | TokenRef): TokenId[];
}

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
  parts: ReadonlyMap<string, HostPart<MockTrunk>>;
  /** What its sessions answer, as `capabilities` lists it. */
  answers: ReadonlySet<string>;
  /** Gets what its sessions were asked. */
  asked?: Set<string>;
}

/** A row that left its hidden state: a mock's records only which rows were visible. */
export interface HiddenRow {
  cell: Cell;
  seen: readonly Cell[];
  isMask: boolean;
}

/** What a part that stands for weights may touch of a mock's session besides. */
export interface MockTrunk extends HostTrunk {
  readonly behaviour: Behaviour;
  /** Rows whose states the last forward left that left some. */
  readonly hiddenRows: readonly HiddenRow[];
  /** Another session on this model with a law of its own, which may read what this one's forwards leave, or its mask rows alone. */
  another(law: Law, reads: "nothing" | "states" | "masks"): Session;
  /** From now on forwards may be asked to leave states. */
  leaveStates(): void;
}

/** An extension's part for the CPU: what stands beside a session there. */
export interface HostPart<T extends HostTrunk = HostTrunk> {
  readonly extension: string;
  /** Whether a model of these capabilities was loaded with it; left out: each has it. */
  isThere?(capabilities: Capabilities): boolean;
  open(trunk: T, key: ExtensionKey<unknown>): unknown;
}

/** A part whose keys are of type `K`. */
export function defineHostPart<K extends ExtensionKey<unknown>, T extends HostTrunk = HostTrunk>(
  extension: string,
  open: (trunk: T, key: K) => unknown,
  isThere?: HostPart["isThere"],
): HostPart<T> {
  return { extension, open: open as HostPart<T>["open"], isThere };
}
