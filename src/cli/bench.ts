import { InvalidOptionError } from "../vocabulary/errors.js";
import { decoders } from "../decode/index.js";
import type { Gpu } from "../backend/webgpu/gpu/device.js";
import type { Runtime, RuntimeModel } from "../runtime/runtime.js";
import type { Metrics } from "../vocabulary/events.js";
import type { Job } from "../runtime/job.js";
import { type ModelRef, withoutUnset } from "../runtime/model-ref.js";
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

/** A run of each decoder that the models allow, on sessions of its own. */
async function contendersOf(
  runtime: Runtime<Gpu, RuntimeModel>,
  models: Readonly<Record<string, ModelRef>>,
  common: Pick<Job, "prompt" | "options">,
): Promise<Job[]> {
  const prefer = { model: ["target", "diffusion"], drafter: ["draft"] };
  const contenders: Job[] = [];
  for (const { name: decoder } of decoders) {
    const { roles } = await runtime.plan({ decoder, models, prefer, given: {}, chosen: {}, isBrief: true });
    if (!roles?.model) continue;
    const draft = roles.drafter === undefined ? {} : { draft: models[roles.drafter] };
    contenders.push({ ...common, decoder, model: models[roles.model], ...draft, isAlone: true });
  }
  if (contenders.length > 0) return contenders;
  throw new InvalidOptionError("No decoder runs with these models alone: give --diffusion, or another --model.");
}

/**
 * `triptych bench`: the decoders that the given models allow, in turn within each round, after one round that doesn't
 * count. Prints a table, then one JSON object on the last line.
 */
export async function bench(flags: BenchFlags, signal: AbortSignal): Promise<void> {
  const numRounds = integer("--repeat", flags.repeat, 1);
  const second = (url: string | undefined, more: Partial<ModelRef> = {}) =>
    url === undefined ? undefined : refOf(url, flags, { ...more, isContextAtMost: true });
  const models = withoutUnset({
    target: refOf(flags.model, flags, { blockLength: undefined }),
    draft: second(flags.draft, { blockLength: undefined }),
    diffusion: second(flags.diffusion),
  });
  const runtime = openRuntime(flags);
  const contenders = await contendersOf(runtime, models, { prompt: promptOf(flags), options: flags.options });
  for (const contender of contenders) contender.parsed = await runtime.check(contender, signal);
  const loads: { model: string; [phase: string]: unknown }[] = [];
  for (const ref of Object.values(models)) {
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
