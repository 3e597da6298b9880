// Every option of the decoders that fill masks, in pairs of every rule: a value is refused, or it changes what is written or done.
import { describe, expect, it } from "vitest";
import { mockModel } from "../../backend/host/mock.js";
import type { Law } from "../../backend/host/law.js";
import { hashedLaw, mixedLaw } from "../../testing/laws.js";
import { threefry2x32 } from "../../sampling/noise.js";
import type { Capabilities } from "../../seam/capabilities.js";
import type { Model } from "../../seam/model.js";
import { LETTERS, rehearse, stepsOf } from "../../testing/rehearsal.js";
import { IS_WHOLE } from "../../testing/test-depth.js";
import { InvalidOptionError } from "../../vocabulary/errors.js";
import { anySubset } from "../any-subset/decoder.js";
import { autoregressive } from "../autoregressive/decoder.js";
import { blockDiffusion } from "../block-diffusion/decoder.js";
import type { Decoder } from "../decoder.js";
import { maskedDiffusion } from "../masked-diffusion/decoder.js";
import { COMMON_OPTIONS } from "../options.js";
import { parseOptions } from "../parse-options.js";
import { windowDiffusion } from "../window-diffusion/decoder.js";
import { COMMIT_RULES } from "./commit/index.js";

type Options = Readonly<Record<string, unknown>>;

const VOCAB = 13;
const MASK = VOCAB - 1;
const PROMPTS = [
  [0, 3, 4, 1, 7],
  [2, 2, 8],
];

/** Each position has tokens that it likes: the higher the peak, the surer. */
const habit = (peak: number): Law => ({
  key: () => 0,
  logits: ({ position }) =>
    Float64Array.from({ length: VOCAB }, (_, id) => (threefry2x32(5, 6, position, id)[0] / 2 ** 32) ** 4 * peak),
});
const mixed = (seed: number, peak: number, share: number) => mixedLaw(habit(peak), hashedLaw(seed, VOCAB, 1.5), share);

/** One that is seldom sure and never rests, and one that is mostly sure, and rests: what moves neither moves nothing. */
function castsOf(reading: Partial<Capabilities>): { target: Model; draft: Model }[] {
  const masked = { causal: false, inPlace: true, maskToken: MASK };
  const capabilities = { vocabSize: VOCAB, maxLength: 96, ...masked, ...reading };
  const made = (law: Law, other: Law) => ({
    target: mockModel({
      law,
      head: other,
      headKind: "joint",
      policy: (seen) => {
        const state = seen.reduce((sum, { token, position }) => sum + threefry2x32(1, 5, token, position)[0], 0);
        return [4, 8, 2].map((_, i) => threefry2x32(1, 6, i, state >>> 0)[0]);
      },
      capabilities,
    }),
    draft: mockModel({ law: other, capabilities: { vocabSize: VOCAB, maxLength: 96 } }),
  });
  return [made(mixed(1, 9, 0.4), mixed(2, 9, 0.6)), made(mixed(3, 22, 0.05), mixed(4, 16, 0.3))];
}

/** Values of each option that aren't its default, far from it where it is a number. */
const VALUES: Readonly<Record<string, readonly unknown[]>> = {
  max_new_tokens: [5],
  temperature: [0, 0.7, 2],
  top_k: [1, 3],
  top_p: [0.6],
  min_p: [0.3],
  repetition_penalty: [0.6, 4],
  logit_bias: [{ 3: 5 }],
  stop: [["d"], ["c", "a"]],
  threshold: [0, 0.2, 0.7, 1],
  order: ["random", "left_to_right"],
  confidence: ["margin", "neg_entropy"],
  confidence_of: ["top"],
  steps: [12],
  denoising_steps: [1, 3],
  schedule: ["cosine"],
  factor: [0.2, 6],
  entropy_bound: [0, 3],
  kl_threshold: [0.001, 3],
  kl_history: [1, 3],
  entropy_threshold: [0, 2.2],
  distance_penalty: [0, 0.6],
  low_threshold: [0.1, 0.85],
  credit_decay: [0, 1],
  credit_power: [0, 4],
  credit_weight: [0, 3],
  remask: ["conf", "loop"],
  eta: [1],
  editing_threshold: [0.15, 1],
  max_post_steps: [0],
  block_length: [4, 2, 1],
  block_rule: ["entropy_run", "policy"],
  block_align: ["prompt_end"],
  block_entropy: [0.3, 2.4],
  min_block_length: [4],
  energy_candidates: [4],
  energy_temperature: [0.05, 30],
  energy_from: [0.5],
  energy_to: [0.5],
  cfg_scale: [2],
  classifier_weights: [{ 1: -9, 2: -9, 5: -9, 6: -9, 8: -9 }],
  classifier_bias: [-6, 6],
  classifier_scale: [0, 0.05, 8],
  cache: ["prefix", "dual", "delayed"],
  refresh_interval: [1, 2],
  joint_steps: [3],
  window_length: [1, 3, 12],
  draft_tokens: [1, 3],
};

/** Limits that a text or a block needn't reach, and what is promised where nothing is drawn: kept whatever they are. */
const KEPT = ["seed", "infill"];
/** A text that ends early leaves less to change. */
const ENDING = ["max_new_tokens", "stop"];
/** Changes how many rows' logits are computed and read, where a rule asks for the first mask alone. */
const OF_LOGITS = ["block_length"];

