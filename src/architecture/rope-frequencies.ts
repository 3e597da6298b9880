import type { RopeSpec } from "./architecture.js";
import type { ConfigFields } from "./config-fields.js";

/** What a rotation is scaled from. */
export interface RopeSource {
  /** The object that says how. */
  fields: ConfigFields;
  config: ConfigFields;
  theta: number;
  /** Channels that are rotated. */
  channels: number;
  /** The context before it was made longer. */
  trainedLength(): number;
}

/** How a `rope_type` makes frequencies out of base and channels. Formulas as in transformers' `modeling_rope_utils`. */
export type Scaling = (source: RopeSource) => Omit<RopeSpec, "rotaryDim">;

/** Frequencies of a base, each changed. */
export function scaled(
  { theta, channels }: Pick<RopeSource, "theta" | "channels">,
  change: (frequency: number, pair: number) => number,
): Omit<RopeSpec, "rotaryDim"> {
  const inverseFrequencies = Float64Array.from({ length: Math.ceil(channels / 2) }, (_, pair) =>
    change(theta ** ((-2 * pair) / channels), pair),
  );
  return { inverseFrequencies, attentionScale: 1, beyond: null };
}

/** Every `rope_type` that is known here: the others come with the other families (`loadFamilies`). */
const SCALINGS: Record<string, Scaling> = {
  default: (source) => scaled(source, (frequency) => frequency),
};

/** Adds ways to scale. */
export function addScalings(more: Readonly<Record<string, Scaling>>): void {
  Object.assign(SCALINGS, more);
}

/** Every `rope_type` that is known, for a message. */
export function knownScalings(): string {
  return Object.keys(SCALINGS).join(", ");
}

/** The way of a `rope_type`, if it is known. */
export function scalingOf(type: string): Scaling | undefined {
  return Object.hasOwn(SCALINGS, type) ? SCALINGS[type] : undefined;
}

/** The frequencies by which a model rotates that is loaded for this context. */
export function frequenciesOf({ inverseFrequencies, beyond }: RopeSpec, context: number): Float64Array {
  if (!beyond || context <= beyond.length) return inverseFrequencies;
  if (beyond.kind === "frequencies") return beyond.inverseFrequencies;
  const { theta, factor, length, channels } = beyond;
  const grown = theta * ((factor * context) / length - (factor - 1)) ** (channels / (channels - 2));
  return scaled({ theta: grown, channels }, (frequency) => frequency).inverseFrequencies;
}
