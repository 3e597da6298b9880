import type { Gpu } from "../../src/backend/webgpu/gpu/device.js";

/** Below it, what a submit and a wake-up cost would be in the figure. */
const MIN_SAMPLE_MS = 5;
const MAX_REPETITIONS = 4096;

/** Something to time: `record` enqueues it `repetitions` times. */
export interface Subject {
  name: string;
  record(repetitions: number): void;
}

/** Repetitions that make a sample long enough, when `repetitions` took `elapsedMs`. */
export function enough(repetitions: number, elapsedMs: number): number {
  const wanted = Math.ceil((repetitions * MIN_SAMPLE_MS) / Math.max(elapsedMs, 1e-3));
  return Math.min(MAX_REPETITIONS, Math.max(1, wanted));
}

/** The same, found by trials: the faster of two each time, since one that is held up would make all samples too short. */
export async function findRepetitions(time: (repetitions: number) => Promise<number>): Promise<number> {
  let repetitions = 2;
  for (let trial = 0; trial < 2; trial++) {
    const fasterMs = Math.min(await time(repetitions), await time(repetitions));
    repetitions = enough(repetitions, fasterMs);
  }
  return repetitions;
}

async function elapsed(gpu: Gpu, { record }: Subject, repetitions: number): Promise<number> {
  const startMs = performance.now();
  record(repetitions);
  gpu.queue.flush();
  await gpu.device.queue.onSubmittedWorkDone();
  return performance.now() - startMs;
}

/**
 * Microseconds of one repetition of each subject, one for each round: all subjects in turn within a round, backwards in
 * every other round, after warm-ups (the first compiles, the others find how often to repeat).
 */
export async function timeInTurn(gpu: Gpu, subjects: readonly Subject[], numRounds: number): Promise<number[][]> {
  const samples: number[][] = subjects.map(() => []);
  const repetitions: number[] = [];
  for (const subject of subjects) {
    await elapsed(gpu, subject, 1);
    repetitions.push(await findRepetitions((count) => elapsed(gpu, subject, count)));
  }
  for (let round = 0; round < numRounds; round++) {
    for (let turn = 0; turn < subjects.length; turn++) {
      const i = round % 2 === 0 ? turn : subjects.length - 1 - turn;
      samples[i].push(((await elapsed(gpu, subjects[i], repetitions[i])) * 1000) / repetitions[i]);
    }
  }
  return samples;
}
