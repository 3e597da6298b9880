import type { MeasureOptions } from "../../timing/model-costs.js";
import type { Gpu } from "../gpu/device.js";
import { makeOp } from "../ops/op.js";
import { costOfOne, stopwatch } from "./stopwatch.js";

/** What a device does at best, measured by kernels that do nothing else. */
export interface DeviceLimits {
  /** Bytes read plus bytes written by a kernel that copies. */
  copyBytesPerSecond: number;
  /** f32, in registers; one is a multiplication and an addition. */
  multiplyAddsPerSecond: number;
  /** One dispatch that waits for the one before, in a long row of them. */
  dispatchMs: number;
  /** What a submit adds to the dispatch in it, in a row of them. */
  submitMs: number;
  /** From a finished recording to four bytes of it on this thread, one at a time: submit, copy, map. */
  readbackMs: number;
}

/** Five figures in about half a second and the time to compile two kernels. */
const BUDGET_MS = 90;
const LARGE = { minSampleMs: 3, numRounds: 4, maxRepetitions: 256, budgetMs: BUDGET_MS };
/** Dispatches of one submit stay below what the queue sends by itself. */
const SMALL = { ...LARGE, maxRepetitions: 400 };
const ROUND_TRIPS = { ...LARGE, maxRepetitions: 32 };

/** More than caches hold, except on a CPU, which takes too long for that. */
const COPY_BYTES = { software: 2 ** 22, gpu: 2 ** 26 };
const COPY_INVOCATIONS = { software: 2 ** 10, gpu: 2 ** 16 };
const MULTIPLY_INVOCATIONS = { software: 2 ** 8, gpu: 2 ** 16 };
const MULTIPLY_ROUNDS = 256;
const MULTIPLY_ADDS_A_ROUND = 32;

/** Measures a device's limits on buffers of its own, in about half a second and the time to compile two kernels. */
export async function measureLimits(
  gpu: Gpu,
  { signal, clock = () => performance.now(), breathe = async () => {} }: MeasureOptions = {},
): Promise<DeviceLimits> {
  const arena = gpu.arena.child();
  const kind = gpu.facts.isSoftware ? "software" : "gpu";
  const elapsed = stopwatch(gpu, clock);
  const calm = async () => {
    signal?.throwIfAborted();
    await breathe();
  };
  const timed = (record: (repetitions: number) => void) => async (repetitions: number) => {
    await calm();
    return elapsed(() => record(repetitions));
  };
  try {
    const step = () => gpu.queue.step([0]);
    const copyBytes = Math.min(COPY_BYTES[kind], gpu.device.limits.maxStorageBufferBindingSize / 2);
    const source = arena.upload("copied from", noise(copyBytes));
    const target = arena.storage("copied to", copyBytes);
    const copier = (vectors: number, invocations: number) =>
      makeOp(gpu, "probe_copy", {}, [arena.uniform("copy dims", [vectors, invocations]), source, target]);
    const copy = copier(copyBytes / 16, COPY_INVOCATIONS[kind]);
    const least = copier(1, 1);
    const products = MULTIPLY_INVOCATIONS[kind];
    const multiply = makeOp(gpu, "probe_multiply", {}, [
      arena.uniform("multiply dims", [products, MULTIPLY_ROUNDS]),
      arena.upload("factors", factors(products * 4)),
      arena.storage("sums", products * 16),
    ]);
    const repeat = (work: (offset: number) => void) => (repetitions: number) => {
      const offset = step();
      for (let i = 0; i < repetitions; i++) work(offset);
    };

    const copyMs = await costOfOne(timed(repeat((at) => copy.record(at, COPY_INVOCATIONS[kind]))), { ...LARGE, clock });
    const multiplyMs = await costOfOne(timed(repeat((at) => multiply.record(at, products))), { ...LARGE, clock });
    const dispatchMs = await costOfOne(timed(repeat((at) => least.record(at, 1))), { ...SMALL, clock });
    const submitted = repeat((at) => {
      least.record(at, 1);
      gpu.queue.flush();
    });
    const submitAndDispatchMs = await costOfOne(timed(submitted), { ...SMALL, clock });
    const roundTrips = async (repetitions: number) => {
      await calm();
      const offset = step();
      const startMs = clock();
      for (let i = 0; i < repetitions; i++) {
        least.record(offset, 1);
        await gpu.queue.read(target, 0, 4);
      }
      return clock() - startMs;
    };
    const readbackMs = await costOfOne(roundTrips, { ...ROUND_TRIPS, clock });
    return {
      copyBytesPerSecond: rate(2 * copyBytes, copyMs),
      multiplyAddsPerSecond: rate(products * MULTIPLY_ROUNDS * MULTIPLY_ADDS_A_ROUND, multiplyMs),
      dispatchMs,
      submitMs: Math.max(0, submitAndDispatchMs - dispatchMs),
      readbackMs,
    };
  } finally {
    gpu.queue.flush();
    arena.dispose();
  }
}

/** Per second; 0 when the device was too fast for the clock. */
function rate(amount: number, elapsedMs: number): number {
  return elapsedMs > 0 ? (amount * 1000) / elapsedMs : 0;
}

/** Words without a pattern that memory could compress. */
function noise(byteLength: number): Uint32Array<ArrayBuffer> {
  const words = new Uint32Array(byteLength / 4);
  let state = 1;
  for (let i = 0; i < words.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    words[i] = state ^ (state >>> 15);
  }
  return words;
}

/** Numbers between 0.5 and 1, under which a sum of products neither grows nor vanishes. */
function factors(length: number): Float32Array<ArrayBuffer> {
  return Float32Array.from({ length }, (_, i) => 0.5 + ((i * 7919) % 4096) / 8192);
}
