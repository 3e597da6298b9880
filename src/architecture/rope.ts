import { ModelLoadError } from "../vocabulary/errors.js";
import type { RopeSpec } from "./architecture.js";
import { ConfigFields } from "./config-fields.js";

type Scaling = (frequency: number, fields: ConfigFields, config: ConfigFields) => number;

/** How each `rope_type` changes a frequency. Formulas as in transformers' `modeling_rope_utils`. */
const SCALINGS: Record<string, Scaling> = {
  default: (frequency) => frequency,
  linear: (frequency, fields) => frequency / fields.number("factor"),
  // Short wavelengths stay, long ones are divided by the factor, those between are blended.
  llama3: (frequency, fields, config) => {
    const low = fields.number("low_freq_factor");
    const high = fields.number("high_freq_factor");
    const turns = (trainedLength(fields, config) * frequency) / (2 * Math.PI);
    const kept = Math.min(1, Math.max(0, (turns - low) / (high - low)));
    return frequency * (kept + (1 - kept) / fields.number("factor"));
  },
};

/** The context before it was made longer: the whole one where the scaling doesn't say it, as transformers has it. */
function trainedLength(fields: ConfigFields, config: ConfigFields): number {
  const name = "original_max_position_embeddings";
  const length = fields.optionalNumber(name) ?? config.number("max_position_embeddings");
  // Beside the scaling, where few look for it.
  if ((config.optionalNumber(name) ?? length) !== length)
    throw config.unsupported(name, `${length}, as the scaling says`);
  return length;
}

/**
 * The object in which a config says how heads are rotated, base and scaling: `rope_parameters` (transformers 5) or `rope_scaling` (the
 * hub's, where a base in it counts too); an empty one where it has neither. `form`: what `rope_parameters` must be like.
 */
export function ropeFields(config: ConfigFields, form: { isByLayers: boolean }): ConfigFields {
  const names = ["rope_parameters", "rope_scaling"].filter((name) => !(config.record(name)?.isEmpty ?? true));
  if (names.length > 1 && !config.isSame(names[0], names[1])) {
    throw config.unsupported("rope_scaling", "one of rope_parameters and rope_scaling, or the same in both");
  }
  const [name] = names;
  const fields = name === undefined ? null : config.record(name);
  const isByLayers = (fields?.has("full_attention") || fields?.has("sliding_attention")) ?? false;
  const isBoth = isByLayers && (fields?.has("rope_theta") || fields?.has("rope_type"));
  if (fields && (isBoth || isByLayers !== (form.isByLayers && name === "rope_parameters"))) {
    const isNested = form.isByLayers && name === "rope_parameters";
    const own = isNested
      ? "an object with full_attention and sliding_attention"
      : "one object with rope_theta and rope_type, for all layers";
    throw config.unsupported(name, own);
  }
  return fields ?? new ConfigFields({});
}

/** Refuses heads that are rotated in part, of which a family knows nothing. */
export function checkWholeRope(config: ConfigFields, ...fields: readonly ConfigFields[]): void {
  for (const one of [...fields, config]) {
    const partial = one.optionalNumber("partial_rotary_factor") ?? 1;
    if (partial !== 1) throw one.unsupported("partial_rotary_factor", "1", partial);
  }
}

/** The rotation of whole heads, base and scaling applied. */
export function readRope(config: ConfigFields, headDim: number, defaultTheta = 10000): RopeSpec {
  const fields = ropeFields(config, { isByLayers: false });
  checkWholeRope(config, fields);
  const theta = fields.optionalNumber("rope_theta") ?? config.optionalNumber("rope_theta") ?? defaultTheta;
  return ropeOf(fields, config, theta, headDim);
}

/** The rotation of the first `channels` of a head, or one more where they are odd, scaled as `fields` of `config` say by `rope_type`. */
export function ropeOf(fields: ConfigFields, config: ConfigFields, theta: number, channels: number): RopeSpec {
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
    scale(theta ** ((-2 * pair) / channels), fields, config),
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