type Casts = ReturnType<typeof castsOf>;

/** Texts that are compared, each only where those before it are the same: by luck, one may come out so. */
const NUM_TEXTS = 16;

/** What a run does: its edits and its work. Refused: null. */
async function traceOf(decoder: Decoder, casts: Casts, options: Options, seed: number): Promise<unknown[] | null> {
  const promptIds = PROMPTS[(seed >> 1) % PROMPTS.length];
  const small = Object.hasOwn(decoder.options, "block_length") ? { block_length: 8 } : {};
  const common = { max_new_tokens: 24, temperature: 1, seed, ...small, ...options };
  const run = { decoder, models: casts[seed % casts.length], promptIds, tokenizer: LETTERS, lookahead: 1 };
  try {
    const { events, done } = await rehearse({ ...run, options: common });
    const steps = stepsOf(events);
    const bytes = steps.map(({ readbackBytes }) => readbackBytes);
    const work = steps.map(({ edits, forwards, rows, draftForwards }) => [edits, forwards, rows, draftForwards]);
    return [JSON.stringify([work, done.ids, done.reason]), JSON.stringify(bytes)];
  } catch (error) {
    if (error instanceof InvalidOptionError) return null;
    throw error;
  }
}

/** Every rule alone, and with each value of its own options; and each value of the decoder's options with some rules. */
function contextsOf({ options }: Decoder): Options[] {
  const valuesOf = (name: string) => (VALUES[name] ?? []).map((value) => ({ [name]: value }));
  const isRuled = Object.hasOwn(options, "commit_rule");
  const rules = isRuled ? COMMIT_RULES.map(({ name, options: own }) => ({ name, own: Object.keys(own) })) : [];
  const ruled = rules.flatMap(({ name, own }): Options[] => [
    { commit_rule: name },
    ...own.flatMap(valuesOf).map((value) => ({ commit_rule: name, ...value })),
  ]);
  const ofRules = new Set(rules.flatMap(({ own }) => own));
  const others = Object.keys(options).filter((name) => !ofRules.has(name) && !ENDING.includes(name));
  const some: Options[] = isRuled ? [{}, { commit_rule: "quota" }, { commit_rule: "edit", threshold: 0.3 }] : [{}];
  const shared = others.flatMap(valuesOf).flatMap((value) => some.map((rule) => ({ ...rule, ...value })));
  return [{}, ...ruled, ...shared];
}

/** Of the combinations with a commit rule, one of so many. */
const EVERY = IS_WHOLE ? 15 : 200;

describe.each<[Decoder, Partial<Capabilities>]>([
  [autoregressive, { causal: true, maskToken: null }],
  [blockDiffusion, { blockLengths: [8, 4, 2], policyLengths: [4, 8, 2] }],
  [maskedDiffusion, { bidirectional: true }],
  [windowDiffusion, { causal: true }],
  [anySubset, { anySubset: true }],
])("an option of $name", (decoder, reading) => {
  const casts = castsOf(reading);
  const [{ target }] = casts;
  const usual = (base: Options, name: string) => {
    const { options } = decoder;
    try {
      return decoder.resolve?.(parseOptions(options, base), target.capabilities)[name] ?? options[name].default;
    } catch {
      return options[name].default;
    }
  };

  it("is refused by name, or changes what is written or done", async () => {
    const inert: string[] = [];
    let numTaken = 0;
    let number = 0;
    const isRuled = Object.hasOwn(decoder.options, "commit_rule");
    for (const base of contextsOf(decoder)) {
      const known: (unknown[] | null)[] = [];
      const plain = async (seed: number) => {
        if (known.length <= seed) known[seed] = await traceOf(decoder, casts, base, seed);
        return known[seed];
      };
      for (const [name, values] of Object.entries(VALUES)) {
        if (!Object.hasOwn(decoder.options, name) || Object.hasOwn(base, name)) continue;
        for (const value of values) {
          if (isRuled && threefry2x32(7, 7, number++, 0)[0] % EVERY !== 0) continue;
          // Greedy text in its other spelling, which is taken at any temperature but 0.
          if (name === "temperature" && base.top_k === 1) continue;
          if ((await plain(0)) === null) break;
          if (JSON.stringify(usual(base, name)) === JSON.stringify(value)) continue;
          let isSame = true;
          for (let seed = 0; isSame && seed < NUM_TEXTS; seed++) {
            const trace = await traceOf(decoder, casts, { ...base, [name]: value }, seed);
            if (trace === null) break;
            if (seed === 0) numTaken++;
            const own = await plain(seed);
            isSame = trace[0] === own?.[0] && (!OF_LOGITS.includes(name) || trace[1] === own?.[1]);
            if (isSame && seed === NUM_TEXTS - 1) inert.push(JSON.stringify({ ...base, [name]: value }));
          }
        }
      }
    }
    expect(inert).toEqual([]);
    expect(numTaken).toBeGreaterThan(2);
  }, 3_600_000);

  it("is in the list, with every other", () => {
    const listed = [...Object.keys(VALUES), ...KEPT, "commit_rule"];
    expect(Object.keys(decoder.options).filter((name) => !listed.includes(name))).toEqual([]);
    expect(Object.keys(COMMON_OPTIONS).every((name) => listed.includes(name))).toBe(true);
  });
});
