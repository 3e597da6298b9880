import type { Chat } from "../vocabulary/chat.js";
import type { OptionValues } from "../decode/options.js";
import type { TuningRecord } from "../backend/webgpu/tuning/tuning-record.js";
import type { TextReading, TextTokens } from "../tokenizer/text-tokens.js";
import { AUTO, type DeviceName, namedDevice } from "../vocabulary/device.js";
import { InvalidOptionError, ModelLoadError } from "../vocabulary/errors.js";
import type { DoneEvent, GenerationEvent, TokenId } from "../vocabulary/events.js";
import { type Choice, type ChoicePlace, Chooser } from "./chooser.js";
import { IdleWork } from "./idle-work.js";
import type {
  AdapterReport,
  DeviceReport,
  Job,
  ModelInfo,
  PlanRequest,
  RunPlan,
  RuntimeStats,
  VocabularyReport,
} from "./job.js";
import type { InTurn } from "./in-turn.js";
import { keyOf, type ModelRef } from "./model-ref.js";
import type { AnyRuntime, OnDevice } from "./on-device.js";
import { bare, deviceOf, type Placed } from "./placed.js";
import type { Known, MeasureHow, RuntimeModel } from "./runtime.js";
import type { Waiter } from "./shelf.js";

/** Which devices a page or a terminal can have. */
export interface DevicePlace {
  readonly names: readonly DeviceName[];
  /** A device that isn't opened yet. Rejects with what is missing, and what to do. */
  make(name: DeviceName): Promise<OnDevice>;
  /** By what a device is chosen; left out: models that leave the choice run on the first of `names`. */
  readonly choice?: ChoicePlace;
}

type Chosen = Pick<Choice, "name" | "why">;

/** A runtime on each device that a model of this process asks for, made then and not before: behind any door. */
export class Devices {
  /** The device of models that don't name one. */
  usual: string = AUTO;
  private readonly devices = new Map<DeviceName, Promise<OnDevice>>();
  /** Those that are made. */
  private readonly made: AnyRuntime[] = [];
  private readonly chooser: Chooser | null;
  /** Times devices behind a run. */
  private readonly timing: IdleWork;
  /** By ref: the device of each model that left the choice. */
  private readonly chosen = new Map<string, Promise<Choice>>();
  /** By ref: where models that left the choice were loaded besides, to run with another. */
  private readonly moved = new Map<string, AnyRuntime[]>();

  constructor(private readonly place: DevicePlace) {
    this.chooser = place.choice ? new Chooser(place.choice, (name) => this.device(name)) : null;
    this.timing = new IdleWork(async (signal) => this.chooser?.timeLater(signal), place.choice?.idle);
  }

  /** The runtime on a device. Throws `InvalidOptionError` for a name that there isn't here. */
  async on(name: string): Promise<AnyRuntime> {
    return (await this.device(namedDevice(name, this.place.names))).runtime;
  }

  /** The device of a model; while none is chosen, the first that can read its folder. */
  async of(ref: ModelRef): Promise<Placed> {
    const { name, why } = await this.placeOf(ref);
    return { name, why, runtime: await this.on(name) };
  }

  /**
   * Takes one reference to a model, which is loaded on its device if it isn't there. `draft`: the only one that it will run with, so that a device
   * is chosen that both can have.
   */
  load(ref: ModelRef, { draft, ...waiter }: Waiter & { draft?: ModelRef } = {}): Promise<ModelInfo> {
    return this.timing.aside(() => this.loadChosen(ref, waiter, draft));
  }

  /** Gives one reference back; the last one frees the model. */
  async release(ref: ModelRef): Promise<void> {
    (await this.of(ref)).runtime.release(bare(ref));
    const key = keyOf(bare(ref));
    for (const runtime of this.moved.get(key) ?? []) runtime.release(bare(ref));
    this.moved.delete(key);
  }

  /** Reads and checks a folder's small files, before a device is opened for its weights. */
  async read(ref: ModelRef, signal?: AbortSignal): Promise<Known> {
    return (await this.of(ref)).runtime.read(bare(ref), signal);
  }

  /** Whether each other model shares the first one's vocabulary, by their folders' small files. */
  async vocabularies([target, ...others]: readonly ModelRef[]): Promise<VocabularyReport[]> {
    const { reportVocabularies } = await import("./vocabularies.js");
    const own = await this.read(target);
    return Promise.all(others.map(async (ref) => reportVocabularies(own, await this.read(ref))));
  }

