// Over 300 lines: one run from what is asked to what is planned, refusals in the order in which they are said.
import { EAGLE } from "../../extension/eagle/key.js";
import { JOINT_SAMPLER } from "../../extension/joint-sampler/key.js";
import { MASK_TOKENS } from "../../extension/mask-tokens/key.js";
import { secondModel } from "../companion.js";
import { Canvas } from "../../vocabulary/canvas.js";
import { InvalidOptionError } from "../../vocabulary/errors.js";
import type { TokenId } from "../../vocabulary/events.js";
import type { Capabilities } from "../../seam/capabilities.js";
import type { Sampler } from "../../seam/sampler.js";
import type { Session } from "../../seam/session.js";
import type { ComingRun } from "../../seam/usual-forwards.js";
import type { CostsWanted, Decoder, Needs } from "../decoder.js";
import { type Measure, measuredCosts, unmeasuredCosts } from "./costs.js";
import { refuseForeign } from "../index.js";
import type { Retokenizer } from "../../tokenizer/retokenize.js";
import { checkDrawing, checkWritable } from "../inert-options.js";
import { asksInfill, checkId, namesOf, numberOption, type OptionValues, parseOptions } from "../options.js";
import { withModelDefaults } from "./model-defaults.js";
import type { TokenText } from "./pieces.js";
import type { Turn } from "./scheduler.js";

/** The sessions that a run writes with. */
export interface RunSessions {
  target: Session;
  draft?: Session;
}

/** How a run gets over the loss of its device: it goes on from its canvas, with the same noise, on new sessions. */
export interface Recovery {
  /** Why the device was lost, where that is what failed; null for every other error. */
  reasonOf(error: unknown): Promise<string | null>;
  /** New sessions of the same models on a new device. Rejects where there is none, and when the run is cancelled. */
  renew(): Promise<RunSessions>;
}

/** One generation: what to write, with what. */
export interface GenerateRequest extends RunSessions {
  decoder: Decoder;
  /** The prompt; or give `canvas`. With the option `infill` mask ids in it are the holes to fill. */
  promptIds?: readonly TokenId[];
  /** A canvas to go on writing, as an earlier run left it. It is changed in place. `max_new_tokens` counts all its tokens. */
  canvas?: Canvas;
  capabilities: Capabilities;
  draftCapabilities?: Capabilities;
  /** Between the tokenizers of target and draft model, where both have one. */
  retokenizer?: Retokenizer;
  /** The request as `planRun` has planned it; left out: that is done first. */
  plan?: Plan;
  /** Options as the caller wrote them. */
  options?: Readonly<Record<string, unknown>>;
  tokenizer: TokenText;
  /** Ends the run with reason `cancelled`. */
  signal?: AbortSignal;
  /** Milliseconds. */
  clock?: () => number;
  /** Compiles what the run will need, before its clock starts and its `start` event tells of it. */
  warmUp?(run: ComingRun): Promise<void>;
  /** Left out: a run whose device is lost fails. */
  recovery?: Recovery;
  /** This run's share of a device that others use too; the engine leaves it at the end. */
  turn?: Turn;
  /** Unread results at most; default 8, or 3 when the device is shared. */
  lookahead?: number;
  /** Results that are asked for together; default up to 4, fewer where steps are slow. Never more than half of `lookahead`. */
  stepsPerSync?: number;
  /** Steps that were applied to `canvas` before. */
  step?: number;
  /** Ends a run that goes in circles, with reason `length`. */
  maxSteps?: number;
  /** Returns to the event loop; replaceable for tests. */
  pause?: () => Promise<void>;
}

/** The part of a request that can be checked before a device is opened. */
export type PlannedRequest = Pick<
  GenerateRequest,
  "decoder" | "promptIds" | "canvas" | "capabilities" | "draftCapabilities" | "retokenizer" | "options"
> & {
  /** The options as an earlier plan of this run has read them. */
  parsed?: OptionValues;
  /** Costs that the decoder wants are measured once the plan is made (`withCosts`): what lacks them isn't refused. */
  isMeasured?: boolean;
};

