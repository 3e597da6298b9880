// Gives the GPU tests a `navigator.gpu`: SwiftShader where there is one, so that every machine tests the same, or what the
// variable TRIPTYCH_ADAPTER asks for (`system`: the machine's own driver).
// All files that a process runs get one device, because Dawn keeps a device's pipelines as long as one of them is held:
// a kernel then compiles once a process, as it does for users, and not once a file.
import { askedAdapter, nodeGpu } from "../src/backend/webgpu/node/node-gpu.js";

const scope = globalThis as typeof globalThis & { isDeviceShared?: true };
if (!scope.isDeviceShared) {
  scope.isDeviceShared = true;
  // Named, so that command lines in these tests choose WebGPU too.
  process.env.TRIPTYCH_ADAPTER ||= "prefer-swiftshader";
  await nodeGpu(askedAdapter() ?? "any");
  shareDevice();
}

/** From now on whoever asks for a device gets the first one, which outlives those who destroy it; but for `requestOwnDevice`. */
function shareDevice(): void {
  const request = GPUAdapter.prototype.requestDevice;
  Object.assign(GPUAdapter.prototype, { requestOwnDevice: request });
  let device: GPUDevice | null = null;
  GPUAdapter.prototype.requestDevice = async function (descriptor) {
    device ??= undying(await request.call(this, descriptor));
    return device;
  };
}

/** Pipelines that nobody held would be compiled again. */
const pipelines: GPUComputePipeline[] = [];

function undying(device: GPUDevice): GPUDevice {
  const compile = device.createComputePipeline.bind(device);
  const compileLater = device.createComputePipelineAsync.bind(device);
  const held = (pipeline: GPUComputePipeline) => {
    pipelines.push(pipeline);
    return pipeline;
  };
  device.createComputePipeline = (descriptor) => held(compile(descriptor));
  device.createComputePipelineAsync = async (descriptor) => held(await compileLater(descriptor));
  device.destroy = () => undefined;
  return device;
}
