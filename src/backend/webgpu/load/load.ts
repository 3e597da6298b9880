import { BUILT_IN } from "../../../extension/webgpu.js";
import { byteLengthOf, type Checkpoint, isFloat, type TensorPlan } from "../../../format/tensor.js";
import { openCheckpoint } from "../../../format/checkpoint.js";
import { folderName, type ModelSource, optionalJson, optionalText, type Progress } from "../../../format/source.js";
import { heldBytes } from "../../../seam/memory.js";
import { InvalidOptionError, OutOfMemoryError } from "../../../vocabulary/errors.js";
import type { Gpu } from "../gpu/device.js";
import { loadTokenizer, loadTokenizerParts, type Tokenizer } from "../../../tokenizer/tokenizer.js";
import { type CacheFormat, checkCacheFormat } from "../../../seam/cache-format.js";
import { checkRounding, type Rounding, ROUNDINGS } from "../../../seam/rounding.js";
import { type MatmulFamilyName, variantsFor } from "../ops/variants.js";
import { type Architecture, type ModelFacts, plainLength } from "../../../architecture/architecture.js";
import { openWeights } from "../../../architecture/open-weights.js";
import { tensorNames } from "../../../architecture/tensors.js";
import { parseConfig, withReading } from "../../../architecture/config.js";
import { loadFamilies } from "../../../architecture/families.js";
import { checkMask, type Reading } from "../../../architecture/reading.js";
import { parseGenerationConfig } from "../../../architecture/generation-config.js";
import { webgpuCapabilities } from "./capabilities.js";
import { LoadClock } from "./load-times.js";
import { Transformer } from "../plan/transformer.js";
import { WebGpuModel } from "../session/webgpu-model.js";
import { kernelsOfFirstRun } from "./warm-up.js";
import { formatOf } from "../plan/weights.js";
import { withinMemory } from "../plan/within-memory.js";

/** Longest context unless the caller asks for more: a cache is allocated for all of it at once. */
const DEFAULT_CONTEXT = 2048;

/** How to load a model folder. */
export interface LoadOptions {
  signal?: AbortSignal;
  onProgress?: (progress: Progress) => void;
  /** Longest sequence, in tokens; default: what the model allows, at most 2,048. */
  context?: number;
  /** How a model that fills masks reads, where its config doesn't say: in blocks of this length, or its whole canvas. */
  blockLength?: Reading;
  /** Rounds matrices to 8 or 4 bits with a scale for every 32 weights (embedding and LM head never below 8); `-int8` also rounds activations to 8 bits in products. Default: as stored. */
  weights?: Rounding;
  /** How keys and values are kept: rounded to 16 bits, or to 8 with a factor for each head at each position, in a half or about a quarter of the memory. Default: `f32`. */
  kvCache?: CacheFormat;
  /** Most bytes that model and one text may take. Default: what the device has. */
  memoryLimit?: number;
  /** There must be memory for one text before the weights are fetched. Default: it is taken when a text begins. */
  needsText?: boolean;
  /** Folder of a head for this model (`loadHead`): an EAGLE head for the drafter `eagle`, a joint sampler for `joint_steps`, or a policy for `block_rule`. */
  head?: ModelSource;
  /** Folder of an adapter with mask tokens for this model (`loadAdapter`), which the drafter `mtp` drafts with. */
  adapter?: ModelSource;
  /** Looks behind each layer of each forward whether its numbers are finite, for an error that names the layer. Default: false. */
  debug?: boolean;
  /** Names the matmul kernels, once the model's shape is known and before its weights are laid out. Default: the adapter's. */
  chooseFamily?: (architecture: Architecture) => Promise<MatmulFamilyName>;
}

/** The config of a model folder, with the end tokens and defaults of its generation config. `blockLength`: as `withReading` has it. */
export async function loadArchitecture(
  source: ModelSource,
  { signal, blockLength }: Pick<LoadOptions, "signal" | "blockLength"> = {},
): Promise<Architecture> {
  const json = await source.json("config.json", signal);
  await loadFamilies(json);
  const config = withReading(json, blockLength);
  return withGeneration(source, (json) => parseConfig(config, json), signal);
}

