import type { DeviceReport, KernelTime } from "../../worker/client.js";
import { chartWords as words } from "../words/late.js";
import { type Chart, rounded } from "./chart.js";

/** What was measured of a model on its device. */
export interface Measured {
  model: string;
  report: Pick<DeviceReport, "limits" | "costs" | "kernels">;
}

/** GPU time by kernel of one forward, largest first; why there is none, where the device can't tell. */
export function kernelsChart(measured: Measured | null): Chart {
  if (!measured) return { says: words.noKernels, data: null };
  const { kernels, limits } = measured.report;
  // Limits are of our own kernels, and so are these.
  if (!kernels || kernels.length === 0) return { says: limits ? words.noTimestamps : words.noOwnKernels, data: null };
  const sum = (read: (kernel: KernelTime) => number) => kernels.reduce((total, kernel) => total + read(kernel), 0);
  const gpuMs = sum((kernel) => kernel.gpuMs);
  const [longest] = kernels;
  const share = gpuMs > 0 ? longest.gpuMs / gpuMs : 0;
  const dispatches = sum((kernel) => kernel.dispatches);
  return {
    says: words.kernels(measured.model, kernels.length, dispatches, gpuMs, longest.kernel, share),
    data: {
      xLabel: words.kernel,
      yLabel: words.kernelMs,
      form: "stack",
      xs: kernels.map((_, i) => i),
      names: kernels.map(({ kernel }) => kernel),
      series: [{ label: words.gpuTime, tone: "plain", ys: kernels.map((one) => rounded(one.gpuMs, 4)) }],
    },
  };
}
