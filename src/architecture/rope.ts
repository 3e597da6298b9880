import { ModelLoadError } from "../vocabulary/errors.js";
import type { ModelFacts, RopeSpec } from "./architecture.js";
import { ConfigFields, shown } from "./config-fields.js";
import { frequenciesOf, knownScalings, scalingOf } from "./rope-frequencies.js";

/** What a family's rotations have of their own. */
export interface RopeFamily {
  /** Base where the config doesn't say it; default: 10,000. */
  theta?: number;
  /** `partial_rotary_factor` says how much of a head is rotated; default: all of it. */
  isPartial?: boolean;
  /** `original_max_position_embeddings` stands beside the scaling, and is this where it isn't said; left out: it stands in it. */
  trainedLength?: number;
  /** Names that its configs have for a `rope_type`. */
  aliases?: Readonly<Record<string, string>>;
}

const TRAINED = "original_max_position_embeddings";

/** The context before it was made longer: the whole one where the scaling doesn't say it, as transformers has it. */
function trainedLength(fields: ConfigFields, config: ConfigFields, beside: number | undefined): number {
  const own = beside === undefined ? null : (config.optionalNumber(TRAINED) ?? beside);
  const length = own ?? fields.optionalNumber(TRAINED) ?? config.number("max_position_embeddings");
  // In the other place, where few look for it.
  const other = own === null ? config : fields;
  if ((other.optionalNumber(TRAINED) ?? length) !== length) {
    throw other.unsupported(
      TRAINED,
      `${length}, as ${own === null ? "the scaling says" : "stands beside the scaling"}`,
    );
  }
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

/** The rotation of heads, whole unless the family says otherwise, base and scaling applied. */
export function readRope(config: ConfigFields, headDim: number, family: RopeFamily = {}): RopeSpec | null {
  const fields = ropeFields(config, { isByLayers: false });
  if (!family.isPartial) checkWholeRope(config, fields);
  const theta = fields.optionalNumber("rope_theta") ?? config.optionalNumber("rope_theta") ?? family.theta ?? 10000;
  const channels = family.isPartial ? rotatedChannels(config, fields, headDim) : headDim;
  return channels === 0 ? null : ropeOf(fields, config, theta, channels, family);
}

/** Channels of a head that `partial_rotary_factor` has rotated. */
function rotatedChannels(config: ConfigFields, fields: ConfigFields, headDim: number): number {
  const name = "partial_rotary_factor";
  const from = fields.has(name) ? fields : config;
  const share = from.numeral(name) ?? 1;
  return channelsOf(from, name, share, headDim);
}

/** Channels of a head that are a share of it, as `name` says. */
export function channelsOf(from: ConfigFields, name: string, share: number, headDim: number): number {
  const channels = Math.floor(headDim * share);
  const isFitting = share >= 0 && 2 * Math.ceil(channels / 2) <= headDim;
  if (!isFitting) throw from.unsupported(name, `from 0 to 1, by pairs of a head's ${headDim} channels`, share);
  return channels;
}

/** The rotation of the first `channels` of a head, or one more where they are odd, scaled as `fields` of `config` say by `rope_type`. */
export function ropeOf(
  fields: ConfigFields,
  config: ConfigFields,
  theta: number,
  channels: number,
  { aliases = {}, trainedLength: beside }: RopeFamily = {},
): RopeSpec {
  const named = fields.text("rope_type", fields.text("type", "default"));
  const type = Object.hasOwn(aliases, named) ? aliases[named] : named;
  const isNamed = fields.name("rope_type") !== null || fields.name("type") !== null;
  if (!isNamed && fields.optionalNumber("factor") !== null) {
    // By which rule it scales is anyone's guess.
    throw fields.unsupported("rope_type", `${knownScalings()}, one of which a factor needs`);
  }
  const scaling = scalingOf(type);
  if (!scaling) {
    throw new ModelLoadError(
      `config.json: rope_type ${shown(type)} isn't supported; supported are ${knownScalings()}.`,
      "unsupported_config",
    );
  }
  const length = () => trainedLength(fields, config, beside);
  const made = scaling({ fields, config, theta, channels, trainedLength: length });
  const isRight = [made.attentionScale, ...made.inverseFrequencies].every(
    (value) => Number.isFinite(value) && value > 0,
  );
  if (!isRight) throw fields.unsupported("rope_type", "a scaling whose frequencies are finite", type);
  return { rotaryDim: 2 * made.inverseFrequencies.length, ...made };
}

/** How long texts may be: as the config says, longer where the base grows with the context; unasked no longer than frequencies stay. */
export function readLengths(
  config: ConfigFields,
  fallback: number,
  ropes: readonly (RopeSpec | null)[],
): Pick<ModelFacts, "maxLength" | "trainedLength"> {
  const said = config.count("max_position_embeddings", fallback);
  const beyond = ropes.map((rope) => rope?.beyond ?? null).find((one) => one !== null);
  if (!beyond) return { maxLength: said };
  const isGrowing = beyond.kind === "base";
  return { maxLength: isGrowing ? Math.floor(said * Math.max(1, beyond.factor)) : said, trainedLength: beyond.length };
}

/** cos and sin of position × frequency, `[context, 2, R/2]`, worked out in float64; of no rotation, something to bind. */
export function ropeTable(rope: RopeSpec | null, context: number): Float32Array<ArrayBuffer> {
  if (!rope) return new Float32Array(4);
  const { attentionScale } = rope;
  const frequencies = frequenciesOf(rope, context);
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
