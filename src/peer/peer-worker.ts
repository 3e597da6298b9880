import { InterruptableStoppingCriteria } from "@huggingface/transformers";
import { expose } from "comlink";
import { toWire } from "../vocabulary/errors.js";
import { loadPeer, type PeerModel } from "./peer-model.js";
import type { PeerApi } from "./peer-protocol.js";
import { writeAsPeer } from "./peer-writer.js";

/** The last model, by the job that it was loaded for. */
let loaded: { key: string; model: PeerModel } | null = null;
const stopping = new InterruptableStoppingCriteria();

expose({
  async write(job, onStage, onEvent) {
    stopping.reset();
    try {
      const key = `${job.device} ${job.url}`;
      if (loaded?.key !== key) {
        await loaded?.model.model.dispose();
        loaded = null;
        loaded = { key, model: await loadPeer(job.url, job.device, onStage) };
      }
      // On the way that the steps took: the reply has another, and may overtake them.
      await onEvent(await writeAsPeer(loaded.model, job, stopping, onEvent));
      return { ok: true, value: null };
    } catch (error) {
      return { ok: false, error: toWire(error) };
    }
  },
  stop: () => stopping.interrupt(),
} satisfies PeerApi);
