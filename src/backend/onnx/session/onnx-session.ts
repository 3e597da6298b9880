import type { ExtensionKey } from "../../../seam/extension.js";
import { type ForwardRequest, listOf } from "../../../seam/forward.js";
import type { Pending, TokenRef } from "../../../seam/pending.js";
import type { Contrasted } from "../../../seam/questions/contrast.js";
import type { Verdict } from "../../../seam/questions/verify.js";
import { stateOf } from "../../../seam/row-input.js";
import { checkRows, mostRows } from "../../../seam/row-limits.js";
import type { Rows } from "../../../seam/rows.js";
import { checkPath, isPath } from "../../../seam/scratch-path.js";
import { segmentsOf } from "../../../seam/segments.js";
import type { Kept, Session, SessionCounts } from "../../../seam/session.js";
import { invariant } from "../../../vocabulary/errors.js";
import type { TokenId } from "../../../vocabulary/events.js";
import type { SetRows } from "../../../vocabulary/prompt.js";
import type { PromotedPending, RowsOwner } from "../../host/host-rows.js";
import { LatePending } from "../../host/late-pending.js";
import type { HostPending } from "../../host/pending.js";
import { checkToken, idOf } from "../../host/row-id.js";
import { keptHorizons, resolveAttend } from "../../sequence/attend.js";
import { checkRequest, checkStates } from "../../sequence/check-request.js";
import { KeptRows } from "../../sequence/kept-rows.js";
import { type Pass, passesOf } from "../../sequence/passes.js";
import { GraphSequence } from "./graph-sequence.js";
import { LeftStates, ReadStates } from "./left-states.js";
import { LateRows, PromotablePending } from "./late-rows.js";
import type { OnnxTrunk, Running } from "./running.js";

/** One sequence on a graph: what is known of it, while a line works off what was asked of it. */
export class OnnxSession implements Session, OnnxTrunk {
  readonly counts: SessionCounts = { forwards: 0, rows: 0, dispatches: 0, readbackBytes: 0 };
  private readonly sequence: GraphSequence;
  private readonly kept: KeptRows;
  private generation = 0;
  /** Counts everything that moves the length: scratch rows can only be kept at the revision that made them. */
  private revision = 0;
  private last: { request: ForwardRequest; revision: number } | null = null;
  /** What was asked for beside it, and the sessions among that. */
  private readonly opened = new Map<string, unknown>();
  private readonly others: Session[] = [];
  private isDisposed = false;
  /** Kept by sessions that something reads, and by those that read another's. */
  private left: LeftStates | null = null;
  private readonly reads: ReadStates | null;

  /** `numLayers`: so many of the model's first. `trunk`: the model is a head or mask sampler, and reads these of that session's model. */
  constructor(
    private readonly running: Running,
    private readonly numLayers = running.numLayers,
    trunk: LeftStates | null = null,
  ) {
    this.left = trunk && new LeftStates();
    this.reads = trunk && this.left && new ReadStates(this.left, trunk);
    this.sequence = new GraphSequence(running, running.graph(numLayers), this.counts, this.reads);
    this.sequence.left = this.left;
    this.kept = new KeptRows(running.capabilities.maxLength);
  }

  get length(): number {
    return this.kept.length;
  }

  get maxLength(): number {
    return this.kept.max;
  }

  forward(request: ForwardRequest): Rows {
    const { capabilities, numPositions } = this.running;
    const { maxLength, vocabSize } = capabilities;
    const { tokens, states, hidden } = request;
    invariant(!this.isDisposed, "the session was disposed of");
    const numMasks = this.isWhole ? capabilities.numMasks || null : null;
    checkRequest(request, { maxLength, numPositions, numMasks }, this.kept);
    checkStates(request, this.reads !== null, this.left !== null);
    this.reads?.check(tokens.flatMap((input) => stateOf(input) ?? []));
    for (const input of tokens) checkToken(input, vocabSize);
    invariant(!states || states === this.opened.get("states"), "these states are another session's");
    const maxRows = mostRows(capabilities, maxLength);
    checkRows(request, maxRows);
    const base = this.kept.known();
    const made = passesOf(request, maxRows).map((pass) => this.pass(pass));
    const lengths = segmentsOf(request);
    if (lengths && base !== null) this.kept.addSet(base, lengths);
    this.last = { request, revision: this.revision };
    if (this.left && (hidden || this.reads)) this.left.numRows = tokens.length;
    return made[made.length - 1];
  }

  private pass({ request, from }: Pass): Rows {
    const { kept, sequence, counts } = this;
    const { tokens, attend, keep, slots, states } = request;
    const numRows = tokens.length;
    const visibility = resolveAttend(attend, numRows, from);
    const base = kept.known();
    const horizons = segmentsOf(request) ? null : keptHorizons(visibility, numRows, keep, base);
    const list = listOf(request);
    const { lag } = kept;
    const isStated = states !== undefined;
    if (slots) kept.overwrite(slots, isStated);
    kept.add(tokens, keep, base, horizons, isStated);
    counts.forwards++;
    counts.rows += numRows;
    counts.dispatches++;
    const generation = ++this.generation;
    this.revision++;
    const checkAlive = () => invariant(generation === this.generation, "these rows died at the session's next forward");
    const origin = { list, keep, session: this, revision: this.revision, checkAlive };
    return new LateRows(this.running.line, origin, async () => {
      await this.running.line.breathe();
      return sequence.forward({ request, list, from, lag });
    });
  }

