import type { Capabilities } from "../../seam/capabilities.js";
import { noSets } from "../../tokenizer/prompt.js";
import type { Retokenizer } from "../../tokenizer/retokenize.js";
import type { Canvas } from "../../vocabulary/canvas.js";
import { InvalidOptionError } from "../../vocabulary/errors.js";
import type { TokenId } from "../../vocabulary/events.js";
import type { SetRows } from "../../vocabulary/prompt.js";
import type { Decoder } from "../decoder.js";
import { refuseForeign } from "../foreign-options.js";
import type { OptionValues } from "../options.js";
import { asksInfill, parseOptions } from "../parse-options.js";
import { withModelDefaults } from "./model-defaults.js";
import { promptCanvas } from "./prompt-canvas.js";

type Taken = Readonly<Record<string, unknown>>;

/** The part of a request that can be checked before a device is opened. */
export interface PlannedRequest {
  decoder: Decoder;
  /** The prompt; or give `canvas`. With the option `infill` mask ids in it are the holes to fill. */
  promptIds?: readonly TokenId[];
  /** Which of the prompt's ids are sets; left out: none. */
  sets?: readonly SetRows[];
  /** A canvas to go on writing, as an earlier run left it. It is changed in place. `max_new_tokens` counts all its tokens. */
  canvas?: Canvas;
  capabilities: Capabilities;
  draftCapabilities?: Capabilities;
  /** Between the tokenizers of target and draft model, where both have one. */
  retokenizer?: Retokenizer;
  /** Options as the caller wrote them. */
  options?: Readonly<Record<string, unknown>>;
  /** The options as an earlier plan of this run has read them. */
  parsed?: OptionValues;
  /** Costs that the decoder wants are measured once the plan is made (`withCosts`): what lacks them isn't refused. */
  isMeasured?: boolean;
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
  const canvas = request.canvas ?? promptCanvas(request.promptIds ?? [], holes, request.sets);
  if (canvas.sets.length > 0 && !decoder.readsSets) throw noSets(decoder.name);
  const { generation } = capabilities;
  if (request.parsed || !generation) return { canvas, parsed: request.parsed ?? parseOptions(decoder.options, given) };
  const raw = withModelDefaults(decoder.options, given, generation, canvas.promptLength);
  return { canvas, parsed: parseWithDefaults(decoder, given, raw) };
}

/** Reads options among which are the model's own; where those are what is wrong, the error says whose they are. */
function parseWithDefaults(decoder: Decoder, given: Taken, raw: Taken): OptionValues {
  try {
    return parseOptions(decoder.options, raw);
  } catch (error) {
    parseOptions(decoder.options, given);
    if (!(error instanceof InvalidOptionError)) throw error;
    throw new InvalidOptionError(
      `The model's generation_config.json can't be honoured: ${error.message} Give the option another value.`,
      error.code,
    );
  }
}
