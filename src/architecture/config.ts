import type { FloatDtype } from "../format/tensor.js";
import type { Architecture } from "./architecture.js";
import { ConfigFields } from "./config-fields.js";
import { aliasOf, familyOf, unknownFamily } from "./families.js";
import { checkMask, completeReading, type Reading } from "./reading.js";

const DTYPES = new Map<string, FloatDtype>([
  ["float32", "F32"],
  ["float16", "F16"],
  ["bfloat16", "BF16"],
]);

/** Ways of packing weights, by their names in configs: what each file of them must have is for its reader (`format/packed`). */
const PACKED = ["gptq", "awq", "fp8", "fbgemm_fp8", "compressed-tensors"];

/**
 * The architecture that a parsed `config.json` describes, in the hub's style or that of transformers 5, once `loadFamilies` has seen it.
 * End tokens of `generation_config.json` join its own. What can't be honoured is refused by name, with what can be.
 */
export function parseConfig(json: unknown, generationJson: unknown = {}): Architecture {
  const config = new ConfigFields(json);
  const modelType = typeOf(config);
  const family = familyOf(modelType);
  if (!family) throw unknownFamily(config, modelType);
  const packing = config.record("quantization_config");
  if (packing && !PACKED.includes(packing.name("quant_method") ?? "")) {
    throw config.unsupported(
      "quantization_config",
      `quant_method ${PACKED.join(", ")}, or weights as they were trained`,
    );
  }

  const own = family.read(config);
  const architecture: Architecture = {
    modelType,
    ...readTokens(config, generationJson),
    ...own,
    ...(packing && { isPacked: true as const }),
    dtype: DTYPES.get(config.name("dtype") ?? config.name("torch_dtype") ?? ""),
  };
  checkMask(architecture);
  return architecture;
}

/** Ids that a config names, with the end tokens of `generation_config.json`. */
export function readTokens(
  config: ConfigFields,
  generationJson: unknown,
): Pick<Architecture, "vocabSize" | "bosToken" | "eosTokens"> {
  const vocabSize = config.count("vocab_size");
  const generation = new ConfigFields(generationJson);
  // An id that the vocabulary lacks is never emitted.
  const ends = [...config.ids("eos_token_id"), ...generation.ids("eos_token_id")].filter((id) => id < vocabSize);
  const [bosToken = null] = config.ids("bos_token_id");
  return { vocabSize, bosToken, eosTokens: [...new Set(ends)] };
}

/** The `model_type` of a config, or what its class says that is told apart by that alone. */
function typeOf(config: ConfigFields): string {
  const type = config.text("model_type", "");
  const other = aliasOf(type);
  const isOther = other?.alias && (config.texts("architectures") ?? []).includes(other.alias.architecture);
  return isOther ? other.types[0] : type;
}

/**
 * A parsed `config.json` that says how its model reads, as `reading` does where it says nothing. `reading` left out is not known:
 * of a model that fills masks it must be in the config then.
 */
export function withReading(json: unknown, reading?: Reading): unknown {
  const type = typeOf(new ConfigFields(json));
  // A whole canvas is read by that family alone of the two that share a model_type.
  const [model_type = type] = (reading === "full" && aliasOf(type)?.types) || [];
  const own = model_type === type ? json : { ...(json as object), model_type };
  return completeReading(own, familyOf(model_type)?.masks ?? null, reading);
}
