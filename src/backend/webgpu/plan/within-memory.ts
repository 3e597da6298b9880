import { OutOfMemoryError } from "../../../vocabulary/errors.js";
import type { Gpu } from "../gpu/device.js";

/**
 * What `make` makes of the device's memory, and whether that was there, which the device tells later: `allocated` rejects with
 * `OutOfMemoryError` then, the device unharmed. Where `make` throws nothing is left allocated.
 */
export function asking<T>(gpu: Gpu, name: string, make: () => T): { made: T; allocated: Promise<void> } {
  const { device, arena } = gpu;
  // What is bound to a buffer that isn't there is invalid too.
  device.pushErrorScope("validation");
  device.pushErrorScope("out-of-memory");
  const before = arena.byteLength;
  try {
    const made = arena.attempt(make);
    const numBytes = arena.byteLength - before;
    const scopes = Promise.all([device.popErrorScope(), device.popErrorScope()]);
    const allocated = scopes.then(([shortage, invalid]) => {
      if (!shortage && !invalid) return;
      const reason = (shortage ?? invalid)?.message ?? "";
      throw new OutOfMemoryError(
        `${name} needs ${numBytes} bytes on the device, which it doesn't have${shortage ? "" : ` (${reason})`}. Use a smaller model or context.`,
      );
    });
    // Reported where it is awaited, if anybody gets there.
    allocated.catch(() => undefined);
    return { made, allocated };
  } catch (error) {
    void device.popErrorScope();
    void device.popErrorScope();
    throw error;
  }
}

/** A model whose memory the device has. Rejects with `OutOfMemoryError`, the device unharmed. */
export async function withinMemory<T extends { dispose(): void }>(gpu: Gpu, name: string, make: () => T): Promise<T> {
  const { made, allocated } = asking(gpu, name, make);
  try {
    await allocated;
  } catch (error) {
    made.dispose();
    throw error;
  }
  return made;
}
