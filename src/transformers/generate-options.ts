import { InvalidOptionError } from "../vocabulary/errors.js";
import type { GenerationDefaults } from "../worker/client.js";

/** What is known of a call when its options are read. */
export interface Call {
  /** What the model's generation_config.json says. */
  defaults: Partial<GenerationDefaults>;
  numPromptTokens: number;
}

type Taken = Record<string, unknown>;

/** One of generate()'s options: what transformers.js does with it, what is done here, and how it is read. */
export interface GenerateOption {
  /** In `@huggingface/transformers` 4.3.1, as tried. */
  there: string;
  here: string;
  /** The options of Triptych that it stands for; refuses what can't be done. */
  take(value: unknown, given: Taken, call: Call): Taken;
}

const refuse = (name: string, value: unknown, why: string): never => {
  throw new InvalidOptionError(`${name}: ${JSON.stringify(value) ?? typeof value} can't be had here: ${why}`);
};

/** An option that has one value here; any other is refused with the reason. */
function only(name: string, idle: readonly unknown[], there: string, why: string): [string, GenerateOption] {
  const here =
    idle.length > 0
      ? `only ${idle.map((value) => `\`${JSON.stringify(value)}\``).join(" or ")}: ${why}`
      : `refused: ${why}`;
  const take = (value: unknown) => (idle.includes(value) ? {} : refuse(name, value, why));
  return [name, { there, here, take }];
}

/** An option that has the same name and meaning here. */
function same(name: string, there: string, here: string): [string, GenerateOption] {
  return [name, { there, here, take: (value) => ({ [name]: value }) }];
}

function asModel(value: unknown): unknown {
  const held = typeof value === "function" || typeof value === "object" ? (value as { model?: unknown } | null) : null;
  return held?.model ?? value;
}

function sampling(value: unknown, given: Taken, { defaults }: Call): Taken {
  if (value === false) {
    const { temperature = 0 } = given;
    // Hugging Face's neutral value.
    if (temperature !== 0 && temperature !== 1)
      refuse("temperature", temperature, "with do_sample: false nothing is drawn. Leave one of the two out.");
    return { temperature: 0 };
  }
  if (value !== true) refuse("do_sample", value, "it is true or false.");
  const asked = given.temperature ?? (defaults.temperature || 1);
  const isFiltered = given.top_k !== undefined || defaults.top_k !== undefined;
  return { temperature: asked, ...(isFiltered ? {} : { top_k: 50 }) };
}

function drafted(value: unknown): Taken {
  return { decoder: "speculative", draft: asModel(value) };
}

const NO_PAD = "nothing is padded, since prompts are read one by one. Leave it out.";
const NO_MASK =
  "ids that may not be written have no list of their own yet; `logit_bias: { id: -100 }` makes them unlikely.";
const NO_BEAMS = "there are no beams yet.";

/** generate()'s options by name. What isn't listed is an option of Triptych's own, or is refused by its name. */
export const GENERATE_OPTIONS: Readonly<Record<string, GenerateOption>> = Object.fromEntries([
  same("max_new_tokens", "honoured; 256 in a pipeline", "honoured; 256 in a pipeline"),
  [
    "max_length",
    {
      there: "honoured; without effect in a pipeline, whose max_new_tokens goes first",
      here: "honoured, of prompt and text together, unless max_new_tokens is given",
      take: (value, { max_new_tokens: own }, { numPromptTokens }) =>
        own === undefined ? { max_new_tokens: Math.max(0, Number(value) - numPromptTokens) } : {},
    },
  ],
  [
    "do_sample",
    {
      there: "honoured",
      here: "honoured: `false` is temperature 0; `true` is the model's temperature, or 1, and its top_k, or 50",
      take: sampling,
    },
  ],
  same("temperature", "honoured with do_sample, else ignored", "honoured: 0 is greedy, above 0 tokens are drawn"),
  same("top_k", "honoured with do_sample, else ignored", "honoured; refused where nothing is drawn"),
  same("top_p", "**ignored**", "honoured"),
  same("min_p", "**ignored**", "honoured"),
  same("repetition_penalty", "honoured", "honoured"),
  same("seed", "**ignored**; draws can't be repeated", "honoured: the same seed, the same text"),
  same("signal", "**ignored**", "honoured: aborting ends the run with the text so far"),
  only("typical_p", [1], "**ignored**", "there is no such filter yet."),
  only("epsilon_cutoff", [0], "**ignored**", "there is no such filter yet."),
  only("eta_cutoff", [0], "**ignored**", "there is no such filter yet."),
  only(
    "no_repeat_ngram_size",
    [0],
    "honoured",
    'there is no such rule yet; decoder: "momentum" keeps from repetition.',
  ),
  only("min_length", [0], "honoured", "there is no least length yet."),
  only("min_new_tokens", [0], "honoured", "there is no least length yet."),
  only("bad_words_ids", [], "honoured", NO_MASK),
  only("suppress_tokens", [], "honoured", NO_MASK),
  only("begin_suppress_tokens", [], "honoured", NO_MASK),
  only("forced_bos_token_id", [], "honoured", "no token can be forced. Put it at the prompt's end."),
  only("forced_eos_token_id", [], "honoured", "no token can be forced."),
  only(
    "guidance_scale",
    [1],
    "honoured for models of their own only",
    "text has `cfg_scale`, of the decoders that fill masks.",
  ),
  only("renormalize_logits", [true], "**ignored**", "what is left after a filter always adds up to 1."),
  only("num_beams", [1], "**ignored**: one beam", NO_BEAMS),
  only("num_beam_groups", [1], "**ignored**", NO_BEAMS),
  only("early_stopping", [false], "**ignored**", NO_BEAMS),
  only("length_penalty", [1], "**ignored**", NO_BEAMS),
  only(
    "num_return_sequences",
    [1],
    "an error, or **ignored** with do_sample",
    "a call writes one text. Call again with another seed.",
  ),
  only("use_cache", [true], "honoured", "keys and values are always kept."),
  [
    "penalty_alpha",
    {
      there: "**ignored**",
      here: "contrastive search, with top_k of at least 2",
      take: (value) => (value === 0 ? {} : { decoder: "contrastive", penalty_alpha: value }),
    },
  ],
  [
    "assistant_model",
    {
      there: "**ignored**",
      here: "a pipeline or model of `triptych-lm` that drafts: the decoder `speculative`",
      take: drafted,
    },
  ],
  [
    "prompt_lookup_num_tokens",
    {
      there: "**ignored**",
      here: "drafts of so many tokens from the text so far: the decoder `speculative`",
      take: (value) => ({ decoder: "speculative", drafter: "prompt-lookup", prompt_lookup_num_tokens: value }),
    },
  ],
  only("eos_token_id", [], "honoured", "the model's own end tokens end its text; `stop` takes texts that end it, too."),
  only("pad_token_id", [], "honoured", NO_PAD),
  only("bos_token_id", [], "honoured", "a prompt begins as the model's tokenizer says."),
  only("logits_processor", [], "honoured", "logits stay on the device; `logit_bias` and the filters work there."),
  only(
    "return_dict_in_generate",
    [false],
    "honoured",
    "`model.generate()` of `triptych-lm` yields events with each token's logprob.",
  ),
  only(
    "output_scores",
    [false],
    "**ignored**",
    "`model.generate()` of `triptych-lm` yields events with each token's logprob.",
  ),
  only("output_attentions", [false], "honoured by some models", "attention isn't stored anywhere."),
  only("output_hidden_states", [false], "**ignored**", "hidden states stay on the device."),
]);

/** Triptych's options of a generate() call. Throws `InvalidOptionError` by the name of what can't be done. */
export function readOptions(given: Taken, call: Call): Taken {
  const isGiven = (name: string) => given[name] !== undefined && given[name] !== null;
  const taken: Taken = {};
  // Last: `do_sample: false` goes before a temperature of 1, which is how Hugging Face spells none.
  const names = Object.keys(given).filter(isGiven);
  for (const name of names.sort((a, b) => Number(a === "do_sample") - Number(b === "do_sample"))) {
    const option = Object.hasOwn(GENERATE_OPTIONS, name) ? GENERATE_OPTIONS[name] : null;
    if (!option) {
      taken[name] = given[name];
      continue;
    }
    for (const [own, meant] of Object.entries(option.take(given[name], given, call))) {
      if (own === name || name === "do_sample" || !isGiven(own)) taken[own] = meant;
    }
  }
  return taken;
}
