import type { MemoryByClass } from "../seam/memory.js";
import type { Rounding } from "../seam/rounding.js";
import type { OptionValues } from "../decode/options.js";
import type { Recovery } from "../decode/engine/request.js";
import { OutOfMemoryError } from "../vocabulary/errors.js";
import { type Chat, isChat } from "../vocabulary/chat.js";
import type { DoneEvent, GenerationEvent, TokenId } from "../vocabulary/events.js";
import type { LoadTimes } from "../backend/webgpu/load/load-times.js";
import type { DeviceLimits } from "../backend/webgpu/tuning/device-limits.js";
import type { Capabilities } from "../seam/capabilities.js";
import type { Model } from "../seam/model.js";
import type { InTurn } from "./in-turn.js";
import type { MatmulFamilyName } from "../backend/webgpu/ops/variants.js";
import { chatTokensOf, type TextReading, type TextTokens, textOf, tokensOf } from "../tokenizer/text-tokens.js";
import type { Tokenizer } from "../tokenizer/tokenizer.js";
import type { TuningRecord } from "../backend/webgpu/tuning/tuning-record.js";
import type {
  AdapterReport,
  DeviceReport,
  Job,
  MeasureProgress,
  ModelInfo,
  PlanRequest,
  RunPlan,
  RuntimeStats,
} from "./job.js";
import { type Lent, Loan } from "./loan.js";
import { Losses } from "./losses.js";
import type { ModelRef } from "./model-ref.js";
import { reportOf, tokenizerOf } from "./reports.js";
import { Resident } from "./resident.js";
import { Shelf, type Waiter } from "./shelf.js";

/** What is known of a model by its folder's small files, or of one that is loaded. */
export interface Known {
  /** Null where its folder has none: ids in, ids out. */
  tokenizer: Tokenizer | null;
  capabilities: Capabilities;
  name: string;
}

/** What the runtime needs of a device. */
export interface RuntimeDevice {
  facts: AdapterReport;
  arena: { readonly byteLength: number };
  lost: Promise<string>;
}

/** What the runtime needs of a loaded model. */
export interface RuntimeModel {
  model: Model;
  /** Null where its folder has none: ids in, ids out. */
  tokenizer: Tokenizer | null;
  name: string;
  gpuBytes: number;
  /** How its weights are rounded; null: as they are stored. */
  weights: Rounding | null;
  memory: MemoryByClass;
  /** Null where none are chosen. */
  kernels: MatmulFamilyName | null;
  load: LoadTimes;
  dispose(): void;
}

/** One run with everything it was lent. */
export interface LentJob<D extends RuntimeDevice, M extends RuntimeModel> {
  device: D;
  request: Job;
  target: Lent<M>;
  draft?: Lent<M>;
  signal: AbortSignal;
  recovery: Recovery;
}

/** How to measure. */
export interface MeasureHow {
  /** Even if it has been measured. */
  again: boolean;
  signal: AbortSignal;
  onProgress(progress: MeasureProgress): void;
  /** For timing a model's forwards; left out: what a page that loads can spare. */
  budgetMs?: number;
}

/** The layers below, handed in so that the runtime's own rules can be tested without a GPU. */
export interface RuntimeParts<D extends RuntimeDevice, M extends RuntimeModel> {
  openDevice(): Promise<D>;
  /** What a model can do, by its config alone; null where that can't be told so. */
  capabilities(ref: ModelRef): Promise<Capabilities | null>;
  read(ref: ModelRef, signal?: AbortSignal): Promise<Known>;
  plan(request: PlanRequest, capabilities: (ref: ModelRef) => Promise<Capabilities | null>): Promise<RunPlan>;
  loadModel(device: D, ref: ModelRef, waiter: Required<Waiter>): Promise<M>;
  limits(device: D, how: MeasureHow): Promise<DeviceLimits | null>;
  measure(device: D, loaded: M, how: MeasureHow): Promise<Pick<DeviceReport, "costs" | "kernels">>;
  exportTuning(device: D): Promise<TuningRecord>;
  importTuning(device: D, record: unknown): Promise<void>;
  /** Refuses what is wrong with a job before a device is opened; its options, read. */
  check(job: Job, signal?: AbortSignal): Promise<OptionValues>;
  generate(job: LentJob<D, M>, emit: (event: GenerationEvent) => void): Promise<DoneEvent>;
  inTurn: InTurn;
}

