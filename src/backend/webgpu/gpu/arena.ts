import { OutOfMemoryError } from "../../../vocabulary/errors.js";

/** Bytes and buffers alive on one device, shared by all arenas made from the same root. */
interface Ledger {
  byteLength: number;
  buffers: number;
  /** Arenas that were made within the present attempt; null outside one. */
  made: Arena[] | null;
}

/** Owns labelled buffers and their disposal; `byteLength` is the ledger that the page shows and tests watch. */
export class Arena {
  private readonly buffers = new Set<GPUBuffer>();
  private ownBytes = 0;

  constructor(
    readonly device: GPUDevice,
    private readonly ledger: Ledger = { byteLength: 0, buffers: 0, made: null },
  ) {}

  /** Bytes of all live buffers of the device. */
  get byteLength(): number {
    return this.ledger.byteLength;
  }

  /** Number of live buffers of the device. */
  get bufferCount(): number {
    return this.ledger.buffers;
  }

  /** Bytes of this arena's own live buffers. */
  get ownByteLength(): number {
    return this.ownBytes;
  }

  /** An arena with its own disposal on the same ledger: one per model, one per session. */
  child(): Arena {
    const arena = new Arena(this.device, this.ledger);
    this.ledger.made?.push(arena);
    return arena;
  }

  /** What `make` returns. Where it throws, all arenas that it made are disposed of. */
  attempt<T>(make: () => T): T {
    const { ledger } = this;
    const outer = ledger.made;
    const made: Arena[] = [];
    ledger.made = made;
    try {
      return make();
    } catch (error) {
      for (const arena of made) arena.dispose();
      throw error;
    } finally {
      ledger.made = outer;
      outer?.push(...made);
    }
  }

  /**
   * A zeroed buffer of `byteLength` bytes, rounded up to 16, of which kernels see `sliceBytes` at a time (left out: all). Throws
   * `OutOfMemoryError` past the device's limits.
   */
  buffer(label: string, byteLength: number, usage: GPUBufferUsageFlags, sliceBytes = byteLength): GPUBuffer {
    const size = Math.max(16, Math.ceil(byteLength / 16) * 16);
    const { maxBufferSize, maxStorageBufferBindingSize } = this.device.limits;
    if (size > maxBufferSize) throw tooLarge(label, size, `maxBufferSize ${maxBufferSize}`);
    if (usage & GPUBufferUsage.STORAGE && sliceBytes > maxStorageBufferBindingSize) {
      throw tooLarge(label, sliceBytes, `maxStorageBufferBindingSize ${maxStorageBufferBindingSize}`);
    }
    const buffer = this.device.createBuffer({ label, size, usage });
    this.buffers.add(buffer);
    this.ownBytes += size;
    this.ledger.byteLength += size;
    this.ledger.buffers++;
    return buffer;
  }

  /** A storage buffer that can be filled by copies and read back; `sliceBytes` as of `buffer`. */
  storage(label: string, byteLength: number, sliceBytes?: number): GPUBuffer {
    const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC;
    return this.buffer(label, byteLength, usage, sliceBytes);
  }

  /** A storage buffer with the given content. */
  upload(label: string, data: ArrayBufferView): GPUBuffer {
    const buffer = this.storage(label, data.byteLength);
    this.write(buffer, data);
    return buffer;
  }

  /** Fills a buffer from its start. */
  write(buffer: GPUBuffer, data: ArrayBufferView, begin = 0): void {
    this.device.queue.writeBuffer(buffer, begin, data.buffer, data.byteOffset, Math.ceil(data.byteLength / 4) * 4);
  }

  /** A small uniform buffer with the given words. */
  uniform(label: string, words: readonly number[]): GPUBuffer {
    const buffer = this.buffer(label, words.length * 4, GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST);
    this.device.queue.writeBuffer(buffer, 0, new Uint32Array(words));
    return buffer;
  }

  /** Destroys every buffer of this arena. */
  dispose(): void {
    for (const buffer of this.buffers) buffer.destroy();
    this.ledger.buffers -= this.buffers.size;
    this.ledger.byteLength -= this.ownBytes;
    this.buffers.clear();
    this.ownBytes = 0;
  }
}

function tooLarge(label: string, size: number, limit: string): OutOfMemoryError {
  return new OutOfMemoryError(
    `buffer "${label}" needs ${size} bytes; this device allows ${limit}. Use a smaller model or context, or weights q8 or q4.`,
  );
}