/** A request whose every part was checked. */
export interface Plan {
  /** What was given, read and checked one by one, with defaults for the rest. */
  parsed: OptionValues;
  /** With what depends on the model. */
  options: OptionValues;
  sampler: Sampler;
  canvas: Canvas;
  needs: Needs;
  /** Holes of the prompt are filled, and nothing is written behind it. */
  isInfill: boolean;
  maxNewTokens: number;
  stopTexts: readonly string[];
  /** What must be measured before the run begins. */
  costs: CostsWanted | null;
}

/** The plan with the costs that it wants, as `measure` finds them. */
export async function withCosts(plan: Plan, measure: Measure, signal?: AbortSignal): Promise<Plan> {
  if (!plan.costs) return plan;
  return { ...plan, options: { ...plan.options, ...(await measuredCosts(plan.costs, measure, signal)) }, costs: null };
}

/** Checks a request before anything is enqueued. Throws `InvalidOptionError` that names what can't be honoured. */
export function planRun(request: PlannedRequest): Plan {
  const { decoder, capabilities } = request;
  const { canvas, parsed } = readRequest(request);
  const isInfill = parsed.infill === true;
  checkCanvas(canvas, capabilities);
  if (isInfill) checkHoles(canvas, parsed);
  else checkNoMask(canvas, capabilities);
  const logitBias = new Map(
    Object.entries(parsed.logit_bias ?? {}).map(([id, bias]): [TokenId, number] => [Number(id), bias]),
  );
  for (const id of logitBias.keys()) checkId(id, capabilities.vocabSize, "logit_bias");
  checkDrawing(parsed, namesOf(request.options ?? {}), capabilities, decoder.options);
  const costs = (request.isMeasured && decoder.costsWanted?.(parsed, capabilities)) || null;
  const whole = costs ? { ...parsed, ...unmeasuredCosts(costs) } : parsed;
  const options = decoder.resolve?.(whole, capabilities, canvas) ?? whole;
  const needs = decoder.needs(options, canvas);
  checkWritable(options, capabilities, needs.maskToken === true);
  checkNeeds(needs, request);
  for (const [name, option] of Object.entries(decoder.options)) {
    if (option.type !== "ids") continue;
    for (const id of (options[name] ?? []) as readonly TokenId[]) checkId(id, capabilities.vocabSize, name);
  }
  const second = secondModel(needs.beside);
  const maxNewTokens = numberOption(options, "max_new_tokens");
  const draft = second ? (request.draftCapabilities ?? null) : null;
  decoder.check?.({ canvas, capabilities, maxNewTokens, options }, draft);
  const sampler: Sampler = {
    temperature: numberOption(options, "temperature"),
    topK: numberOption(options, "top_k"),
    topP: numberOption(options, "top_p"),
    minP: numberOption(options, "min_p"),
    repetitionPenalty: numberOption(options, "repetition_penalty"),
    logitBias,
    suppress: paddingOf(capabilities, second && !second.isRetokenized ? request.draftCapabilities : undefined),
    seed: numberOption(options, "seed"),
  };
  return {
    parsed,
    options,
    sampler,
    canvas,
    needs,
    isInfill,
    maxNewTokens,
    stopTexts: options.stop as readonly string[],
    costs,
  };
}

/** The canvas that a request begins with, and its options, read one by one: as far as it can be checked without its models. */
export function readRequest(request: PlannedRequest): { canvas: Canvas; parsed: OptionValues } {
  const { decoder, capabilities } = request;
  if (asksInfill(request.options ?? {}) && !Object.hasOwn(decoder.options, "infill")) {
    throw new InvalidOptionError(
      `${decoder.name} writes on from the end of a prompt and can't fill holes: choose a decoder with the option infill, as block-diffusion.`,
      "no_infill",
    );
  }
  const given = request.options ?? {};
  refuseForeign(decoder, given);
  const holes = asksInfill(given) ? capabilities.maskToken : null;
  const canvas = request.canvas ?? promptCanvas(request.promptIds ?? [], holes);
  const { generation } = capabilities;
  const raw = generation ? withModelDefaults(decoder.options, given, generation, canvas.promptLength) : given;
  return { canvas, parsed: request.parsed ?? parseOptions(decoder.options, raw) };
}

