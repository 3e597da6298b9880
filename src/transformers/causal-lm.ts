import { InvalidOptionError } from "../vocabulary/errors.js";
import type { LanguageModel } from "../worker/language-model.js";
import { type PipelineOptions, pipeline } from "./pipeline.js";
import { type CallOptions, runText } from "./run-text.js";

/** A tensor of transformers.js, as its tokenizers give it: ids of shape [1, N]. */
export interface IdTensor {
  readonly data: ArrayLike<bigint | number>;
  readonly dims: readonly number[];
}

/** What a generate() call takes: a tokenizer's result, and the options that `docs/transformers.md` lists. */
export interface GenerateInputs extends CallOptions {
  input_ids?: IdTensor;
  inputs?: IdTensor;
  attention_mask?: IdTensor;
}

/** A model with generate(), for code that keeps transformers.js's tokenizer. */
export interface CausalLM {
  readonly model: LanguageModel;
  /** Writes on from ids of shape [1, N]. Resolves with those and the new ones, [1, N + M], in a tensor of the same class. */
  generate<Tensor extends IdTensor>(
    inputs: GenerateInputs & ({ input_ids: Tensor } | { inputs: Tensor }),
  ): Promise<Tensor>;
  dispose(): Promise<void>;
}

/** transformers.js's `AutoModelForCausalLM.from_pretrained(…)` on Triptych. */
export const AutoModelForCausalLM = {
  async from_pretrained(url: string | URL, options: PipelineOptions = {}): Promise<CausalLM> {
    const { model } = await pipeline("text-generation", url, options);
    return {
      model,
      generate: (inputs) => generate(model, inputs),
      dispose: () => model.dispose(),
    };
  },
};

async function generate<Tensor extends IdTensor>(model: LanguageModel, given: GenerateInputs): Promise<Tensor> {
  const { input_ids, inputs = input_ids, attention_mask: mask, token_type_ids: _, ...options } = given;
  if (inputs?.dims.length !== 2 || inputs.dims[0] !== 1)
    throw new InvalidOptionError(
      `generate() takes the ids of one prompt, of shape [1, N], as input_ids; got ${inputs ? `[${inputs.dims.join(", ")}]` : "none"}. Call it once for each prompt.`,
      "bad_prompt",
    );
  if (mask && Array.from(mask.data, Number).includes(0))
    throw new InvalidOptionError("attention_mask: padded prompts can't be read here. Tokenize without padding.");
  const ids = Array.from(inputs.data, Number);
  const done = await runText(model, { ids, text: await model.detokenize(ids) }, options);
  const all = BigInt64Array.from([...ids, ...done.ids], BigInt);
  const Same = inputs.constructor as new (type: "int64", data: BigInt64Array, dims: number[]) => Tensor;
  return new Same("int64", all, [1, all.length]);
}
