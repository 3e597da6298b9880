import type { DeviceName } from "../vocabulary/device.js";
import type { ModelInfo } from "./job.js";
import type { ModelRef } from "./model-ref.js";
import type { AnyRuntime } from "./on-device.js";

/** Where a model runs. */
export interface Placed {
  name: DeviceName;
  why: string;
  runtime: AnyRuntime;
}

/** A ref as the runtime of its device knows it: one copy there, whether the device was asked for or chosen. */
export function bare({ device: _, ...ref }: ModelRef): ModelRef {
  return ref;
}

/** The device of a placed model, as pages are told it; opens it. */
export async function deviceOf({ name, why, runtime }: Placed): Promise<ModelInfo["device"]> {
  const { vendor, architecture, description, isSoftware } = await runtime.adapter();
  return { name, description: description || `${vendor} ${architecture}`.trim(), isSoftware, why };
}
