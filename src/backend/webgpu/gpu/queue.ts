import { type OutOfMemoryError, TriptychError } from "../../../vocabulary/errors.js";
import type { Arena } from "./arena.js";
import type { Kernel } from "./kernel.js";
import { needsNudges, nudged } from "./nudge.js";
import type { Profiler } from "./profiler.js";
import { UploadRing } from "./ring.js";

/** Bytes of one step block: the dynamic-offset alignment that every device offers. */
export const STEP_BYTES = 256;
const STEP_SLOTS = 1024;
const INPUT_WORDS = 1 << 16;
const STAGING_BYTES = 4096;
/** As many batches of reads are under way at once as a run pulls steps ahead: how late they arrive makes no more of them. */
const NUM_STAGING = 8;
/** Submit at least this often, so that the device starts early. */
const MAX_DISPATCHES_PER_SUBMIT = 512;
/**
 * And this often by work, so that no submit of a long prompt comes near a watchdog or keeps a page's frames waiting. An
 * invocation of the largest tile on 2,048 inputs is 2^17 multiply-adds: 2^35 a submit, some 30 ms of an integrated GPU.
 */
const MAX_INVOCATIONS_PER_SUBMIT = 1 << 18;

/** How long a device that failed to hand over a result may take to say that it is lost. */
const LOSS_MS = 100;

