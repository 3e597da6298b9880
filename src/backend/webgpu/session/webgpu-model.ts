import type { Capabilities } from "../../../seam/capabilities.js";
import type { Model } from "../../../seam/model.js";
import type { MemoryByClass } from "../../../seam/memory.js";
import type { Session } from "../../../seam/session.js";
import type { Adapter } from "../plan/adapter.js";
import type { Transformer } from "../plan/transformer.js";
import type { Part, Runnable } from "./part.js";
import { WebGpuSession } from "./webgpu-session.js";

/** A loaded model on one device: makes sessions on its transformer and on what it was loaded with beside it. */
export class WebGpuModel implements Model, Runnable {
  adapter: Adapter | null = null;
  readonly parts = new Map<string, Part>();
  /** Models that its parts run. */
  private readonly owned: WebGpuModel[] = [];
  /** Bytes of its largest tensor, as stored. */
  stagingBytes = 0;
  private perText = { kv: 0, scratch: 0 };

  /** `builtIn`: the parts that need nothing loaded. */
  constructor(
    readonly transformer: Transformer,
    builtIn: readonly Part[] = [],
  ) {
    for (const part of builtIn) this.add(part);
  }

  get name(): string {
    return this.transformer.name;
  }

  get capabilities(): Capabilities {
    return this.transformer.capabilities;
  }

  /** From now on its sessions have this part beside them; `model` is one that the part runs, and goes with this one. */
  add(part: Part, model?: WebGpuModel): void {
    const { extension } = part;
    const { capabilities } = this;
    this.parts.set(extension, part);
    if (!capabilities.answers.includes(extension)) capabilities.answers = [...capabilities.answers, extension];
    if (model) this.owned.push(model);
  }

  session(): Session {
    const made = WebGpuSession.make(this);
    const { keys, values, arena } = made.sequence;
    const kv = keys.size + values.size;
    this.perText = { kv, scratch: arena.ownByteLength - kv };
    return made;
  }

  /** Bytes by class: what it holds, and what its last text held as that began. */
  get memory(): MemoryByClass {
    const { weightBytes, arena } = this.transformer;
    const own = { weights: weightBytes, scratch: arena.ownByteLength - weightBytes };
    const parts = this.owned.map(({ memory }) => memory);
    const sum = (of: (part: MemoryByClass) => number) => parts.reduce((total, part) => total + of(part), 0);
    return {
      weights: own.weights + (this.adapter?.byteLength ?? 0) + sum((part) => part.weights),
      kv: this.perText.kv + sum((part) => part.kv),
      scratch: own.scratch + this.perText.scratch + sum((part) => part.scratch),
      staging: this.stagingBytes,
    };
  }

  /** Its sessions look behind each layer whether numbers are finite. */
  debug(): void {
    for (const model of [this, ...this.owned]) model.transformer.isDebugged = true;
  }

  /** Destroys weights and activations, those of its parts as well; its sessions must not be used after. */
  dispose(): void {
    for (const model of this.owned) model.dispose();
    this.adapter?.dispose();
    this.transformer.dispose();
  }
}