/** One device, one copy of each model, sessions that are used again, and the runs on them: of one process, behind any door. */
export class Runtime<D extends RuntimeDevice, M extends RuntimeModel> {
  private opening: Promise<D> | null = null;
  private device: D | null = null;
  private numRuns = 0;
  private readonly shelf: Shelf<Resident<M>>;

  constructor(
    private readonly parts: RuntimeParts<D, M>,
    private readonly losses = new Losses(),
  ) {
    this.shelf = new Shelf(async (ref, waiter) => new Resident(await parts.loadModel(await this.open(), ref, waiter)));
  }

  /** The device, opened if none is open. */
  open(): Promise<D> {
    this.opening ??= this.parts.openDevice().then(
      (device) => {
        this.device = device;
        void device.lost.then((reason) => this.forget(device, reason));
        return device;
      },
      (error: unknown) => {
        this.opening = null;
        throw error;
      },
    );
    return this.opening;
  }

  /** Which adapter it is on; opens the device. */
  async adapter(): Promise<AdapterReport> {
    return reportOf(await this.open());
  }

  /** Takes one reference to a model, which is loaded if it isn't there. */
  async load(ref: ModelRef, waiter: Waiter = {}): Promise<Omit<ModelInfo, "device">> {
    const { loaded } = await this.shelf.take(ref, waiter);
    const { vocabSize, maxLength, generation = {} } = loaded.model.capabilities;
    const { name, gpuBytes, weights, memory, kernels, load } = loaded;
    return { ref, url: ref.url, name, vocabSize, maxLength, gpuBytes, weights, memory, kernels, load, generation };
  }

  /** Reads and checks a folder's small files, before a device is opened for its weights. */
  read(ref: ModelRef, signal?: AbortSignal): Promise<Known> {
    return this.parts.read(ref, signal);
  }

  /** Gives one reference back; the last one frees the model. */
  release(ref: ModelRef): void {
    this.shelf.release(ref);
  }

  /** What a decoder needs of the models at hand, which needn't be loaded, and which options a run could have. */
  plan(request: PlanRequest, capabilities = (ref: ModelRef) => this.capabilities(ref)): Promise<RunPlan> {
    return this.parts.plan(request, capabilities);
  }

  /** What a model can do, loaded or by its config alone; null where that can't be told before it is loaded. */
  async capabilities(ref: ModelRef): Promise<Capabilities | null> {
    const resident = this.shelf.peek(ref);
    return resident ? resident.loaded.model.capabilities : this.parts.capabilities(ref);
  }

  /** The device and its limits; measured once, unless `again`. */
  async limits(how: MeasureHow): Promise<Pick<DeviceReport, "adapter" | "limits">> {
    const device = await this.open();
    return { adapter: reportOf(device), limits: await this.parts.limits(device, how) };
  }

  /** Limits of the device, and costs and kernels of a loaded model's forwards; measured once, unless `again`. */
  measure(ref: ModelRef, how: MeasureHow): Promise<DeviceReport> {
    return this.use(ref, async (loaded) => ({
      ...(await this.limits(how)),
      ...(await this.parts.measure(await this.open(), loaded, how)),
    }));
  }

  /** Does something with a loaded model, which stays loaded meanwhile; `inTurn`: what goes in turn with the runs. */
  async use<T>(ref: ModelRef, work: (loaded: M, inTurn: InTurn) => T | Promise<T>): Promise<T> {
    const { loaded } = await this.shelf.again(ref);
    try {
      return await work(loaded, (task) => this.parts.inTurn(task));
    } finally {
      this.shelf.release(ref);
    }
  }

