import { type Architecture, capabilitiesOf } from "../../../architecture/architecture.js";
import { BUILT_IN } from "../../../extension/webgpu.js";
import type { Capabilities } from "../../../seam/capabilities.js";
import { ANSWERED } from "../answers/index.js";

const ANSWERS = [...ANSWERED, ...BUILT_IN.map(({ extension }) => extension)];

/** What a model of this architecture can do on WebGPU, before anything is loaded beside its weights (`WebGpuModel.add`). */
export function webgpuCapabilities(architecture: Architecture): Capabilities {
  return { ...capabilitiesOf(architecture), answers: ANSWERS };
}
