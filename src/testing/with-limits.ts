import type { Gpu } from "../backend/webgpu/gpu/device.js";

/** What `work` comes to on a device that allows less, as far as our own code asks its limits: a test bed. */
export async function withLimits<T>(gpu: Gpu, less: Partial<GPUSupportedLimits>, work: () => Promise<T>): Promise<T> {
  const { device } = gpu;
  const own = Object.getOwnPropertyDescriptor(device, "limits");
  const { maxBufferSize, maxStorageBufferBindingSize } = device.limits;
  const value = { maxBufferSize, maxStorageBufferBindingSize, ...less };
  Object.defineProperty(device, "limits", { value, configurable: true });
  try {
    return await work();
  } finally {
    if (own) Object.defineProperty(device, "limits", own);
    else Reflect.deleteProperty(device, "limits");
  }
}
