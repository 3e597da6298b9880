// For tests: every combination whose law the table compares with its label.
import type { TokenId } from "../vocabulary/events.js";
import { randomJoint, tabularLaw } from "./laws.js";
import { type MockModel, mockModel } from "../backend/host/mock.js";
import type { Capabilities } from "../seam/capabilities.js";
import { anySubset } from "../decode/any-subset/decoder.js";
import { autoregressive } from "../decode/autoregressive/decoder.js";
import { blockDiffusion } from "../decode/block-diffusion/decoder.js";
import type { Decoder } from "../decode/decoder.js";
import { draftSources } from "../decode/speculative/drafters/index.js";
import type { Sampling } from "./law-oracle.js";
import { maskedDiffusion } from "../decode/masked-diffusion/decoder.js";
import { speculative } from "../decode/speculative/decoder.js";
import { FIRST, HOLE, JOINT, tabular, tabularCausal, tabularFull, tabularMasksLast } from "./tabular.js";
import { windowDiffusion } from "../decode/window-diffusion/decoder.js";

type Options = Readonly<Record<string, unknown>>;

/** One combination, at every temperature and with every filter. */
export interface LawRow {
  decoder: Decoder;
  options: Options;
  models: { target: MockModel; draft?: MockModel };
  /** Blocks are counted from the prompt's end, not from position 0. */
  isFromPrompt: boolean;
  /** Begins with FIRST. As long as may be: ways to walk multiply with each mask. */
  prompt: readonly TokenId[];
  /** What a step does depends on the steps before it, so that equal canvases may go on otherwise. */
  remembers: boolean;
}

const TEMPERATURES = [0, 0.5, 0.7, 1, 1.3];
const FILTERS: readonly Options[] = [
  {},
  { top_k: 2 },
  { top_p: 0.7 },
  { min_p: 0.3 },
  { repetition_penalty: 1.6 },
  { logit_bias: { 0: 1.1, 2: -0.8 } },
];

/** How tokens are drawn: temperature by filter. */
export const SAMPLINGS: readonly Sampling[] = TEMPERATURES.flatMap((temperature) =>
  FILTERS.map((filter) => ({ temperature, ...filter })),
);

const ORDERS = ["random", "left_to_right", "confidence"];
const CONFIDENCES: readonly Options[] = [
  {},
  { confidence: "margin" },
  { confidence: "neg_entropy" },
  { confidence_of: "top" },
  { confidence: "margin", confidence_of: "top" },
];

/** Every combination of these options, one of each list. */
function product(...lists: readonly (readonly Options[])[]): Options[] {
  return lists.reduce<Options[]>((all, list) => all.flatMap((one) => list.map((more) => ({ ...one, ...more }))), [{}]);
}

const named = (name: string, values: readonly unknown[]) => values.map((value) => ({ [name]: value }));
const rule = (name: string, ...lists: readonly (readonly Options[])[]) => product([{ commit_rule: name }], ...lists);

const SCHEDULES = named("schedule", ["linear", "cosine"]);
const RULES: readonly Options[] = [
  ...rule("first_hitting"),
  ...rule("left_to_right"),
  ...rule("quota", [{}, { denoising_steps: 2 }, { steps: 3 }], SCHEDULES, named("order", ORDERS), CONFIDENCES),
  ...rule("threshold", named("threshold", [0.3, 1]), named("order", ["left_to_right", "confidence"]), CONFIDENCES),
  // A random order that the CPU chooses goes by noise, which nothing here walks.
  ...rule("threshold", named("threshold", [0.3, 1]), [{ order: "random" }]),
  ...rule("factor", [{ factor: 3 }], CONFIDENCES),
  ...rule("entropy_bound", named("entropy_bound", [0, 1.2])),
  ...rule("klass", [{ threshold: 0.2, kl_threshold: 5, kl_history: 1 }, { threshold: 1 }], CONFIDENCES),
  ...rule("wedlm", named("entropy_threshold", [0, 1.3])),
  ...rule(
    "hierarchy",
    [
      { threshold: 0.35, low_threshold: 0.2 },
      { threshold: 1, low_threshold: 1 },
    ],
    CONFIDENCES,
  ),
  ...rule("credit", [{ threshold: 0.3 }, { credit_weight: 0, threshold: 1 }], CONFIDENCES),
  ...rule("ancestral", [{ denoising_steps: 1 }]),
  ...rule("ancestral", [{}, { denoising_steps: 2 }], SCHEDULES),
  ...rule("remdm", [{ denoising_steps: 1 }], named("remask", ["cap", "rescale", "conf", "loop"])),
  ...rule("remdm", [{ denoising_steps: 3 }], SCHEDULES, named("remask", ["cap", "rescale", "conf", "loop"])),
  ...rule("p2", [{ denoising_steps: 2 }], SCHEDULES),
  ...rule("mask_predict", [{ denoising_steps: 2 }], SCHEDULES),
  ...rule("edit", [
    { threshold: 0.3, editing_threshold: 0.35, max_post_steps: 1 },
    { threshold: 1, editing_threshold: 1, max_post_steps: 0 },
  ]),
];
/** Rules whose next step doesn't follow from the canvas alone. */
const REMEMBERING = ["klass", "credit", "remdm", "p2", "mask_predict", "edit"];

