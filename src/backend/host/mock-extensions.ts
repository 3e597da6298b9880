import type { RowsOwner } from "./host-rows.js";
import type { EarlyExit } from "../../extension/early-exit/key.js";
import type { LawsRoom } from "../../extension/laws/key.js";
import type { LengthPolicy } from "../../extension/length-policy/key.js";
import type { MemoryRoom } from "../../extension/row-memory/key.js";
import type { ExtensionKey } from "../../seam/extension.js";
import { invariant } from "../../vocabulary/errors.js";
import type { TokenId } from "../../vocabulary/events.js";
import type { Chance } from "../../sampling/verify/chance.js";
import type { Cell } from "./cell.js";
import type { Law } from "./laws.js";
import { MockPending } from "./pending.js";
import { MockLaws, MockMemory } from "./stores.js";
import { MockTextDrafts } from "./text-drafts.js";
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
  /** Ids of the kept tokens and of this one behind them. */
  written(last: TokenId | TokenRef): TokenId[];
}

type OpenPart = (trunk: MockTrunk, key: ExtensionKey<unknown>) => unknown;

/** What stands beside a mock's session, by extension. */
export const MOCK_PARTS: Readonly<Record<string, OpenPart>> = {
  laws: (_, key) => {
    const { numDrafts, numChains, isDistinct } = key as LawsRoom;
    return new MockLaws(numDrafts, numChains, isDistinct);
  },
  "row-memory": (_, key) => new MockMemory((key as MemoryRoom).rule),
  "text-drafts": (trunk) => trunk.once("text-drafts", () => textDraftsOf(trunk)),
  twin: (trunk) => trunk.once("twin", () => trunk.another(trunk.law, "nothing")),
  "early-exit": (trunk, key) => {
    const { numLayers } = key as EarlyExit;
    const all = trunk.capabilities.numLayers;
    invariant(numLayers >= 1 && numLayers < all, `${numLayers} layers of ${all}: at least 1, and fewer than all`);
    return trunk.once(`first ${numLayers}`, () => trunk.another(trunk.behaviour.shallow(numLayers), "nothing"));
  },
  eagle: headOf,
  "joint-sampler": headOf,
  "mask-tokens": (trunk) => {
    const { maskSampler } = trunk.behaviour;
    invariant(maskSampler, "this model was loaded without an adapter");
    return trunk.once("mask-tokens", () => trunk.another(maskSampler, "masks"));
  },
  "length-policy": lengthPolicyOf,
};

function headOf(trunk: MockTrunk): Session {
  const { head } = trunk.behaviour;
  invariant(head, "this model was loaded without a head");
  return trunk.once("head", () => trunk.another(head, "states"));
}

function lengthPolicyOf(trunk: MockTrunk): LengthPolicy {
  const { policy } = trunk.behaviour;
  invariant(policy, "this model was loaded without a policy");
  trunk.leaveStates();
  return {
    score: async (row) => {
      const { hiddenRows } = trunk;
      const hidden = hiddenRows[row];
      invariant(hidden, `the last forward left ${hiddenRows.length} states, so none of row ${row}`);
      trunk.counts.dispatches++;
      const scores = Float32Array.from(policy(hidden.seen));
      await trunk.readback(scores.byteLength);
      return scores;
    },
  };
}

function textDraftsOf(trunk: MockTrunk): MockTextDrafts {
  return new MockTextDrafts({
    isOwn: (rows) => rows.session === trunk,
    written: (last) => trunk.written(last),
    pending: (drafts) => {
      trunk.counts.dispatches++;
      return new MockPending(
        drafts,
        (word) => drafts[word],
        () => trunk.readback(4 * drafts.length),
      );
    },
  });
}
