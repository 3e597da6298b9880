/** What waits for the device. */
const WAITING = [
  ["GPUBuffer", "mapAsync"],
  ["GPUDevice", "createComputePipelineAsync"],
  ["GPUQueue", "onSubmittedWorkDone"],
] as const;

/** How long the event loop rests between two looks at what is pending. */
const REST_MS = 0.3;
const rested = new WeakSet<object>();

/**
 * Dawn asks for results in a busy loop, which takes a core from a software adapter. While something is pending, the loop
 * rests between two looks; a real GPU's results would only be late.
 */
export function restWhilePending(globals: Record<string, unknown>): void {
  if (rested.has(globals)) return;
  rested.add(globals);
  const cell = new Int32Array(new SharedArrayBuffer(4));
  let numPending = 0;
  /** One loop at a time, or a turn of the event loop would rest as often as there are loops. */
  let isResting = false;
  const rest = () => {
    isResting = numPending > 0;
    if (!isResting) return;
    Atomics.wait(cell, 0, 0, REST_MS);
    setImmediate(rest);
  };
  const counted = (pending: Promise<unknown>) => {
    numPending++;
    if (!isResting) setImmediate(rest);
    isResting = true;
    const settle = () => {
      numPending--;
    };
    pending.then(settle, settle);
    return pending;
  };
  for (const [type, method] of WAITING) {
    const { prototype } = globals[type] as { prototype: Record<string, (...args: unknown[]) => Promise<unknown>> };
    const original = prototype[method];
    prototype[method] = function (...args) {
      return counted(original.apply(this, args));
    };
  }
}
