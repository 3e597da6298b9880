// One CPU session that checks every rule of the seam; the rules lean on each other's state.
import type { Behaviour, HiddenRow, MockTrunk } from "./part.js";
import { checkAttend, checkKept, checkMasks, checkRoom } from "./check-request.js";
import type { ExtensionKey } from "../../seam/extension.js";
import { invariant } from "../../vocabulary/errors.js";
import type { TokenId } from "../../vocabulary/events.js";
import type { Chance } from "../../sampling/verify/chance.js";
import { untempered } from "../../sampling/processors.js";
import { requestsIn } from "../../seam/asks.js";
import { branchesOf, listOf } from "../../seam/forward.js";
import { checkPath, isPath } from "../../seam/scratch-path.js";
import { checkSegments, firstDifference, lagOf, segmentsOf } from "../../seam/segments.js";
import type { SetRows } from "../../vocabulary/prompt.js";
import { type Cell, depthsOf, isKeptVisible, isVisible } from "./cell.js";
import { type Law, logitsBy } from "./law.js";
import { type HostPending, type HostResult, workedOut } from "./pending.js";
import { idOf } from "./row-id.js";
import { wholeBeginning } from "./whole-beginning.js";
import { MockRows } from "./mock-rows.js";
import { checkStates, inPlaceOfMask } from "./states.js";
import type { PromotedPending, RowsOwner } from "./host-rows.js";
import type { Capabilities } from "../../seam/capabilities.js";
import type { ForwardRequest } from "../../seam/forward.js";
import { maskOf, stateOf } from "../../seam/row-input.js";
import type { Contrasted } from "../../seam/questions/contrast.js";
import type { Verdict } from "../../seam/questions/verify.js";
import type { Pending, TokenRef } from "../../seam/pending.js";
import type { Rows } from "../../seam/rows.js";
import type { Kept, Session, SessionCounts } from "../../seam/session.js";

/** More than any test's sessions make, so that an endless loop of a decoder fails instead of hanging. */
const MAX_FORWARDS = 500_000;

/** A sequence on a mock, which checks every rule of the seam as it goes. */
export class MockSession implements Session, MockTrunk {
  readonly capabilities: Capabilities;
  readonly counts: SessionCounts = { forwards: 0, rows: 0, dispatches: 0, readbackBytes: 0 };
  generation = 0;
  private cells: Cell[] = [];
  /** Among them. */
  private sets: SetRows[] = [];
  private upper = 0;
  /** Results that the length depends on. */
  private readonly unread = new Set<HostResult<unknown>>();
  /** What was asked for beside it, and the sessions among that. */
  private readonly opened = new Map<string, unknown>();
  private readonly others: MockSession[] = [];
  /** Rows whose states the last forward left that left some. */
  hiddenRows: readonly HiddenRow[] = [];
  private leavesStates = false;
  /** What made the scratch rows, and all of its rows; null once they can't be kept. */
  private last: { request: ForwardRequest; flight: readonly Cell[] } | null = null;
  private isDisposed = false;

  constructor(
    readonly law: Law,
    readonly behaviour: Behaviour,
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
    const { tokens, positions, slots, attend, hidden, states, keep } = request;
    invariant(!this.isDisposed, "the session was disposed of");
    for (const made of requestsIn(request)) this.hears(made);
    const isEagle = this.capabilities.head === "eagle" && !this.readsMasks;
    const readable = { trunk: this.trunk?.hiddenRows ?? null, own: this.hiddenRows };
    checkStates(request, readable, isEagle);
    invariant(
      !hidden || this.leavesStates,
      "hidden states are kept for a session that reads them; ask for that one first",
    );
    invariant(!states || states === this.opened.get("states"), "these states are another session's");
    checkMasks(request, this.capabilities.numMasks);
    const { capabilities, cells } = this;
    const numRows = tokens.length;
    const base = cells.length;
    invariant(this.counts.forwards < MAX_FORWARDS, "the run is endless");
    checkRoom(request, this.maxLength, capabilities);
    checkAttend(attend, numRows, capabilities);
    checkSegments(request, this.sets, this.isKnown);
    const depths = depthsOf(attend, numRows);
    const flight = tokens.map((token, row): Cell => {
      const index = slots ? slots[row] : base + row;
      const position = positions ? positions[row] : slots ? index : base + depths[row] - lagOf(this.sets);
      return { token: idOf(token, capabilities.vocabSize), position, index, key: 0, mixedKey: 0, saw: [] };
    });
    const old = slots ? cells.filter(({ index }) => !slots.includes(index)) : cells;
    const seen = flight.map((cell, row) => {
      const state = this.readsMasks ? stateOf(tokens[row]) : null;
      if (state) {
        cell.saw = [cell];
        return inPlaceOfMask(cell, state, this.trunk?.hiddenRows ?? []);
      }
      cell.saw = flight.filter((_, other) => isVisible(attend, flight, row, other));
      return [...old.filter((kept) => isKeptVisible(attend, cell, row, kept)), ...cell.saw];
    });
    for (const [row, cell] of flight.entries()) cell.key = this.law.key(cell, seen[row]);
    if (states)
      for (const [row, cell] of flight.entries()) cell.state = untempered(this.law.logits(cell, seen[row]), []);
    checkKept(flight, request);
    if (hidden || (this.trunk && !this.readsMasks)) {
      this.hiddenRows = flight.map((cell, row) => ({ cell, seen: seen[row], isMask: maskOf(tokens[row]) !== null }));
    }
    if (slots) for (const cell of flight) cells[cell.index] = cell;
    cells.push(...flight.slice(0, keep));
    const lengths = segmentsOf(request);
    if (lengths) this.sets.push({ start: base, lengths });
    this.last = { request, flight };
    this.upper += keep;
    this.generation++;
    this.counts.forwards++;
    this.counts.rows += numRows;
    this.counts.dispatches++;
    const list = listOf(request);
    const logits = (row: number) => logitsBy(this.law, flight[row], seen[row]);
    const parents = branchesOf(attend, list);
    return new MockRows(this, { flight, seen: (row) => seen[row], logits, list, parents, keep });
  }

