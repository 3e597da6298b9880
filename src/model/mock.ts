// Over 300 lines: one CPU session that checks every rule of the seam; the rules lean on each other's state.
import { InvalidOptionError, invariant } from "../errors.js";
import type { TokenId } from "../events.js";
import { divergence, measure, withCredit } from "../sampling/measure.js";
import { PURPOSE } from "../sampling/noise.js";
import { probabilities, select } from "../sampling/processors.js";
import { chooseCommits } from "../sampling/unmask.js";
import { noiseChance } from "../sampling/verify/chance.js";
import { drawDistinct } from "../sampling/verify/recursive.js";
import { branchesOf } from "./attend.js";
import { decide, type JudgedRound } from "./mock-judging.js";
import type { Law } from "./mock-laws.js";
import { MockTextDrafts } from "./mock-text-drafts.js";
import {
  GREEDY,
  NUM_SUCCESSORS,
  type Attend,
  type Capabilities,
  type Feature,
  type HeadKind,
  type LengthPolicy,
  type ForwardRequest,
  type Judging,
  type Laws,
  type Measured,
  type Measuring,
  type MemoryRule,
  type Model,
  type Pending,
  type RowMemory,
  type Rows,
  type Sampler,
  type Selected,
  type TextDrafts,
  type Session,
  type SessionCounts,
  type TokenRef,
  type Unmasked,
  type UnmaskPolicy,
  type Verdict,
} from "./session.js";

