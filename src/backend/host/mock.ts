// Over 300 lines: one CPU session that checks every rule of the seam; the rules lean on each other's state.
import { checkRows, mostRows } from "../../seam/row-limits.js";
import type { EarlyExit } from "../../extension/early-exit/key.js";
import type { LawsRoom } from "../../extension/laws/key.js";
import type { LengthPolicy } from "../../extension/length-policy/key.js";
import type { MemoryRoom } from "../../extension/row-memory/key.js";
import type { ExtensionKey } from "../../seam/extension.js";
import { InvalidOptionError, InvariantError, invariant } from "../../vocabulary/errors.js";
import type { TokenId } from "../../vocabulary/events.js";
import type { Chance } from "../../sampling/verify/chance.js";
import { branchesOf } from "../../seam/forward.js";
import { type Cell, isKeptVisible, isVisible } from "./cell.js";
import type { Law } from "./laws.js";
import { MockPending } from "./pending.js";
import { MockRows } from "./rows.js";
import type { VerdictPending } from "./host-rows.js";
import { MockLaws, MockMemory } from "./stores.js";
import { MockTextDrafts } from "./text-drafts.js";
import type { Capabilities, HeadKind } from "../../seam/capabilities.js";
import type { Attend, Feature, ForwardRequest } from "../../seam/forward.js";
import type { Verdict } from "../../seam/questions/verify.js";
import type { Model } from "../../seam/model.js";
import type { Pending, TokenRef } from "../../seam/pending.js";
import type { Rows } from "../../seam/rows.js";
import type { Session, SessionCounts } from "../../seam/session.js";

/** Mask tokens of a mock that has a mask sampler, unless its capabilities say otherwise. */
const NUM_MASKS = 8;

/** A mock's whole behaviour. */
export interface MockOptions {
  law: Law;
  capabilities: Partial<Capabilities> & { vocabSize: number };
  name?: string;
  /** What its first layers say, fewer than `capabilities.numLayers`; default: what all of them do. */
  shallow?: (numLayers: number) => Law;
  /** What its head says, and what for. */
  head?: Law;
  headKind?: HeadKind;
  /** What its policy says of the state of a row that saw these; `capabilities.policyLengths` tells of which lengths. */
  policy?: (seen: readonly Cell[]) => readonly number[];
  /** What its mask sampler says, of what the mask row saw, with the token before in the mask's place. */
  maskSampler?: Law;
  /** How long a readback takes. */
  latency?: () => Promise<void>;
}

/** A mock whose draws can come from elsewhere. */
export interface MockModel extends Model {
  /** The same model, whose tokens, random orders and verdicts this chance decides in place of noise. */
  drawing(chance: Chance): Model;
}

/** A model on the CPU that obeys and checks the rules of the session seam: the oracle that decoders are tested on. */
export function mockModel({
  law,
  capabilities,
  name = "mock",
  shallow = () => law,
  head,
  headKind = "eagle",
  policy,
  maskSampler,
  latency = () => Promise.resolve(),
}: MockOptions): MockModel {
  const whole: Capabilities = {
    name,
    rounding: null,
    causal: true,
    bidirectional: false,
    blockLengths: [],
    anySubset: false,
    tree: true,
    truncate: true,
    inPlace: false,
    maskToken: null,
    maxLength: 256,
    numLayers: 1,
    head: head ? headKind : null,
    policyLengths: [],
    numMasks: maskSampler ? NUM_MASKS : 0,
    eosTokens: [],
    ...capabilities,
  };
  const behaviour = { capabilities: whole, latency, shallow, head, policy, maskSampler };
  const made = (chance?: Chance): Model => ({
    name,
    capabilities: whole,
    session: () => new MockSession(law, { ...behaviour, chance }),
    dispose: () => undefined,
  });
  return { ...made(), drawing: made };
}

/** What a mock's sessions need to know of it. */
interface Behaviour {
  capabilities: Capabilities;
  latency: () => Promise<void>;
  shallow: (numLayers: number) => Law;
  head?: Law;
  policy?: MockOptions["policy"];
  maskSampler?: Law;
  chance?: Chance;
}

/** A row that left its hidden state: all that a mock's is good for is what the row saw. */
interface HiddenRow {
  cell: Cell;
  seen: readonly Cell[];
  isMask: boolean;
}

/** More than any test's sessions make, so that an endless loop of a decoder fails instead of hanging. */
const MAX_FORWARDS = 500_000;