/** What `parse` makes of a folder's `generation_config.json` (`{}` without one), with the defaults that stand there. */
export async function withGeneration<F extends ModelFacts>(
  source: ModelSource,
  parse: (json: unknown) => F,
  signal?: AbortSignal,
): Promise<F> {
  const json = await optionalJson(source, "generation_config.json", signal);
  const architecture = parse(json ?? {});
  if (json === null) return architecture;
  const generation = parseGenerationConfig(json);
  const { ignored } = generation;
  if (ignored.length > 0) {
    console.warn(`${folderName(source.url)}: generation_config.json sets ${ignored.join(", ")}, which is ignored.`);
  }
  return { ...architecture, generation };
}

/**
 * The architecture with what its tokenizer alone may know: an end token beside those of the configs, and the mask token of a
 * masked model whose config has none; and how many of its ids stand for tokens.
 */
export function withTokenizer<F extends ModelFacts>(
  architecture: F,
  { eosToken, maskToken, vocabSize: numKnown }: Tokenizer,
): F {
  const { causal, inPlace, vocabSize } = architecture;
  const isNextToken = causal && !inPlace;
  const eosTokens = new Set(architecture.eosTokens);
  if (eosToken !== null && eosToken < vocabSize) eosTokens.add(eosToken);
  const whole: F = {
    ...architecture,
    eosTokens: [...eosTokens],
    maskToken: architecture.maskToken ?? (isNextToken ? null : maskToken),
  };
  const numTokens = Math.max(numKnown, ...whole.eosTokens.map((id) => id + 1));
  if (numTokens < vocabSize) whole.numTokens = numTokens;
  checkMask(whole);
  return whole;
}

/** Longest sequence of a loaded model: as asked for, else what it allows by its trained rotation, at most 2,048. Throws `InvalidOptionError`. */
export function contextOf(facts: ModelFacts, context?: number): number {
  const limit = facts.maxLength;
  if (context === undefined) return Math.min(plainLength(facts), DEFAULT_CONTEXT);
  if (Number.isInteger(context) && context > 0 && context <= limit) return context;
  throw new InvalidOptionError(`context must be an integer from 1 to ${limit} for this model, got ${context}`);
}

/** The tokenizer of a model folder, for this architecture; null: for texts alone. */
export async function loadFolderTokenizer(
  source: ModelSource,
  architecture: ModelFacts | null,
  signal?: AbortSignal,
): Promise<Tokenizer> {
  const config = (await optionalJson(source, "tokenizer_config.json", signal)) ?? {};
  const json = await source.json("tokenizer.json", signal);
  await loadTokenizerParts(json);
  return loadTokenizer(json, config, {
    modelVocabSize: architecture?.vocabSize,
    readTemplate: () => optionalText(source, "chat_template.jinja"),
  });
}

