import type { Canvas } from "../vocabulary/canvas.js";
import type { DoneEvent, GenerationEvent, StepEvent } from "../vocabulary/events.js";
import { hashedLaw, mixedLaw } from "./laws.js";
import { Line } from "../backend/host/line.js";
import { type MockModel, mockModel } from "../backend/host/mock.js";
import type { Capabilities } from "../seam/capabilities.js";
import type { Model } from "../seam/model.js";
import type { Session } from "../seam/session.js";
import { threefry2x32 } from "../sampling/noise.js";
import type { Retokenizer } from "../tokenizer/retokenize.js";
import { generate } from "../decode/engine/engine.js";
import type { GenerateRequest } from "../decode/engine/request.js";
import { asksInfill } from "../decode/parse-options.js";
import type { TokenText } from "../decode/engine/pieces.js";
import { promptCanvas } from "../decode/engine/prompt-canvas.js";
import { pause } from "../decode/engine/scheduler.js";
import { graphModel } from "./graph-model.js";

/** The canvas that a prompt makes, for beds that begin with one. */
export { promptCanvas } from "../decode/engine/prompt-canvas.js";

/** Ids 0, 1, 2 … are the letters a, b, c … and never special. */
export const LETTERS: TokenText = {
  bytes: (id) => Uint8Array.of(97 + (id % 26)),
  isSpecial: () => false,
};

/** Between two models of one vocabulary: every id as it is. */
export const SAME_IDS: Retokenizer = {
  difference: () => null,
  toOther: (ids) => [...ids],
  toOwn: (_ids, _others, more) => [...more],
};

/** Events of a run at most: more than any test writes, so that an endless one fails instead of hanging. */
const MAX_EVENTS = 5000;

/** What a rehearsed run left behind. */
export interface Rehearsal {
  events: GenerationEvent[];
  done: DoneEvent;
  canvas: Canvas;
  target: Session;
  draft: Session | undefined;
}

/** A request whose models stand in for sessions; given sessions win. */
export type Rehearsed = Omit<GenerateRequest, "target" | "capabilities" | "tokenizer"> & {
  models: { target: Model; draft?: Model };
  target?: Session;
  tokenizer?: TokenText;
  /** Called with every event, before the run goes on. */
  onEvent?: (event: GenerationEvent) => void;
};

/** Runs a decoder on models, by default on new sessions, with a clock that stands still. */
export async function rehearse({ models, onEvent, ...request }: Rehearsed): Promise<Rehearsal> {
  const events: GenerationEvent[] = [];
  const target = request.target ?? models.target.session();
  const draft = request.draft ?? models.draft?.session();
  const { capabilities } = models.target;
  const isOneVocabulary = (models.draft?.capabilities ?? capabilities).vocabSize === capabilities.vocabSize;
  const holes = asksInfill(request.options ?? {}) ? capabilities.maskToken : null;
  const canvas = request.canvas ?? promptCanvas(request.promptIds ?? [], holes, request.sets);
  const done = await generate(
    {
      clock: () => 0,
      ...request,
      tokenizer: request.tokenizer ?? LETTERS,
      retokenizer: request.retokenizer ?? (isOneVocabulary ? SAME_IDS : undefined),
      canvas,
      target,
      capabilities,
      draft,
      draftCapabilities: models.draft?.capabilities,
    },
    (event) => {
      events.push(event);
      if (events.length > MAX_EVENTS) throw new Error(`The run is endless: ${events.length} events.`);
      onEvent?.(event);
    },
  );
  return { events, done, canvas, target, draft };
}

/** The step events of a run. */
export function stepsOf(events: readonly GenerationEvent[]): StepEvent[] {
  return events.filter((event) => event.type === "step");
}

/** How such models are made. */
export interface HashedOptions {
  seed?: number;
  /** Of the draft's law that isn't the target's. */
  share?: number;
  latency?: () => Promise<void>;
  /** Their forwards run late, as graphs do, and they were loaded with nothing beside. Default: mocks. */
  onGraph?: boolean;
}

type Kind = "causal" | "blocks" | "full" | "masks-last" | "subsets" | "block-drafts";

/**
 * A hashed target, causal or in place by blocks, whole or behind what is known (mask id: the last one), and a draft that is right at times; of
 * `block-drafts` the target is causal, and the draft in place by blocks.
 */
export function hashedModels(
  kind: Kind,
  capabilities: Partial<Capabilities> = {},
  options: HashedOptions = {},
): { target: Model; draft: Model } {
  if (!options.onGraph) return hashedMocks(kind, capabilities, options);
  const { law, whole, rightAtTimes, draftCapabilities } = hashedParts(kind, capabilities, options);
  const { latency } = options;
  const line = new Line(pause);
  const without = { ...whole, policyLengths: [] };
  return {
    target: graphModel({ law, shallow: rightAtTimes, capabilities: without, line, latency }),
    draft: graphModel({ law: rightAtTimes, capabilities: draftCapabilities, line, latency }),
  };
}

/** The same as mocks, whatever the options say. */
export function hashedMocks(
  kind: Kind,
  capabilities: Partial<Capabilities> = {},
  options: HashedOptions = {},
): { target: MockModel; draft: MockModel } {
  const { law, whole, rightAtTimes, draftCapabilities } = hashedParts(kind, capabilities, options);
  const { seed = 1, latency } = options;
  return {
    target: mockModel({
      law,
      capabilities: whole,
      shallow: () => rightAtTimes,
      head: rightAtTimes,
      headKind: kind === "full" ? "joint" : "eagle",
      maskSampler: rightAtTimes,
      policy: (seen) => [4, 8, 2].map((_, i) => threefry2x32(seed, 6, i, sumOf(seen.map(({ key }) => key)))[0]),
      latency,
    }),
    draft: mockModel({ law: rightAtTimes, capabilities: draftCapabilities, latency }),
  };
}

/** What such models are made of. */
function hashedParts(kind: Kind, capabilities: Partial<Capabilities>, { seed = 1, share = 0.35 }: HashedOptions) {
  const vocabSize = capabilities.vocabSize ?? 13;
  const law = hashedLaw(seed, vocabSize, 1.5);
  const masked: Partial<Capabilities> = { causal: false, inPlace: true, maskToken: vocabSize - 1 };
  const reading: Partial<Capabilities> = {
    causal: {},
    blocks: { ...masked, blockLengths: [4, 2, 8], policyLengths: [4, 8, 2] },
    full: { ...masked, bidirectional: true },
    "masks-last": { ...masked, causal: true },
    subsets: { ...masked, anySubset: true },
    "block-drafts": {},
  }[kind];
  const whole = { vocabSize, maxLength: 96, numLayers: 4, ...reading, ...capabilities };
  const rightAtTimes = mixedLaw(law, hashedLaw(seed + 1000, vocabSize, 1.5), share);
  const draftCapabilities = {
    vocabSize,
    maxLength: whole.maxLength,
    ...(kind === "block-drafts" ? { ...masked, blockLengths: [4, 8] } : {}),
  };
  return { law, whole, rightAtTimes, draftCapabilities };
}

const sumOf = (values: readonly number[]) => values.reduce((total, value) => (total + value) >>> 0, 0);
