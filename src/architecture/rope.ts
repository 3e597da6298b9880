import { ModelLoadError } from "../vocabulary/errors.js";
import type { RopeSpec } from "./architecture.js";
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
 * The rotation of whole heads, base and scaling applied.
 * Reads `rope_parameters` (transformers 5) or `rope_theta` with `rope_scaling` (hub style).
 */
export function readRope(config: ConfigFields, headDim: number, defaultTheta = 10000): RopeSpec {
  const modern = config.record("rope_parameters");
  if (modern?.has("full_attention") || modern?.has("sliding_attention")) {
    throw config.unsupported("rope_parameters", "one object with rope_theta and rope_type, for all layers");
  }
  const scaling = modern ?? config.record("rope_scaling");
  const theta = modern?.optionalNumber("rope_theta") ?? config.optionalNumber("rope_theta") ?? defaultTheta;
  const partial =
    modern?.optionalNumber("partial_rotary_factor") ?? config.optionalNumber("partial_rotary_factor") ?? 1;
  if (partial !== 1) throw config.unsupported("partial_rotary_factor", "1", partial);
  return ropeOf(scaling ?? config, theta, headDim);
}

/** The rotation of the first `channels` of a head, or one more where they are odd, scaled as `fields` say by `rope_type`. */
export function ropeOf(fields: ConfigFields, theta: number, channels: number): RopeSpec {
  const type = fields.text("rope_type", fields.text("type", "default"));
  const isNamed = fields.name("rope_type") !== null || fields.name("type") !== null;
  if (!isNamed && fields.optionalNumber("factor") !== null) {
    // By which rule it scales is anyone's guess.
    throw fields.unsupported("rope_type", `${Object.keys(SCALINGS).join(", ")}, one of which a factor needs`);
  }
  const scale = Object.hasOwn(SCALINGS, type) ? SCALINGS[type] : undefined;
  if (!scale) {
    throw new ModelLoadError(
      `config.json: rope_type ${JSON.stringify(type)} isn't supported; supported are ${Object.keys(SCALINGS).join(", ")}.`,
      "unsupported_config",
    );
  }
  const inverseFrequencies = Float64Array.from({ length: Math.ceil(channels / 2) }, (_, pair) =>
    scale(theta ** ((-2 * pair) / channels), fields),
  );
  return { rotaryDim: 2 * inverseFrequencies.length, inverseFrequencies, attentionScale: 1 };
}

/** cos and sin of position × frequency, `[context, 2, R/2]`, worked out in float64; of no rotation, something to bind. */
export function ropeTable(rope: RopeSpec | null, context: number): Float32Array<ArrayBuffer> {
  if (!rope) return new Float32Array(4);
  const { inverseFrequencies: frequencies, attentionScale } = rope;
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
