import type { ModelDevice } from "./device.js";

/** Index into a model's vocabulary. */
export type TokenId = number;
/** One token instance on a canvas: allocated once, never reused. Its position is derived. */
export type SlotId = number;
/**
 * Prompt slots never change; a mask has no token; a draft is unverified; tentative text may still be written over or masked
 * again; committed text is the answer.
 */
export type SlotState = "prompt" | "mask" | "draft" | "tentative" | "committed";

/** The three ways to change a canvas. `after` is the neighbour in the list, `parent` the neighbour in a draft tree. */
export type Edit =
  | {
      op: "insert";
      slot: SlotId;
      after: SlotId | null;
      parent?: SlotId;
      token: TokenId | null;
      state: SlotState;
      logprob?: number;
    }
  | { op: "write"; slot: SlotId; token: TokenId | null; state: SlotState; logprob?: number }
  | { op: "delete"; slot: SlotId };

/**
 * How the text relates to the law that `Law.of` names. `exact`: it has that law; `identical`: it is also `autoregressive`'s text
 * with this seed, id for id; `distribution`: it has that law, by other draws than `autoregressive`'s; `approximate`: it is only
 * near that law. A LoRA adapter that was added, weights that were rounded and tokens that were left out belong to the law, which says so
 * (`Law.rounded`).
 */
export type Fidelity = "exact" | "identical" | "distribution" | "approximate";

/** Whose law a run's text has. */
export interface Law {
  /** The law that the text has or is near: model, sampling, and in which order tokens are drawn. */
  of: string;
  /** In that law, what isn't as the model's authors made it: a LoRA adapter added, weights rounded, tokens left out. */
  rounded: readonly string[];
  /** Why the text is only near that law; null unless `fidelity` is `approximate`. */
  why: string | null;
  /** All of this and the fidelity, for people. */
  sentence: string;
}

/** Why a run ended: end token or stop string; length; nothing left to write; the caller's signal. */
export type FinishReason = "stop" | "length" | "complete" | "cancelled";

/** Text to show for one slot. A character that spans several tokens shows at the last of them. */
export interface Piece {
  slot: SlotId;
  text: string;
}

/** What a session beside the target is for in a run: it drafts, judges fillings, guides by another prompt, or samples jointly. */
export type Role = "drafter" | "judge" | "guide" | "joint";

/** What a figure that a decoder reports is called, and what it says. */
export interface FigureInfo {
  label: string;
  doc: string;
}

/** Counts of one run. Everything but the `*Ms` fields and rates is exact and reproducible. */
export interface Metrics {
  promptTokens: number;
  /** Tokens of the completion that were kept. */
  tokens: number;
  steps: number;
  /** Main-model forwards of applied steps; those that read the prompt or only store what was written are among them. */
  forwards: number;
  /** Tokens that the main model computed in these forwards: what lay in its cache is not among them. */
  rows: number;
  /** Forwards of all sessions beside the main model's, whatever they are for. 0 where a run has none. */
  draftForwards: number;
  /** Those by what each session is for; a role without any isn't there. */
  forwardsBy: Partial<Record<Role, number>>;
  /** Forwards that ran ahead of a stop and were thrown away (not counted anywhere else). */
  discardedForwards: number;
  /** Steps whose result the decoder waited for before it enqueued anything else, so that the device had nothing to do meanwhile. */
  waits: number;
  /** Tokens that this run wrote by `forwards`, as `tokensPerForward` defines it; 0 when there was no forward. */
  tokensPerForward: number;
  /** Draft tokens proposed and accepted; 0 for decoders without drafts. */
  proposed: number;
  accepted: number;
  dispatches: number;
  readbackBytes: number;
  /** From the call to the first committed or tentative token. */
  timeToFirstTokenMs: number;
  elapsedMs: number;
  /** Time in which this run held the device. */
  ownMs: number;
  /** Decode rate by the run's own time, as `tokensPerSecond` defines it (docs/figures.md); 0 when nothing was written. */
  tokensPerSecond: number;
  /** What the decoder reports of the text, as it last was (`StartEvent.figures`); left out: nothing. */
  figures?: Readonly<Record<string, number>>;
}

/** First event of a run: what will happen and the prompt as edits. */
export interface StartEvent {
  type: "start";
  seq: number;
  decoder: string;
  label: string;
  fidelity: Fidelity;
  law: Law;
  /** Approximate text, bounded: each step's tokens are at most so many nats (KL) from the model's own joint law. */
  boundNats?: number;
  /** Figures of the text that steps will report, by name; left out: none. */
  figures?: Readonly<Record<string, FigureInfo>>;
  options: Record<string, unknown>;
  /** Where it runs, and why there; left out: the engine runs without a runtime. */
  device?: ModelDevice;
  edits: Edit[];
  pieces: Piece[];
}

/** One applied step. Counts are of this step alone. */
export interface StepEvent {
  type: "step";
  seq: number;
  edits: Edit[];
  pieces: Piece[];
  /** As in `Metrics`, and so are the others. */
  forwards: number;
  /** Tokens that the main model computed in them: what lies in its cache is not among them. */
  rows: number;
  draftForwards: number;
  waits: number;
  dispatches: number;
  readbackBytes: number;
  /** Since the start of the run. */
  elapsedMs: number;
  /** The part of it in which this run held the device. */
  ownMs: number;
  /** Figures of the text as this step leaves it, by the names that `StartEvent.figures` has; left out: none. */
  figures?: Readonly<Record<string, number>>;
}

/** The device was lost; a new one is being asked for. What was written stays. */
export interface RecoveringEvent {
  type: "recovering";
  seq: number;
  /** Why it was lost. */
  reason: string;
  /** None. */
  edits: Edit[];
  pieces: Piece[];
  elapsedMs: number;
  ownMs: number;
}

/** The run goes on where it stood, on a new device. Text and ids are what they would have been without the loss. */
export interface ResumedEvent {
  type: "resumed";
  seq: number;
  /** None. */
  edits: Edit[];
  pieces: Piece[];
  elapsedMs: number;
  ownMs: number;
}

/** Last event of a run that ended by itself or by a cancel. */
export interface DoneEvent {
  type: "done";
  seq: number;
  reason: FinishReason;
  /** The completion, cut before a stop string. */
  text: string;
  /** Ids of the completion. */
  ids: TokenId[];
  metrics: Metrics;
}

/** Last event of a run that failed. */
export interface ErrorEvent {
  type: "error";
  seq: number;
  name: string;
  code: string;
  message: string;
}

/** What comes before a run's last event: its edits and pieces, in order, are the canvas and its text. */
export type LiveEvent = StartEvent | StepEvent | RecoveringEvent | ResumedEvent;

/** Plain data, structured-cloneable, totally ordered by `seq` within a run. */
export type GenerationEvent = LiveEvent | DoneEvent | ErrorEvent;
