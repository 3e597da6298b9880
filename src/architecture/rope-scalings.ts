import { type Scaling, scaled } from "./rope-frequencies.js";

/** Every `rope_type` but the default. */
export const SCALINGS: Record<string, Scaling> = {
  linear: (source) => {
    const factor = source.fields.number("factor");
    return scaled(source, (frequency) => frequency / factor);
  },

  // As trained up to the trained length; beyond, the base grows with the context.
  dynamic: (source) => {
    const factor = source.fields.number("factor");
    const length = source.config.number("max_position_embeddings");
    const { theta, channels } = source;
    return { ...scaled(source, (frequency) => frequency), beyond: { kind: "base", length, theta, factor, channels } };
  },

  yarn: (source) => {
    const { fields, config, theta, channels } = source;
    const original = source.trainedLength();
    const factor = fields.optionalNumber("factor") ?? config.number("max_position_embeddings") / original;
    const dimOf = (turns: number) => (channels * Math.log(original / (turns * 2 * Math.PI))) / (2 * Math.log(theta));
    const isWhole = fields.flag("truncate", true);
    const [fast, slow] = [
      dimOf(fields.optionalNumber("beta_fast") ?? 32),
      dimOf(fields.optionalNumber("beta_slow") ?? 1),
    ];
    const low = Math.max(isWhole ? Math.floor(fast) : fast, 0);
    const high = Math.min(isWhole ? Math.ceil(slow) : slow, channels - 1);
    const width = low === high ? 0.001 : high - low;
    const [one, all] = [fields.optionalNumber("mscale"), fields.optionalNumber("mscale_all_dim")];
    const mscale = (by: number) => (factor <= 1 ? 1 : 0.1 * by * Math.log(factor) + 1);
    const own = one !== null && all !== null ? mscale(one) / mscale(all) : mscale(1);
    const made = scaled(source, (frequency, pair) => {
      const divided = Math.min(1, Math.max(0, (pair - low) / width));
      return (frequency / factor) * divided + frequency * (1 - divided);
    });
    return { ...made, attentionScale: fields.optionalNumber("attention_factor") ?? own };
  },

  // One factor for each pair of channels: those of `short_factor` up to the trained length, of `long_factor` beyond.
  longrope: (source) => {
    const { fields, config } = source;
    const length = source.trainedLength();
    const factor = fields.optionalNumber("factor") ?? config.number("max_position_embeddings") / length;
    const by = (name: string) => {
      const factors = fields.numbers(name);
      const wanted = Math.ceil(source.channels / 2);
      if (factors.length !== wanted)
        throw fields.unsupported(name, `a list of ${wanted}, one for each pair of channels`);
      return scaled(source, (frequency, pair) => frequency / factors[pair]);
    };
    const long = by("long_factor").inverseFrequencies;
    const own = factor <= 1 ? 1 : Math.sqrt(1 + Math.log(factor) / Math.log(length));
    return {
      ...by("short_factor"),
      attentionScale: fields.optionalNumber("attention_factor") ?? own,
      beyond: { kind: "frequencies", length, inverseFrequencies: long },
    };
  },

  // Short wavelengths stay, long ones are divided by the factor, those between are blended.
  llama3: (source) => {
    const { fields } = source;
    const [low, high] = [fields.number("low_freq_factor"), fields.number("high_freq_factor")];
    if (high <= low) throw fields.unsupported("high_freq_factor", `a number above low_freq_factor ${low}`);
    const factor = fields.number("factor");
    const length = source.trainedLength();
    return scaled(source, (frequency) => {
      const turns = (length * frequency) / (2 * Math.PI);
      const kept = Math.min(1, Math.max(0, (turns - low) / (high - low)));
      return frequency * (kept + (1 - kept) / factor);
    });
  },
};