  beside<T>(key: ExtensionKey<T>): T {
    const part = this.running.parts.get(key.extension);
    invariant(part, `this model was loaded without ${key.what}`);
    return part.open(this, key) as T;
  }

  once<T>(id: string, make: () => T): T {
    if (!this.opened.has(id)) this.opened.set(id, make());
    return this.opened.get(id) as T;
  }

  onLayers(numLayers: number): Session {
    const session = new OnnxSession(this.running, Math.min(numLayers, this.numLayers));
    this.others.push(session);
    return session;
  }

  get isWhole(): boolean {
    return this.numLayers === this.running.numLayers;
  }

  states(): LeftStates {
    this.left ??= new LeftStates();
    this.sequence.left = this.left;
    return this.left;
  }

  reading(model: Running): Session {
    const session = new OnnxSession(model, model.numLayers, this.states());
    this.others.push(session);
    return session;
  }

  get owner(): RowsOwner {
    return this.sequence;
  }

  get numStated(): number {
    return Math.min(this.length, this.kept.firstStateless);
  }

  later<T>(work: () => HostPending<T>): Pending<T> {
    return new LatePending(this.running.line, work);
  }

  behind(work: () => void): void {
    this.running.line.add(work).catch(() => undefined);
  }

  written(last: TokenId | TokenRef): TokenId[] {
    return [...this.sequence.tokensFrom(0), idOf(last, this.running.capabilities.vocabSize)];
  }

  keep(kept: Kept): void {
    invariant(!this.isDisposed, "the session was disposed of");
    if (isPath(kept)) this.keepRows(kept);
    else this.keepPromoted(kept);
    this.revision++;
  }

  private keepRows(rows: readonly number[]): void {
    const request = this.last?.revision === this.revision ? this.last.request : null;
    checkPath(rows, request);
    const tokens = rows.map((row) => request.tokens[row]);
    this.kept.add(tokens, rows.length, this.kept.known(), null, request.states !== undefined);
    this.behind(() => this.sequence.keep(rows));
  }

  private keepPromoted(result: Pending<Verdict> | Pending<Contrasted>): void {
    invariant(
      result instanceof PromotablePending,
      "only a verdict, or a candidate that was taken, says which rows to keep",
    );
    const { count, rows } = result as PromotablePending<Verdict>;
    const { list, keep, session, revision, checkAlive } = rows.origin;
    checkAlive();
    // Candidates have no row before them that they were judged with.
    invariant(
      count !== null || list[0] === keep - 1,
      "row 0 of a verification must be the last kept row of its forward",
    );
    const isLast = session === this && revision === this.revision;
    invariant(isLast, "only the verdict of the session's last forward can be kept, once");
    const isStated = this.last?.request.states !== undefined;
    this.kept.addPromoted(result as PromotablePending<Verdict>, { count, numRows: list.length }, isStated);
    this.behind(() => {
      const { promoted } = result.workedOut() as PromotedPending<unknown>;
      this.sequence.keep(promoted.map((row) => list[row]));
    });
  }

  fork(): Session {
    const { length, running, sequence } = this;
    invariant(!this.isDisposed, "the session was disposed of");
    invariant(
      !this.reads,
      "a session that reads another's states can't be forked: fork that one, and ask it for its own",
    );
    const made = new OnnxSession(running, this.numLayers);
    made.kept.copy(this.kept, length);
    this.behind(() => made.sequence.copyRows(sequence));
    return made;
  }

  truncate(length: number | Session, offset = 0): void {
    this.revision++;
    if (typeof length !== "number") {
      const other = length;
      invariant(other instanceof OnnxSession, "the other session is another device's");
      const known = other.kept.known();
      if (known === null) {
        this.kept.checkPlain();
        this.kept.cut(0, other.kept, offset);
        this.behind(() => this.sequence.cut(Math.max(0, other.sequence.length + offset)));
        return;
      }
      length = known;
    }
    const limit = this.kept.limitOf(length + offset);
    this.kept.cut(limit, null, 0);
    this.behind(() => this.sequence.cut(limit));
  }

  async settle(): Promise<void> {
    const { kept, sequence, running } = this;
    let before: number;
    do {
      before = this.revision;
      await running.line.add(() => sequence.recover());
    } while (this.revision !== before);
    const known = kept.known();
    if (known === null) kept.found(sequence.length);
    // What a forward that failed should have kept isn't there.
    else if (known > sequence.length) this.truncate(sequence.length);
    for (const token of sequence.tokensFrom(kept.firstUnknown)) kept.learn(token);
  }

  match(ids: readonly TokenId[], sets: readonly SetRows[] = []): number {
    const { length } = this;
    const equal = this.kept.matching(ids, sets);
    if (equal < length) this.truncate(equal);
    return this.length;
  }

  dispose(): void {
    if (this.isDisposed) return;
    this.isDisposed = true;
    for (const session of this.others) session.dispose();
    this.behind(() => this.sequence.cut(0));
  }
}
