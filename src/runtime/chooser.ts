import type { DeviceName } from "../vocabulary/device.js";
import {
  DeviceLostError,
  InvalidOptionError,
  ModelLoadError,
  OutOfMemoryError,
  UnsupportedDeviceError,
} from "../vocabulary/errors.js";
import { type AdapterWords, chooseDevice, type KnownDevices, type Milliseconds } from "./choose-device.js";
import type { ModelRef } from "./model-ref.js";
import type { OnDevice } from "./on-device.js";
import type { Waiter } from "./shelf.js";

/** Where what was timed outlives a process. Both may fail: it is timed again then. */
export interface TimedStore {
  get(key: string): Promise<unknown>;
  set(key: string, value: unknown): Promise<void>;
}

/** What is told of a model before its weights are loaded. */
export interface ModelSize {
  name: string;
  /** Models that agree in it take the same time. */
  shape: string;
  byteLength: number;
}

/** What a page or a terminal chooses among, and by. */
export interface ChoicePlace {
  /** Devices beside WebGPU, the better first. */
  others: readonly DeviceName[];
  /** What is asked for that WebGPU alone has; null: nothing. */
  onlyWebGpu(ref: ModelRef): string | null;
  /** WebGPU's adapter, whose device isn't opened. Rejects with `UnsupportedDeviceError` where there is none. */
  adapter(): Promise<{ description: string; isSoftware: boolean }>;
  size(ref: ModelRef): Promise<ModelSize>;
  /** Version and browser, for which what was timed on an adapter holds. */
  machine: string;
  store: TimedStore;
}

/** The device that was chosen, and why. `settle` gives back the copies of the model that the choice has loaded. */
export interface Choice {
  name: DeviceName;
  why: string;
  settle(): void;
}

/** What was timed on one machine: milliseconds of a forward by shape and device. */
interface TimedRecord {
  machine: string;
  models: Record<string, Milliseconds>;
}

const KEY = "triptych-lm/devices";

/** Chooses devices for models that leave the choice, one model at a time: what one has found out the next needn't ask again. */
export class Chooser {
  private adapter: Promise<AdapterWords> | null = null;
  private errors: KnownDevices["errors"] = {};
  private failures: KnownDevices["failures"] = {};
  private forwardMs: Milliseconds = {};
  private timed = "";
  private last: Promise<unknown> = Promise.resolve();
  private numWaiting = 0;

  constructor(
    private readonly place: ChoicePlace,
    private readonly on: (name: DeviceName) => Promise<OnDevice>,
  ) {}

  /** The device of a model. Throws `UnsupportedDeviceError` where none can be had, and what is wrong with the model itself. */
  choose(ref: ModelRef, waiter: Waiter): Promise<Choice> {
    this.numWaiting++;
    const choice = this.last.then(() => this.find(ref, waiter));
    this.last = choice.catch(() => {
      // What couldn't be fetched may be there the next time, but not for those that asked together.
      if (this.numWaiting === 1) this.failures = {};
    });
    this.last = this.last.then(() => {
      this.numWaiting--;
    });
    return choice;
  }