/** A canvas that holds a prompt; ids that are `maskToken` are holes. */
export function promptCanvas(ids: readonly TokenId[], maskToken: TokenId | null = null): Canvas {
  const canvas = new Canvas();
  for (const token of ids) {
    const after = canvas.slots().at(-1)?.id ?? null;
    const slot = canvas.newSlot();
    if (token === maskToken) canvas.apply({ op: "insert", slot, after, token: null, state: "mask" });
    else canvas.apply({ op: "insert", slot, after, token, state: "prompt" });
  }
  return canvas;
}

function checkCanvas(canvas: Canvas, { vocabSize, maxLength }: Capabilities): void {
  const { promptLength } = canvas;
  if (canvas.length === 0)
    throw new InvalidOptionError("The prompt is empty. Give at least one token.", "empty_prompt");
  const isOpen = canvas.slots().some(({ state }) => state !== "prompt");
  const numMasks = canvas.length - canvas.numFilled;
  if (numMasks > 0 && canvas.length > maxLength) {
    throw new InvalidOptionError(
      `The prompt and its holes have ${canvas.length} tokens, ${numMasks} of them in holes; this model reads at most ${maxLength}. Shorten them, or load the model with more context (--context), if it has it.`,
      "prompt_too_long",
    );
  }
  if ((promptLength > maxLength - 1 && !isOpen) || canvas.length > maxLength) {
    throw new InvalidOptionError(
      `The prompt has ${promptLength} tokens; this model reads at most ${maxLength - 1} and writes at least one. Shorten it, or load the model with more context (--context), if it has it.`,
      "prompt_too_long",
    );
  }
  canvas.slots().forEach(({ token, state }, index) => {
    if (token !== null) checkId(token, vocabSize, `${state} token ${index}`);
  });
}

/** Infilling needs holes, no more than may be written; what ends a text early has no place between texts. */
function checkHoles(canvas: Canvas, { max_new_tokens, stop }: OptionValues): void {
  const numHoles = canvas.slots().filter(({ state }) => state !== "prompt").length;
  if (numHoles === 0) {
    throw new InvalidOptionError(
      "infill needs a hole in the prompt: write <mask:8> where eight tokens are to be filled in (among ids: the mask id).",
      "no_hole",
    );
  }
  if (numHoles > Number(max_new_tokens)) {
    throw new InvalidOptionError(
      `The prompt's holes have ${numHoles} tokens, more than max_new_tokens ${String(max_new_tokens)}.`,
    );
  }
  if (Array.isArray(stop) && stop.length > 0) {
    throw new InvalidOptionError("stop ends a text early, which infill can't: leave one of them out.");
  }
}

function checkNoMask(canvas: Canvas, { maskToken }: Capabilities): void {
  const at = canvas.slots().findIndex(({ token }) => token !== null && token === maskToken);
  if (at < 0) return;
  throw new InvalidOptionError(
    `Prompt token ${at} is the mask id ${maskToken}: leave it out, or give infill: true to have it filled in.`,
    "mask_in_prompt",
  );
}

/** Extensions that a target may have been loaded without: how that is told, and what to load. */
const LOADED: Readonly<Record<string, { isThere(capabilities: Capabilities): boolean; what: string }>> = {
  [EAGLE.extension]: {
    isThere: ({ head }) => head === "eagle",
    what: "an EAGLE head (load(url, { head }), or --head)",
  },
  [JOINT_SAMPLER.extension]: {
    isThere: ({ head }) => head === "joint",
    what: "a joint sampler (load(url, { head }), or --head)",
  },
  [MASK_TOKENS.extension]: {
    isThere: ({ numMasks }) => numMasks > 0,
    what: "an adapter (load(url, { adapter }), or --adapter)",
  },
};
/** Every target has it. */
const ALWAYS = { isThere: () => true, what: "" };

const DRAFT_MODEL = "give one as draft, with --draft DIR on the command line";