  beside<T>(key: ExtensionKey<T>): T {
    this.hears(key.extension, `was loaded without ${key.what}`);
    return this.behaviour.parts.get(key.extension)?.open(this, key) as T;
  }

  /** It is asked for something. Throws where it isn't among its answers. */
  hears(name: string, lack = `doesn't answer ${name}`): void {
    invariant(this.behaviour.answers.has(name), `this model ${lack}`);
    this.behaviour.asked?.add(name);
  }

  once<T>(id: string, make: () => T): T {
    if (!this.opened.has(id)) this.opened.set(id, make());
    return this.opened.get(id) as T;
  }

  another(law: Law, reads: "nothing" | "states" | "masks"): Session {
    const trunk = reads === "nothing" ? null : this;
    if (trunk) this.leaveStates();
    const session = new MockSession(law, this.behaviour, trunk, reads === "masks");
    this.others.push(session);
    return session;
  }

  onLayers(numLayers: number): Session {
    const isWhole = numLayers === this.capabilities.numLayers;
    return this.another(isWhole ? this.law : this.behaviour.shallow(numLayers), "nothing");
  }

  get owner(): RowsOwner {
    return this;
  }

  get numStated(): number {
    const { length } = this;
    const first = this.cells.findIndex(({ state }) => !state);
    return first < 0 ? length : first;
  }

  later<T>(work: () => HostPending<T>): Pending<T> {
    return work();
  }

  behind(work: () => void): void {
    work();
  }

  leaveStates(): void {
    this.leavesStates = true;
  }

  written(last: TokenId | TokenRef): TokenId[] {
    return [...this.cells.map(({ token }) => token), idOf(last, this.capabilities.vocabSize)];
  }

  keep(kept: Kept): void {
    invariant(!this.isDisposed, "the session was disposed of");
    this.hears("keep");
    if (isPath(kept)) this.keepRows(kept);
    else this.keepAccepted(kept);
    this.last = null;
  }

  private keepAccepted(kept: Pending<Verdict> | Pending<Contrasted>): void {
    const result = workedOut<Verdict | Contrasted>(kept, "the verdict is");
    const { rows, promoted, mostUnread } = result as PromotedPending<unknown>;
    rows.checkAlive();
    const { flight, list, keep } = rows.origin;
    // Candidates have no row before them that they were judged with.
    const follows = mostUnread === null || list[0] === keep - 1;
    invariant(rows.session === this && follows, "row 0 of a verification must be the last kept row");
    invariant(this.last?.flight === flight, "only the verdict of the session's last forward can be kept, once");
    this.promote(promoted.map((row) => flight[list[row]]));
    this.upper += mostUnread ?? promoted.length;
    if (mostUnread !== null) this.unread.add(result);
  }

  private keepRows(rows: readonly number[]): void {
    const { request, flight } = this.last ?? { request: null, flight: [] };
    checkPath(rows, request);
    this.promote(rows.map((row) => flight[row]));
    this.upper += rows.length;
  }

  private promote(promoted: readonly Cell[]): void {
    for (const cell of promoted) {
      const isKept = (other: Cell) => this.cells[other.index] === other || other === cell;
      invariant(cell.saw.every(isKept), "a promoted row saw a row that isn't kept");
      cell.index = this.cells.length;
      this.cells.push(cell);
    }
  }

  fork(): Session {
    const { length } = this;
    invariant(!this.isDisposed, "the session was disposed of");
    this.hears("fork");
    invariant(
      !this.trunk,
      "a session that reads another's states can't be forked: fork that one, and ask it for its own",
    );
    const made = new MockSession(this.law, this.behaviour);
    // What stands beside a session doesn't follow: its rows have left no states there.
    made.cells.push(...this.cells.map((cell) => ({ ...cell, state: undefined })));
    made.sets.push(...this.sets);
    made.upper = length;
    return made;
  }

  truncate(length: number | Session, offset = 0): void {
    this.last = null;
    const isOther = typeof length !== "number";
    invariant(!isOther || length instanceof MockSession, "the other session is another model's");
    const isPlain =
      this.sets.length === 0 && this.cells.every(({ index, saw }) => saw.every((other) => other.index <= index));
    invariant(
      !isOther || length.isKnown || isPlain,
      "a session of blocks, ranks or sets can only be cut to a length that is known",
    );
    const bound = (value: number) => Math.max(0, value + offset);
    const upper = isOther ? length.maxLength : length;
    this.upper = Math.min(this.maxLength, bound(upper));
    if (isOther) for (const pending of length.unread) if (!pending.isRead) this.unread.add(pending);
    this.cut(bound(isOther ? length.cells.length : length));
  }

  async settle(): Promise<void> {
    await Promise.all([...this.unread].map((pending) => pending.read()));
  }

  match(ids: readonly TokenId[], sets: readonly SetRows[] = []): number {
    const { length } = this;
    const most = Math.min(length, firstDifference(this.sets, sets));
    let equal = 0;
    while (equal < most && equal < ids.length && this.cells[equal].token === ids[equal]) equal++;
    if (equal < length) this.truncate(equal);
    return this.length;
  }

  dispose(): void {
    for (const session of this.others) session.dispose();
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

  private cut(length: number): void {
    this.cells.length = wholeBeginning(this.cells, this.sets, length);
    this.sets = this.sets.filter(({ start }) => start < this.cells.length);
  }
}