/** Each rule in each of its forms that tell, once. */
const FEW_RULES: readonly Options[] = [
  ...rule("first_hitting"),
  ...rule("left_to_right"),
  ...rule("quota", [{ order: "random", schedule: "cosine" }, { confidence_of: "top" }, {}, { denoising_steps: 2 }]),
  ...rule("threshold", named("threshold", [0.3])),
  ...rule("factor", [{ factor: 3 }]),
  ...rule("entropy_bound", named("entropy_bound", [0, 1.2])),
  ...rule("klass", [{ threshold: 0.2, kl_threshold: 5, kl_history: 1 }]),
  ...rule("wedlm", named("entropy_threshold", [0, 1.3])),
  ...rule("hierarchy", [{ threshold: 1, low_threshold: 1, confidence_of: "top" }]),
  ...rule("credit", [{ threshold: 0.3 }]),
  ...rule("ancestral", [{ denoising_steps: 1 }, { denoising_steps: 2 }]),
  ...rule("remdm", [{ denoising_steps: 1 }, { denoising_steps: 3 }], named("remask", ["rescale", "conf"])),
  ...rule("p2", [{ denoising_steps: 2 }]),
  ...rule("mask_predict", [{ denoising_steps: 2 }]),
  ...rule("edit", [{ threshold: 0.3, editing_threshold: 0.35, max_post_steps: 1 }]),
];

const GUIDED: readonly Options[] = [{ cfg_scale: 1.5 }, { classifier_weights: { 2: 3 }, classifier_scale: 2 }];

/** A joint sampler that doesn't know what was written since the model was asked. */
const OTHER = randomJoint(6, JOINT.numTokens, JOINT.length);

function masked(reading: Partial<Capabilities>): MockModel {
  const { numTokens, length } = JOINT;
  const capabilities = { causal: false, inPlace: true, maskToken: numTokens, vocabSize: numTokens + 1, ...reading };
  const law = tabularLaw(JOINT, numTokens);
  return mockModel({
    law,
    head: tabularLaw(OTHER, numTokens),
    headKind: "joint",
    capabilities: { maxLength: length, ...capabilities },
  });
}

function diffusion(decoder: Decoder, target: MockModel, options: readonly Options[], isFromPrompt = false) {
  return options.map((own): LawRow => {
    const remembers = REMEMBERING.includes(String(own.commit_rule)) || "cache" in own || "joint_steps" in own;
    // A cosine of two steps is linear, and two masks are one step too few for laws to rest.
    const prompt = own.commit_rule === "quota" || own.commit_rule === "klass" ? [FIRST] : [FIRST, 0];
    return { decoder, options: own, models: { target }, isFromPrompt, prompt, remembers };
  });
}

const OF_A_CANVAS: readonly Options[] = [
  ...GUIDED,
  { joint_steps: 2 },
  ...named("cache", ["prefix", "dual", "delayed"]),
];

