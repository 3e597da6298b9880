import { expose } from "comlink";
import { httpSource } from "../checkpoint/http-source.js";
import { generate } from "../decode/engine.js";
import { decoders, findDecoder } from "../decode/index.js";
import { encodeTexts } from "../decode/options.js";
import { Scheduler } from "../decode/scheduler.js";
import { type Gpu, openDevice } from "../gpu/device.js";
import { type LoadedModel, type LoadOptions, loadModel } from "../model/load.js";
import { Host } from "./host.js";

/** One turn order per device, for all runs of the page. */
const schedulers = new WeakMap<Gpu, Scheduler>();

function schedulerOf(device: Gpu): Scheduler {
  const scheduler = schedulers.get(device) ?? new Scheduler();
  schedulers.set(device, scheduler);
  return scheduler;
}

/** The load options that a model's URL carries in its fragment. */
function optionsOf(url: string): Pick<LoadOptions, "context" | "weights"> {
  const options = new URLSearchParams(new URL(url).hash.slice(1));
  const context = options.get("context");
  // The loader refuses other names.
  const weights = options.get("weights") as LoadOptions["weights"] | null;
  return { ...(context === null ? {} : { context: Number(context) }), ...(weights === null ? {} : { weights }) };
}

expose(
  new Host<Gpu, LoadedModel>({
    decoders: decoders.map(({ name, label, summary, options }) => ({ name, label, summary, options })),
    openDevice: () => openDevice(),
    loadModel: (device, url, { signal, onProgress }) =>
      loadModel(device, httpSource(url), { signal, onProgress, ...optionsOf(url) }),
    async generate({ device, request, target, draft, signal }, emit) {
      const { tokenizer, model } = target.loaded;
      const { prompt } = request;
      const decoder = findDecoder(request.decoder);
      return generate(
        {
          decoder,
          promptIds: typeof prompt === "string" ? tokenizer.promptIds(prompt) : prompt,
          target: target.session,
          capabilities: model.capabilities,
          draft: draft?.session,
          draftCapabilities: draft?.loaded.model.capabilities,
          options: encodeTexts(decoder.options, request.options, (text) => tokenizer.encode(text)),
          tokenizer,
          signal,
          turn: schedulerOf(device).join(),
        },
        emit,
      );
    },
  }),
);
