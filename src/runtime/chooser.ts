import type { DeviceName } from "../vocabulary/device.js";
import { DeviceLostError, InvalidOptionError, OutOfMemoryError, UnsupportedDeviceError } from "../vocabulary/errors.js";
import { type AdapterWords, chooseDevice, type KnownDevices, type Milliseconds } from "./choose-device.js";
import { keyOf, type ModelRef } from "./model-ref.js";
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
  adapter(): Promise<{ vendor?: string; architecture?: string; description: string; isSoftware: boolean }>;
  size(ref: ModelRef): Promise<ModelSize>;
  /** The ONNX graph that has a model's weights, by its file; null: they are tensors. */
  graph(ref: ModelRef): Promise<string | null>;
  /** Version and browser, for which what was timed on an adapter holds. */
  machine: string;
  store: TimedStore;
  /** Does work while no other process or page of this user does such: two that time at once slow each other, and remember that. */
  alone<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T>;
  /** Told what is done that takes a while. Left out: nobody waits for it. */
  tell?(work: string): void;
  /** Resolves when nothing has been asked for a while: models are timed then. Left out: they are timed before their first text. */
  idle?(): Promise<void>;
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

/** The model by which devices are timed later, and which ones. */
interface Untimed {
  ref: ModelRef;
  shape: string;
  adapter: AdapterWords;
  names: readonly DeviceName[];
}

/** Whether these are times of devices that can be compared: a store may have anything, and a process that was ended has some of them. */
function areTimes(value: unknown): value is Milliseconds {
  if (typeof value !== "object" || value === null) return false;
  const times = Object.values(value);
  return times.length > 1 && times.every((ms) => typeof ms === "number" && ms > 0);
}

const KEY = "triptych-lm/devices";

/** Chooses devices for models that leave the choice, one model at a time: what one has found out the next needn't ask again. */
export class Chooser {
  private adapter: Promise<AdapterWords> | null = null;
  private errors: KnownDevices["errors"] = {};
  private failures: KnownDevices["failures"] = {};
  private forwardMs: Milliseconds = {};
  private timed = "";
  /** `done`: what was timed is for the next visit. */
  private untimed: Untimed | "done" | null = null;
  private readonly graphs = new Map<string, Promise<string | null>>();
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

  /** A device that can tell what a model is before one is chosen; null: any. */
  async readerOf(ref: ModelRef): Promise<DeviceName | null> {
    if (this.place.onlyWebGpu(ref) !== null || (await this.graphOf(ref)) === null) return null;
    return this.place.others[0] ?? null;
  }

  /**
   * Times the first model that was placed untimed, for the next visit: models of this one stay where they are. It is timed where it is held,
   * and not at all where it isn't any more. A stopped one is begun anew by the next call.
   */
  async timeLater(signal: AbortSignal): Promise<void> {
    const { untimed } = this;
    if (untimed === null || untimed === "done") return;
    try {
      await this.place.alone(() => this.timeNow(untimed, signal), signal);
      this.untimed = "done";
    } catch {
      if (!signal.aborted) this.untimed = "done";
    }
  }

  private async timeNow({ ref, shape, adapter, names }: Untimed, signal: AbortSignal): Promise<void> {
    // Another page has, while this one waited.
    if (areTimes((await this.recall(adapter))?.models[shape])) return;
    const [own] = names;
    const forwardMs: Milliseconds = {};
    // Its own once more behind the others, as above.
    for (const name of [...names, own]) {
      const { runtime, trial } = await this.on(name);
      if (name !== own) await runtime.load(ref, { signal });
      try {
        signal.throwIfAborted();
        forwardMs[name] = Math.min(forwardMs[name] ?? Number.POSITIVE_INFINITY, await trial.forwardMs(ref));
      } finally {
        if (name !== own) runtime.release(ref);
      }
    }
    await this.keep(adapter, shape, forwardMs);
  }

  private graphOf(ref: ModelRef): Promise<string | null> {
    const key = keyOf(ref);
    const asking = this.graphs.get(key) ?? this.place.graph(ref);
    this.graphs.set(key, asking);
    asking.catch(() => this.graphs.delete(key));
    return asking;
  }