class MockSession implements Session {
  readonly capabilities: Capabilities;
  readonly counts: SessionCounts = { forwards: 0, rows: 0, dispatches: 0, readbackBytes: 0 };
  generation = 0;
  private cells: Cell[] = [];
  private upper = 0;
  /** Results that the length depends on. */
  private readonly unread = new Set<MockPending<unknown>>();
  private readonly shallowOnes = new Map<number, MockSession>();
  private twinOne: MockSession | null = null;
  private textDraftsOne: MockTextDrafts | null = null;
  private headOne: MockSession | null = null;
  private maskSamplerOne: MockSession | null = null;
  /** Of the last forward that left some. */
  private hiddenRows: readonly HiddenRow[] = [];
  private hasPolicy = false;
  private isDisposed = false;

  constructor(
    readonly law: Law,
    private readonly behaviour: Behaviour,
    private readonly trunk: MockSession | null = null,
    private readonly readsMasks = false,
  ) {
    const { capabilities } = behaviour;
    // A joint sampler reads the state of what fills a position, wherever that stands.
    const isJoint = trunk !== null && capabilities.head === "joint";
    this.capabilities = isJoint ? { ...capabilities, inPlace: true } : capabilities;
  }

  get chance(): Chance | undefined {
    return this.behaviour.chance;
  }

  get length(): number {
    invariant(this.isKnown, "the length depends on a result that wasn't read yet; await settle()");
    return this.cells.length;
  }

  get maxLength(): number {
    if (this.isKnown) this.upper = this.cells.length;
    return this.upper;
  }

  forward(request: ForwardRequest): Rows {
    const { tokens, positions, slots, attend, rows = "all", masks = 0, hidden, features, keep } = request;
    invariant(!this.isDisposed, "the session was disposed of");
    this.checkFeatures(features, request);
    const isRead = this.headOne ?? this.maskSamplerOne ?? this.hasPolicy;
    invariant(!hidden || isRead, "hidden states are kept for a session that reads them; ask for that one first");
    this.checkMasks(request);
    const { capabilities, cells } = this;
    const numRows = tokens.length;
    const base = cells.length;
    invariant(numRows > 0, "a forward needs at least one row");
    invariant(this.counts.forwards < MAX_FORWARDS, "the run is endless");
    invariant(keep >= 0 && keep <= numRows, `keep ${keep} of ${numRows} rows`);
    invariant(!slots || keep === 0, "rows that overwrite slots can't be kept");
    if (!slots && this.maxLength + numRows > capabilities.maxLength) {
      throw new InvalidOptionError(`${this.maxLength} + ${numRows} rows don't fit ${capabilities.maxLength}`);
    }
    checkRows(request, mostRows(capabilities, capabilities.maxLength));
    this.checkAttend(attend, numRows);
    const parents = typeof attend === "object" && "parents" in attend ? attend.parents : null;
    const depth: number[] = [];
    const flight = tokens.map((token, row): Cell => {
      depth[row] = parents ? (parents[row] < 0 ? 0 : depth[parents[row]] + 1) : row;
      const index = slots ? slots[row] : base + row;
      const position = positions ? positions[row] : slots ? index : base + depth[row];
      const isMask = row >= numRows - masks;
      return { token: this.tokenOf(token, isMask), position, index, key: 0, mixedKey: 0, saw: [] };
    });
    const old = slots ? cells.filter(({ index }) => !slots.includes(index)) : cells;
    const seen = flight.map((cell, row) => {
      const feature = this.readsMasks ? features?.[row] : undefined;
      if (feature) {
        cell.saw = [cell];
        return this.inPlaceOfMask(cell, feature);
      }
      cell.saw = flight.filter((_, other) => isVisible(attend, flight, row, other));
      return [...old.filter((kept) => isKeptVisible(attend, cell, row, kept)), ...cell.saw];
    });
    for (const [row, cell] of flight.entries()) cell.key = this.law.key(cell, seen[row]);
    const kept = new Set(flight.slice(0, keep));
    for (const [row, { saw }] of flight.slice(0, keep).entries()) {
      const isWhole = saw.every((other) => kept.has(other));
      invariant(isWhole, `row ${row} saw a row that isn't kept, so it can't be kept`);
      invariant(
        !parents || parents[row] === row - 1,
        `row ${row} of a tree isn't on the first chain, so it can't be kept`,
      );
    }
    if (hidden || (this.trunk && !this.readsMasks)) {
      this.hiddenRows = flight.map((cell, row) => ({ cell, seen: seen[row], isMask: row >= numRows - masks }));
    }
    if (slots) for (const cell of flight) cells[cell.index] = cell;
    cells.push(...kept);
    this.upper += keep;
    this.generation++;
    this.counts.forwards++;
    this.counts.rows += numRows;
    this.counts.dispatches++;
    const list = rows === "all" ? flight.map((_, row) => row) : rows === "last" ? [numRows - 1] : [...rows];
    invariant(
      list.every((row) => row >= 0 && row < numRows),
      `logit rows ${list} of ${numRows}`,
    );
    return new MockRows(this, { flight, seen, list, parents: branchesOf(attend, list), keep });
  }

