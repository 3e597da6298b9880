import { planRun } from "../decode/engine/plan.js";
import type { Measure } from "../decode/engine/costs.js";
import { readRequest } from "../decode/engine/planned-request.js";
import { pause, Scheduler } from "../decode/engine/scheduler.js";
import { refuseForeign } from "../decode/foreign-options.js";
import { fetchDecoders, loadDecoder } from "../decode/load-decoder.js";
import { castOf, closestOf } from "../decode/casting.js";
import { inherit } from "../decode/inherited.js";
import { offersOf, refusalOf } from "../decode/offers.js";
import type { OptionValues } from "../decode/options.js";
import type { ModelFacts } from "../architecture/architecture.js";
import { loraSource } from "../format/lora-source.js";
import { tokenizerSource } from "../format/tokenizer-source.js";
import { folderName, type ModelSource } from "../format/source.js";
import { invariant, ModelLoadError } from "../vocabulary/errors.js";
import type { DoneEvent, GenerationEvent } from "../vocabulary/events.js";
import type { DeviceLimits } from "../backend/webgpu/tuning/device-limits.js";
import type { Capabilities } from "../seam/capabilities.js";
import type { Session } from "../seam/session.js";
import type { Backend, Loading } from "./backend.js";
import { type Folder, openFolderAs } from "./folder.js";
import { generateWith, type Part, plannedRequest } from "./generation.js";
import type { Breathe } from "./in-turn.js";
import type { DeviceReport, Job, PlanRequest, RunPlan } from "./job.js";
import { keyOf, type ModelRef } from "./model-ref.js";
import type { Known, LentJob, MeasureHow, RuntimeDevice, RuntimeModel, RuntimeParts } from "./runtime.js";
import type { Waiter } from "./shelf.js";

/** The layers below the runtime: folders, plans and runs, on one kind of device. */
export class FolderParts<D extends RuntimeDevice, A extends ModelFacts> implements RuntimeParts<D, RuntimeModel> {
  /** By ref, read once. */
  private readonly configs = new Map<string, Promise<Capabilities>>();
  /** Folders that were read for a check, until their models are loaded. */
  private readonly folders = new Map<string, Promise<Folder<A>>>();

  /** `scheduler`: one turn order for all runs, whichever device they are on. */
  constructor(
    private readonly backend: Backend<D, A>,
    private readonly scheduler = new Scheduler(),
  ) {}

  openDevice(): Promise<D> {
    return this.backend.openDevice();
  }

  /** What a head, an adapter or the tokenizer's mask adds is known once they are loaded: until then nothing is said. */
  async capabilities(ref: ModelRef): Promise<Capabilities | null> {
    const { head, adapter, context, url } = ref;
    if (head || adapter) return null;
    const key = keyOf(ref);
    const reading =
      this.configs.get(key) ??
      this.backend.readConfig(this.backend.source(url), ref).then((read) => this.backend.capabilities(read));
    this.configs.set(key, reading);
    reading.catch(() => this.configs.delete(key));
    const capabilities = await reading;
    const fillsMasks = !capabilities.causal || capabilities.inPlace;
    if (fillsMasks && capabilities.maskToken === null) return null;
    return { ...capabilities, maxLength: Math.min(context ?? Number.POSITIVE_INFINITY, capabilities.maxLength) };
  }