  /** The tokens of a text or a chat as a loaded model reads it. */
  tokenize(ref: ModelRef, text: string | Chat, how: TextReading): Promise<TextTokens> {
    return this.use(ref, (loaded) => {
      const tokenizer = tokenizerOf(loaded);
      return isChat(text) ? chatTokensOf(tokenizer, text) : tokensOf(tokenizer, text, how);
    });
  }

  /** The text of a loaded model's ids. */
  detokenize(ref: ModelRef, ids: readonly TokenId[]): Promise<string> {
    return this.use(ref, (loaded) => textOf(tokenizerOf(loaded), ids));
  }

  /** What has been measured of this device's matmul kernels; opens the device. */
  async exportTuning(): Promise<TuningRecord> {
    return this.parts.exportTuning(await this.open());
  }

  /** Adds the choices of such a record, which was made on an adapter like this one. */
  async importTuning(record: unknown): Promise<void> {
    await this.parts.importTuning(await this.open(), record);
  }

  /** What is alive now. */
  get stats(): RuntimeStats {
    return {
      devices: this.device ? 1 : 0,
      models: this.shelf.loaded.length,
      sessions: this.shelf.loaded.reduce((sum, resident) => sum + resident.sessionCount, 0),
      runs: this.numRuns,
      gpuBytes: this.device?.arena.byteLength ?? 0,
    };
  }

  /** Whether nobody holds a model, one that was lost with its device included, and no run is on. */
  get isSpare(): boolean {
    return this.shelf.isEmpty && this.numRuns === 0;
  }

  /** Refuses what is wrong with a job before a device is opened; its options, read, which `run` then needn't read again. */
  check(job: Job, signal?: AbortSignal): Promise<OptionValues> {
    return this.parts.check(job, signal);
  }

  /**
   * Runs a job on loaded models. `emit` gets every event in order; `done` comes once the sessions are free again, so that a caller
   * who awaited it can use them. A lost device is asked for anew, and the run goes on.
   */
  async run(job: Job, emit: (event: GenerationEvent) => void, signal: AbortSignal): Promise<DoneEvent> {
    const { model, draft, isAlone, conversation } = job;
    const lender = { shelf: this.shelf, losses: this.losses, openDevice: () => this.open() };
    const loan = new Loan(lender, draft ? [model, draft] : [model], { isAlone, conversation, signal });
    this.numRuns++;
    let done: DoneEvent | null = null;
    try {
      done = await this.generate(job, loan, emit, signal);
    } catch (error) {
      // Memory that no run uses is worth more to the next one; what was recorded of it may be lost, too.
      if (error instanceof OutOfMemoryError) for (const resident of this.shelf.loaded) resident.dropIdle();
      throw error;
    } finally {
      loan.giveBack(done !== null);
      this.numRuns--;
    }
    emit(done);
    return done;
  }

  private async generate(
    request: Job,
    loan: Loan<D, M>,
    emit: (event: GenerationEvent) => void,
    signal: AbortSignal,
  ): Promise<DoneEvent> {
    const { recovery } = loan;
    let lent = await loan.take();
    let hasBegun = false;
    for (;;) {
      try {
        return await this.parts.generate({ ...lent, request, signal, recovery }, (event) => {
          hasBegun = true;
          if (event.type !== "done") emit(event);
        });
      } catch (error) {
        // What is measured for a run comes before its first event: it is done again.
        if (hasBegun || (await recovery.reasonOf(error)) === null) throw error;
        lent = await this.losses.askAnew(() => loan.take(), signal);
      }
    }
  }

  private forget(device: D, reason: string): void {
    if (this.device !== device) return;
    this.losses.note(reason);
    this.device = null;
    this.opening = null;
    this.shelf.forget();
  }
}
