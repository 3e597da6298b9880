import { checkSelection } from "../../seam/row-limits.js";
import { invariant } from "../../vocabulary/errors.js";
import type { TokenId } from "../../vocabulary/events.js";
import { PURPOSE } from "../../sampling/noise.js";
import { type Draw, draw as drawToken, probabilities, untempered } from "../../sampling/processors.js";
import type { Chance } from "../../sampling/verify/chance.js";
import type { Capabilities } from "../../seam/capabilities.js";
import type { Pending } from "../../seam/pending.js";
import type { Selected } from "../../seam/questions/sample.js";
import type { Verdict } from "../../seam/questions/verify.js";
import type { Rows } from "../../seam/rows.js";
import type { Sampler } from "../../seam/sampler.js";
import type { SessionCounts } from "../../seam/session.js";
import type { Cell } from "./cell.js";
import { HostPending } from "./pending.js";

/** A result that scratch rows are kept by, and the rows that it is of. */
export interface PromotedPending<T> extends HostPending<T> {
  rows: HostRows;
  /** Those to be kept, by logit row. */
  promoted: readonly number[];
  /** So many at most, as far as a device's host knows before it reads the result; null where it knows how many. */
  mostUnread: number | null;
}

/** What rows need to know of the session that they are of. */
export interface RowsOwner {
  readonly capabilities: Capabilities;
  readonly counts: SessionCounts;
  readonly generation: number;
  /** Decides in place of noise. */
  readonly chance?: Chance;
  readback(byteLength: number): Promise<void>;
}

/** What rows came of. */
export interface RowsOrigin {
  flight: readonly Cell[];
  /** What a forward row saw. */
  seen(row: number): readonly Cell[];
  /** The logits of a forward row that has some, to be read only. Throws `NotFiniteError` where they aren't finite. */
  logits(row: number): Float64Array;
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

/** Rows of a forward on the CPU, worked out already or once the forward has run. */
export interface RowsOnHost extends Rows {
  /** The rows themselves. Throws what kept them from being worked out. */
  workedOut(): HostRows;
}

/** Rows of a forward on the CPU: their laws, and how a result of them is handed on. */
export class HostRows {
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

  workedOut(): HostRows {
    return this;
  }

  blend(rows: Rows, share: number): void {
    const other = hostRowsOf(rows);
    invariant(other.session !== this.session, "rows are mixed with those of another session");
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

  /** A verdict that knows its rows. */
  verdict(drafts: TokenId[], emitted: Verdict["emitted"], path: number[]): Pending<Verdict> {
    const { flight, list } = this.origin;
    const accepted = path.length - 1;
    const previous = flight[list[path[accepted]]].token;
    const tokenAt = (word: number) => (word === -2 ? previous : emitted[accepted].token);
    const promotion = { rows: this, promoted: path.slice(1), mostUnread: drafts.length };
    return Object.assign(this.pending({ accepted, drafts, emitted, path }, tokenAt), promotion);
  }

  /** By logit row. */
  parentOf(i: number): number {
    const { list, parents } = this.origin;
    return parents ? list.indexOf(parents[list[i]]) : i - 1;
  }

  /** A row's logits, with what was mixed in. */
  logitsOf(row: number): Float64Array {
    this.checkAlive();
    return this.blended.get(row) ?? this.origin.logits(row);
  }

  /** As noise has it, a draw that is asked for again is the same one. */
  drawOnce(law: Float64Array, { position, draw }: Draw, chance: Chance): TokenId {
    const key = `${position} ${draw}`;
    const token = this.drawnBefore.get(key) ?? chance.draw(law, PURPOSE.token, position, draw);
    this.drawnBefore.set(key, token);
    return token;
  }

  /** A row's token, by noise or by what decides in its place. */
  select(row: number, sampler: Sampler, draw: number): Selected {
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
  drawn(row: number, sampler: Sampler): { law: Float64Array; position: number } {
    const { position, history } = this.at(row);
    return { law: probabilities(this.logitsOf(row), sampler, history), position };
  }

  /** A token's log-probability under the untempered law without suppressed ids. */
  logprobOf(row: number, { suppress }: Sampler, token: TokenId): number {
    return Math.log(untempered(this.logitsOf(row), suppress)[token]);
  }

  /** The position that a row fills, and what it saw. */
  at(row: number): { position: number; history: Iterable<TokenId> } {
    const { inPlace, maskToken } = this.session.capabilities;
    const position = this.origin.flight[row].position + (inPlace ? 0 : 1);
    return { position, history: new History(this.origin.seen(row), maskToken) };
  }

  /** A result that is read as a device's would be. */
  pending<T>(value: T, tokenAt: (word: number) => TokenId): HostPending<T> {
    checkSelection(this.count);
    this.session.counts.dispatches++;
    return new HostPending(value, tokenAt, () => this.session.readback(16 * this.count));
  }
}

/** Rows of this backend, worked out. Throws `InvariantError` for another's, and what kept them from being worked out. */
export function hostRowsOf(rows: Rows): HostRows {
  invariant("workedOut" in rows, "these rows are another device's");
  return (rows as RowsOnHost).workedOut();
}
