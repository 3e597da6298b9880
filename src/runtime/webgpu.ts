import type { Architecture } from "../architecture/architecture.js";
import type { Measure } from "../decode/engine/costs.js";
import { planRun } from "../decode/engine/plan.js";
import { readRequest } from "../decode/engine/planned-request.js";
import { pause, Scheduler } from "../decode/engine/scheduler.js";
import { findDecoder, refuseForeign } from "../decode/index.js";
import { castOf, closestOf } from "../decode/casting.js";
import { inherit } from "../decode/inherited.js";
import { offersOf, refusalOf } from "../decode/offers.js";
import type { OptionValues } from "../decode/options.js";
import { invariant } from "../vocabulary/errors.js";
import type { DoneEvent, GenerationEvent } from "../vocabulary/events.js";
import type { ModelSource } from "../format/source.js";
import type { Gpu } from "../backend/webgpu/gpu/device.js";
import { webgpuCapabilities } from "../backend/webgpu/load/capabilities.js";
import { loadArchitecture } from "../backend/webgpu/load/load.js";
import type { Capabilities } from "../seam/capabilities.js";
import type { CostCurve } from "../seam/cost-curve.js";
import type { Session } from "../seam/session.js";
import type { DeviceLimits } from "../backend/webgpu/tuning/device-limits.js";
import { measurementsOf } from "../backend/webgpu/tuning/measurements.js";
import type { Tuning } from "../backend/webgpu/tuning/tuning.js";
import { type Folder, loadFolder, openFolder } from "./folder.js";
import { generateWith, type Part, plannedRequest } from "./generation.js";
import type { Job, PlanRequest, RunPlan } from "./job.js";
import { keyOf, type ModelRef } from "./model-ref.js";
import type { Known, LentJob, MeasureHow, RuntimeModel, RuntimeParts } from "./runtime.js";
import type { Waiter } from "./shelf.js";

/** What differs between a page and a terminal. */
export interface Place {
  openDevice(): Promise<Gpu>;
  /** A folder by its address in a `ModelRef`. */
  source(address: string): ModelSource;
  /** What is known of a device's fastest kernels. */
  tuning(device: Gpu): Promise<Tuning>;
  /** A folder without a tokenizer.json is refused at its load. */
  needsTokenizer: boolean;
  /** Kernels that compile beside a run may be stood in for by others. */
  standIns: boolean;
}

/** The layers below the runtime on WebGPU. */
export class WebGpuParts implements RuntimeParts<Gpu, RuntimeModel> {
  /** One turn order for all runs, whichever device they are on. */
  private readonly scheduler = new Scheduler();
  private readonly tunings = new WeakMap<Gpu, Promise<Tuning>>();
  /** By ref, read once. */
  private readonly configs = new Map<string, Promise<Capabilities>>();
  /** Folders that were read for a check, until their models are loaded. */
  private readonly folders = new Map<string, Promise<Folder>>();

  constructor(private readonly place: Place) {}

  openDevice(): Promise<Gpu> {
    return this.place.openDevice();
  }

  /** What a head, an adapter or the tokenizer's mask adds is known once they are loaded: until then nothing is said. */
  async capabilities(ref: ModelRef): Promise<Capabilities | null> {
    const { head, adapter, context, blockLength, url } = ref;
    if (head || adapter) return null;
    const key = keyOf(ref);
    const reading =
      this.configs.get(key) ?? loadArchitecture(this.place.source(url), { blockLength }).then(webgpuCapabilities);
    this.configs.set(key, reading);
    reading.catch(() => this.configs.delete(key));
    const capabilities = await reading;
    if (!capabilities.causal && capabilities.maskToken === null) return null;
    return { ...capabilities, maxLength: Math.min(context ?? Number.POSITIVE_INFINITY, capabilities.maxLength) };
  }

  async plan(
    { decoder: name, models, prefer, given: fixed, chosen, inherited = {}, isBrief = false }: PlanRequest,
    capabilities: (ref: ModelRef) => Promise<Capabilities | null>,
  ): Promise<RunPlan> {
    const decoder = findDecoder(name);
    const atHand = new Map(
      await Promise.all(
        // One that can't be read says why once it is loaded.
        Object.entries(models).map(async ([one, ref]) => [one, await capabilities(ref).catch(() => null)] as const),
      ),
    );
    const { taken, leftOut } = inherit(decoder, inherited, { ...fixed, ...chosen });
    const given = { ...taken, ...fixed };
    const options = { ...given, ...chosen };
    const casting = castOf(decoder, atHand, prefer, options);
    const target = casting
      ? (atHand.get(casting.roles.model ?? "") ?? null)
      : closestOf(decoder, atHand, prefer, options);
    const plan = { roles: casting?.roles ?? null, fidelity: casting?.fidelity ?? null, leftOut };
    const { model: _, ...beside } = prefer;
    const others = Object.values(beside).flatMap((names) => names.flatMap((one) => atHand.get(one) ?? []));
    const causal = others.find((one) => one.causal);
    const blocks = others.find(({ blockLengths }) => blockLengths.length > 0);
    const cast = target && { target, causal, blocks };
    if (cast && !isBrief) return { ...plan, ...(await offersOf(decoder, cast, given, chosen)) };
    return { ...plan, refusal: cast && refusalOf(decoder, cast, options), closed: {}, values: {} };
  }