  beside<T>(key: ExtensionKey<T>): T {
    return this.opened(key) as T;
  }

  private opened(key: ExtensionKey<unknown>): unknown {
    switch (key.extension) {
      case "laws": {
        const { numDrafts, numChains, isDistinct } = key as LawsRoom;
        return new MockLaws(numDrafts, numChains, isDistinct);
      }
      case "row-memory":
        return new MockMemory((key as MemoryRoom).rule);
      case "text-drafts":
        return this.textDrafts();
      case "early-exit":
        return this.shallow((key as EarlyExit).numLayers);
      case "twin":
        return this.twin();
      case "eagle":
      case "joint-sampler":
        return this.head();
      case "length-policy":
        return this.lengthPolicy();
      case "mask-tokens":
        return this.maskSampler();
      default:
        throw new InvariantError(`this model was loaded without ${key.what}`);
    }
  }

  private textDrafts(): MockTextDrafts {
    this.textDraftsOne ??= new MockTextDrafts({
      isOwn: (rows) => rows.session === this,
      written: (last) => [...this.cells.map(({ token }) => token), this.tokenOf(last, false)],
      pending: (drafts) => {
        this.counts.dispatches++;
        return new MockPending(
          drafts,
          (word) => drafts[word],
          () => this.readback(4 * drafts.length),
        );
      },
    });
    return this.textDraftsOne;
  }

  private shallow(numLayers: number): Session {
    const { capabilities, behaviour, shallowOnes } = this;
    const all = capabilities.numLayers;
    invariant(numLayers >= 1 && numLayers < all, `${numLayers} layers of ${all}: at least 1, and fewer than all`);
    const session = shallowOnes.get(numLayers) ?? new MockSession(behaviour.shallow(numLayers), behaviour);
    shallowOnes.set(numLayers, session);
    return session;
  }

  private twin(): Session {
    this.twinOne ??= new MockSession(this.law, this.behaviour);
    return this.twinOne;
  }

  private head(): Session {
    const { head } = this.behaviour;
    invariant(head, "this model was loaded without a head");
    this.headOne ??= new MockSession(head, this.behaviour, this);
    return this.headOne;
  }

  private lengthPolicy(): LengthPolicy {
    const { policy } = this.behaviour;
    invariant(policy, "this model was loaded without a policy");
    this.hasPolicy = true;
    return {
      score: async (row) => {
        const hidden = this.hiddenRows[row];
        invariant(hidden, `the last forward left ${this.hiddenRows.length} states, so none of row ${row}`);
        this.counts.dispatches++;
        const scores = Float32Array.from(policy(hidden.seen));
        await this.readback(scores.byteLength);
        return scores;
      },
    };
  }

  private maskSampler(): Session {
    const { maskSampler } = this.behaviour;
    invariant(maskSampler, "this model was loaded without an adapter");
    this.maskSamplerOne ??= new MockSession(maskSampler, this.behaviour, this, true);
    return this.maskSamplerOne;
  }

  keep(verdict: Pending<Verdict>): void {
    invariant(verdict instanceof MockPending, "the verdict is another model's");
    const { rows, value } = verdict as VerdictPending;
    rows.checkAlive();
    const { flight, list, keep } = rows.origin;
    invariant(rows.session === this && list[0] === keep - 1, "row 0 of a verification must be the last kept row");
    const promoted = value.path.slice(1).map((row) => flight[list[row]]);
    for (const cell of promoted) {
      const isKept = (other: Cell) => this.cells[other.index] === other || other === cell;
      invariant(cell.saw.every(isKept), "a promoted row saw a row that isn't kept");
      cell.index = this.cells.length;
      this.cells.push(cell);
    }
    this.upper += value.drafts.length;
    this.unread.add(verdict);
  }

  truncate(length: number | Session, offset = 0): void {
    const isOther = typeof length !== "number";
    invariant(!isOther || length instanceof MockSession, "the other session is another model's");
    const bound = (value: number) => Math.max(0, value + offset);
    const upper = isOther ? length.maxLength : length;
    this.upper = Math.min(this.maxLength, bound(upper));
    if (isOther) for (const pending of length.unread) if (!pending.isRead) this.unread.add(pending);
    this.cut(bound(isOther ? length.cells.length : length));
  }

  async settle(): Promise<void> {
    await Promise.all([...this.unread].map((pending) => pending.read()));
  }

