import type { Measure } from "../decode/engine/costs.js";
import { generate } from "../decode/engine/engine.js";
import type { PlannedRequest } from "../decode/engine/planned-request.js";
import { planRun, withCosts } from "../decode/engine/plan.js";
import type { GenerateRequest, Recovery } from "../decode/engine/request.js";
import type { Turn } from "../decode/engine/scheduler.js";
import { loadDecoder } from "../decode/load-decoder.js";
import { asksInfill, encodeTexts } from "../decode/parse-options.js";
import { InvalidOptionError } from "../vocabulary/errors.js";
import type { DoneEvent, GenerationEvent, TokenId } from "../vocabulary/events.js";
import type { PlainPrompt, Prompt } from "../vocabulary/prompt.js";
import type { Capabilities } from "../seam/capabilities.js";
import type { Session } from "../seam/session.js";
import { isChat } from "../vocabulary/chat.js";
import { readPrompt } from "../tokenizer/prompt.js";
import { retokenizerOf } from "../tokenizer/retokenize.js";
import type { Tokenizer } from "../tokenizer/tokenizer.js";
import { NO_TEXT } from "./folder.js";
import type { Job } from "./job.js";
import type { Known } from "./runtime.js";

/** A model's part in a run. */
export interface Part extends Known {
  session: Session;
}

/** A job with what it runs on. */
export interface Generation {
  job: Omit<Job, "model" | "draft">;
  target: Part;
  draft?: Part;
  measure: Measure;
  signal?: AbortSignal;
  turn?: Turn;
  recovery?: Recovery;
  /** As the device wants them. */
  lookahead?: GenerateRequest["lookahead"];
  warmUp?: GenerateRequest["warmUp"];
}

/** Plans a job, measures what its plan wants, and runs it; `emit` gets every event. */
export async function generateWith(
  { job, target, draft, measure, signal, turn, recovery, lookahead, warmUp }: Generation,
  emit: (event: GenerationEvent) => void,
): Promise<DoneEvent> {
  try {
    const request = await plannedRequest(job, target, draft);
    const plan = await withCosts(planRun(request), measure, signal);
    const sessions = { target: target.session, draft: draft?.session };
    const tokenizer = target.tokenizer ?? NO_TEXT;
    return await generate(
      { ...request, ...sessions, plan, tokenizer, signal, warmUp, turn, recovery, lookahead },
      emit,
    );
  } finally {
    turn?.leave();
  }
}

/** A job with its texts as ids, to be planned. Rejects with an `InvalidOptionError` for a prompt that can't be read. */
export async function plannedRequest(job: Generation["job"], target: Known, draft?: Known): Promise<PlannedRequest> {
  const decoder = await loadDecoder(job.decoder);
  const { tokenizer, capabilities } = target;
  const { prompt, parsed } = job;
  const options = tokenizer ? encodeTexts(decoder.options, job.options, (text) => tokenizer.encode(text)) : job.options;
  const { maskToken, maxLength } = capabilities;
  const reading = {
    isInfill: asksInfill(options),
    maskToken,
    maxLength,
    readsSets: decoder.readsSets,
    decoder: { name: decoder.name, canInfill: Object.hasOwn(decoder.options, "infill") },
  };
  const { plain, endToken } = await plainOf(target, prompt);
  const { ids: promptIds, sets } = readPrompt(tokenizer ?? textless(target.name), plain, reading);
  return {
    decoder,
    promptIds,
    sets,
    capabilities: endedBy(capabilities, endToken),
    draftCapabilities: draft?.capabilities,
    retokenizer: tokenizer && draft?.tokenizer ? retokenizerOf(tokenizer, draft.tokenizer) : undefined,
    options,
    parsed,
    isMeasured: true,
  };
}

/** A prompt whose chat is written out, and the token that ends a message of it. */
async function plainOf(
  { tokenizer, name }: Known,
  prompt: Prompt,
): Promise<{ plain: PlainPrompt; endToken: TokenId | null }> {
  if (!isChat(prompt)) return { plain: prompt, endToken: null };
  if (!tokenizer)
    throw new InvalidOptionError(`${name} has no tokenizer.json, so messages can't be read: give ids instead.`);
  const { ids, endToken } = await tokenizer.readChat(prompt);
  return { plain: ids, endToken };
}

/** What the model can do, where a text also ends at the token by which its template ends a message. */
function endedBy(capabilities: Capabilities, endToken: TokenId | null): Capabilities {
  const { eosTokens, vocabSize } = capabilities;
  if (endToken === null || endToken >= vocabSize || eosTokens.includes(endToken)) return capabilities;
  return { ...capabilities, eosTokens: [...eosTokens, endToken] };
}

/** Refuses every text, of a model that knows none. */
function textless(name: string): Pick<Tokenizer, "encode" | "promptIds"> {
  const refuse = (): never => {
    throw new InvalidOptionError(
      `${name} has no tokenizer.json, so --prompt can't be read: give --ids instead, or a folder that has one as --tokenizer.`,
    );
  };
  return { encode: refuse, promptIds: refuse };
}
