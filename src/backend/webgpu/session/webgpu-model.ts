import type { Capabilities } from "../../../seam/capabilities.js";
import type { Model } from "../../../seam/model.js";
import type { Session } from "../../../seam/session.js";
import type { Adapter } from "../plan/adapter.js";
import type { Transformer } from "../plan/transformer.js";
import type { PolicyWeights } from "./length-policy.js";
import { type Runnable, WebGpuSession } from "./webgpu-session.js";

/** A loaded model on one device: makes sessions on its transformer and on what it was loaded with beside it. */
export class WebGpuModel implements Model, Runnable {
  head: WebGpuModel | null = null;
  policy: PolicyWeights | null = null;
  adapter: Adapter | null = null;
  maskSampler: WebGpuModel | null = null;

  constructor(readonly transformer: Transformer) {}

  get name(): string {
    return this.transformer.name;
  }

  get capabilities(): Capabilities {
    return this.transformer.capabilities;
  }

  session(): Session {
    return WebGpuSession.make(this);
  }

  /** Its sessions look behind each layer whether numbers are finite. */
  debug(): void {
    for (const model of [this, this.head, this.maskSampler]) if (model) model.transformer.isDebugged = true;
  }

  /** Destroys weights and activations, those of head and adapter as well; its sessions must not be used after. */
  dispose(): void {
    this.head?.dispose();
    this.adapter?.dispose();
    this.maskSampler?.dispose();
    this.transformer.dispose();
  }
}