/** Weights of a folder, on the device, with the kernels of a first run compiled. Throws `ModelLoadError`, `OutOfMemoryError`, or `AbortError`. */
export async function loadTransformer(
  gpu: Gpu,
  source: ModelSource,
  architecture: Architecture,
  {
    signal,
    onProgress,
    context,
    weights: rounding,
    kvCache,
    memoryLimit = Number.POSITIVE_INFINITY,
    needsText = false,
    head,
    adapter,
    debug = false,
    chooseFamily,
  }: LoadOptions = {},
  clock = new LoadClock(),
): Promise<WebGpuModel> {
  checkRounding(rounding);
  checkCacheFormat(kvCache);
  if (rounding && ROUNDINGS[rounding].isHalf && !gpu.facts.hasF16) {
    throw new InvalidOptionError(
      `weights ${rounding} multiplies in 16 bits, which this adapter can't (shader-f16): leave it out, or take q8.`,
    );
  }
  const name = folderName(source.url);
  const capabilities = {
    ...webgpuCapabilities(architecture),
    name,
    rounding: rounding ?? null,
    ...(kvCache && { kvCache }),
    maxLength: contextOf(architecture, context),
  };
  let shape = architecture;
  clock.enter("tuneMs");
  const variants = variantsFor(gpu.facts, await chooseFamily?.(architecture));
  const make = async (plans: ReadonlyMap<string, TensorPlan>): Promise<WebGpuModel> => {
    const made = await withinMemory(gpu, name, () => {
      const plan = (id: string) => known(plans, id);
      const has = (id: string) => plans.has(id);
      return new WebGpuModel(new Transformer(gpu, name, shape, capabilities, plan, has, rounding, variants), BUILT_IN);
    });
    if (needsText) await withText(made, memoryLimit);
    return made;
  };
  // Browsers compile on threads of their own: from before the weights are fetched until they are laid out.
  const warmUp = (made: WebGpuModel) => Promise.all([...kernelsOfFirstRun(made)].map((kernel) => kernel.warmUp()));
  // What its config doesn't say of a file's storage its header does.
  const planned = source.checkpoint || architecture.isPacked ? null : plansOf(architecture);
  const joining = Promise.all([
    head && import("../../../extension/load-head.js"),
    adapter && import("../../../extension/mask-tokens/load.js"),
  ]);
  // What goes wrong with them is thrown below, unless something else does before.
  joining.catch(() => {});
  clock.enter("uploadMs");
  let model = planned && (await make(planned));
  let checkpoint: Checkpoint | null = null;
  try {
    let compiled = model && warmUp(model);
    clock.enter("parseMs");
    checkpoint = await clock.fetching(() => openCheckpoint(source, { signal, onProgress }));
    const opened = openWeights(architecture, checkpoint, signal);
    const { architecture: own, weights } = await clock.fetching(() => opened);
    const isOtherHead = own.tied !== architecture.tied;
    if (isOtherHead) {
      console.warn(`${name}: tie_word_embeddings is true, yet the file has another lm_head.weight, which is used.`);
      shape = own;
    }
    signal?.throwIfAborted();
    clock.enter("uploadMs");
    if (!model || isOtherHead || !areStoredAs(planned, weights.tensors, variants.widensF16)) {
      model?.dispose();
      model = await make(weights.tensors);
      compiled = warmUp(model);
    }
    model.stagingBytes = Math.max(...[...weights.tensors.values()].map(byteLengthOf));
    await model.transformer.fillWeights(weights, { signal, waiting: clock.fetching });
    await checkpoint.close();
    const [heads, adapters] = await joining;
    if (head) await heads?.loadHead(model, clock.timed(head), { signal, onProgress });
    if (adapter) await adapters?.loadAdapter(model, clock.timed(adapter), { signal, onProgress });
    clock.enter("compileMs");
    await compiled;
    signal?.throwIfAborted();
    if (debug) model.debug();
  } catch (reason) {
    await checkpoint?.close();
    model?.dispose();
    throw reason;
  }
  return model;
}

/** Sees that there is memory for one text on a model, within a limit. Rejects with `OutOfMemoryError`, the model disposed of. */
async function withText(model: WebGpuModel, memoryLimit: number): Promise<void> {
  try {
    const session = model.session();
    await session.settle().finally(() => session.dispose());
    const needed = heldBytes(model.memory);
    if (needed <= memoryLimit) return;
    throw new OutOfMemoryError(
      `${model.name} takes ${needed} bytes with a text of ${model.capabilities.maxLength} tokens, more than memoryLimit ${memoryLimit}.`,
    );
  } catch (reason) {
    model.dispose();
    throw reason;
  }
}

/** Bytes of weights at most for which memory is taken on a config's word. */
const MAX_UNCHECKED_BYTES = 1 << 28;

/** What is made of a checkpoint before it is there, by what the config says; null where that is so much that the file is asked first. */
function plansOf(architecture: Architecture): Map<string, TensorPlan> | null {
  const { dtype = "F32" } = architecture;
  const plans = tensorNames(architecture).map(({ name, shape }) => ({ name, shape, dtype }));
  const numBytes = plans.reduce((sum, plan) => sum + byteLengthOf(plan), 0);
  return numBytes > MAX_UNCHECKED_BYTES ? null : new Map(plans.map((plan) => [plan.name, plan]));
}

/** Whether all weights take the room that was planned for them. */
function areStoredAs(
  plans: ReadonlyMap<string, TensorPlan> | null,
  weights: ReadonlyMap<string, TensorPlan>,
  widensF16: boolean,
): boolean {
  const format = (tensor?: TensorPlan) =>
    tensor && (isFloat(tensor.dtype) ? formatOf(tensor.dtype, widensF16) : tensor.dtype);
  return [...weights.values()].every((weight) => format(plans?.get(weight.name)) === format(weight));
}

function known<T>(items: ReadonlyMap<string, T>, name: string): T {
  const found = items.get(name);
  if (!found) throw new Error(`tensor ${name} was not checked`);
  return found;
}
