import { OutOfMemoryError } from "../../../vocabulary/errors.js";
import type { Gpu } from "../gpu/device.js";
import { type Architecture, capabilitiesOf } from "../../../architecture/architecture.js";
import { layerTensors, tensorNames } from "../../../architecture/tensors.js";
import { withinMemory } from "../plan/within-memory.js";
import { Transformer } from "../plan/transformer.js";
import { WebGpuModel } from "../session/webgpu-model.js";
import type { TensorPlan } from "../plan/weights.js";
import type { Rounding } from "../../../seam/rounding.js";
import { familiesFor, type MatmulFamilyName, variantsFor } from "../ops/variants.js";
import type { MeasureOptions } from "./device-limits.js";
import { isAccurate } from "./accuracy.js";
import { halve } from "./halving.js";
import { randomWeights } from "./random-weights.js";
import { TimedForwards } from "./timed-forwards.js";

/** How to tune. */
export interface TuneOptions extends MeasureOptions {
  rounding?: Rounding | null;
  /** Default: those worth trying on the adapter. One alone is not timed. */
  candidates?: readonly [MatmulFamilyName, ...MatmulFamilyName[]];
  /** For timing alone; laying out random weights and compiling come on top. */
  budgetMs?: number;
  /** Whether a family's products are right on this device; an override for tests. */
  admit?: (family: MatmulFamilyName) => Promise<boolean>;
}

/** Which matmul kernels a model of this shape runs fastest on. */
export interface Tuned {
  family: MatmulFamilyName;
  /** Milliseconds of the work below by family; empty where there was nothing to choose. */
  ms: Partial<Record<MatmulFamilyName, number>>;
  /** Families whose products were wrong on this device. */
  refused: MatmulFamilyName[];
}

/** One sample: eight plain tokens, four verifications or blocks of eight rows, a prompt of 64. */
const WORK = [
  { rows: 1, times: 8 },
  { rows: 8, times: 4 },
  { rows: 64, times: 1 },
];
/** Shortest sample. */
const MIN_SAMPLE_MS = 3;
/** Weights of a candidate, so that they aren't all in a cache: as many layers as that takes, one at least. */
const WEIGHT_BYTES = 2 ** 26;
/** Rows of the vocabulary at most: its product is like the others, only longer. */
const MAX_VOCAB = 8192;
const CONTEXT = 128;

/**
 * Times whole forwards of a model of this shape, on random weights and fewer layers, by each family of matmul kernels
 * that is right on this device, and names the fastest. Takes up to `budgetMs` (default 1,500) for timing. Rejects with
 * the signal's reason. The model's own weights aren't needed: families differ in how weights are laid out, so the choice
 * comes before that.
 */
export async function tuneMatmul(
  gpu: Gpu,
  architecture: Architecture,
  {
    signal,
    clock = () => performance.now(),
    breathe = async () => {},
    rounding = null,
    candidates = familiesFor(gpu.facts),
    budgetMs = 1500,
    admit = (family) => isAccurate(gpu, family, architecture, rounding),
  }: TuneOptions = {},
): Promise<Tuned> {
  if (candidates.length === 1) return { family: candidates[0], ms: {}, refused: [] };
  const sample = shapeSample(architecture);
  const weights = randomWeights(sample);
  const trials = new Map<MatmulFamilyName, Trial>();
  const refused: MatmulFamilyName[] = [];
  const pause = async () => {
    signal?.throwIfAborted();
    await breathe();
  };
  try {
    for (const family of candidates) {
      await pause();
      if (!(await admit(family))) {
        refused.push(family);
        continue;
      }
      const model = await trialModel(gpu, sample, family, rounding).catch(unlessFull);
      // Those that fit beside each other are compared.
      if (!model) break;
      const trial = new Trial(gpu, model, clock);
      trials.set(family, trial);
      await model.transformer.fillWeights(weights, signal);
      await trial.prepare();
    }
    const [prior, ...others] = trials.keys();
    // Nothing is right, or fits: that is for the first run's own checks to say, with the adapter's default.
    if (prior === undefined) return { family: candidates[0], ms: {}, refused };
    const { winner, ms } = await halve<MatmulFamilyName>({
      candidates: [prior, ...others],
      clock,
      budgetMs,
      async measure(family) {
        await pause();
        return (trials.get(family) as Trial).sample();
      },
    });
    return { family: winner, ms, refused };
  } finally {
    for (const trial of trials.values()) trial.dispose();
  }
}

function unlessFull(error: unknown): null {
  if (error instanceof OutOfMemoryError) return null;
  throw error;
}

/** The architecture with as few layers and tokens as tell how fast it is. */
function shapeSample(architecture: Architecture): Architecture {
  const { dtype = "F32", layers } = architecture;
  const values = layerTensors(architecture, 0).reduce(
    (sum, { shape }) => sum + shape.reduce((product, size) => product * size, 1),
    0,
  );
  const most = Math.max(1, Math.ceil(WEIGHT_BYTES / (values * (dtype === "F32" ? 4 : 2))));
  return {
    ...architecture,
    layers: layers.slice(0, most),
    vocabSize: Math.min(architecture.vocabSize, MAX_VOCAB),
  };
}

/** A model of random weights on one family's kernels; its values are still to come. */
function trialModel(
  gpu: Gpu,
  architecture: Architecture,
  family: MatmulFamilyName,
  rounding: Rounding | null,
): Promise<WebGpuModel> {
  const { dtype = "F32" } = architecture;
  const specs = new Map<string, TensorPlan>(tensorNames(architecture).map((spec) => [spec.name, { ...spec, dtype }]));
  const capabilities = { ...capabilitiesOf(architecture), maxLength: Math.min(CONTEXT, architecture.maxLength) };
  const plan = (name: string) => specs.get(name) as TensorPlan;
  const has = (name: string) => specs.has(name);
  const variants = variantsFor(gpu.facts, family);
  return withinMemory(
    gpu,
    family,
    () => new WebGpuModel(new Transformer(gpu, family, architecture, capabilities, plan, has, rounding, variants)),
  );
}

/** One family's model, timed. */
class Trial {
  private readonly forwards: TimedForwards;
  private repetitions = 1;

  constructor(
    gpu: Gpu,
    readonly model: WebGpuModel,
    clock: () => number,
  ) {
    this.forwards = new TimedForwards(gpu, model, clock);
  }

  /** Compiles, and finds out how often the work must be done for a sample that the clock can tell. */
  async prepare(): Promise<void> {
    for (const { rows } of this.work()) await this.forwards.warm(rows);
    // Drivers finish compiling at the first use.
    await this.sample();
    this.repetitions = Math.max(1, Math.ceil(MIN_SAMPLE_MS / Math.max(await this.sample(), MIN_SAMPLE_MS / 64)));
  }

  /** Milliseconds of the work, done once. */
  async sample(): Promise<number> {
    let elapsedMs = 0;
    for (const { rows, times } of this.work()) elapsedMs += await this.forwards.time(rows, times * this.repetitions);
    return elapsedMs / this.repetitions;
  }

  dispose(): void {
    this.forwards.dispose();
    this.model.dispose();
  }

  private work(): typeof WORK {
    const possible = this.forwards.possible(WORK.map(({ rows }) => rows));
    return WORK.filter(({ rows }) => possible.includes(rows));
  }
}
