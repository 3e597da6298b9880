import type { FigureInfo, SlotId, SlotState, TokenId } from "../vocabulary/events.js";
import type { Canvas } from "../vocabulary/canvas.js";
import type { Ask } from "../seam/asks.js";
import type { Capabilities } from "../seam/capabilities.js";
import type { Pending } from "../seam/pending.js";
import type { Sampler } from "../seam/sampler.js";
import type { Session } from "../seam/session.js";
import type { UsualForwards } from "../seam/usual-forwards.js";
import type { Retokenizer } from "../tokenizer/retokenize.js";
import type { Companions, RunCompanions } from "./companion.js";
import type { Claim } from "./law.js";
import type { OptionTable, OptionValues } from "./options.js";

/** Makes edits on the live canvas, in order, when the engine applies a step. */
export interface Editor {
  append(token: TokenId | null, state: SlotState, logprob?: number): SlotId;
  insert(after: SlotId | null, token: TokenId | null, state: SlotState, logprob?: number, parent?: SlotId): SlotId;
  write(slot: SlotId, token: TokenId | null, state: SlotState, logprob?: number): void;
  delete(slot: SlotId): void;
}

/** Edits to make now, or once `after` has been read. Without `after` it is a barrier: applied before the next pull. */
export interface Step<T = unknown> {
  after?: Pending<T>;
  /** Set once the decoder has read `after` itself: the step is applied before the next pull. */
  isKnown?: boolean;
  edits(edit: Editor, value: T): void;
}

/** Everything a decoder may touch. */
export interface Run {
  readonly canvas: Canvas;
  readonly target: Session;
  /** Who plays which role beside the target, as the decoder's needs say (`besideOf`). */
  readonly beside: RunCompanions;
  readonly capabilities: Capabilities;
  /** Between the vocabularies of target and second model; null where they aren't known. */
  readonly retokenizer: Retokenizer | null;
  readonly sampler: Sampler;
  readonly options: OptionValues;
  readonly maxNewTokens: number;
  /** Slots that may still be opened before the context limit. */
  readonly room: number;
  /** Steps applied so far; survives recovery. */
  readonly step: number;
  /** Results that are asked for together as things are: more than one where reading a result takes as long as a step or so. */
  readonly stepsPerSync: number;
  later<T>(after: Pending<T>, edits: (edit: Editor, value: T) => void): Step;
  now(edits: (edit: Editor) => void): Step;
  /** For the metrics: drafts proposed and accepted in this step; call inside an edit function. */
  judged(proposed: number, accepted: number): void;
  /** A figure of the text as this step leaves it, by a name of the decoder's `figures`; call inside an edit function. */
  figure(name: string, value: number): void;
}

/** What is known of a run before it begins. */
export type Outlook = Pick<Run, "canvas" | "capabilities" | "maxNewTokens" | "options">;

/** What a decoder needs of its models; a missing one is refused by name before the run starts. */
export interface Needs {
  causal?: true;
  /** Block-causal reading with this block length. */
  block?: number;
  /** Where the first whole block begins; left out: at 0. */
  blockOffset?: number;
  /** Reading all of a canvas at once, by a model that was trained to. */
  full?: true;
  /** Predicting masks from any other tokens, by rank. */
  anySubset?: true;
  maskToken?: true;
  inPlace?: true;
  /** What is asked of the target and of what stands beside it, but plain forwards and the keys of companions. */
  asks: readonly Ask[];
  /** What runs beside the target, by what it is for. */
  beside?: Companions;
}

/** Which forwards draft: a second model's of one row or of a block, or of a part of the target; or none. */
export interface Drafting {
  /** A second model's, of a block where `draftBlock` is one. */
  draft?: true;
  draftBlock?: number;
  /** Of so many of the target's first layers. */
  exitLayer?: number;
  /** Of the head that the target was loaded with. */
  head?: true;
}

/** Costs that a run needs measured on its device before it begins. */
export interface CostsWanted {
  /** Whether to measure the target's forwards by their rows, the drafter's, and a wait. */
  forward: boolean;
  draft: boolean;
  wait: boolean;
  drafting: Drafting;
  /** Most rows of any forward. */
  mostRows: number;
}

/** A decoding method: the plug-in contract. Restartable: what it does next is a function of canvas, session lengths and options. */
export interface Decoder {
  name: string;
  label: string;
  summary: string;
  options: OptionTable;
  /** Names of the options that matter most, the first ones first: controls and docs begin with them. Left out: all of its own do. */
  foremost?: readonly string[];
  /** It reads sets of a prompt; for every other decoder a prompt with sets is refused. */
  readsSets?: true;
  /** Fills in what depends on the model, or on holes of the canvas, and refuses combinations that contradict each other. */
  resolve?(options: OptionValues, capabilities: Capabilities, canvas?: Canvas): OptionValues;
  /** Refuses what models and canvas together leave no room for; `resolve` and `needs` come first. */
  check?(outlook: Outlook, draft: Capabilities | null): void;
  /** What the law of the text will be. */
  claim(outlook: Outlook): Claim;
  /** At most so many nats are lost in each step; left out or null where nothing is known. */
  boundNats?(options: OptionValues): number | null;
  /** Figures of the text that its steps report with these options, by name; left out: none. */
  figures?(options: OptionValues): Readonly<Record<string, FigureInfo>>;
  /** Steps in a row that may leave the canvas as it is, besides the few that any decoder may; left out: none. */
  idleSteps?(options: OptionValues): number;
  /** What must be measured on the device before a run with these checked options; left out: nothing. */
  costsWanted?(options: OptionValues, capabilities: Capabilities): CostsWanted | null;
  /** `canvas` is left out where it isn't there yet. */
  needs(options: OptionValues, canvas?: Canvas): Needs;
  /** What is compiled before the run's clock starts; left out: nothing. */
  usualForwards?(options: OptionValues): UsualForwards;
  run(run: Run): AsyncGenerator<Step, void, void>;
}

/** Identity: gives a decoder record its type. */
export function defineDecoder(decoder: Decoder): Decoder {
  return decoder;
}
