import { Measurements } from "../../timing/measurements.js";
import type { MeasureOptions } from "../../timing/model-costs.js";
import type { Model } from "../../../seam/model.js";
import type { Gpu } from "../gpu/device.js";
import type { KernelTime } from "../gpu/profile-kernels.js";
import type { DeviceLimits } from "./device-limits.js";
import { timedGpu } from "./timed-gpu.js";

const known = new WeakMap<Gpu, GpuMeasurements>();

/** The one set of measurements of a device. */
export function measurementsOf(gpu: Gpu): GpuMeasurements {
  const measurements = known.get(gpu) ?? new GpuMeasurements(gpu);
  known.set(gpu, measurements);
  return measurements;
}

/** What was measured of one GPU and the models on it: once, as theirs. */
export class GpuMeasurements extends Measurements {
  private knownLimits: DeviceLimits | null = null;
  private readonly knownKernels = new WeakMap<Model, KernelTime[] | null>();

  constructor(private readonly gpu: Gpu) {
    super(timedGpu(gpu));
  }

  /** What each kernel of a model's forward of one row takes, largest first; null where the adapter has no timestamps. `again` measures anew. */
  async kernels(model: Model, again = false): Promise<KernelTime[] | null> {
    const known = this.knownKernels.get(model);
    if (known !== undefined && !again) return known;
    const { kernelTimes } = await import("./kernel-times.js");
    const times = await kernelTimes(this.gpu, model);
    this.knownKernels.set(model, times);
    return times;
  }

  /** The device's limits; `again` measures anew. */
  async limits({ again = false, ...options }: MeasureOptions & { again?: boolean } = {}): Promise<DeviceLimits> {
    if (this.knownLimits && !again) return this.knownLimits;
    const { measureLimits } = await import("./device-limits.js");
    this.knownLimits = await measureLimits(this.gpu, options);
    return this.knownLimits;
  }
}
