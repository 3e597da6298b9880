import type { HeadKind } from "../../seam/capabilities.js";
import { EAGLE } from "../../extension/eagle/key.js";
import { JOINT_SAMPLER } from "../../extension/joint-sampler/key.js";
import { earlyExit } from "../../extension/early-exit/key.js";
import { invariant } from "../../vocabulary/errors.js";
import type { Attend } from "../../seam/forward.js";
import type { RowInput } from "../../seam/row-input.js";
import { ARGMAX, type Selected } from "../../seam/questions/sample.js";
import type { Model } from "../../seam/model.js";
import type { Pending } from "../../seam/pending.js";
import type { Session } from "../../seam/session.js";
import type { TimedDevice } from "./timed-device.js";

/** Tokens in the cache of a forward that is timed, where the context allows it. */
const NUM_KEPT = 32;

/** Which forwards: of the whole model, of so many of its first layers, or of its head. */
export type ModelPart = "whole" | "head" | number;

function partOf(session: Session, part: ModelPart, kind: HeadKind | null): Session {
  if (part === "whole") return session;
  return part === "head" ? session.beside(kind === "joint" ? JOINT_SAMPLER : EAGLE) : session.beside(earlyExit(part));
}

/**
 * Forwards of M rows, a token drawn of each of them, none kept, behind the same 32 tokens: on a session of its own, or on a
 * part of the model.
 */
export class TimedForwards {
  private readonly whole: Session;
  private readonly session: Session;
  private readonly attend: Attend;
  private readonly numKept: number;

  constructor(
    private readonly device: TimedDevice,
    private readonly model: Model,
    private readonly clock: () => number,
    private readonly part: ModelPart = "whole",
  ) {
    const { causal, blockLengths, maxLength } = model.capabilities;
    this.attend = causal ? "causal" : blockLengths.length > 0 ? { block: blockLengths[0] } : "full";
    // Whole blocks, of which any length that models are trained on divides 32.
    this.numKept = NUM_KEPT + 1 < maxLength ? NUM_KEPT : 0;
    this.whole = model.session();
    this.session = partOf(this.whole, part, model.capabilities.head);
    const { attend, numKept } = this;
    if (part === "head") this.whole.forward({ tokens: [0], attend, rows: [], hidden: true, keep: 0 });
    if (numKept > 0) {
      const tokens = this.tokens(0, numKept);
      this.session.forward({ tokens, attend, rows: "last", keep: numKept });
    }
  }

  /** Those of the numbers of rows that the context has room for. */
  possible(rowCounts: readonly number[]): number[] {
    const { maxLength } = this.model.capabilities;
    const possible = rowCounts.filter((numRows) => this.numKept + numRows <= maxLength);
    invariant(possible.length > 0, `a context of ${maxLength} tokens`);
    return possible;
  }

  /** Makes forwards of so many rows ready, so that none compiles while it is timed. */
  warm(numRows: number): Promise<void> {
    return this.device.warm(() => this.forward(numRows));
  }

  /** Milliseconds of so many forwards; of none, what a sample costs by itself. */
  time(numRows: number, repetitions: number): Promise<number> {
    return this.device.elapsed(() => {
      for (let i = 0; i < repetitions; i++) this.forward(numRows);
    }, this.clock);
  }

  /** Milliseconds of so many forwards of one row, each of which waits for the token that the one before drew. */
  async timeWaited(repetitions: number): Promise<number> {
    const startMs = this.clock();
    for (let i = 0; i < repetitions; i++) await this.forward(1).read();
    return this.clock() - startMs;
  }

  dispose(): void {
    this.whole.dispose();
  }

  private forward(numRows: number): Pending<Selected[]> {
    const { attend, numKept } = this;
    const tokens = this.tokens(numKept, numRows);
    return this.session.forward({ tokens, attend, rows: "all", keep: 0 }).ask(ARGMAX);
  }

  /** Other tokens each time: a stride that is prime to the vocabularies at hand. Which states a head reads is all the same to the time it takes. */
  private tokens(first: number, count: number): RowInput[] {
    const { vocabSize } = this.model.capabilities;
    return Array.from({ length: count }, (_, i) => {
      const token = ((first + i) * 7919 + 5) % vocabSize;
      return this.part === "head" ? { token, state: { of: "trunk", row: 0 } } : token;
    });
  }
}