  async plan(
    { decoder: name, models, prefer, given: fixed, chosen, inherited = {}, isBrief = false }: PlanRequest,
    capabilities: (ref: ModelRef) => Promise<Capabilities | null>,
  ): Promise<RunPlan> {
    // One that can't be read says why once it is loaded.
    const reading = Object.entries(models).map(
      async ([one, ref]) => [one, await capabilities(ref).catch(() => null)] as const,
    );
    const [decoder, read] = await Promise.all([loadDecoder(name), Promise.all(reading)]);
    const atHand = new Map(read);
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
  folder(ref: ModelRef, signal?: AbortSignal): Promise<Folder<A>> {
    const key = keyOf(ref);
    const { context, isContextAtMost } = ref;
    const { needsTokenizer } = this.backend;
    const readConfig = (source: ModelSource) => this.backend.readConfig(source, ref, signal);
    const reading =
      this.folders.get(key) ??
      openFolderAs(this.sourceOf(ref), readConfig, { signal, context, isContextAtMost, needsTokenizer });
    this.folders.set(key, reading);
    reading.catch(() => this.folders.delete(key));
    return reading;
  }

  private sourceOf({ url, lora, tokenizer }: ModelRef): ModelSource {
    const own = this.backend.source(url);
    const base = tokenizer === undefined ? own : tokenizerSource(own, this.backend.source(tokenizer));
    return lora === undefined ? base : loraSource(base, this.backend.source(lora));
  }

  async read(ref: ModelRef, signal?: AbortSignal): Promise<Known> {
    const { tokenizer, architecture, source } = await this.folder(ref, signal);
    return { tokenizer, capabilities: withLora(this.backend.capabilities(architecture), ref), name: source.url };
  }

  async loadModel(device: D, ref: ModelRef, waiter: Required<Waiter>): Promise<RuntimeModel> {
    try {
      return await this.loadOnce(device, ref, waiter);
    } catch (error) {
      if (!(error instanceof ModelLoadError) || error.code !== "changed_file") throw error;
      // What had been read of a file is no more: its source has the right bytes by now, or says why not.
      this.folders.delete(keyOf(ref));
      return this.loadOnce(device, ref, waiter);
    }
  }

  private async loadOnce(device: D, ref: ModelRef, { signal, onProgress }: Required<Waiter>): Promise<RuntimeModel> {
    let source: ModelSource | null = null;
    const folder = async () => {
      const read = await this.folder(ref, signal);
      source = read.source;
      this.folders.delete(keyOf(ref));
      // Beside the weights, which take longer.
      fetchDecoders();
      return read;
    };
    const inTurn: Loading["inTurn"] = (measure) => this.inTurn(measure);
    const model = await this.backend.loadModel(device, folder, ref, { signal, onProgress, inTurn });
    try {
      await (source as ModelSource | null)?.finish?.(signal);
      return model;
    } catch (error) {
      model.dispose();
      throw error;
    }
  }

  limits(device: D, { again, signal }: MeasureHow): Promise<DeviceLimits | null> {
    return this.inTurn((breathe) => this.backend.limits(device, { again, signal, breathe }));
  }

  async measure(
    device: D,
    { model }: RuntimeModel,
    { again, signal, onProgress, ...budget }: MeasureHow,
  ): Promise<Pick<DeviceReport, "costs" | "kernels">> {
    const report = (numDone: number, numRows: number) => onProgress({ numDone, numRows });
    const costs = await this.inTurn((breathe) =>
      this.backend.measurements(device).costs(model, { again, signal, breathe, onProgress: report, ...budget }),
    );
    signal.throwIfAborted();
    const kernels = await this.inTurn(async () => this.backend.kernels?.(device, model, { again }) ?? null);
    return { costs, kernels };
  }

  exportTuning(device: D) {
    return this.backend.exportTuning(device);
  }

  importTuning(device: D, record: unknown): Promise<void> {
    return this.backend.importTuning(device, record);
  }

  /** Refuses what options, prompt and the models' configs rule out, before a device is opened; the options, read. */
  async check(job: Job, signal?: AbortSignal): Promise<OptionValues> {
    refuseForeign(await loadDecoder(job.decoder), job.options);
    const [target, draft] = await Promise.all(
      [job.model, job.draft].map((ref) => (ref === undefined ? undefined : this.read(ref, signal))),
    );
    invariant(target, "a job has a model");
    const request = await plannedRequest(job, target, draft);
    // What a head or an adapter adds is known once it is loaded, so that beside one only names and values are checked.
    const hasParts = job.model.head !== undefined || job.model.adapter !== undefined;
    return hasParts ? readRequest(request).parsed : planRun(request).parsed;
  }

  generate(
    { device, request: job, target, draft, signal, recovery }: LentJob<D, RuntimeModel>,
    emit: (event: GenerationEvent) => void,
  ): Promise<DoneEvent> {
    const measure: Measure = (drafting, mostRows) =>
      this.inTurn((breathe) => {
        const how = { breathe, signal, mostRows, mostMs: job.mostMeasuringMs };
        return this.backend
          .measurements(device)
          .draftCosts(target.loaded.model, draft?.loaded.model ?? null, drafting, how);
      });
    const turn = this.scheduler.join();
    const { lookahead, warmUp } = this.backend;
    const parts = { target: partOf(target, job.model), draft: draft && partOf(draft, job.draft) };
    return generateWith({ job, ...parts, measure, signal, turn, recovery, lookahead, warmUp }, emit);
  }

  /** Measures in turn with the runs: they may go on between samples. */
  async inTurn<T>(measure: (breathe: Breathe) => Promise<T>): Promise<T> {
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

function partOf({ loaded, session }: { loaded: RuntimeModel; session: Session }, ref: ModelRef | undefined): Part {
  const { tokenizer, model, name } = loaded;
  return { tokenizer, capabilities: withLora(model.capabilities, ref), name, session };
}

/** What a model can do, under the name of the adapter that is added to its weights: backends read them as one. */
function withLora(capabilities: Capabilities, ref: ModelRef | undefined): Capabilities {
  return ref?.lora === undefined ? capabilities : { ...capabilities, lora: folderName(ref.lora) };
}
