import { ModelLoadError } from "../vocabulary/errors.js";
import type { ConfigFields } from "./config-fields.js";

/** Models that people have and that can't be run, with the reason. */
interface Refused {
  name: string;
  isOf(config: ConfigFields): boolean;
  why: string;
}

const REFUSED: readonly Refused[] = [
  {
    name: "SEDD",
    isOf: (config) => config.text("model_type", "") === "sedd" || isScoreModel(config),
    why:
      "its norms and gates depend on the time of each step, so that they can't be folded into the weights as MDLM's are, and it gives scores of " +
      "changes, which no decoder draws by. kuleshov-group/mdlm-owt and bd3lm-owt-block_size4 have its shape and its tokens",
  },
  {
    name: "Duo",
    isOf: (config) => config.text("model_type", "") === "duo",
    why:
      "its norms and gates depend on the time of each step, and any token may change again in any step: it has no mask. " +
      "kuleshov-group/mdlm-owt has its shape and its tokens",
  },
];

/** SEDD's own config.json names no model_type: it is the whole configuration of its training. */
function isScoreModel(config: ConfigFields): boolean {
  if (config.has("model_type") || !config.has("graph")) return false;
  try {
    return config.record("graph") !== null && config.record("model") !== null;
  } catch {
    return false;
  }
}

/** Families that are asked for and aren't here, by their `model_type`, and why. */
const MISSING: readonly (readonly [RegExp, since: string])[] = [
  [/moe|mixtral|gpt_oss|deepseek_v[23]/i, "its layers choose among experts, for which there are no kernels"],
  [/^gemma3$|_vl|vision|vlm/i, "it also reads pictures; models of the text alone have a model_type of their own"],
  [/mamba|rwkv|jamba|lfm2|falcon_h1/i, "its layers keep a state in the place of keys and values"],
];

/** The error of a config that is of none of the `known` types: by its model's name and with the reason, where that is known. */
export function refusal(config: ConfigFields, modelType: string, known: readonly string[]): ModelLoadError {
  const found = REFUSED.find(({ isOf }) => isOf(config));
  if (found) {
    return new ModelLoadError(
      `config.json is of ${found.name}, which isn't supported: ${found.why}.`,
      "unsupported_config",
    );
  }
  const why = MISSING.find(([types]) => types.test(modelType))?.[1];
  return config.unsupported("model_type", known.join(", "), modelType, why);
}
