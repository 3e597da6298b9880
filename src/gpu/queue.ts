import type { Arena } from "./arena.js";
import type { Kernel } from "./kernel.js";
import type { Profiler } from "./profiler.js";
import { UploadRing } from "./ring.js";

/** Bytes of one step block: the dynamic-offset alignment that every device offers. */
export const STEP_BYTES = 256;
const STEP_SLOTS = 1024;
const INPUT_WORDS = 1 << 16;
const STAGING_BYTES = 4096;
/** Submit at least this often, so that the device starts early and a watchdog is never near. */
const MAX_DISPATCHES_PER_SUBMIT = 512;

/**
 * The one queue of a device: records dispatches in order into one compute pass, submits when something is read or
 * enough has gathered, and reads results back late through a ring of staging buffers.
 */
export class GpuQueue {
  /** Step blocks (uniform, binding 0 of every kernel). */
  readonly steps: UploadRing;
  /** Per-row inputs of forwards (storage). */
  readonly inputs: UploadRing;
  dispatchCount = 0;
  submitCount = 0;
  readbackBytes = 0;
  profiler: Profiler | null = null;

  private encoder: GPUCommandEncoder | null = null;
  private pass: GPUComputePassEncoder | null = null;
  private numPending = 0;
  private readonly freeStaging: GPUBuffer[] = [];

  constructor(
    private readonly device: GPUDevice,
    private readonly arena: Arena,
    private readonly failure: () => Error | null,
  ) {
    const flush = () => this.flush();
    this.steps = new UploadRing(
      device,
      (size) => arena.buffer("steps", size, GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST),
      (STEP_SLOTS * STEP_BYTES) / 4,
      STEP_BYTES / 4,
      flush,
    );
    this.inputs = new UploadRing(device, (size) => arena.storage("inputs", size), INPUT_WORDS, 4, flush);
  }

  /** A step block with these words (numbers are unsigned integers; wrap floats by `floatBits`). Returns its byte offset. */
  step(words: readonly number[]): number {
    const start = this.steps.reserve(words.length);
    for (let i = 0; i < words.length; i++) this.steps.setWord(start + i, words[i]);
    return start * 4;
  }

  /** Records one dispatch of at least `numInvocations` invocations (in one dimension, folded to two past 65,535 groups). */
  dispatch(kernel: Kernel, group: GPUBindGroup, stepOffset: number, numInvocations: number): void {
    const numGroups = Math.ceil(numInvocations / kernel.workgroupSize);
    const x = Math.min(numGroups, 65535);
    if (!this.encoder) this.encoder = this.device.createCommandEncoder({ label: "steps" });
    if (this.profiler) this.endPass();
    if (!this.pass) this.pass = this.encoder.beginComputePass(this.profiler?.begin(kernel.name));
    this.pass.setPipeline(kernel.pipeline);
    OFFSET[0] = stepOffset;
    this.pass.setBindGroup(0, group, OFFSET, 0, 1);
    this.pass.dispatchWorkgroups(x, Math.ceil(numGroups / x));
    this.dispatchCount++;
    if (++this.numPending >= MAX_DISPATCHES_PER_SUBMIT) this.flush();
  }

  /** Submits what was recorded. */
  flush(): void {
    this.endPass();
    if (!this.encoder) return;
    this.profiler?.resolve(this.encoder);
    this.steps.upload();
    this.inputs.upload();
    this.device.queue.submit([this.encoder.finish()]);
    this.encoder = null;
    this.numPending = 0;
    this.submitCount++;
  }

  /** The bytes of a region as they are after everything recorded so far. Flushes. Throws what broke the device, if something did. */
  async read(source: GPUBuffer, byteOffset: number, byteLength: number): Promise<ArrayBuffer> {
    this.checkUsable();
    this.endPass();
    if (!this.encoder) this.encoder = this.device.createCommandEncoder({ label: "readback" });
    const isRing = byteLength <= STAGING_BYTES;
    const usage = GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST;
    const staging = isRing
      ? (this.freeStaging.pop() ?? this.arena.buffer("staging", STAGING_BYTES, usage))
      : this.device.createBuffer({ label: "staging (large)", size: byteLength, usage });
    this.encoder.copyBufferToBuffer(source, byteOffset, staging, 0, byteLength);
    this.readbackBytes += byteLength;
    this.flush();
    try {
      await staging.mapAsync(GPUMapMode.READ, 0, byteLength);
    } catch (error) {
      this.checkUsable();
      throw error;
    }
    const bytes = staging.getMappedRange(0, byteLength).slice(0);
    staging.unmap();
    if (isRing) this.freeStaging.push(staging);
    else staging.destroy();
    return bytes;
  }

  private endPass(): void {
    this.pass?.end();
    this.pass = null;
  }

  private checkUsable(): void {
    const failure = this.failure();
    if (failure) throw failure;
  }
}

const OFFSET = new Uint32Array(1);
const BITS = new DataView(new ArrayBuffer(4));

/** The bits of a float as an unsigned integer. */
export function floatBits(value: number): number {
  BITS.setFloat32(0, value);
  return BITS.getUint32(0);
}