function checkNeeds(needs: Needs, request: PlannedRequest): void {
  const { decoder, capabilities, draftCapabilities, retokenizer } = request;
  const missing: string[] = [];
  if (needs.causal && !capabilities.causal) {
    const reads =
      capabilities.blockLengths.length > 0 ? "blocks: choose block-diffusion" : "whole: choose masked-diffusion";
    missing.push(`a model that reads left to right (this one reads ${reads})`);
  }
  if (needs.block !== undefined && !capabilities.blockLengths.includes(needs.block)) {
    missing.push("a model trained on blocks (this one isn't)");
  }
  if (needs.full && !readsWhole(capabilities)) {
    const reads = capabilities.blockLengths.length > 0 ? "reads blocks: choose block-diffusion" : "doesn't";
    missing.push(`a model that reads the whole canvas (this one ${reads})`);
  }
  if (needs.anySubset && !capabilities.anySubset) {
    missing.push("a model trained to predict any subset of a text from any other (no loaded one is, none is embedded)");
  }
  if (needs.maskToken && capabilities.maskToken === null) missing.push("a mask token");
  if (needs.inPlace && !capabilities.inPlace) missing.push("a model that predicts masked positions in place");
  if (needs.policy && capabilities.policyLengths.length === 0) {
    missing.push("a model loaded with a policy for its blocks (load(url, { head }), or --head)");
  }
  for (const companion of Object.values(needs.beside ?? {})) {
    if (!("key" in companion)) continue;
    const { isThere, what } = LOADED[companion.key.extension] ?? ALWAYS;
    if (!isThere(capabilities)) missing.push(`a model loaded with ${what}`);
  }
  const second = secondModel(needs.beside);
  if (second) {
    const { block: draftBlock } = second;
    const how = draftBlock === undefined ? "" : ` trained on blocks of ${draftBlock}`;
    if (!draftCapabilities) {
      const without = decoder.name === "speculative" ? "; the drafters suffix and prompt-lookup need none" : "";
      missing.push(`a draft model${how} (${DRAFT_MODEL}${without})`);
    } else if (draftBlock !== undefined && !fillsBlocks(draftCapabilities, draftBlock)) {
      const { blockLengths } = draftCapabilities;
      missing.push(`a draft model${how} (this one: ${blockLengths.length > 0 ? blockLengths.join(", ") : "on none"})`);
    } else if (draftBlock === undefined && !draftCapabilities.causal)
      missing.push("a draft model that reads left to right");
    else if (second.isRetokenized) {
      if (!retokenizer) missing.push("a tokenizer.json beside both models");
    } else if (retokenizer && !retokenizer.sharesVocabulary()) {
      missing.push(
        "a draft model with the target's tokens (this one's ids stand for others); the drafter retokenized takes any",
      );
    } else if (draftCapabilities.vocabSize !== capabilities.vocabSize && !retokenizer) {
      missing.push(
        `a draft model with the target's vocabulary (${draftCapabilities.vocabSize} ids, the target has ${capabilities.vocabSize}); the drafter retokenized takes any`,
      );
    } else if (draftCapabilities.vocabSize < numTokensOf(capabilities)) {
      missing.push(
        `a draft model with all of the target's ${numTokensOf(capabilities)} tokens (this one's ids end at ${draftCapabilities.vocabSize - 1}); the drafter retokenized takes any`,
      );
    }
  }
  if (missing.length === 0) return;
  throw new InvalidOptionError(`The decoder ${decoder.name} needs ${missing.join("; ")}.`, "unsupported_model");
}

/** Ids that pad the vocabulary of the model, or of one that drafts for it or weighs its texts: they stand for no token. */
function paddingOf(capabilities: Capabilities, draft?: Capabilities): TokenId[] {
  const numTokens = numTokensOf(capabilities);
  const end = Math.max(capabilities.vocabSize, draft?.vocabSize ?? 0);
  return Array.from({ length: end - numTokens }, (_, i) => numTokens + i);
}

function numTokensOf({ vocabSize, numTokens = vocabSize }: Capabilities): number {
  return numTokens;
}

/** Whether a model was trained on a whole canvas: without blocks, or in one that is as long as its context. */
function readsWhole({ bidirectional, blockLengths, maxLength }: Capabilities): boolean {
  return bidirectional && (blockLengths.length === 0 || blockLengths.includes(maxLength));
}

function fillsBlocks({ blockLengths, maskToken, inPlace }: Capabilities, length: number): boolean {
  return blockLengths.includes(length) && maskToken !== null && inPlace;
}
