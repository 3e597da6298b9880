import type { TokenId } from "../../vocabulary/events.js";
import type { Question } from "./question.js";
import type { Selected } from "./sample.js";
import type { Sampler } from "../sampler.js";

/** What a row's law says, of the untempered model law without suppressed ids: a drawn token, and how sure the law is. */
export interface Measured extends Selected {
  /** In nats. */
  entropy: number;
  /** The likeliest token; the lowest id on ties. */
  top: Selected;
  /** Log-probability of the second likeliest token; -Infinity where there is none. */
  secondLogprob: number;
  /** KL(law ‖ the law last measured at this position) in nats; null without a memory of laws, or for the first. */
  divergence: number | null;
  /** Log-probability of the token that was given for this row; null where none was. */
  given: number | null;
}

/** How rows are measured. */
export interface Measuring {
  /** A memory of the steps before, and the positions that the rows fill, by which it knows them. */
  memory?: { of: RowMemory; positions: readonly number[] };
  /** Number of the noise's draw; 0 unless given. */
  draw?: number;
  /** A token for each row, whose log-probability is asked for. */
  given?: readonly TokenId[];
}

/**
 * What is remembered of each position from one measured step to the next. `law`: the row's law. `credit`: a credit for each
 * token, c ← decay c + [token is the likeliest] p^power, and logits += weight log(1 + c) before anything is drawn.
 */
export type MemoryRule = { keeps: "law" } | { keeps: "credit"; decay: number; power: number; weight: number };

/** Room on the device for a `MemoryRule`'s memory of up to 64 neighbouring positions. Empty when it is made. */
export interface RowMemory {
  readonly rule: MemoryRule;
}

/** Draws per row as `sample` does, and measures each row's law. */
export interface Measure extends Question<Measured[]> {
  readonly kind: "measure";
  readonly sampler: Sampler;
  readonly how: Measuring;
}

const PLAIN: Measuring = {};

/** Asks for a token of each row, and how sure the row's law is. */
export const measure = (sampler: Sampler, how: Measuring = PLAIN): Measure => ({ kind: "measure", sampler, how });
