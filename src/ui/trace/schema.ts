import * as v from "valibot";
import type { DeviceName } from "../../vocabulary/device.js";
import type {
  DoneEvent,
  Edit,
  ErrorEvent,
  FigureInfo,
  Law,
  Metrics,
  Piece,
  RecoveringEvent,
  ResumedEvent,
  StartEvent,
  StepEvent,
} from "../../vocabulary/events.js";
import { LIMITS, TRACE_FORMAT, TRACE_VERSION, type Trace, type TraceBoard, type TracePane } from "./trace.js";

/** A schema for every property, the optional ones included: one that is new in an event and not here fails the check of types. */
type Entries<T> = { [Key in keyof Required<T>]: v.GenericSchema<unknown, T[Key]> };

const text = v.pipe(v.string(), v.maxLength(LIMITS.text));
const name = v.pipe(v.string(), v.maxLength(LIMITS.name));
const finite = v.pipe(v.number(), v.finite());
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const rate = v.pipe(finite, v.minValue(0));
const timeMs = v.pipe(finite, v.minValue(0), v.maxValue(1e10));
const token = v.nullable(count);
const state = v.picklist(["prompt", "mask", "draft", "tentative", "committed"]);
const logprob = v.optional(finite);
const listOf = <S extends v.GenericSchema>(item: S, most: number) => v.pipe(v.array(item), v.maxLength(most));
const recordOf = <S extends v.GenericSchema>(value: S) => v.pipe(v.record(name, value), v.maxEntries(LIMITS.options));

type EditOf<Op extends Edit["op"]> = Extract<Edit, { op: Op }>;
const edit = v.variant("op", [
  v.object({
    op: v.literal("insert"),
    slot: count,
    after: token,
    parent: v.optional(count),
    token,
    state,
    logprob,
  } satisfies Entries<EditOf<"insert">>),
  v.object({ op: v.literal("write"), slot: count, token, state, logprob } satisfies Entries<EditOf<"write">>),
  v.object({ op: v.literal("delete"), slot: count } satisfies Entries<EditOf<"delete">>),
]);
const piece = v.object({
  slot: count,
  text: v.pipe(v.string(), v.maxLength(LIMITS.piece)),
} satisfies Entries<Piece>);
const canvas = { seq: count, edits: v.array(edit), pieces: v.array(piece) };
const times = { elapsedMs: timeMs, ownMs: timeMs };
const figures = v.optional(recordOf(finite));

const law = v.object({
  of: text,
  rounded: listOf(text, LIMITS.options),
  why: v.nullable(text),
  sentence: text,
} satisfies Entries<Law>);
const DEVICES = ["webgpu", "wasm", "webnn", "onnx-webgpu", "node"] as const satisfies readonly DeviceName[];
const device = v.object({ name: v.picklist(DEVICES), description: text, isSoftware: v.boolean(), why: text });
const info = v.object({ label: name, doc: text } satisfies Entries<FigureInfo>);
/** What options hold (`OptionValue` in `src/decode/options.ts`). */
const option = v.union([
  v.nullable(v.union([finite, text, v.boolean()])),
  v.array(v.union([text, finite])),
  // Of token ids: more than other records have.
  v.record(name, finite),
]);

const start = v.object({
  type: v.literal("start"),
  ...canvas,
  decoder: name,
  label: name,
  fidelity: v.picklist(["exact", "identical", "distribution", "approximate"]),
  law,
  boundNats: v.optional(finite),
  figures: v.optional(recordOf(info)),
  options: recordOf(option),
  device: v.optional(device),
} satisfies Entries<StartEvent>);
const step = v.object({
  type: v.literal("step"),
  ...canvas,
  ...times,
  forwards: count,
  rows: count,
  draftForwards: count,
  waits: count,
  dispatches: count,
  readbackBytes: count,
  figures,
} satisfies Entries<StepEvent>);
const recovering = v.object({
  type: v.literal("recovering"),
  ...canvas,
  ...times,
  reason: text,
} satisfies Entries<RecoveringEvent>);
const resumed = v.object({ type: v.literal("resumed"), ...canvas, ...times } satisfies Entries<ResumedEvent>);

const roleCount = v.optional(count);
const metrics = v.object({
  promptTokens: count,
  tokens: count,
  steps: count,
  forwards: count,
  rows: count,
  draftForwards: count,
  forwardsBy: v.object({ drafter: roleCount, judge: roleCount, guide: roleCount, joint: roleCount } satisfies Entries<
    Metrics["forwardsBy"]
  >),
  discardedForwards: count,
  waits: count,
  tokensPerForward: rate,
  proposed: count,
  accepted: count,
  dispatches: count,
  readbackBytes: count,
  timeToFirstTokenMs: timeMs,
  ...times,
  tokensPerSecond: rate,
  figures,
} satisfies Entries<Metrics>);
const done = v.object({
  type: v.literal("done"),
  seq: count,
  reason: v.picklist(["stop", "length", "complete", "cancelled"]),
  text,
  ids: v.array(count),
  metrics,
} satisfies Entries<DoneEvent>);
const error = v.object({
  type: v.literal("error"),
  seq: count,
  name,
  code: name,
  message: text,
} satisfies Entries<ErrorEvent>);

const pane = v.object({
  name,
  label: name,
  decoder: name,
  events: v.pipe(
    v.array(v.variant("type", [start, step, recovering, resumed, done, error])),
    v.minLength(1),
    v.maxLength(LIMITS.events),
  ),
} satisfies Entries<TracePane>);

const cells = v.pipe(v.string(), v.minLength(1), v.maxLength(LIMITS.cells));
const board = v.pipe(
  v.object({
    columns: v.pipe(count, v.minValue(1), v.maxValue(16)),
    clues: cells,
    solution: v.optional(cells),
  } satisfies Entries<TraceBoard>),
  v.check(({ clues, solution = clues }) => solution.length === clues.length, "a solution of as many cells as clues"),
);

const isDate = (date: string) => !Number.isNaN(Date.parse(date));

/** What a trace is made of. What is in none of its objects is left out. */
export const traceSchema = v.object({
  format: v.literal(TRACE_FORMAT),
  version: v.literal(TRACE_VERSION),
  date: v.pipe(name, v.check(isDate, "a date in ISO 8601")),
  adapter: name,
  prompt: text,
  settings: recordOf(v.union([text, finite])),
  panes: v.pipe(v.array(pane), v.minLength(1), v.maxLength(LIMITS.panes)),
  board: v.optional(board),
} satisfies Entries<Trace>);
