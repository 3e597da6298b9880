import type { Gpu } from "../gpu/device.js";
import type { Architecture } from "../../../architecture/architecture.js";
import { familiesFor, type MatmulFamilyName } from "../ops/variants.js";
import type { TuneOptions } from "./tune-matmul.js";
import { choiceFor, emptyRecord, parseRecord, shapeKey, type TuningRecord, withChoice } from "./tuning-record.js";

/** Where records outlive a page. Both may fail: a record that can't be kept is measured again. */
export interface TuningStore {
  get(key: string): Promise<unknown>;
  set(key: string, record: TuningRecord): Promise<void>;
}

/** Keeps nothing. */
const NO_STORE: TuningStore = { get: async () => null, set: async () => {} };

/** How to choose. */
export interface ChooseOptions extends TuneOptions {
  /** Measures where no choice is on record. */
  tune?: boolean;
}

/** What is known of one device's fastest kernels, by the shapes of models. */
export class Tuning {
  private constructor(
    private readonly gpu: Gpu,
    private readonly store: TuningStore,
    private current: TuningRecord,
  ) {}

  /** With what the store holds for this adapter and these kernels. */
  static async open(gpu: Gpu, store: TuningStore = NO_STORE): Promise<Tuning> {
    const empty = await emptyRecord(gpu.facts);
    let kept: TuningRecord | null = null;
    try {
      kept = await parseRecord(await store.get(keyOf(empty)), gpu.facts);
    } catch {
      // Nothing kept, or nothing that fits: as on the first visit.
    }
    return new Tuning(gpu, store, kept ?? empty);
  }

  /** What has been measured so far: plain JSON. */
  get record(): TuningRecord {
    return this.current;
  }

  /** Adds the choices of a record made on such an adapter with these kernels. Throws `InvalidOptionError`. */
  async import(value: unknown): Promise<void> {
    const { choices } = await parseRecord(value, this.gpu.facts);
    this.current = choices.reduce(withChoice, this.current);
    await this.keep();
  }

  /**
   * The family on record for models of this shape; without one, what `tune` measures now, or the adapter's default. A
   * software adapter has one family worth trying, so that nothing is measured there.
   */
  async family(
    architecture: Architecture,
    { tune = false, ...options }: ChooseOptions = {},
  ): Promise<MatmulFamilyName> {
    const { rounding = null, candidates = familiesFor(this.gpu.facts) } = options;
    const shape = shapeKey(architecture, rounding);
    const known = choiceFor(this.current, shape);
    if (known) return known.family;
    if (!tune || candidates.length === 1) return candidates[0];
    const { tuneMatmul } = await import("./tune-matmul.js");
    const tuned = await tuneMatmul(this.gpu, architecture, { ...options, candidates });
    this.current = withChoice(this.current, { shape, ...tuned, date: new Date().toISOString() });
    await this.keep();
    return tuned.family;
  }

  private async keep(): Promise<void> {
    try {
      await this.store.set(keyOf(this.current), this.current);
    } catch {
      // Private windows and full disks: this page has it in memory.
    }
  }
}

function keyOf({ adapter, kernels }: TuningRecord): string {
  return JSON.stringify([adapter.vendor, adapter.architecture, adapter.description, kernels]);
}