/** One row of a mock's cache or of its last forward. */
export interface Cell {
  token: TokenId;
  position: number;
  /** Cache slot. */
  index: number;
  /** What attention to this row carries: fixed when the row was computed, so it tells whether the row is stale. */
  key: number;
  /** Rows of its own forward that it saw. */
  saw: readonly Cell[];
}

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
}: MockOptions): Model {
  const whole: Capabilities = {
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
  return {
    name,
    capabilities: whole,
    session: () => new MockSession(law, { capabilities: whole, latency, shallow, head, policy, maskSampler }),
    dispose: () => undefined,
  };
}

class MockPending<T> implements Pending<T> {
  isRead = false;
  private promise: Promise<T> | null = null;

  constructor(
    readonly value: T,
    private readonly tokenAt: (word: number) => TokenId,
    private readonly onRead: () => Promise<void>,
  ) {}

  ref(pick: number | "last" | "previous"): TokenRef {
    return { pending: this, word: pick === "last" ? -1 : pick === "previous" ? -2 : pick };
  }

  /** The token that the device would find. */
  resolve(word: number): TokenId {
    return this.tokenAt(word);
  }

  read(): Promise<T> {
    this.promise ??= this.onRead().then(() => {
      this.isRead = true;
      return this.value;
    });
    return this.promise;
  }
}

/** By draft, of the round that is being drafted. */
class MockLaws implements Laws {
  readonly drafts: Float64Array[] = [];

  constructor(
    readonly numDrafts: number,
    readonly numChains: number,
    readonly isDistinct: boolean,
  ) {}
}

/** By position: the logits, or the credits, of the step before. */
class MockMemory implements RowMemory {
  readonly rows = new Map<number, Float64Array>();

  constructor(readonly rule: MemoryRule) {}
}

interface VerdictPending extends MockPending<Verdict> {
  rows: MockRows;
}

/** What a mock's sessions need to know of it. */
interface Behaviour {
  capabilities: Capabilities;
  latency: () => Promise<void>;
  shallow: (numLayers: number) => Law;
  head?: Law;
  policy?: MockOptions["policy"];
  maskSampler?: Law;
}

/** A row that left its hidden state: all that a mock's is good for is what the row saw. */
interface HiddenRow {
  cell: Cell;
  seen: readonly Cell[];
  isMask: boolean;
}

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
    this.checkFeatures(features, tokens.length);
    const isRead = this.headOne ?? this.maskSamplerOne ?? this.hasPolicy;
    invariant(!hidden || isRead, "hidden states are kept for a session that reads them; ask for that one first");
    this.checkMasks(request);
    const { capabilities, cells } = this;
    const numRows = tokens.length;
    const base = cells.length;
    invariant(numRows > 0, "a forward needs at least one row");
    invariant(keep >= 0 && keep <= numRows, `keep ${keep} of ${numRows} rows`);
    invariant(!slots || keep === 0, "rows that overwrite slots can't be kept");
    if (!slots && this.maxLength + numRows > capabilities.maxLength) {
      throw new InvalidOptionError(`${this.maxLength} + ${numRows} rows don't fit ${capabilities.maxLength}`);
    }
    this.checkAttend(attend, numRows);
    const parents = typeof attend === "object" && "parents" in attend ? attend.parents : null;
    const depth: number[] = [];
    const flight = tokens.map((token, row): Cell => {
      depth[row] = parents ? (parents[row] < 0 ? 0 : depth[parents[row]] + 1) : row;
      const index = slots ? slots[row] : base + row;
      const position = positions ? positions[row] : slots ? index : base + depth[row];
      const isMask = row >= numRows - masks;
      return { token: this.tokenOf(token, isMask), position, index, key: 0, saw: [] };
    });
    const old = slots ? cells.filter(({ index }) => !slots.includes(index)) : cells;
    const seen = flight.map((_, row) => {
      const feature = this.readsMasks ? features?.[row] : undefined;
      if (feature) return this.inPlaceOfMask(flight[row], feature);
      const fresh = flight.filter((_, other) => isVisible(attend, flight, row, other));
      return [...old.filter((cell) => isKeptVisible(attend, flight[row], row, cell)), ...fresh];
    });
    flight.forEach((cell, row) => {
      cell.key = this.law.key(cell, seen[row]);
      cell.saw = seen[row].filter((other) => flight.includes(other));
    });
    flight.slice(0, keep).forEach((cell, row) => {
      const isKept = (other: Cell) => flight.indexOf(other) < keep;
      invariant(cell.saw.every(isKept), `row ${row} saw a row that isn't kept, so it can't be kept`);
      invariant(
        !parents || parents[row] === row - 1,
        `row ${row} of a tree isn't on the first chain, so it can't be kept`,
      );
    });
    if (hidden || (this.trunk && !this.readsMasks)) {
      this.hiddenRows = flight.map((cell, row) => ({ cell, seen: seen[row], isMask: row >= numRows - masks }));
    }
    if (slots) for (const cell of flight) cells[cell.index] = cell;
    cells.push(...flight.slice(0, keep));
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

  laws(numDrafts: number, numChains = 1, isDistinct = false): Laws {
    return new MockLaws(numDrafts, numChains, isDistinct);
  }

  rowMemory(rule: MemoryRule): RowMemory {
    return new MockMemory(rule);
  }

  textDrafts(): MockTextDrafts {
    this.textDraftsOne ??= new MockTextDrafts({
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

  shallow(numLayers: number): Session {
    const { capabilities, behaviour, shallowOnes } = this;
    const all = capabilities.numLayers;
    invariant(numLayers >= 1 && numLayers < all, `${numLayers} layers of ${all}: at least 1, and fewer than all`);
    const session = shallowOnes.get(numLayers) ?? new MockSession(behaviour.shallow(numLayers), behaviour);
    shallowOnes.set(numLayers, session);
    return session;
  }

  twin(): Session {
    this.twinOne ??= new MockSession(this.law, this.behaviour);
    return this.twinOne;
  }

  head(): Session {
    const { head } = this.behaviour;
    invariant(head, "this model was loaded without a head");
    this.headOne ??= new MockSession(head, this.behaviour, this);
    return this.headOne;
  }

  lengthPolicy(): LengthPolicy {
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

  maskSampler(): Session {
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
      const isKept = (other: Cell) => this.cells.includes(other) || other === cell;
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
    let end = Math.min(length, this.cells.length);
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

  private checkFeatures(features: readonly Feature[] | undefined, numRows: number): void {
    const { trunk } = this;
    invariant((features?.length ?? 0) === (trunk ? numRows : 0), "a head's rows have a feature each");
    for (const { of, row } of features ?? []) {
      const count = (of === "head" ? this : trunk)?.hiddenRows.length ?? 0;
      invariant(row >= 0 && row < count, `the ${of} has left ${count} hidden states, so none of row ${row}`);
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

interface RowsOrigin {
  flight: readonly Cell[];
  seen: readonly (readonly Cell[])[];
  /** Forward rows with logits. */
  list: readonly number[];
  parents: readonly number[] | null;
  keep: number;
}

class MockRows implements Rows {
  private readonly generation: number;
  /** By forward row, where another model's logits are mixed in. */
  private readonly blended = new Map<number, Float64Array>();

  constructor(
    readonly session: MockSession,
    readonly origin: RowsOrigin,
  ) {
    this.generation = session.generation;
  }

  get count(): number {
    return this.origin.list.length;
  }

  sample(sampler: Sampler, draw = 0): Pending<Selected[]> {
    const selected = this.origin.list.map((row) => this.select(row, sampler, draw));
    return this.pending(selected, (word) => selected[word].token);
  }

  argmax(): Pending<Selected[]> {
    return this.sample(GREEDY);
  }

  topK(k: number): Pending<Selected[][]> {
    const top = this.origin.list.map((row) => {
      const suppress: TokenId[] = [];
      return Array.from({ length: k }, () => {
        const { token } = this.select(row, { ...GREEDY, suppress }, 0);
        suppress.push(token);
        const bias = new Map([[token, Number.MAX_VALUE]]);
        return this.select(row, { ...GREEDY, logitBias: bias }, 0);
      });
    });
    return this.pending(top, (word) => top[Math.floor(word / k)][word % k].token);
  }

  race(sampler: Sampler, k: number): Pending<TokenId[][]> {
    const plain = { ...sampler, repetitionPenalty: 1, topK: 0, topP: 1, minP: 0 };
    const first = this.origin.list.map((row) => {
      const suppress = [...sampler.suppress];
      for (let i = 0; i < k; i++) suppress.push(this.select(row, { ...plain, suppress }, 0).token);
      return suppress.slice(-k);
    });
    return this.pending(first, (word) => first[Math.floor(word / k)][word % k]);
  }

  measure(sampler: Sampler, { memory, draw = 0, given = [] }: Measuring = {}): Pending<Measured[]> {
    const { list } = this.origin;
    const measured = list.map((row, i): Measured => {
      const logits = this.logitsOf(row);
      const at = { ...this.at(row), draw };
      if (!memory) return measure(logits, sampler, at, given[i]);
      const { of, positions } = memory;
      invariant(of instanceof MockMemory, "this memory is another model's");
      invariant(positions[i] === this.at(row).position, `row ${row} doesn't fill position ${positions[i]}`);
      const earlier = of.rows.get(positions[i]) ?? null;
      if (of.rule.keeps === "law") {
        of.rows.set(positions[i], logits);
        const own = measure(logits, sampler, at, given[i]);
        return { ...own, divergence: earlier && divergence(logits, earlier, sampler.suppress) };
      }
      const credited = withCredit(logits, earlier, of.rule, sampler.suppress);
      of.rows.set(positions[i], credited.credits);
      return measure(credited.logits, sampler, at, given[i]);
    });
    return this.pending(measured, (word) => measured[word].token);
  }

  unmask(sampler: Sampler, policy: UnmaskPolicy): Pending<Unmasked> {
    const { flight, list } = this.origin;
    const selected = list.map((row) => this.select(row, sampler, 0));
    const isCandidate = (row: number) => policy.mask === undefined || flight[row].token === policy.mask;
    const candidates = list.flatMap((row, i) =>
      isCandidate(row) ? [{ row, position: flight[row].position, logprob: selected[i].logprob }] : [],
    );
    const commits = chooseCommits(candidates, policy, sampler.seed);
    const committed = new Set(candidates.flatMap(({ row }, i) => (commits[i] ? [row] : [])));
    const rows = selected.map(({ token, logprob }, i) => ({ token, logprob, commit: committed.has(list[i]) }));
    return this.pending({ rows }, (word) => (rows[word].commit ? rows[word].token : flight[list[word]].token));
  }

  verify(sampler: Sampler): Pending<Verdict> {
    const { flight, list } = this.origin;
    const drafts = list.slice(1).map((row) => flight[row].token);
    const emitted: Verdict["emitted"] = [];
    const path = [0];
    for (;;) {
      const last = path[path.length - 1];
      const { token, logprob } = this.select(list[last], sampler, 0);
      emitted.push({ token, logprob });
      const next = list.findIndex((row, i) => i > 0 && this.parentOf(i) === last && flight[row].token === token);
      if (next < 0) break;
      path.push(next);
    }
    return this.verdict(drafts, emitted, path);
  }

  draft(sampler: Sampler, laws: Laws, depth: number): Pending<Selected[]> {
    const { list } = this.origin;
    invariant(laws instanceof MockLaws && this.count === laws.numChains, `${this.count} rows draft at once`);
    const before = depth * laws.numChains;
    invariant(before < laws.numDrafts, `depth ${depth} of ${laws.numDrafts} drafts`);
    if (sampler.temperature === 0) return this.sample(sampler);
    laws.drafts.length = before;
    const drawn = list.map((row) => this.drawn(row, sampler));
    laws.drafts.push(...drawn.map(({ law }) => law));
    const [{ law: first, position }] = drawn;
    const chance = noiseChance({ seed: sampler.seed, position: position - depth });
    const tokens =
      laws.isDistinct && depth === 0
        ? drawDistinct(first, list.length, (left) => chance.draw(left, PURPOSE.draft, 0, 0))
        : drawn.map(({ law }, chain) => chance.draw(law, PURPOSE.draft, depth, chain));
    const selected = tokens.map((token, i) => ({ token, logprob: this.logprobOf(list[i], sampler, token) }));
    return this.pending(selected, (word) => selected[word].token);
  }

  judge(sampler: Sampler, judging: Judging): Pending<Verdict> {
    const { list, flight } = this.origin;
    const { rule } = judging;
    if (rule !== "bild" && (sampler.temperature === 0 || list.length === 1)) return this.verify(sampler);
    const tokens = list.slice(1).map((row) => flight[row].token);
    const parents = tokens.map((_, i) => this.parentOf(i + 1) - 1);
    const target = list.map((row) => this.drawn(row, sampler).law);
    const round: JudgedRound = { tokens, parents, target, ...this.judgedLaws(judging, sampler) };
    const chance = noiseChance({ seed: sampler.seed, position: this.drawn(list[0], sampler).position });
    const { path, token } = decide(judging, round, chance);
    const written = [...path.map((draft) => tokens[draft]), token];
    const rows = [0, ...path.map((draft) => draft + 1)];
    const emitted = written.map((id, i) => ({ token: id, logprob: this.logprobOf(list[rows[i]], sampler, id) }));
    return this.verdict(tokens, emitted, rows);
  }

  /** The laws besides the target's that a rule compares. */
  private judgedLaws(judging: Judging, sampler: Sampler): Partial<JudgedRound> {
    const { list, parents } = this.origin;
    const numDrafts = list.length - 1;
    if (judging.rule === "bild") {
      const plain = { ...GREEDY, temperature: 1, suppress: sampler.suppress };
      const sureness = judging.drafts.map((draft) => {
        invariant(draft instanceof MockPending, "the drafts are another model's");
        return Math.exp((draft as MockPending<Selected[]>).value[0].logprob);
      });
      return { raw: list.map((row) => this.drawn(row, plain).law), sureness };
    }
    if (judging.rule === "typical") return {};
    const { laws, rule } = judging;
    invariant(laws instanceof MockLaws && laws.drafts.length === numDrafts, `laws of ${numDrafts} drafts`);
    const { drafts, numChains } = laws;
    const isChain = !parents && numChains === 1;
    invariant(isChain || (rule !== "rejection" && rule !== "block"), `${rule} judges one chain`);
    // The law behind a row is that of the next draft in the same chain.
    return { draft: list.map((_, row) => drafts[row === 0 ? 0 : row - 1 + numChains]) };
  }

  teach(drafts: TextDrafts): void {
    const { session, origin } = this;
    invariant(drafts === session.textDrafts(), "rows teach their own session's drafts");
    for (const row of origin.list) {
      const logits = [...this.logitsOf(row)];
      const likeliest = [...logits.keys()].sort((a, b) => logits[b] - logits[a] || a - b);
      session.textDrafts().learn(origin.flight[row].token, likeliest.slice(0, NUM_SUCCESSORS));
    }
    session.counts.dispatches++;
  }

  blend(other: Rows, share: number): void {
    invariant(
      other instanceof MockRows && other.session !== this.session,
      "rows are mixed with those of another session",
    );
    invariant(other.count <= this.count, `${other.count} rows are mixed into ${this.count}`);
    for (const [i, row] of other.origin.list.entries()) {
      const theirs = other.logitsOf(row);
      const own = this.logitsOf(this.origin.list[i]);
      this.blended.set(
        this.origin.list[i],
        own.map((logit, id) => (1 - share) * logit + share * theirs[id]),
      );
    }
    this.session.counts.dispatches++;
  }

  async logits(): Promise<Float32Array> {
    const { vocabSize } = this.session.capabilities;
    const logits = new Float32Array(this.count * vocabSize);
    for (const [i, row] of this.origin.list.entries()) logits.set(this.logitsOf(row), i * vocabSize);
    await this.session.readback(logits.byteLength);
    return logits;
  }

  /** Throws once the session has made another forward. */
  checkAlive(): void {
    invariant(this.generation === this.session.generation, "these rows died at the session's next forward");
  }

  private verdict(drafts: TokenId[], emitted: Verdict["emitted"], path: number[]): Pending<Verdict> {
    const { flight, list } = this.origin;
    const accepted = path.length - 1;
    const previous = flight[list[path[accepted]]].token;
    const tokenAt = (word: number) => (word === -2 ? previous : emitted[accepted].token);
    return Object.assign(this.pending({ accepted, drafts, emitted, path }, tokenAt), { rows: this });
  }

  /** By logit row. */
  private parentOf(i: number): number {
    const { list, parents } = this.origin;
    return parents ? list.indexOf(parents[list[i]]) : i - 1;
  }

  private logitsOf(row: number): Float64Array {
    this.checkAlive();
    const blended = this.blended.get(row);
    return blended ?? this.session.law.logits(this.origin.flight[row], this.origin.seen[row]);
  }

  private select(row: number, sampler: Sampler, draw: number): Selected {
    return select(this.logitsOf(row), sampler, { ...this.at(row), draw });
  }

  /** What a row's token is drawn from, and the position that it fills. */
  private drawn(row: number, sampler: Sampler): { law: Float64Array; position: number } {
    const { position, history } = this.at(row);
    return { law: probabilities(this.logitsOf(row), sampler, history), position };
  }

  private logprobOf(row: number, { suppress }: Sampler, token: TokenId): number {
    const logitBias = new Map([[token, Number.MAX_VALUE]]);
    return this.select(row, { ...GREEDY, suppress, logitBias }, 0).logprob;
  }

  private at(row: number): { position: number; history: TokenId[] } {
    const { inPlace, maskToken } = this.session.capabilities;
    const position = this.origin.flight[row].position + (inPlace ? 0 : 1);
    const history = this.origin.seen[row].map(({ token }) => token).filter((token) => token !== maskToken);
    return { position, history };
  }

  private pending<T>(value: T, tokenAt: (word: number) => TokenId): MockPending<T> {
    this.session.counts.dispatches++;
    return new MockPending(value, tokenAt, () => this.session.readback(16 * this.count));
  }
}

function isVisible(attend: Attend, flight: readonly Cell[], row: number, other: number): boolean {
  if (attend === "causal") return flight[other].index <= flight[row].index;
  if (attend === "full") return true;
  if ("block" in attend) return blockOf(flight[other], attend.block) <= blockOf(flight[row], attend.block);
  if ("rank" in attend) {
    if (other >= flight.length - (attend.queries ?? 0)) return false;
    const gap = attend.rank[row] - attend.rank[other];
    return attend.strict ? gap > 0 : gap >= 0;
  }
  for (let ancestor = row; ancestor >= 0; ancestor = attend.parents[ancestor]) if (ancestor === other) return true;
  return false;
}

function isKeptVisible(attend: Attend, cell: Cell, row: number, kept: Cell): boolean {
  if (attend === "full" || (typeof attend === "object" && "parents" in attend)) return true;
  if (attend === "causal") return kept.index <= cell.index;
  if ("block" in attend) return blockOf(kept, attend.block) <= blockOf(cell, attend.block);
  const gap = attend.rank[row] - kept.position;
  return attend.strict ? gap > 0 : gap >= 0;
}

function blockOf({ index }: Cell, block: number): number {
  return Math.floor(index / block);
}
