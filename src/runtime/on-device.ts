import type { ModelFacts } from "../architecture/architecture.js";
import type { Scheduler } from "../decode/engine/scheduler.js";
import type { Backend } from "./backend.js";
import type { ModelRef } from "./model-ref.js";
import { FolderParts } from "./parts.js";
import { Runtime, type RuntimeDevice, type RuntimeModel } from "./runtime.js";
import { checkedModel, largestError } from "./self-check.js";

/** A runtime on some device. */
export type AnyRuntime = Runtime<RuntimeDevice, RuntimeModel>;

/** What a device is tried by before a model that leaves the choice runs on it. */
export interface Trial {
  /** How far its numbers are from the right ones at most, by a model whose logits are known; opens the device. */
  largestError(): Promise<number>;
  /** Milliseconds of a loaded model's forward of one row: the best of a few. */
  forwardMs(ref: ModelRef): Promise<number>;
}

/** A device's runtime, and how it is tried. */
export interface OnDevice {
  runtime: AnyRuntime;
  trial: Trial;
}

/** The runtime of a backend. `scheduler`: of all devices of a process. */
export function onDevice<D extends RuntimeDevice, A extends ModelFacts>(
  backend: Backend<D, A>,
  scheduler: Scheduler,
): OnDevice {
  const parts = new FolderParts(backend, scheduler);
  const runtime = new Runtime(parts);
  return {
    runtime: runtime as unknown as AnyRuntime,
    trial: {
      async largestError() {
        const { architecture, tensors } = checkedModel();
        const device = await runtime.open();
        const model = await backend.made(device, architecture, tensors);
        try {
          return await parts.inTurn(() => largestError(model));
        } finally {
          model.dispose();
        }
      },
      forwardMs: (ref) =>
        runtime.use(ref, async ({ model }) => {
          const measurements = backend.measurements(await runtime.open());
          return parts.inTurn(() => measurements.forwardMs(model));
        }),
    },
  };
}
