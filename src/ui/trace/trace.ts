import { TriptychError } from "../../vocabulary/errors.js";
import type { GenerationEvent } from "../../vocabulary/events.js";

/** What says of a file that it is a trace. */
export const TRACE_FORMAT = "triptych-trace";
/** The version that is written here, and the only one that is read. */
export const TRACE_VERSION = 1;

/** One pane of a trace: what it is called, and all events of its run. */
export interface TracePane {
  /** As in the events of the elements: `autoregressive`. */
  name: string;
  label: string;
  decoder: string;
  /** In order. The first is of type `start`, or `error` where the run failed before it. */
  events: readonly GenerationEvent[];
}

/** A board of cells that every pane fills, drawn as a grid. */
export interface TraceBoard {
  columns: number;
  /** A character a cell, row by row; `.` where a cell is open. */
  clues: string;
  /** The same of the only solution. */
  solution?: string;
}

/** Runs of one prompt as plain JSON (docs/traces.md): whoever has it can play them again, without models or a GPU. */
export interface Trace {
  format: typeof TRACE_FORMAT;
  version: typeof TRACE_VERSION;
  /** When it was written, in ISO 8601: a day, or a moment. */
  date: string;
  /** What it was written on, in words. */
  adapter: string;
  prompt: string;
  /** What the page was set to, by the names that its address has: `seed`, `3.drafter`. */
  settings: Readonly<Record<string, string | number>>;
  panes: readonly TracePane[];
  /** What the texts are where they are no prose. */
  board?: TraceBoard;
}

/** Most that a trace may have, so that one that was made to harm can't fill a page's memory. */
export const LIMITS = {
  bytes: 20_000_000,
  panes: 8,
  events: 100_000,
  /** On a canvas at a time. */
  slots: 32_768,
  /** Characters of what one token shows. */
  piece: 10_000,
  /** Characters of a prompt, a text, a message. */
  text: 1_000_000,
  /** Characters of a name. */
  name: 1_000,
  options: 200,
  /** Cells of a board. */
  cells: 256,
} as const;

/** Why a trace isn't read. */
export type TraceFault =
  | "trace_missing"
  | "trace_damaged"
  | "trace_format"
  | "trace_version"
  | "trace_too_large"
  | "trace_invalid";

/** A trace that can't be played: the message says where it is wrong, and how. */
export class TraceError extends TriptychError {
  static override readonly className: string = "TraceError";

  constructor(code: TraceFault, message: string) {
    super(code, message);
  }
}
