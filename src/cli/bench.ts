import type { Metrics } from "../vocabulary/events.js";
import type { Rounding } from "../seam/rounding.js";
import { checkRun } from "./check-run.js";
import { loadFolder, openFolder, type ReadingFlags, readingOf, openGpu, readTuning } from "./models.js";
import { integer } from "./numbers.js";
import { print, printJson } from "./output.js";
import { type KernelTime, profileKernels } from "./profile.js";
import { generateOnce, promptIdsOf } from "./run.js";

/** What `triptych bench` is asked. `options` go to every decoder that is measured. */
export interface BenchFlags extends ReadingFlags {
  model: string;
  draft?: string;
  diffusion?: string;
  prompt?: string;
  ids?: string;
  repeat: string;
  json?: boolean;
  profile?: boolean;
  weights?: Rounding;
  tuning?: string;
  software?: boolean;
  options: Record<string, unknown>;
}

/** Median, smallest and largest of some runs. */
export interface Spread {
  median: number;
  min: number;
  max: number;
}

/** Median (the mean of the middle two for an even number), smallest and largest. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  const median = (sorted[Math.floor(middle)] + sorted[Math.ceil(middle)]) / 2;
  return { median, min: sorted[0], max: sorted[sorted.length - 1] };
}

const TIMES = ["tokensPerSecond", "timeToFirstTokenMs", "ownMs"] as const;

interface Result {
  kernels?: KernelTime[];
  [figure: string]: unknown;
}

function report(name: string, runs: readonly Metrics[]): Result {
  // Counts are the same in every run; times are not.
  const { tokens, forwards, draftForwards, tokensPerForward, dispatches, readbackBytes } = runs[0];
  const times = Object.fromEntries(TIMES.map((key) => [key, spreadOf(runs.map((metrics) => metrics[key]))]));
  return { decoder: name, tokens, forwards, draftForwards, tokensPerForward, dispatches, readbackBytes, ...times };
}

/**
 * `triptych bench`: the decoders that the given models allow, in turn within each round, after one round that doesn't
 * count. Prints a table, then one JSON object on the last line.
 */
export async function bench(flags: BenchFlags, signal: AbortSignal): Promise<void> {
  const numRounds = integer("--repeat", flags.repeat, 1);
  const folder = await openFolder(flags.model, { signal, context: readingOf(flags).context });
  const draftFolder =
    flags.draft === undefined
      ? null
      : await openFolder(flags.draft, { signal, context: readingOf(flags).context, isSecond: true });
  const diffusionFolder =
    flags.diffusion === undefined
      ? null
      : await openFolder(flags.diffusion, { signal, ...readingOf(flags), isSecond: true });
  const promptIds = promptIdsOf(flags, folder);
  const { options } = flags;
  const checked = { promptIds, options, draftFolder };
  await checkRun({ ...checked, decoder: "autoregressive", folder });
  if (draftFolder) await checkRun({ ...checked, decoder: "speculative", folder });
  if (diffusionFolder) await checkRun({ ...checked, decoder: "block-diffusion", folder: diffusionFolder });
  const gpu = await openGpu(flags);
  const tuning = flags.tuning === undefined ? undefined : await readTuning(gpu, flags.tuning);
  const how = { signal, weights: flags.weights, tuning };
  const target = await loadFolder(gpu, folder, how);
  const draft = draftFolder && (await loadFolder(gpu, draftFolder, how));
  const diffusion = diffusionFolder && (await loadFolder(gpu, diffusionFolder, how));
  const common = { promptIds, gpu, folder, signal, options };
  const contenders = [
    { ...common, decoder: "autoregressive", target, draft: null },
    ...(draft ? [{ ...common, decoder: "speculative", target, draft }] : []),
    ...(diffusion && diffusionFolder
      ? [{ ...common, decoder: "block-diffusion", target: diffusion, draft: null, folder: diffusionFolder }]
      : []),
  ];
  const runs: Metrics[][] = contenders.map(() => []);
  for (let round = 0; round <= numRounds; round++) {
    for (const [i, contender] of contenders.entries()) {
      const { metrics } = await generateOnce(contender, () => {});
      signal.throwIfAborted();
      if (round > 0) runs[i].push(metrics);
    }
  }
  const { vendor, architecture, description, isSoftware } = gpu.facts;
  const results = contenders.map(({ decoder }, i) => report(decoder, runs[i]));
  if (flags.profile) {
    for (const [i, contender] of contenders.entries()) {
      results[i].kernels = await profileKernels(gpu, () => generateOnce(contender, () => {}));
      signal.throwIfAborted();
    }
  }
  if (!flags.json) {
    print(`${description || architecture}${isSoftware ? " (software adapter: figures are of a CPU)" : ""}\n`);
    contenders.forEach(({ decoder }, i) => {
      const speed = spreadOf(runs[i].map(({ tokensPerSecond }) => tokensPerSecond));
      const range = `${speed.min.toFixed(1)} to ${speed.max.toFixed(1)}`;
      const perForward = runs[i][0].tokensPerForward.toFixed(2);
      print(`${decoder.padEnd(16)} ${speed.median.toFixed(1)} tokens/s (${range}), ${perForward} tokens per forward\n`);
      for (const { kernel, dispatches, gpuMs } of results[i].kernels ?? []) {
        print(
          `  ${kernel.padEnd(18)} ${String(dispatches).padStart(5)} dispatches ${gpuMs.toFixed(2).padStart(9)} ms\n`,
        );
      }
    });
  }
  const folders = [folder, draftFolder, diffusionFolder].filter((opened) => opened !== null);
  const loads = folders.map(({ source, clock }) => ({ model: source.url, ...clock.times }));
  printJson({ adapter: { vendor, architecture, description, isSoftware }, loads, rounds: numRounds, results });
}