  private async find(ref: ModelRef, waiter: Waiter): Promise<Choice> {
    const { others } = this.place;
    const onlyWebGpu = this.place.onlyWebGpu(ref);
    this.adapter ??= onlyWebGpu === null ? this.findAdapter() : null;
    const adapter = (await this.adapter) ?? { missing: "" };
    const isTimed = onlyWebGpu === null && "isSoftware" in adapter && adapter.isSoftware;
    const size = isTimed ? await this.place.size(ref) : { name: "", shape: "", byteLength: 0 };
    const record = isTimed ? await this.recall(adapter) : null;
    if (this.timed === "" && record?.models[size.shape]) {
      this.forwardMs = record.models[size.shape];
      this.timed = size.name;
    }
    const held: { onDevice: OnDevice; loading: Promise<unknown> }[] = [];
    // A load that turns out to be in vain ends at once.
    const abort = new AbortController();
    waiter.signal?.addEventListener("abort", () => abort.abort(waiter.signal?.reason), { once: true });
    const settle = () => {
      abort.abort();
      for (const { onDevice, loading } of held.splice(0)) {
        loading.then(
          () => onDevice.runtime.release(ref),
          () => {},
        );
      }
    };
    const load = (onDevice: OnDevice) => {
      const loading = onDevice.runtime.load(ref, { ...waiter, signal: abort.signal });
      loading.catch(() => {});
      held.push({ onDevice, loading });
      return loading;
    };
    const own: { failures: KnownDevices["failures"]; error: unknown } = { failures: {}, error: null };
    const attempt = async (name: DeviceName, work: (onDevice: OnDevice) => Promise<void>) => {
      try {
        await work(await this.on(name));
      } catch (error) {
        if (error instanceof UnsupportedDeviceError || error instanceof DeviceLostError) {
          this.failures = { ...this.failures, [name]: firstSentence(error) };
        } else if (
          error instanceof InvalidOptionError ||
          error instanceof OutOfMemoryError ||
          // Its weights are a graph, which other devices run.
          (error instanceof ModelLoadError && error.code === "unsupported_graph")
        ) {
          own.failures = { ...own.failures, [name]: firstSentence(error) };
          own.error = error;
        } else throw error;
      }
    };

    try {
      for (;;) {
        const { errors, forwardMs, timed } = this;
        const failures = { ...this.failures, ...own.failures };
        const known = { adapter, others, onlyWebGpu, modelBytes: size.byteLength, errors, failures, forwardMs };
        const step = chooseDevice({ ...known, timed: timed || size.name });
        if ("take" in step) return { name: step.take, why: step.why, settle };
        if ("none" in step) {
          // What is wrong with the model is wrong on each device.
          throw own.error ?? new UnsupportedDeviceError(step.none);
        }
        if ("check" in step) {
          await attempt(step.check, async (onDevice) => {
            // Beside the check, which the load has time for.
            if (!isTimed) void load(onDevice);
            this.errors = { ...this.errors, [step.check]: await onDevice.trial.largestError() };
          });
        } else {
          await attempt(step.time, async (onDevice) => {
            await load(onDevice);
            this.forwardMs = { ...this.forwardMs, [step.time]: await onDevice.trial.forwardMs(ref) };
            this.timed = size.name;
          });
          await this.keep(adapter, size.shape, record);
        }
      }
    } catch (error) {
      settle();
      throw error;
    }
  }

  private async findAdapter(): Promise<AdapterWords> {
    try {
      const { description, isSoftware } = await this.place.adapter();
      return { description, isSoftware };
    } catch (error) {
      if (!(error instanceof UnsupportedDeviceError)) throw error;
      return { missing: firstSentence(error) };
    }
  }

  private async recall(adapter: AdapterWords): Promise<TimedRecord | null> {
    const kept = (await this.place.store.get(KEY).catch(() => null)) as Partial<TimedRecord> | null | undefined;
    if (kept?.machine !== this.machineOf(adapter) || typeof kept.models !== "object") return null;
    return kept as TimedRecord;
  }

  private machineOf(adapter: AdapterWords): string {
    return JSON.stringify([this.place.machine, adapter]);
  }

  private async keep(adapter: AdapterWords, shape: string, before: TimedRecord | null): Promise<void> {
    const models = { ...before?.models, [shape]: this.forwardMs };
    const record: TimedRecord = { machine: this.machineOf(adapter), models };
    await this.place.store.set(KEY, record).catch(() => {});
  }
}

/** What an error says first: without what is in brackets, and what to do. */
function firstSentence({ message }: Error): string {
  return message.split(/(?<=\.)\s|\s\(/)[0].replace(/\.$/, "");
}
