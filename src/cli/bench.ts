import type { Metrics } from "../vocabulary/events.js";
import type { Job } from "../runtime/job.js";
import type { ModelRef } from "../runtime/model-ref.js";
import { type LoadingFlags, openRuntime, refOf } from "./models.js";
import { integer } from "./numbers.js";
import { print, printJson } from "./output.js";
import { type KernelTime, profileKernels } from "./profile.js";
import { promptOf } from "./run.js";

/** What `triptych bench` is asked. `options` go to every decoder that is measured. */
export interface BenchFlags extends LoadingFlags {
  model: string;
  draft?: string;
  diffusion?: string;
  prompt?: string;
  ids?: string;
  repeat: string;
  json?: boolean;
  profile?: boolean;
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
  const second = (url: string | undefined, more: Partial<ModelRef> = {}) =>
    url === undefined ? undefined : refOf(url, flags, { ...more, isContextAtMost: true });
  const model = refOf(flags.model, flags, { blockLength: undefined });
  const draft = second(flags.draft, { blockLength: undefined });
  const diffusion = second(flags.diffusion);
  const common = { prompt: promptOf(flags), options: flags.options, isAlone: true };
  const contenders: Job[] = [
    { ...common, decoder: "autoregressive", model },
    ...(draft ? [{ ...common, decoder: "speculative", model, draft }] : []),
    ...(diffusion ? [{ ...common, decoder: "block-diffusion", model: diffusion }] : []),
  ];
  const runtime = openRuntime(flags);
  for (const contender of contenders) contender.parsed = await runtime.check(contender, signal);
  const loads: { model: string; [phase: string]: unknown }[] = [];
  for (const ref of [model, draft, diffusion]) {
    if (!ref) continue;
    const { url, load } = await runtime.load(ref, { signal });
    loads.push({ model: url, ...load });
  }
  const runs: Metrics[][] = contenders.map(() => []);
  for (let round = 0; round <= numRounds; round++) {
    for (const [i, contender] of contenders.entries()) {
      const { metrics } = await runtime.run(contender, () => {}, signal);
      signal.throwIfAborted();
      if (round > 0) runs[i].push(metrics);
    }
  }
  const adapter = await runtime.adapter();
  const { architecture, description, isSoftware } = adapter;
  const results = contenders.map(({ decoder }, i) => report(decoder, runs[i]));
  if (flags.profile) {
    for (const [i, contender] of contenders.entries()) {
      results[i].kernels = await profileKernels(await runtime.open(), () => runtime.run(contender, () => {}, signal));
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
  printJson({ adapter, loads, rounds: numRounds, results });
}
