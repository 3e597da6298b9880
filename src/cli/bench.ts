import { benchmark } from "../runtime/benchmark.js";
import { type ModelRef, withoutUnset } from "../runtime/model-ref.js";
import { spreadOf } from "../runtime/spread.js";
import { type KernelTime, profileRun, terminalDevices } from "../runtime/terminal.js";
import type { Metrics } from "../vocabulary/events.js";
import { type LoadingFlags, refOf } from "./models.js";
import { integer } from "./numbers.js";
import { adapterLine, announce, print, printJson } from "./output.js";
import { plainPromptOf } from "./run.js";

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

const TIMES = ["tokensPerSecond", "timeToFirstTokenMs", "ownMs"] as const;

interface Result {
  decoder: string;
  kernels?: KernelTime[];
  [figure: string]: unknown;
}

function report(decoder: string, rounds: readonly Metrics[]): Result {
  // Counts are the same in every run; times are not.
  const { tokens, forwards, draftForwards, tokensPerForward, dispatches, readbackBytes } = rounds[0];
  const times = Object.fromEntries(TIMES.map((key) => [key, spreadOf(rounds.map((metrics) => metrics[key]))]));
  return { decoder, tokens, forwards, draftForwards, tokensPerForward, dispatches, readbackBytes, ...times };
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
  const devices = terminalDevices({ ...flags, tell: announce });
  const request = { models, numRounds, prompt: plainPromptOf(flags), options: flags.options };
  const { adapter, loads, results } = await benchmark(devices, request, signal);
  const reports = results.map(({ decoder, rounds }) => report(decoder, rounds));
  if (flags.profile) {
    for (const [i, { again }] of results.entries()) {
      reports[i].kernels = await profileRun(devices, again);
      signal.throwIfAborted();
    }
  }
  if (!flags.json) {
    print(adapterLine(adapter));
    for (const [i, { decoder, rounds }] of results.entries()) printRounds(decoder, rounds, reports[i].kernels);
  }
  printJson({ adapter, loads, rounds: numRounds, results: reports });
}

function printRounds(decoder: string, rounds: readonly Metrics[], kernels: readonly KernelTime[] = []): void {
  const speed = spreadOf(rounds.map(({ tokensPerSecond }) => tokensPerSecond));
  const range = `${speed.min.toFixed(1)} to ${speed.max.toFixed(1)}`;
  const perForward = rounds[0].tokensPerForward.toFixed(2);
  print(`${decoder.padEnd(16)} ${speed.median.toFixed(1)} tokens/s (${range}), ${perForward} tokens per forward\n`);
  for (const { kernel, dispatches, gpuMs } of kernels) {
    print(`  ${kernel.padEnd(18)} ${String(dispatches).padStart(5)} dispatches ${gpuMs.toFixed(2).padStart(9)} ms\n`);
  }
}
