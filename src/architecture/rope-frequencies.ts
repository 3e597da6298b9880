import { ModelLoadError } from "../errors.js";
import type { Architecture } from "./architecture.js";
import type { ConfigFields } from "./config-fields.js";

type Scaling = (frequency: number, fields: ConfigFields) => number;

/** How each `rope_type` changes a frequency. Formulas as in transformers' `modeling_rope_utils`. */
const SCALINGS: Record<string, Scaling> = {
  default: (frequency) => frequency,
  linear: (frequency, fields) => frequency / fields.number("factor"),
  // Short wavelengths stay, long ones are divided by the factor, those between are blended.
  llama3: (frequency, fields) => {
    const low = fields.number("low_freq_factor");
    const high = fields.number("high_freq_factor");
    const turns = (fields.number("original_max_position_embeddings") * frequency) / (2 * Math.PI);
    const kept = Math.min(1, Math.max(0, (turns - low) / (high - low)));
    return frequency * (kept + (1 - kept) / fields.number("factor"));
  },
};

/**
 * The angle per position of each of the `rotaryDim / 2` channel pairs, base and scaling applied.
 * Reads `rope_parameters` (transformers 5) or `rope_theta` with `rope_scaling` (hub style).
 */
export function inverseFrequencies(config: ConfigFields, rotaryDim: number): Float64Array {
  const modern = config.record("rope_parameters");
  const scaling = modern ?? config.record("rope_scaling");
  const theta = modern?.optionalNumber("rope_theta") ?? config.optionalNumber("rope_theta") ?? 10000;
  const type = scaling?.text("rope_type", scaling.text("type", "default")) ?? "default";
  const scale = Object.hasOwn(SCALINGS, type) ? SCALINGS[type] : undefined;
  if (!scale) {
    throw new ModelLoadError(
      `config.json: rope_type ${JSON.stringify(type)} isn't supported; supported are ${Object.keys(SCALINGS).join(", ")}.`,
      "unsupported_config",
    );
  }
  const partial =
    modern?.optionalNumber("partial_rotary_factor") ?? config.optionalNumber("partial_rotary_factor") ?? 1;
  if (partial !== 1) throw config.unsupported("partial_rotary_factor", "1", partial);
  const fields = scaling ?? config;
  return Float64Array.from({ length: rotaryDim / 2 }, (_, pair) => scale(theta ** ((-2 * pair) / rotaryDim), fields));
}

/** cos and sin of position × frequency, `[context, 2, R/2]`, worked out in float64. */
export function ropeTable(
  { inverseFrequencies: frequencies, attentionScale }: Architecture["rope"],
  context: number,
): Float32Array<ArrayBuffer> {
  const half = frequencies.length;
  const table = new Float32Array(Math.max(1, context) * half * 2);
  for (let position = 0; position < context; position++) {
    for (let i = 0; i < half; i++) {
      const angle = position * frequencies[i];
      table[position * half * 2 + i] = Math.cos(angle) * attentionScale;
      table[position * half * 2 + half + i] = Math.sin(angle) * attentionScale;
    }
  }
  return table;
}
