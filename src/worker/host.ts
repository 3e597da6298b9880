import { OutOfMemoryError, toWire } from "../vocabulary/errors.js";
import type { DoneEvent, GenerationEvent, TokenId } from "../vocabulary/events.js";
import type { LoadTimes } from "../backend/webgpu/load/load-times.js";
import type { Offers } from "../decode/offers.js";
import type { Capabilities } from "../seam/capabilities.js";
import type { Model } from "../seam/model.js";
import type { Session } from "../seam/session.js";
import type { MatmulFamilyName } from "../backend/webgpu/ops/variants.js";
import { type TextReading, textOf, tokensOf } from "../tokenizer/text-tokens.js";
import type { Tokenizer } from "../tokenizer/tokenizer.js";
import type { TuningRecord } from "../backend/webgpu/tuning/tuning-record.js";
import { EventPort } from "./event-port.js";
import type {
  AdapterReport,
  DeviceReport,
  GenerateRequest,
  LoadMessage,
  MeasureMessage,
  MeasureProgress,
  OffersRequest,
  Reply,
  WorkerApi,
} from "./protocol.js";
import { Resident } from "./residents.js";
import { Shelf, type Waiter } from "./shelf.js";

/** What the host needs of a device. */
export interface HostDevice {
  facts: AdapterReport;
  arena: { readonly byteLength: number };
  lost: Promise<string>;
}

/** What the host needs of a loaded model. */
export interface HostModel {
  model: Model;
  tokenizer: Tokenizer;
  name: string;
  gpuBytes: number;
  kernels: MatmulFamilyName;
  load: LoadTimes;
  dispose(): void;
}

/** One run with everything it was lent. */
export interface Job<D extends HostDevice, M extends HostModel> {
  device: D;
  request: GenerateRequest;
  target: { loaded: M; session: Session };
  draft?: { loaded: M; session: Session };
  signal: AbortSignal;
}

/** How to measure. */
export interface MeasureHow {
  /** Even if it has been measured. */
  again: boolean;
  signal: AbortSignal;
  onProgress(progress: MeasureProgress): void;
}

/** The layers below, handed in so that the host's own rules can be tested without a GPU. */
export interface HostParts<D extends HostDevice, M extends HostModel> {
  openDevice(): Promise<D>;
  /** What the model at `url` can do, by its config alone; null where that can't be told so. */
  capabilities(url: string): Promise<Capabilities | null>;
  offers(request: OffersRequest, capabilities: (url: string) => Promise<Capabilities | null>): Promise<Offers>;
  loadModel(device: D, url: string, waiter: Required<Waiter>): Promise<M>;
  measure(device: D, loaded: M, how: MeasureHow): Promise<Omit<DeviceReport, "adapter">>;
  exportTuning(device: D): Promise<TuningRecord>;
  importTuning(device: D, record: unknown): Promise<void>;
  generate(job: Job<D, M>, emit: (event: GenerationEvent) => void): Promise<DoneEvent>;
}

/** The worker's side of the protocol: one device, one copy of each model, sessions reused, runs over ports. */
export class Host<D extends HostDevice, M extends HostModel> implements WorkerApi {
  private opening: Promise<D> | null = null;
  private device: D | null = null;
  private lastRunId = 0;
  private readonly running = new Set<number>();
  private readonly shelf: Shelf<Resident<M>>;

  constructor(private readonly parts: HostParts<D, M>) {
    this.shelf = new Shelf(
      async (url, waiter) => new Resident(await this.parts.loadModel(await this.open(), url, waiter)),
    );
  }

  adapter(): Promise<Reply<AdapterReport>> {
    return answer(async () => reportOf(await this.open()));
  }

  offers(request: OffersRequest): ReturnType<WorkerApi["offers"]> {
    return answer(() =>
      this.parts.offers(request, async (url) => {
        const resident = this.shelf.peek(url);
        return resident ? resident.loaded.model.capabilities : this.parts.capabilities(url);
      }),
    );
  }

  load(url: string, port: MessagePort): ReturnType<WorkerApi["load"]> {
    const abort = new AbortController();
    port.onmessage = () => abort.abort();
    const onProgress = (progress: LoadMessage["progress"]) =>
      port.postMessage({ type: "progress", progress } satisfies LoadMessage);
    return answer(async () => {
      const { loaded } = await this.shelf.take(url, { signal: abort.signal, onProgress });
      const { vocabSize, maxLength } = loaded.model.capabilities;
      const { name, gpuBytes, kernels, load } = loaded;
      return { url, name, vocabSize, maxLength, gpuBytes, kernels, load };
    });
  }

  unload(url: string): ReturnType<WorkerApi["unload"]> {
    return answer(async () => {
      this.shelf.release(url);
      return null;
    });
  }

