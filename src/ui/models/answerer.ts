import { InvalidOptionError, toWire, type WireError } from "../../vocabulary/errors.js";
import { listDecoders, planOf } from "../../worker/client.js";
import type { LanguageModel } from "../../worker/language-model.js";
import type { DecoderName } from "../../worker/model-options.js";
import type { Options } from "../controls.js";
import { modelsWords } from "../words/models.js";

/** How a model answers: by which decoder, and the options that may be set for it, with the model's own defaults. */
export interface Answerer {
  decoder: DecoderName;
  options: Options;
}

/** Those that write one text after the other: the first that a model can have writes. */
const DECODERS: readonly DecoderName[] = ["autoregressive", "block-diffusion", "masked-diffusion", "window-diffusion"];
const SET_HERE = ["temperature", "top_p", "max_new_tokens", "seed"];

/** Tokens of an answer at most, unless the model's own config says otherwise. */
const MAX_NEW_TOKENS = 256;

/** How a loaded model answers, or why it can't: a model without a chat template, or one for which no decoder writes. */
export async function answererOf(model: LanguageModel): Promise<Answerer | { refusal: WireError }> {
  try {
    await model.tokenize({ messages: [{ role: "user", content: "Hello" }] });
  } catch (error) {
    const refusal = toWire(error);
    // A template that refuses this message may take others.
    if (refusal.code !== "bad_prompt") return { refusal };
  }
  let refusal: WireError | null = null;
  const infos = await listDecoders();
  for (const decoder of DECODERS) {
    const plan = await planOf({
      decoder,
      models: { target: model.ref },
      prefer: { model: ["target"] },
      given: {},
      chosen: {},
      isBrief: true,
    });
    const table = infos.find(({ name }) => name === decoder)?.options ?? {};
    if (plan.roles) return { decoder, options: optionsFor(table, model) };
    refusal ??= plan.refusal;
  }
  return { refusal: refusal ?? toWire(new InvalidOptionError(modelsWords.noWriter(model.name))) };
}

function optionsFor(table: Record<string, Options[number][1]>, { generation }: LanguageModel): Options {
  const defaults: Readonly<Record<string, unknown>> = { max_new_tokens: MAX_NEW_TOKENS, ...generation };
  return SET_HERE.filter((name) => name in table).map((name) => {
    const option = table[name];
    return [name, name in defaults ? ({ ...option, default: defaults[name] } as typeof option) : option];
  });
}
