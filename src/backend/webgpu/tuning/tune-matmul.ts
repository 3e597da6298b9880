import { OutOfMemoryError } from "../../../vocabulary/errors.js";
import type { Gpu } from "../gpu/device.js";
import type { Architecture } from "../../../architecture/architecture.js";
import { layerTensors } from "../../../architecture/tensors.js";
import type { WebGpuModel } from "../session/webgpu-model.js";
import type { Rounding } from "../../../seam/rounding.js";
import { familiesFor, type MatmulFamilyName } from "../ops/variants.js";
import type { MeasureOptions } from "../../timing/model-costs.js";
import { isAccurate } from "./accuracy.js";
import { halve } from "./halving.js";
import { randomModel } from "./random-model.js";
import { TimedForwards } from "../../timing/timed-forwards.js";
import { timedGpu } from "./timed-gpu.js";
import { type Work, WorkSample } from "./work-sample.js";

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
const WORK: readonly Work[] = [
  { rows: 1, times: 8 },
  { rows: 8, times: 4 },
  { rows: 64, times: 1 },
];
/** Weights of a candidate, so that they aren't all in a cache: as many layers as that takes, one at least. */
const WEIGHT_BYTES = 2 ** 26;
/** Rows of the vocabulary at most: its product is like the others, only longer. */
const MAX_VOCAB = 8192;
const CONTEXT = 128;

/**
 * Times whole forwards of a model of this shape, on random weights and fewer layers, by each family of matmul kernels
 * that is right on this device, and names the fastest. Takes up to `budgetMs` (default 1,500) for timing, more only where a
 * sample of each takes longer. Rejects with
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
      const model = await randomModel(gpu, sample, { family, rounding, context: CONTEXT, signal }).catch(unlessFull);
      // Those that fit beside each other are compared.
      if (!model) break;
      const trial = new Trial(gpu, model, clock);
      trials.set(family, trial);
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
        return (trials.get(family) as Trial).measure();
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

/** One family's model, timed. */
class Trial {
  private readonly forwards: TimedForwards;
  private readonly sample: WorkSample;
  private readonly work: readonly Work[];

  constructor(
    gpu: Gpu,
    readonly model: WebGpuModel,
    clock: () => number,
  ) {
    this.forwards = new TimedForwards(timedGpu(gpu), model, clock);
    const possible = this.forwards.possible(WORK.map(({ rows }) => rows));
    this.work = WORK.filter(({ rows }) => possible.includes(rows));
    this.sample = new WorkSample(this.work, (rows, repetitions) => this.forwards.time(rows, repetitions));
  }

  /** Compiles, and sizes a sample. */
  async prepare(): Promise<void> {
    for (const { rows } of this.work) await this.forwards.warm(rows);
    await this.sample.prepare();
  }

  /** Milliseconds of the work, done once. */
  measure(): Promise<number> {
    return this.sample.measure();
  }

  dispose(): void {
    this.forwards.dispose();
    this.model.dispose();
  }
}