  generate(request: GenerateRequest, port: MessagePort): ReturnType<WorkerApi["generate"]> {
    const runId = ++this.lastRunId;
    const abort = new AbortController();
    const out = new EventPort(port, () => abort.abort());
    this.running.add(runId);
    this.run(request, abort.signal, out)
      .catch((error: unknown) => out.fail(error))
      .finally(() => this.running.delete(runId));
    return answer(async () => runId);
  }

  measure(url: string, again: boolean, port: MessagePort): ReturnType<WorkerApi["measure"]> {
    const abort = new AbortController();
    port.onmessage = () => abort.abort();
    const onProgress = (progress: MeasureProgress) =>
      port.postMessage({ type: "progress", progress } satisfies MeasureMessage);
    return answer(async () => {
      const { loaded } = await this.shelf.again(url);
      try {
        const device = await this.open();
        const measured = await this.parts.measure(device, loaded, { again, signal: abort.signal, onProgress });
        return { adapter: reportOf(device), ...measured };
      } finally {
        this.shelf.release(url);
      }
    });
  }

  tokenize(url: string, text: string, how: TextReading): ReturnType<WorkerApi["tokenize"]> {
    return answer(() => this.withTokenizer(url, (tokenizer) => tokensOf(tokenizer, text, how)));
  }

  detokenize(url: string, ids: readonly TokenId[]): ReturnType<WorkerApi["detokenize"]> {
    return answer(() => this.withTokenizer(url, (tokenizer) => textOf(tokenizer, ids)));
  }

  exportTuning(): ReturnType<WorkerApi["exportTuning"]> {
    return answer(async () => this.parts.exportTuning(await this.open()));
  }

  importTuning(record: unknown): ReturnType<WorkerApi["importTuning"]> {
    return answer(async () => {
      await this.parts.importTuning(await this.open(), record);
      return null;
    });
  }

  stats(): ReturnType<WorkerApi["stats"]> {
    return answer(async () => ({
      devices: this.device ? 1 : 0,
      models: this.shelf.loaded.length,
      sessions: this.shelf.loaded.reduce((sum, resident) => sum + resident.sessionCount, 0),
      runs: this.running.size,
      gpuBytes: this.device?.arena.byteLength ?? 0,
    }));
  }

  private async withTokenizer<T>(url: string, use: (tokenizer: Tokenizer) => T): Promise<T> {
    const { loaded } = await this.shelf.again(url);
    try {
      return use(loaded.tokenizer);
    } finally {
      this.shelf.release(url);
    }
  }

  private open(): Promise<D> {
    this.opening ??= this.parts.openDevice().then(
      (device) => {
        this.device = device;
        void device.lost.then(() => {
          if (this.device !== device) return;
          this.device = null;
          this.opening = null;
          this.shelf.forget();
        });
        return device;
      },
      (error: unknown) => {
        this.opening = null;
        throw error;
      },
    );
    return this.opening;
  }

  private async run(request: GenerateRequest, signal: AbortSignal, out: EventPort): Promise<void> {
    const urls = [request.model, ...(request.draft ? [request.draft] : [])];
    const held: string[] = [];
    const lent: { resident: Resident<M>; session: Session }[] = [];
    let done: DoneEvent | null = null;
    let isReusable = false;
    try {
      for (const url of urls) {
        const resident = await this.shelf.again(url);
        held.push(url);
        lent.push({ resident, session: resident.lend() });
      }
      const [target, draft] = lent.map(({ resident, session }) => ({ loaded: resident.loaded, session }));
      const device = await this.open();
      // The last event waits until the sessions are back, so that the next run of a caller who awaited it can use them.
      done = await this.parts.generate({ device, request, target, draft, signal }, (event) => {
        if (event.type !== "done" && event.type !== "error") out.emit(event);
      });
      isReusable = true;
    } catch (error) {
      // Memory that no run uses is worth more to the next one; what was recorded of it may be lost, too.
      if (error instanceof OutOfMemoryError) for (const resident of this.shelf.loaded) resident.dropIdle();
      throw error;
    } finally {
      for (const { resident, session } of lent) resident.giveBack(session, isReusable);
      for (const url of held) this.shelf.release(url);
    }
    out.emit(done);
  }
}

function reportOf({ facts }: HostDevice): AdapterReport {
  const { vendor, architecture, description, isSoftware } = facts;
  return { vendor, architecture, description, isSoftware };
}

async function answer<T>(work: () => Promise<T>): Promise<Reply<T>> {
  try {
    return { ok: true, value: await work() };
  } catch (error) {
    return { ok: false, error: toWire(error) };
  }
}
