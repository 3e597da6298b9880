import { type Drafting, withMeasuredCosts } from "../decode/speculative/schedules/costs.js";
import { generate } from "../decode/engine/engine.js";
import { warmUpFor } from "../backend/webgpu/load/warm-up.js";
import { findDecoder, refuseForeign } from "../decode/index.js";
import { asksInfill, encodeTexts } from "../decode/options.js";
import { InvalidOptionError } from "../vocabulary/errors.js";
import type { DoneEvent, GenerationEvent, StartEvent, TokenId } from "../vocabulary/events.js";
import type { Gpu } from "../backend/webgpu/gpu/device.js";
import type { Model } from "../seam/model.js";
import { checkRun } from "./check-run.js";
import { fileSource } from "../format/file-source.js";
import {
  type Folder,
  loadFolder,
  NO_TEXT,
  openFolder,
  type ReadingFlags,
  readingOf,
  openGpu,
  readTuning,
} from "./models.js";
import { integerList } from "./numbers.js";
import { announce, print, printJson } from "./output.js";
import type { Rounding } from "../seam/rounding.js";
import { readPrompt } from "../tokenizer/prompt.js";
import { retokenizerOf } from "../tokenizer/retokenize.js";
import type { Tokenizer } from "../tokenizer/tokenizer.js";
import { measurementsOf } from "../backend/webgpu/tuning/measurements.js";
import { TextStream } from "./text-stream.js";

/** What `triptych run` is asked. `options` are the decoder's, as written. */
export interface RunFlags extends ReadingFlags {
  model: string;
  draft?: string;
  decoder: string;
  prompt?: string;
  ids?: string;
  json?: boolean;
  /** Folder of the model's head. */
  head?: string;
  /** Folder of the model's adapter. */
  adapter?: string;
  weights?: Rounding;
  tuning?: string;
  software?: boolean;
  /** Names the layer where numbers cease to be finite. */
  debug?: boolean;
  options: Record<string, unknown>;
}

/** One generation from loaded models; used by `run` and `bench`. */
export interface Generation {
  decoder: string;
  promptIds: readonly TokenId[];
  options: Record<string, unknown>;
  gpu: Gpu;
  target: Model;
  draft: Model | null;
  folder: Omit<Folder, "clock">;
  /** Of the draft model. */
  draftTokenizer?: Tokenizer | null;
  signal?: AbortSignal;
}

/** Runs one generation on sessions of its own. */
export async function generateOnce(
  { decoder, promptIds, options, gpu, target, draft, folder, draftTokenizer, signal }: Generation,
  emit: (event: GenerationEvent) => void,
): Promise<DoneEvent> {
  const whole = findDecoder(decoder);
  const { tokenizer } = folder;
  const given = tokenizer ? encodeTexts(whole.options, options, (text) => tokenizer.encode(text)) : options;
  const measure = (drafting: Drafting, mostRows: number) =>
    measurementsOf(gpu).draftCosts(target, draft, drafting, { signal, mostRows });
  const costed = await withMeasuredCosts(whole, given, target.capabilities, measure, signal);
  const targetSession = target.session();
  const draftSession = draft?.session();
  try {
    return await generate(
      {
        decoder: whole,
        promptIds,
        options: costed,
        target: targetSession,
        capabilities: target.capabilities,
        draft: draftSession,
        draftCapabilities: draft?.capabilities,
        retokenizer: tokenizer && draftTokenizer ? retokenizerOf(tokenizer, draftTokenizer) : undefined,
        tokenizer: tokenizer ?? NO_TEXT,
        signal,
        warmUp: warmUpFor,
      },
      emit,
    );
  } finally {
    targetSession.dispose();
    draftSession?.dispose();
  }
}

/** The prompt's ids from `--prompt` or `--ids`, exactly one of which is given; with holes if `options.infill` says so. */
export function promptIdsOf(
  flags: { prompt?: string; ids?: string; model: string; decoder?: string; options: Record<string, unknown> },
  folder: Folder,
): readonly TokenId[] {
  const { prompt, ids } = flags;
  if ((prompt === undefined) === (ids === undefined)) {
    throw new InvalidOptionError("Give the prompt as --prompt TEXT or as --ids 5,9,2: one of them.");
  }
  if (ids !== undefined) return integerList("--ids", ids, 0);
  if (!folder.tokenizer) {
    throw new InvalidOptionError(
      `${flags.model} has no tokenizer.json, so --prompt can't be read: give --ids instead.`,
    );
  }
  const { maskToken, maxLength } = folder.architecture;
  const whole = flags.decoder === undefined ? undefined : findDecoder(flags.decoder);
  const decoder = whole && { name: whole.name, canInfill: Object.hasOwn(whole.options, "infill") };
  const reading = { isInfill: asksInfill(flags.options), maskToken, maxLength, decoder };
  return readPrompt(folder.tokenizer, prompt ?? "", reading);
}

/** Whose law the text has, in one line. */
export function lawLine({ fidelity, law, boundNats }: StartEvent): string {
  const bound = boundNats === undefined ? "" : ` At most ${boundNats} nats are lost in each step.`;
  return `${fidelity}: ${law.sentence}${bound}`;
}

/** `triptych run`. Resolves to how the run ended; errors are thrown. */
export async function run(flags: RunFlags, signal: AbortSignal): Promise<DoneEvent["reason"]> {
  refuseForeign(findDecoder(flags.decoder), flags.options);
  const folder = await openFolder(flags.model, { signal, ...readingOf(flags) });
  const draftFolder =
    flags.draft === undefined
      ? null
      : await openFolder(flags.draft, { signal, context: readingOf(flags).context, isSecond: true });
  const promptIds = promptIdsOf(flags, folder);
  const hasParts = flags.head !== undefined || flags.adapter !== undefined;
  await checkRun({ ...flags, promptIds, folder, draftFolder, hasParts });
  const gpu = await openGpu(flags);
  const tuning = flags.tuning === undefined ? undefined : await readTuning(gpu, flags.tuning);
  const how = { signal, weights: flags.weights, debug: flags.debug, tuning };
  const part = (path?: string) => (path === undefined ? undefined : fileSource(path));
  const parts = { head: part(flags.head), adapter: part(flags.adapter) };
  const target = await loadFolder(gpu, folder, { ...how, ...parts });
  const draft = draftFolder && (await loadFolder(gpu, draftFolder, how));
  const stream = new TextStream();
  const emit = (event: GenerationEvent) => {
    if (flags.json) return printJson(event);
    if (event.type === "start") announce(lawLine(event));
    if (event.type !== "error") print(stream.push(event));
  };
  const { decoder, options } = flags;
  const draftTokenizer = draftFolder?.tokenizer;
  const generation = { decoder, promptIds, options, gpu, target, draft, draftTokenizer, folder, signal };
  const done = await generateOnce(generation, emit);
  if (!flags.json) print("\n");
  return done.reason;
}
