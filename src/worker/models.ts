import type { AdapterReport, DeviceReport, LoadProgress, MeasureProgress, ModelInfo } from "../runtime/job.js";
import type { ModelRef } from "../runtime/model-ref.js";
import { call, callOverPort } from "./connection.js";
import type { LoadMessage, MeasureMessage } from "./protocol.js";

/** Which adapter WebGPU has here; opens its device. `model.device` says where a model runs. */
export function adapter(): Promise<AdapterReport> {
  return call((api) => api.adapter());
}

/** Takes a reference to a model; pair it with `releaseModel`. */
export async function takeModel(
  ref: ModelRef,
  { signal, onProgress }: { signal?: AbortSignal; onProgress?: (progress: LoadProgress) => void } = {},
): Promise<ModelInfo> {
  return callOverPort<LoadMessage, ModelInfo>(
    (api, port) => api.load(ref, port),
    ({ progress }) => onProgress?.(progress),
    signal,
  );
}

/** Measures the device and the forwards of a loaded model; a second call for the same model answers at once, unless `again`. */
export function measureModel(
  ref: ModelRef,
  {
    signal,
    onProgress,
    again = false,
  }: { signal?: AbortSignal; onProgress?: (progress: MeasureProgress) => void; again?: boolean } = {},
): Promise<DeviceReport> {
  return callOverPort<MeasureMessage, DeviceReport>(
    (api, port) => api.measure(ref, again, port),
    ({ progress }) => onProgress?.(progress),
    signal,
  );
}

/** Gives a reference back. */
export async function releaseModel(ref: ModelRef): Promise<void> {
  await call((api) => api.unload(ref));
}