  match(ids: readonly TokenId[]): number {
    const { length } = this;
    let equal = 0;
    while (equal < length && equal < ids.length && this.cells[equal].token === ids[equal]) equal++;
    this.cut(equal);
    return this.length;
  }

  dispose(): void {
    for (const session of this.shallowOnes.values()) session.dispose();
    this.twinOne?.dispose();
    this.headOne?.dispose();
    this.maskSamplerOne?.dispose();
    this.isDisposed = true;
  }

  /** A readback of so many bytes. */
  readback(byteLength: number): Promise<void> {
    this.counts.readbackBytes += byteLength;
    return this.behaviour.latency();
  }

  private get isKnown(): boolean {
    for (const pending of this.unread) if (pending.isRead) this.unread.delete(pending);
    return this.unread.size === 0;
  }

  /** To `length`, then back until no kept row saw a dropped one. */
  private cut(length: number): void {
    // All that is kept saw nothing behind it.
    if (length >= this.cells.length) return;
    let end = length;
    for (;;) {
      const stale = this.cells.findIndex((cell, index) => index < end && cell.saw.some((other) => other.index >= end));
      if (stale < 0) break;
      end = stale;
    }
    this.cells.length = end;
  }

  private tokenOf(token: TokenId | TokenRef, isMask: boolean): TokenId {
    let id = token;
    if (isMask && typeof id === "number") return this.capabilities.vocabSize + id;
    if (typeof id !== "number") {
      invariant(id.pending instanceof MockPending, "a token reference of another device");
      id = id.pending.resolve(id.word);
    }
    const { vocabSize } = this.capabilities;
    if (!Number.isInteger(id) || id < 0 || id >= vocabSize)
      throw new InvalidOptionError(`token id ${id} of ${vocabSize}`);
    return id;
  }

  private checkFeatures(features: readonly Feature[] | undefined, { tokens, positions }: ForwardRequest): void {
    const { trunk } = this;
    invariant((features?.length ?? 0) === (trunk ? tokens.length : 0), "a head's rows have a feature each");
    const isEagle = this.capabilities.head === "eagle" && !this.readsMasks;
    for (const [i, { of, row }] of (features ?? []).entries()) {
      const states = (of === "head" ? this : trunk)?.hiddenRows ?? [];
      const count = states.length;
      invariant(row >= 0 && row < count, `the ${of} has left ${count} hidden states, so none of row ${row}`);
      if (!isEagle) continue;
      const { position } = states[row].cell;
      const own = positions?.[i];
      invariant(own === position + 1, `a token at ${own} beside the state of ${position}, not the one before it`);
    }
  }

  private checkMasks({ tokens, masks = 0, keep, attend }: ForwardRequest): void {
    if (masks === 0) return;
    const { numMasks } = this.capabilities;
    invariant(masks > 0 && tokens.length - masks >= keep, `${masks} mask rows behind ${keep} kept of ${tokens.length}`);
    const isOrdered = attend === "causal" || (typeof attend === "object" && "parents" in attend);
    invariant(isOrdered, "masks are the last rows of a chain or a tree, which no other row sees");
    const bad = tokens.slice(-masks).find((mask) => typeof mask !== "number" || mask < 0 || mask >= numMasks);
    invariant(bad === undefined, `mask ${String(bad)} of ${numMasks}`);
  }

  /** What a mask row saw, with this cell in place of its own. */
  private inPlaceOfMask(cell: Cell, { of, row }: Feature): Cell[] {
    const hidden = this.trunk?.hiddenRows[row];
    invariant(of === "trunk" && hidden?.isMask, `row ${row} is no mask`);
    invariant(
      cell.position === hidden.cell.position,
      `a token at ${cell.position} for a mask at ${hidden.cell.position}`,
    );
    return [...hidden.seen.filter((other) => other !== hidden.cell), cell];
  }

  private checkAttend(attend: Attend, numRows: number): void {
    const { causal, bidirectional, blockLengths, tree } = this.capabilities;
    if (attend === "causal") return invariant(causal, "this model doesn't read causally");
    if (attend === "full") return invariant(bidirectional, "this model doesn't read in both directions");
    if ("block" in attend) return invariant(blockLengths.includes(attend.block), `blocks of ${attend.block}`);
    const list = "parents" in attend ? attend.parents : attend.rank;
    invariant(list.length === numRows, `${list.length} entries for ${numRows} rows`);
    if ("parents" in attend) {
      invariant(tree, "this model doesn't read trees");
      const isOrdered = attend.parents.every((parent, row) => parent >= -1 && parent < row);
      invariant(isOrdered, `parents ${attend.parents} don't all come before their rows`);
    }
  }
}
