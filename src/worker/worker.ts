import { expose } from "comlink";
import { get, set } from "idb-keyval";
import { httpSource } from "../format/http-source.js";
import { type Drafting, withMeasuredCosts } from "../decode/speculative/schedules/costs.js";
import { generate } from "../decode/engine/engine.js";
import { warmUpFor } from "../backend/webgpu/load/warm-up.js";
import { findDecoder } from "../decode/index.js";
import { offersOf } from "../decode/offers.js";
import { asksInfill, encodeTexts } from "../decode/options.js";
import { pause, Scheduler } from "../decode/engine/scheduler.js";
import { type Gpu, openDevice } from "../backend/webgpu/gpu/device.js";
import { capabilitiesOf } from "../architecture/architecture.js";
import { loadArchitecture, type LoadedModel, type LoadOptions, loadModel } from "../backend/webgpu/load/load.js";
import type { Capabilities } from "../seam/capabilities.js";
import { readPrompt } from "../tokenizer/prompt.js";
import { retokenizerOf } from "../tokenizer/retokenize.js";
import { measurementsOf } from "../backend/webgpu/tuning/measurements.js";
import { Tuning } from "../backend/webgpu/tuning/tuning.js";
import { Host } from "./host.js";
import type { Waiter } from "./shelf.js";

/** One turn order per device, for all runs of the page. */
const schedulers = new WeakMap<Gpu, Scheduler>();

function schedulerOf(device: Gpu): Scheduler {
  const scheduler = schedulers.get(device) ?? new Scheduler();
  schedulers.set(device, scheduler);
  return scheduler;
}

/** One tuning record per device. */
const tunings = new WeakMap<Gpu, Promise<Tuning>>();

function tuningOf(device: Gpu): Promise<Tuning> {
  const opening = tunings.get(device) ?? Tuning.open(device, { get, set });
  tunings.set(device, opening);
  return opening;
}

/** The load options that a model's URL carries in its fragment. */
function optionsOf(
  url: string,
): Pick<LoadOptions, "context" | "weights" | "head" | "adapter" | "debug" | "blockLength"> & { tune: boolean } {
  const options = new URLSearchParams(new URL(url).hash.slice(1));
  const context = options.get("context");
  const block = options.get("block_length");
  // The loader refuses other names.
  const weights = options.get("weights") as LoadOptions["weights"] | null;
  const head = options.get("head");
  const adapter = options.get("adapter");
  return {
    ...(context === null ? {} : { context: Number(context) }),
    ...(block === null ? {} : { blockLength: block === "full" ? block : Number(block) }),
    ...(weights === null ? {} : { weights }),
    ...(head === null ? {} : { head: httpSource(head) }),
    ...(adapter === null ? {} : { adapter: httpSource(adapter) }),
    debug: options.get("debug") === "true",
    tune: options.get("tune") === "true",
  };
}

/** Measures in turn with the runs of the page: they may go on between samples. */
async function inTurn<T>(device: Gpu, measure: (breathe: () => Promise<void>) => Promise<T>): Promise<T> {
  const turn = schedulerOf(device).join();
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

async function loadTuned(device: Gpu, url: string, waiter: Required<Waiter>): Promise<LoadedModel> {
  const { tune, ...options } = optionsOf(url);
  const { signal, onProgress } = waiter;
  // Opened beside the first files, since nothing needs it before the config is there.
  const opening = tuningOf(device);
  return loadModel(device, httpSource(url), {
    signal,
    onProgress,
    ...options,
    async chooseFamily(architecture) {
      const tuning = await opening;
      const rounding = options.weights ?? null;
      return inTurn(device, (breathe) => tuning.family(architecture, { tune, rounding, signal, breathe }));
    },
  });
}

/** By URL, read once. */
const configs = new Map<string, Promise<Capabilities>>();

/** What a head, an adapter or the tokenizer's mask adds is known once they are loaded: until then nothing is said. */
async function capabilitiesAt(url: string): Promise<Capabilities | null> {
  const { head, adapter, context, blockLength } = optionsOf(url);
  if (head || adapter) return null;
  const reading = configs.get(url) ?? loadArchitecture(httpSource(url), { blockLength }).then(capabilitiesOf);
  configs.set(url, reading);
  reading.catch(() => configs.delete(url));
  const capabilities = await reading;
  if (!capabilities.causal && capabilities.maskToken === null) return null;
  return { ...capabilities, maxLength: Math.min(context ?? Number.POSITIVE_INFINITY, capabilities.maxLength) };
}

const host = () =>
  new Host<Gpu, LoadedModel>({
    openDevice: () => openDevice(),
    capabilities: capabilitiesAt,
    async offers({ decoder: name, model, drafts, given, chosen }, capabilities) {
      const decoder = findDecoder(name);
      const target = await capabilities(model);
      const [causal, blocks] = await Promise.all(
        // One that isn't there is as good as none; its load will say why.
        [drafts.causal, drafts.blocks].map((url) => (url === undefined ? null : capabilities(url).catch(() => null))),
      );
      if (!target) return { refusal: null, closed: {}, values: {} };
      const cast = { target, causal: causal ?? undefined, blocks: blocks ?? undefined };
      return offersOf(decoder, cast, given, chosen);
    },
    loadModel: loadTuned,
    measure: (device, { model }, { again, signal, onProgress }) =>
      inTurn(device, async (breathe) => {
        const measured = measurementsOf(device);
        const how = { again, signal, breathe };
        const limits = await measured.limits(how);
        const report = (numDone: number, numRows: number) => onProgress({ numDone, numRows });
        return { limits, costs: await measured.costs(model, { ...how, onProgress: report }) };
      }),
    exportTuning: async (device) => (await tuningOf(device)).record,
    importTuning: async (device, record) => (await tuningOf(device)).import(record),
    async generate({ device, request, target, draft, signal }, emit) {
      const { tokenizer, model } = target.loaded;
      const { maskToken, maxLength } = model.capabilities;
      const { prompt } = request;
      const decoder = findDecoder(request.decoder);
      const given = encodeTexts(decoder.options, request.options, (text) => tokenizer.encode(text));
      const measure = (drafting: Drafting, mostRows: number) =>
        inTurn(device, (breathe) =>
          measurementsOf(device).draftCosts(model, draft?.loaded.model ?? null, drafting, {
            breathe,
            signal,
            mostRows,
          }),
        );
      const options = await withMeasuredCosts(decoder, given, model.capabilities, measure, signal);
      return generate(
        {
          decoder,
          promptIds: readPrompt(tokenizer, prompt, {
            isInfill: asksInfill(options),
            maskToken,
            maxLength,
            decoder: { name: decoder.name, canInfill: Object.hasOwn(decoder.options, "infill") },
          }),
          target: target.session,
          capabilities: model.capabilities,
          draft: draft?.session,
          draftCapabilities: draft?.loaded.model.capabilities,
          retokenizer: draft && retokenizerOf(tokenizer, draft.loaded.tokenizer),
          options,
          tokenizer,
          signal,
          warmUp: warmUpFor,
          turn: schedulerOf(device).join(),
        },
        emit,
      );
    },
  });

// Anywhere else, as on a server that imports all it finds, nothing is to be started.
if ("DedicatedWorkerGlobalScope" in globalThis) expose(host());
