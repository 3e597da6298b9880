// Over 300 lines: what a row answers, by every rule of the seam, from its law alone.
import { checkSelection } from "../../seam/row-limits.js";
import { invariant } from "../../vocabulary/errors.js";
import type { TokenId } from "../../vocabulary/events.js";
import { divergence, measure, measureAs, withCredit } from "../../sampling/measure.js";
import { PURPOSE } from "../../sampling/noise.js";
import { type Draw, draw as drawToken, probabilities, untempered } from "../../sampling/processors.js";
import { type Candidate, chooseCommits } from "../../sampling/unmask.js";
import { type Chance, noiseChance } from "../../sampling/verify/chance.js";
import { drawDistinct } from "../../sampling/verify/recursive.js";
import type { Cell } from "./cell.js";
import { decide, type JudgedRound } from "./judging.js";
import type { Law } from "./laws.js";
import { MockPending } from "./pending.js";
import { notFinite } from "../../seam/not-finite.js";
import type { MockTextDrafts } from "./text-drafts.js";
import type { Capabilities } from "../../seam/capabilities.js";
import type { Judging, Laws, Verdict } from "../../seam/judging.js";
import type { Measured, Measuring, MemoryRule, RowMemory, Selected } from "../../seam/measuring.js";
import type { Pending } from "../../seam/pending.js";
import type { Rows } from "../../seam/rows.js";
import { GREEDY, type Sampler } from "../../seam/sampler.js";
import type { SessionCounts } from "../../seam/session.js";
import { NUM_SUCCESSORS, type TextDrafts } from "../../seam/text-drafts.js";
import type { Unmasked, UnmaskPolicy } from "../../seam/unmasking.js";

/** By draft, of the round that is being drafted. */
export class MockLaws implements Laws {
  readonly drafts: Float64Array[] = [];

  constructor(
    readonly numDrafts: number,
    readonly numChains: number,
    readonly isDistinct: boolean,
  ) {}
}

/** A law of so many tokens, which is padded otherwise than it was. */
function resized(law: Float64Array, vocabSize: number): Float64Array {
  return Float64Array.from({ length: vocabSize }, (_, id) => law[id] ?? 0);
}

/** By position: the logits, or the credits, of the step before. */
export class MockMemory implements RowMemory {
  readonly rows = new Map<number, Float64Array>();

  constructor(readonly rule: MemoryRule) {}
}

/** A verdict and the rows that it is of. */
export interface VerdictPending extends MockPending<Verdict> {
  rows: MockRows;
}

/** What rows need to know of the session that they are of. */
export interface RowsOwner {
  readonly law: Law;
  readonly capabilities: Capabilities;
  readonly counts: SessionCounts;
  readonly generation: number;
  /** Decides in place of noise. */
  readonly chance?: Chance;
  textDrafts(): MockTextDrafts;
  readback(byteLength: number): Promise<void>;
}

/** What rows came of. */
export interface RowsOrigin {
  flight: readonly Cell[];
  seen: readonly (readonly Cell[])[];
  /** Forward rows with logits. */
  list: readonly number[];
  parents: readonly number[] | null;
  keep: number;
}

/** The tokens that a row saw; read where there is a repetition penalty alone. */
class History implements Iterable<TokenId> {
  constructor(
    private readonly seen: readonly Cell[],
    private readonly maskToken: TokenId | null,
  ) {}

  *[Symbol.iterator](): Generator<TokenId, void, void> {
    for (const { token } of this.seen) if (token !== this.maskToken) yield token;
  }
}

/** Rows of a mock's last forward. */
export class MockRows implements Rows {
  private readonly generation: number;
  /** By forward row, where another model's logits are mixed in. */
  private readonly blended = new Map<number, Float64Array>();
  /** By position and number of the draw, where a chance decides. */
  private readonly drawnBefore = new Map<string, TokenId>();