/** Reads that share a staging buffer, and so a submit and a map. */
interface Batch {
  staging: GPUBuffer;
  byteLength: number;
  isSent: boolean;
  epoch: number;
  bytes: Promise<ArrayBuffer>;
}

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
  /** How often the device has run short of memory: what was recorded before may be lost. */
  epoch = 0;
  /** The last time, until a read has shown that the device is well again. */
  shortage: OutOfMemoryError | null = null;

  private encoder: GPUCommandEncoder | null = null;
  private pass: GPUComputePassEncoder | null = null;
  private lastShortage: OutOfMemoryError | null = null;
  private numDispatches = 0;
  private numInvocations = 0;
  /** Reads that were recorded and not submitted. */
  private unsent: Batch[] = [];
  private rehearsed: Set<Kernel> | null = null;
  private readonly freeStaging: GPUBuffer[];

  constructor(
    private readonly device: GPUDevice,
    private readonly arena: Arena,
    private readonly failure: () => Error | null,
    private readonly nudgeMaps = needsNudges(globalThis.navigator?.userAgent),
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
    this.freeStaging = Array.from({ length: NUM_STAGING }, () => this.makeStaging());
  }

  /** A step block with these words (numbers are unsigned integers; wrap floats by `floatBits`). Returns its byte offset. */
  step(words: readonly number[]): number {
    const start = this.steps.reserve(words.length);
    for (let i = 0; i < words.length; i++) this.steps.setWord(start + i, words[i]);
    return start * 4;
  }

  /** Records one dispatch of at least `numInvocations` invocations (in one dimension, folded to two past 65,535 groups). */
  dispatch(kernel: Kernel, group: GPUBindGroup, stepOffset: number, numInvocations: number): void {
    if (this.rehearsed) {
      this.rehearsed.add(kernel);
      return;
    }
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
    this.numInvocations += numInvocations;
    const isEnough = ++this.numDispatches >= MAX_DISPATCHES_PER_SUBMIT;
    if (isEnough || this.numInvocations >= MAX_INVOCATIONS_PER_SUBMIT) this.flush();
  }

  /** Records a copy between two buffers' regions, at the same place in both. */
  copy(source: GPUBuffer, target: GPUBuffer, byteOffset: number, byteLength: number): void {
    if (this.rehearsed) return;
    this.endPass();
    if (!this.encoder) this.encoder = this.device.createCommandEncoder({ label: "copies" });
    this.encoder.copyBufferToBuffer(source, byteOffset, target, byteOffset, byteLength);
  }

  /** Whether what is recorded now is looked at and dropped. */
  get isRehearsing(): boolean {
    return this.rehearsed !== null;
  }

  /** The kernels that `record` would dispatch; nothing of it is recorded. */
  rehearse(record: () => void): ReadonlySet<Kernel> {
    const kernels = new Set<Kernel>();
    this.rehearsed = kernels;
    try {
      record();
    } finally {
      this.rehearsed = null;
    }
    return kernels;
  }

  /**
   * The device has no memory for something that was recorded: nothing of it is sent, and all who read what was recorded so far get
   * this error. Who begins anew can go on.
   */
  runShort(error: OutOfMemoryError): void {
    this.endPass();
    this.encoder = null;
    this.numDispatches = this.numInvocations = 0;
    this.unsent = [];
    this.shortage = this.lastShortage = error;
    this.epoch++;
  }

  /** Throws if the device has run short of memory since its epoch was this. */
  checkEpoch(epoch: number): void {
    if (epoch === this.epoch || !this.lastShortage) return;
    // Who is told now may have recorded more meanwhile, bound to memory that isn't there.
    if (this.shortage) this.runShort(this.shortage);
    throw this.lastShortage;
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
    this.numDispatches = this.numInvocations = 0;
    this.submitCount++;
    for (const batch of this.unsent) batch.isSent = true;
    this.unsent = [];
  }

  /**
   * The bytes of a region as they are after everything recorded so far. Reads of one synchronous stretch share a submit
   * and a map. Throws what broke the device, if something did.
   */
  async read(source: GPUBuffer, byteOffset: number, byteLength: number): Promise<ArrayBuffer> {
    this.checkUsable();
    this.endPass();
    if (!this.encoder) this.encoder = this.device.createCommandEncoder({ label: "readback" });
    const batch = this.batchFor(byteLength);
    const start = batch.byteLength;
    batch.byteLength += byteLength;
    this.encoder.copyBufferToBuffer(source, byteOffset, batch.staging, start, byteLength);
    this.readbackBytes += byteLength;
    const bytes = await batch.bytes;
    return bytes.byteLength === byteLength ? bytes : bytes.slice(start, start + byteLength);
  }

  private makeStaging(): GPUBuffer {
    return this.arena.buffer("staging", STAGING_BYTES, stagingUsage());
  }

  /** An unsent batch that has room for so many bytes. */
  private batchFor(byteLength: number): Batch {
    const isRing = byteLength <= STAGING_BYTES;
    const open = this.unsent.find(({ byteLength: used }) => used + byteLength <= STAGING_BYTES);
    if (open) return open;
    const staging = isRing
      ? (this.freeStaging.pop() ?? this.makeStaging())
      : this.device.createBuffer({ label: "staging (large)", size: byteLength, usage: stagingUsage() });
    const batch: Batch = {
      staging,
      byteLength: 0,
      isSent: false,
      epoch: this.epoch,
      bytes: Promise.resolve().then(() => this.collect(batch, isRing)),
    };
    this.unsent.push(batch);
    return batch;
  }

  /** Runs when the stretch of reads is over. */
  private async collect(batch: Batch, isRing: boolean): Promise<ArrayBuffer> {
    if (!batch.isSent) this.flush();
    const { staging, byteLength } = batch;
    try {
      const mapped = staging.mapAsync(GPUMapMode.READ, 0, byteLength);
      await (this.nudgeMaps ? nudged(mapped, () => this.device.queue.submit([])) : mapped);
    } catch (error) {
      // A device that goes away may fail its maps before it says so.
      await Promise.race([this.device.lost, new Promise((resolve) => setTimeout(resolve, LOSS_MS))]);
      this.checkUsable();
      throw unreadable(error);
    }
    const bytes = staging.getMappedRange(0, byteLength).slice(0);
    staging.unmap();
    if (isRing) this.freeStaging.push(staging);
    else staging.destroy();
    this.checkUsable();
    this.checkEpoch(batch.epoch);
    this.shortage = null;
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

/** A function, since Node has the flags once its GPU is there. */
function stagingUsage(): GPUBufferUsageFlags {
  return GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST;
}

/** Whatever WebGPU calls it, an `AbortError` as well: nobody has cancelled anything. */
function unreadable(error: unknown): TriptychError {
  const reason = error instanceof Error ? error.message : String(error);
  return new TriptychError("gpu_error", `The device didn't hand over a result (${reason}). Load the models again.`);
}

const OFFSET = new Uint32Array(1);
const BITS = new DataView(new ArrayBuffer(4));

/** The bits of a float as an unsigned integer. */
export function floatBits(value: number): number {
  BITS.setFloat32(0, value);
  return BITS.getUint32(0);
}
