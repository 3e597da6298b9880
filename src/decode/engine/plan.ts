import type { Capabilities } from "../../seam/capabilities.js";
import type { Sampler } from "../../seam/sampler.js";
import type { Canvas } from "../../vocabulary/canvas.js";
import type { TokenId } from "../../vocabulary/events.js";
import { secondModel } from "../companion.js";
import type { CostsWanted, Needs } from "../decoder.js";
import { checkDrawing, checkWritable } from "../inert-options.js";
import { checkId, numberOption, type OptionValues } from "../options.js";
import { namesOf } from "../parse-options.js";
import { type Measure, measuredCosts, unmeasuredCosts } from "./costs.js";
import { checkNeeds } from "./model-needs.js";
import { type PlannedRequest, readRequest } from "./planned-request.js";
import { checkPrompt } from "./prompt-canvas.js";
import { suppressedOf } from "./suppressed.js";

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

/** Checks a request before anything is enqueued. Throws `InvalidOptionError` that names what can't be honoured. */
export function planRun(request: PlannedRequest): Plan {
  const { decoder, capabilities } = request;
  const { canvas, parsed } = readRequest(request);
  const isInfill = parsed.infill === true;
  checkPrompt(canvas, capabilities, parsed);
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
  const draftCapabilities = second ? (request.draftCapabilities ?? null) : null;
  decoder.check?.({ canvas, capabilities, maxNewTokens, options }, draftCapabilities);
  const sampler: Sampler = {
    temperature: numberOption(options, "temperature"),
    topK: numberOption(options, "top_k"),
    topP: numberOption(options, "top_p"),
    minP: numberOption(options, "min_p"),
    repetitionPenalty: numberOption(options, "repetition_penalty"),
    logitBias,
    suppress: suppressedOf(capabilities, vocabularyOf(capabilities, second?.isRetokenized ? null : draftCapabilities)),
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

/** The plan with the costs that it wants, as `measure` finds them. */
export async function withCosts(plan: Plan, measure: Measure, signal?: AbortSignal): Promise<Plan> {
  if (!plan.costs) return plan;
  return { ...plan, options: { ...plan.options, ...(await measuredCosts(plan.costs, measure, signal)) }, costs: null };
}

/** The ids of a model, or of one that drafts for it or weighs its texts: which may pad them further. */
function vocabularyOf({ vocabSize }: Capabilities, second: Capabilities | null): number {
  return Math.max(vocabSize, second?.vocabSize ?? 0);
}