  constructor(
    readonly session: RowsOwner,
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
      if (!memory) return this.measured(logits, sampler, at, given[i]);
      const { of, positions } = memory;
      invariant(of instanceof MockMemory, "this memory is another model's");
      invariant(positions[i] === this.at(row).position, `row ${row} doesn't fill position ${positions[i]}`);
      const earlier = of.rows.get(positions[i]) ?? null;
      if (of.rule.keeps === "law") {
        of.rows.set(positions[i], logits);
        const own = this.measured(logits, sampler, at, given[i]);
        return { ...own, divergence: earlier && divergence(logits, earlier, sampler.suppress) };
      }
      const credited = withCredit(logits, earlier, of.rule, sampler.suppress);
      of.rows.set(positions[i], credited.credits);
      return this.measured(credited.logits, sampler, at, given[i]);
    });
    return this.pending(measured, (word) => measured[word].token);
  }

  private measured(logits: Float64Array, sampler: Sampler, at: Draw, given?: TokenId): Measured {
    const { chance } = this.session;
    if (!chance) return measure(logits, sampler, at, given);
    const token = this.drawOnce(probabilities(logits, sampler, at.history), at, chance);
    return measureAs(token, logits, sampler, given);
  }

  unmask(sampler: Sampler, policy: UnmaskPolicy): Pending<Unmasked> {
    const { flight, list } = this.origin;
    const isCandidate = (row: number) => policy.mask === undefined || flight[row].token === policy.mask;
    const rowsOfMasks = list.filter(isCandidate);
    const { chance } = this.session;
    const isBlind = policy.order !== "confidence" && policy.threshold === undefined;
    // What isn't committed needs no draw where the draws don't decide that: fewer ways to walk.
    const order = chance && isBlind ? this.firstOf(rowsOfMasks, policy, chance) : null;
    const selected = list.map((row) =>
      order && !order.includes(row) ? { token: 0, logprob: 0 } : this.select(row, sampler, 0),
    );
    const candidates = rowsOfMasks.map((row) => {
      return { row, position: flight[row].position, logprob: selected[list.indexOf(row)].logprob };
    });
    const commits = order
      ? candidates.map(({ row }) => order.includes(row))
      : this.commitsOf(candidates, policy, sampler.seed);
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
    const chance = this.session.chance ?? noiseChance({ seed: sampler.seed, position: position - depth });
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
    const { position } = this.drawn(list[0], sampler);
    const chance = this.session.chance ?? noiseChance({ seed: sampler.seed, position });
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
    const { numChains } = laws;
    const drafts = laws.drafts.map((law) => resized(law, this.session.capabilities.vocabSize));
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
        own.map((logit, id) => (id < theirs.length ? (1 - share) * logit + share * theirs[id] : logit)),
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
    const logits = blended ?? this.session.law.logits(this.origin.flight[row], this.origin.seen[row]);
    // A law may have tokens that it never gives.
    for (let id = 0; id < logits.length; id++) {
      if (!(logits[id] < Number.POSITIVE_INFINITY)) throw notFinite("this model");
    }
    return logits;
  }

  /** As noise has it, a draw that is asked for again is the same one. */
  private drawOnce(law: Float64Array, { position, draw }: Draw, chance: Chance): TokenId {
    const key = `${position} ${draw}`;
    const token = this.drawnBefore.get(key) ?? chance.draw(law, PURPOSE.token, position, draw);
    this.drawnBefore.set(key, token);
    return token;
  }

  private commitsOf(candidates: readonly Candidate[], policy: UnmaskPolicy, seed: number): boolean[] {
    const commits = chooseCommits(candidates, policy, seed);
    const { chance } = this.session;
    const { order, threshold = 1 } = policy;
    const isAnySure = candidates.some(({ logprob }) => logprob >= Math.log(threshold));
    if (!chance || order !== "random" || isAnySure) return commits;
    // None is sure enough: one at random.
    const [one] = this.firstOf([...candidates.keys()], { ...policy, quota: 1 }, chance);
    return candidates.map((_, i) => i === one);
  }

  /** The rows that a quota commits in an order that depends on no draw. */
  private firstOf(rows: readonly number[], { order, quota = 1 }: UnmaskPolicy, chance: Chance): number[] {
    const free = [...rows];
    const first: number[] = [];
    while (first.length < quota && free.length > 0) {
      const next = order === "random" ? chance.draw(new Float64Array(free.length).fill(1), PURPOSE.order, 0, 0) : 0;
      first.push(...free.splice(next, 1));
    }
    return first;
  }

  private select(row: number, sampler: Sampler, draw: number): Selected {
    const at = { ...this.at(row), draw };
    const { chance } = this.session;
    const logits = this.logitsOf(row);
    const isDrawn = chance && sampler.temperature > 0;
    const token = isDrawn
      ? this.drawOnce(probabilities(logits, sampler, at.history), at, chance)
      : drawToken(logits, sampler, at);
    return { token, logprob: Math.log(untempered(logits, sampler.suppress)[token]) };
  }

  /** What a row's token is drawn from, and the position that it fills. */
  private drawn(row: number, sampler: Sampler): { law: Float64Array; position: number } {
    const { position, history } = this.at(row);
    return { law: probabilities(this.logitsOf(row), sampler, history), position };
  }

  private logprobOf(row: number, { suppress }: Sampler, token: TokenId): number {
    return Math.log(untempered(this.logitsOf(row), suppress)[token]);
  }

  private at(row: number): { position: number; history: Iterable<TokenId> } {
    const { inPlace, maskToken } = this.session.capabilities;
    const position = this.origin.flight[row].position + (inPlace ? 0 : 1);
    return { position, history: new History(this.origin.seen[row], maskToken) };
  }

  private pending<T>(value: T, tokenAt: (word: number) => TokenId): MockPending<T> {
    checkSelection(this.count);
    this.session.counts.dispatches++;
    return new MockPending(value, tokenAt, () => this.session.readback(16 * this.count));
  }
}