  /** What a decoder needs of the models at hand, on their devices, and which options a run could have. */
  async plan(request: PlanRequest): Promise<RunPlan> {
    const [first] = this.place.names;
    const any = await this.on(first);
    return any.plan(request, async (ref) => (await this.of(ref)).runtime.capabilities(bare(ref)));
  }

  /** Refuses what is wrong with a job before a device is opened; its options, read. */
  async check(job: Job, signal?: AbortSignal): Promise<OptionValues> {
    const { placed, own } = await this.placed(job);
    return placed.runtime.check(own, signal);
  }

  /** Runs a job on loaded models, which are on one device; its `start` says on which. */
  async run(job: Job, emit: (event: GenerationEvent) => void, signal: AbortSignal): Promise<DoneEvent> {
    try {
      return await this.timing.aside(async () => {
        const { placed, own } = await this.placed(job);
        for (const ref of [job.model, job.draft]) if (ref) await this.move(ref, placed, signal);
        const device = await deviceOf(placed);
        const tell = (event: GenerationEvent) => emit(event.type === "start" ? { ...event, device } : event);
        return placed.runtime.run(own, tell, signal);
      });
    } finally {
      this.timing.begin();
    }
  }

  /** What is known of a device's adapter; opens the device. */
  async adapter(name: DeviceName = "webgpu"): Promise<AdapterReport> {
    return (await this.on(name)).adapter();
  }

  /** The device and its limits; measured once, unless `again`. */
  async limits(name: DeviceName, how: MeasureHow): Promise<Pick<DeviceReport, "adapter" | "limits">> {
    return this.timing.aside(async () => (await this.on(name)).limits(how));
  }

  /** Limits of a loaded model's device, and costs and kernels of its forwards; measured once, unless `again`. */
  async measure(ref: ModelRef, how: MeasureHow): Promise<DeviceReport> {
    return this.timing.aside(async () => (await this.of(ref)).runtime.measure(bare(ref), how));
  }

  /** Does something with a loaded model, which stays loaded meanwhile; `inTurn`: what goes in turn with the runs. */
  async use<T>(ref: ModelRef, work: (loaded: RuntimeModel, inTurn: InTurn) => T | Promise<T>): Promise<T> {
    return this.timing.aside(async () => (await this.of(ref)).runtime.use(bare(ref), work));
  }

  /** The tokens of a text or a chat as a loaded model reads it. */
  async tokenize(ref: ModelRef, text: string | Chat, how: TextReading): Promise<TextTokens> {
    return (await this.of(ref)).runtime.tokenize(bare(ref), text, how);
  }

  /** The text of a loaded model's ids. */
  async detokenize(ref: ModelRef, ids: readonly TokenId[]): Promise<string> {
    return (await this.of(ref)).runtime.detokenize(bare(ref), ids);
  }

  /** What has been measured of WebGPU's matmul kernels; opens the device. */
  async exportTuning(): Promise<TuningRecord> {
    return (await this.on("webgpu")).exportTuning();
  }

  /** Adds the choices of such a record, which was made on an adapter like WebGPU's here. */
  async importTuning(record: unknown): Promise<void> {
    return (await this.on("webgpu")).importTuning(record);
  }

  /** What is alive now, on all devices. */
  get stats(): RuntimeStats {
    const sum: RuntimeStats = { devices: 0, models: 0, sessions: 0, runs: 0, gpuBytes: 0 };
    for (const { stats } of this.made) {
      for (const key of Object.keys(sum) as (keyof RuntimeStats)[]) sum[key] += stats[key];
    }
    return sum;
  }

  /** Whether nobody holds a model and nothing is done any more: what is timed behind a run is waited for. */
  async isSpare(): Promise<boolean> {
    await this.timing.ended;
    return this.made.every(({ isSpare }) => isSpare);
  }

  private async loadChosen(ref: ModelRef, waiter: Waiter, draft?: ModelRef): Promise<ModelInfo> {
    // Which of the devices that run graphs there are is found out.
    if (draft && this.asked(draft) === null && (await this.isGraph(draft))) await this.choose(draft, waiter);
    const pair = draft && (await this.draftsOwn(ref, draft));
    if (pair) this.chosen.set(keyOf(bare(ref)), Promise.resolve({ ...pair, settle: () => {} }));
    const choice = this.asked(ref) === null ? await this.choose(ref, waiter) : null;
    const placed = await this.of(ref);
    const loading = placed.runtime.load(bare(ref), waiter);
    choice?.settle();
    return { ...(await loading), ref, device: await deviceOf(placed) };
  }