  /** The folder of a model, read if it isn't yet. */
  folder(ref: ModelRef, signal?: AbortSignal): Promise<Folder> {
    const key = keyOf(ref);
    const { blockLength, context, isContextAtMost } = ref;
    const { needsTokenizer } = this.place;
    const reading =
      this.folders.get(key) ??
      openFolder(this.place.source(ref.url), { signal, blockLength, context, isContextAtMost, needsTokenizer });
    this.folders.set(key, reading);
    reading.catch(() => this.folders.delete(key));
    return reading;
  }

  async read(ref: ModelRef, signal?: AbortSignal): Promise<Known> {
    const { tokenizer, architecture, source } = await this.folder(ref, signal);
    return { tokenizer, capabilities: webgpuCapabilities(architecture), name: source.url };
  }

  async loadModel(device: Gpu, ref: ModelRef, { signal, onProgress }: Required<Waiter>): Promise<RuntimeModel> {
    // Opened beside the first files, since nothing needs it before the config is there.
    const tuning = this.tuningOf(device);
    const folder = await this.folder(ref, signal);
    this.folders.delete(keyOf(ref));
    const part = (address?: string) => (address === undefined ? undefined : this.place.source(address));
    const { weights, debug, head, adapter, tune } = ref;
    const chooseFamily = async (shape: Architecture) => {
      const known = await tuning;
      return this.inTurn((breathe) => known.family(shape, { tune, rounding: weights ?? null, signal, breathe }));
    };
    const parts = { head: part(head), adapter: part(adapter), chooseFamily };
    const model = await loadFolder(device, folder, { signal, onProgress, weights, debug, ...parts });
    if (this.place.standIns) device.kernels.mayStandIn = true;
    const { name, transformer } = model;
    return {
      model,
      tokenizer: folder.tokenizer,
      name,
      gpuBytes: transformer.arena.ownByteLength,
      kernels: transformer.variants.family,
      load: folder.clock.times,
      dispose: () => model.dispose(),
    };
  }

  limits(device: Gpu, { again, signal }: MeasureHow): Promise<DeviceLimits> {
    return this.inTurn((breathe) => measurementsOf(device).limits({ again, signal, breathe }));
  }

  costs(
    device: Gpu,
    { model }: RuntimeModel,
    { again, signal, onProgress, ...budget }: MeasureHow,
  ): Promise<CostCurve> {
    const report = (numDone: number, numRows: number) => onProgress({ numDone, numRows });
    return this.inTurn((breathe) =>
      measurementsOf(device).costs(model, { again, signal, breathe, onProgress: report, ...budget }),
    );
  }

  async exportTuning(device: Gpu) {
    return (await this.tuningOf(device)).record;
  }

  async importTuning(device: Gpu, record: unknown): Promise<void> {
    await (await this.tuningOf(device)).import(record);
  }

  /** Refuses what options, prompt and the models' configs rule out, before a device is opened; the options, read. */
  async check(job: Job, signal?: AbortSignal): Promise<OptionValues> {
    refuseForeign(findDecoder(job.decoder), job.options);
    const [target, draft] = await Promise.all(
      [job.model, job.draft].map((ref) => (ref === undefined ? undefined : this.read(ref, signal))),
    );
    invariant(target, "a job has a model");
    const request = plannedRequest(job, target, draft);
    // What a head or an adapter adds is known once it is loaded, so that beside one only names and values are checked.
    const hasParts = job.model.head !== undefined || job.model.adapter !== undefined;
    return hasParts ? readRequest(request).parsed : planRun(request).parsed;
  }

  generate(
    { device, request: job, target, draft, signal, recovery }: LentJob<Gpu, RuntimeModel>,
    emit: (event: GenerationEvent) => void,
  ): Promise<DoneEvent> {
    const measure: Measure = (drafting, mostRows) =>
      this.inTurn((breathe) => {
        const how = { breathe, signal, mostRows };
        return measurementsOf(device).draftCosts(target.loaded.model, draft?.loaded.model ?? null, drafting, how);
      });
    const turn = this.scheduler.join();
    return generateWith(
      { job, target: partOf(target), draft: draft && partOf(draft), measure, signal, turn, recovery },
      emit,
    );
  }

  private tuningOf(device: Gpu): Promise<Tuning> {
    const opening = this.tunings.get(device) ?? this.place.tuning(device);
    this.tunings.set(device, opening);
    return opening;
  }

  /** Measures in turn with the runs: they may go on between samples. */
  private async inTurn<T>(measure: (breathe: () => Promise<void>) => Promise<T>): Promise<T> {
    const turn = this.scheduler.join();
    try {
      return await measure(async () => {
        turn.give();
        await pause();
        await turn.take();
      });
    } finally {
      turn.leave();
    }
  }
}

function partOf({ loaded, session }: { loaded: RuntimeModel; session: Session }): Part {
  const { tokenizer, model, name } = loaded;
  return { tokenizer, capabilities: model.capabilities, name, session };
}