  private async find(ref: ModelRef, waiter: Waiter): Promise<Choice> {
    const { others } = this.place;
    const onlyWebGpu = this.place.onlyWebGpu(ref);
    if (onlyWebGpu === null) this.adapter ??= this.findAdapter();
    const asked = onlyWebGpu === null && (await Promise.all([this.adapter, this.graphOf(ref)]));
    const [found, graph] = asked || [null, null];
    const adapter = found ?? { missing: "" };
    const isTimed = graph === null && "isSoftware" in adapter && adapter.isSoftware;
    const size = isTimed ? await this.place.size(ref) : { name: "", shape: "", byteLength: 0 };
    const remember = async () => {
      const remembered = (await this.recall(adapter))?.models[size.shape];
      // What was timed in this visit is for the next.
      if (this.timed !== "" || this.untimed !== null || !areTimes(remembered)) return false;
      this.forwardMs = remembered;
      this.timed = size.name;
      return true;
    };
    if (isTimed) await remember();
    const held: { name: DeviceName; onDevice: OnDevice; loading: Promise<unknown> }[] = [];
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
    const load = (name: DeviceName, onDevice: OnDevice) => {
      const loading = onDevice.runtime.load(ref, { ...waiter, signal: abort.signal });
      loading.catch(() => {});
      held.push({ name, onDevice, loading });
      return loading;
    };
    const own: { failures: KnownDevices["failures"]; error: unknown } = { failures: {}, error: null };
    const attempt = async (name: DeviceName, work: (onDevice: OnDevice) => Promise<void>) => {
      try {
        await work(await this.on(name));
      } catch (error) {
        if (error instanceof UnsupportedDeviceError || error instanceof DeviceLostError) {
          this.failures = { ...this.failures, [name]: firstSentence(error) };
        } else if (error instanceof InvalidOptionError || error instanceof OutOfMemoryError) {
          own.failures = { ...own.failures, [name]: firstSentence(error) };
          own.error = error;
        } else throw error;
      }
    };

    const decide = async (isAlone: boolean): Promise<Choice> => {
      for (;;) {
        const { errors, forwardMs, timed } = this;
        const failures = { ...this.failures, ...own.failures };
        const isTimedLater = this.place.idle !== undefined;
        const asked = { adapter, others, onlyWebGpu, graph, isTimedLater, modelBytes: size.byteLength };
        const step = chooseDevice({ ...asked, errors, failures, forwardMs, timed: timed || size.name });
        if ("take" in step) {
          if (step.isUntimed) this.untimed ??= { ref, shape: size.shape, adapter, names: [step.take, "webgpu"] };
          return { name: step.take, why: step.why, settle };
        }
        if ("none" in step) {
          // What is wrong with the model is wrong on each device.
          throw own.error ?? new UnsupportedDeviceError(step.none);
        }
        if ("check" in step) {
          await attempt(step.check, async (onDevice) => {
            const isHeld = held.some(({ name }) => name === step.check);
            // Beside the check, which the load has time for.
            const loading = isHeld ? null : load(step.check, onDevice);
            this.errors = { ...this.errors, [step.check]: await onDevice.trial.largestError() };
            // Where another device may have a model that this one refuses.
            if (isTimed) await loading;
          });
        } else if (!isAlone) {
          return this.place.alone(async () => {
            // Another process may have timed it, while this one waited.
            await remember();
            return decide(true);
          }, waiter.signal);
        } else {
          this.place.tell?.(
            `Trying ${size.name} on ${step.time}: WebGPU is the CPU's here, so the faster device is found out, once for this model.`,
          );
          await attempt(step.time, async (onDevice) => {
            await load(step.time, onDevice);
            const forwardMs = { ...this.forwardMs, [step.time]: await onDevice.trial.forwardMs(ref) };
            for (const { name, onDevice } of held) {
              const beforeMs = this.forwardMs[name];
              // Once more behind it: what slows the machine for a while slows one of them alone.
              if (beforeMs !== undefined) forwardMs[name] = Math.min(beforeMs, await onDevice.trial.forwardMs(ref));
            }
            this.forwardMs = forwardMs;
            this.timed = size.name;
          });
          waiter.signal?.throwIfAborted();
          if (areTimes(this.forwardMs)) await this.keep(adapter, size.shape, this.forwardMs);
        }
      }
    };
    return decide(false).catch((error: unknown) => {
      settle();
      throw error;
    });
  }

  private async findAdapter(): Promise<AdapterWords> {
    try {
      const { vendor, architecture, description, isSoftware } = await this.place.adapter();
      // Chromium leaves the description out.
      return { description: description || [vendor, architecture].filter(Boolean).join(" "), isSoftware };
    } catch (error) {
      if (!(error instanceof UnsupportedDeviceError)) throw error;
      return { missing: firstSentence(error) };
    }
  }

  private async recall(adapter: AdapterWords): Promise<TimedRecord | null> {
    const kept = (await this.place.store.get(KEY).catch(() => null)) as Partial<TimedRecord> | null | undefined;
    if (kept?.machine !== this.machineOf(adapter) || typeof kept.models !== "object" || !kept.models) return null;
    return kept as TimedRecord;
  }

  private machineOf(adapter: AdapterWords): string {
    return JSON.stringify([this.place.machine, adapter]);
  }

  private async keep(adapter: AdapterWords, shape: string, forwardMs: Milliseconds): Promise<void> {
    const before = await this.recall(adapter);
    const models = { ...before?.models, [shape]: forwardMs };
    const record: TimedRecord = { machine: this.machineOf(adapter), models };
    await this.place.store.set(KEY, record).catch(() => {});
  }
}

/** What an error says first: without what is in brackets, and what to do. */
function firstSentence({ message }: Error): string {
  return message.split(/(?<=\.)\s|\s\(/)[0].replace(/\.$/, "");
}