  /** A job's device, and the job as its runtime knows it. */
  private async placed(job: Job): Promise<{ placed: Placed; own: Job }> {
    const { model, draft } = job;
    const pair = draft && (await this.draftsOwn(model, draft));
    const placed = pair ? { ...pair, runtime: await this.on(pair.name) } : await this.of(model);
    const asked = draft && this.asked(draft)?.name;
    if (asked && asked !== placed.name) {
      throw new InvalidOptionError(
        `The model runs on device ${placed.name} and its draft on ${asked}: load both on one of them.`,
      );
    }
    return { placed, own: { ...job, model: bare(model), draft: draft && bare(draft) } };
  }

  /** The device that a draft needs and its model, which left the choice, isn't on but can be: both run there; null: the draft goes where its model is. */
  private async draftsOwn(model: ModelRef, draft: ModelRef): Promise<Chosen | null> {
    if (!this.chooser || this.asked(model) !== null || this.place.choice?.onlyWebGpu(model)) return null;
    const asked = this.asked(draft)?.name;
    const own = (await this.placeOf(model)).name;
    if (asked) {
      const canBeThere = asked !== "webgpu" || !(await this.isGraph(model));
      return asked !== own && canBeThere
        ? { name: asked, why: `Its draft was asked for on ${asked}: both run there.` }
        : null;
    }
    if (own !== "webgpu" || !(await this.isGraph(draft))) return null;
    const { name } = await this.placeOf(draft);
    return { name, why: `Its draft's weights are an ONNX graph, which WebGPU doesn't run: both run on ${name}.` };
  }

  private async isGraph(ref: ModelRef): Promise<boolean> {
    return ((await this.chooser?.readerOf(bare(ref))) ?? null) !== null;
  }

  /** Loads a model that left the choice where the one that it runs with is, if it is elsewhere. */
  private async move(ref: ModelRef, { name, runtime }: Placed, signal: AbortSignal): Promise<void> {
    if ((await this.of(ref)).name === name) return;
    const key = keyOf(bare(ref));
    if (this.moved.get(key)?.includes(runtime)) return;
    try {
      await runtime.load(bare(ref), { signal });
    } catch (error) {
      if (!(error instanceof ModelLoadError && error.code === "unsupported_graph")) throw error;
      throw new InvalidOptionError(
        `The model runs on device ${name}, which can't have its draft: ${error.message} The model can be loaded there too.`,
      );
    }
    const now = this.moved.get(key) ?? [];
    // Another run asked for it at the same time.
    if (now.includes(runtime)) runtime.release(bare(ref));
    else this.moved.set(key, [...now, runtime]);
  }

  /** The device that a model or the page has named; null: none. */
  private asked({ device = this.usual }: ModelRef): Chosen | null {
    return device === AUTO ? null : { name: namedDevice(device, this.place.names), why: "It was asked for." };
  }

  private async placeOf(ref: ModelRef): Promise<Chosen> {
    const chosen = this.asked(ref) ?? (await this.chosen.get(keyOf(bare(ref))));
    if (chosen) return chosen;
    const name = (await this.chooser?.readerOf(bare(ref))) ?? this.place.names[0];
    return { name, why: "No other device can be chosen here." };
  }

  private async choose(ref: ModelRef, waiter: Waiter): Promise<Choice | null> {
    const key = keyOf(bare(ref));
    const before = this.chosen.get(key);
    if (before || !this.chooser) return (await before) ?? null;
    const choice = this.chooser.choose(bare(ref), waiter);
    this.chosen.set(key, choice);
    try {
      return await choice;
    } catch (error) {
      this.chosen.delete(key);
      throw error;
    }
  }

  private async device(name: DeviceName): Promise<OnDevice> {
    const making = this.devices.get(name) ?? this.place.make(name);
    const isNew = !this.devices.has(name);
    this.devices.set(name, making);
    try {
      const made = await making;
      if (isNew) this.made.push(made.runtime);
      return made;
    } catch (error) {
      this.devices.delete(name);
      throw error;
    }
  }
}