/** Rows of the speculative decoder: a target that knows the joint, and drafters that know another. */
function speculations(): LawRow[] {
  const { numTokens, length } = JOINT;
  const other = tabularLaw(OTHER, null);
  const withMask = { vocabSize: numTokens + 1, maxLength: 4 * length };
  const ofMask = (law: typeof other): typeof other => ({
    ...law,
    // Masks of an adapter say nothing.
    logits: (cell, seen) => {
      const known = seen.filter(({ token }) => token < numTokens);
      return Float64Array.from([...law.logits(cell, known), -40]);
    },
  });
  const target = mockModel({
    law: ofMask(tabularLaw(JOINT, null)),
    shallow: () => ofMask(other),
    head: ofMask(other),
    maskSampler: ofMask(other),
    capabilities: { ...withMask, numLayers: 4 },
  });
  const causal = mockModel({ law: ofMask(other), capabilities: withMask });
  const filling = mockModel({
    law: tabularLaw(OTHER, numTokens),
    capabilities: { ...withMask, causal: false, inPlace: true, maskToken: numTokens, blockLengths: [4] },
  });
  const verifiers: readonly Options[] = [
    ...named("verifier", ["coupling", "rejection", "block", "kseq", "recursive", "typical", "bild", "product"]),
    { verifier: "recursive", first_drafts: "distinct" },
    { verifier: "product", diffusion_share: 0 },
  ];
  return draftSources.flatMap((source) => {
    const draft = source.name === "block-diffusion" ? filling : causal;
    const own = {
      ...(Object.hasOwn(source.options, "corpus") ? { corpus: [FIRST, 0, 2, 1, FIRST, 2, 0, 1] } : {}),
      ...(source.name === "block-diffusion" ? { draft_block_length: 4 } : {}),
      ...(source.name === "chains" ? { num_draft_chains: 2 } : {}),
    };
    return product(named("num_assistant_tokens", [1, 2]), verifiers).map(
      (options): LawRow => ({
        decoder: speculative,
        options: { drafter: source.name, ...own, ...options },
        models: { target, draft },
        isFromPrompt: false,
        // Behind 0 a head that hasn't read the first token is as greedy as the target.
        prompt: source.name === "eagle" ? [FIRST, 2] : [FIRST, 0],
        // Drafts that another verifier than the coupling judges follow from the text alone.
        remembers: false,
      }),
    );
  });
}

const PLAIN = { isFromPrompt: false, prompt: [FIRST] };

/** Holes before a last token, and a model that might end in them. */
function fillings(): LawRow[] {
  const one = { infill: true, max_new_tokens: 3 };
  const orders = [
    { commit_rule: "left_to_right" },
    { commit_rule: "first_hitting" },
    { commit_rule: "quota", confidence_of: "top" },
    { commit_rule: "quota", order: "random", denoising_steps: 2 },
    { commit_rule: "threshold", threshold: 0.3 },
  ];
  const readings: [Decoder, Partial<Capabilities>, readonly Options[]][] = [
    [blockDiffusion, { blockLengths: [4] }, orders],
    [maskedDiffusion, { bidirectional: true }, orders],
    [windowDiffusion, { causal: true }, orders.filter(({ commit_rule }) => commit_rule !== "quota")],
    [anySubset, { anySubset: true, maxLength: 2 * JOINT.length }, [{ draft_tokens: 1 }, { draft_tokens: 2 }]],
  ];
  const prompt = [FIRST, HOLE, HOLE, 0];
  return readings.flatMap(([decoder, reading, options]) => {
    const models = { target: masked({ eosTokens: [2], ...reading }) };
    return options.map((own): LawRow => {
      return { decoder, options: { ...one, ...own }, models, isFromPrompt: true, prompt, remembers: false };
    });
  });
}

/** All of them. */
export const LAW_ROWS: readonly LawRow[] = [
  { decoder: autoregressive, options: {}, models: { target: tabularCausal() }, ...PLAIN, remembers: false },
  ...[1, 2, 3].map((draft_tokens): LawRow => {
    const target = masked({ anySubset: true, maxLength: 2 * JOINT.length });
    return { decoder: anySubset, options: { draft_tokens }, models: { target }, ...PLAIN, remembers: false };
  }),
  ...diffusion(blockDiffusion, tabular(4), product([{ block_length: 4 }], RULES)),
  ...diffusion(blockDiffusion, tabular(4), product([{ block_length: 4 }], FEW_RULES, GUIDED)),
  ...[2, 1].flatMap((block_length) =>
    diffusion(blockDiffusion, tabular(block_length), product([{ block_length }], FEW_RULES)),
  ),
  ...diffusion(
    maskedDiffusion,
    masked({ bidirectional: true }),
    product([{ block_length: 4 }], FEW_RULES, OF_A_CANVAS),
    true,
  ),
  ...diffusion(maskedDiffusion, tabularFull(), product(named("block_length", [4, 2, 1]), FEW_RULES), true),
  ...diffusion(
    windowDiffusion,
    tabularMasksLast(),
    product(named("window_length", [3, 2, 1]), FEW_RULES, [{}, GUIDED[1]]),
    true,
  ),
  ...fillings(),
  ...speculations(),
];
