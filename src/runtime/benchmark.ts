import { decoderNames } from "../decode/load-decoder.js";
import { InvalidOptionError } from "../vocabulary/errors.js";
import type { Metrics } from "../vocabulary/events.js";
import type { Devices } from "./devices.js";
import type { AdapterReport, Job, LoadTimes } from "./job.js";
import type { ModelRef } from "./model-ref.js";

/** What is measured: models by name (`target`, `draft`, `diffusion`), and what all runs have. */
export interface BenchmarkRequest extends Pick<Job, "prompt" | "options"> {
  models: Readonly<Record<string, ModelRef>>;
  /** Rounds that count. */
  numRounds: number;
}

/** What came of it. */
export interface Benchmark {
  adapter: AdapterReport;
  /** Each model's folder, and where the time of its load went. */
  loads: ({ model: string } & LoadTimes)[];
  /** By decoder, in turn: the metrics of each round, and a run like them. */
  results: { decoder: string; rounds: Metrics[]; again(): Promise<unknown> }[];
}

/** The decoders that the models allow, in turn within each round, after one round that doesn't count; each on sessions of its own. */
export async function benchmark(
  devices: Devices,
  { models, numRounds, ...common }: BenchmarkRequest,
  signal: AbortSignal,
): Promise<Benchmark> {
  const contenders = await contendersOf(devices, models, common);
  for (const contender of contenders) contender.parsed = await devices.check(contender, signal);
  const loads: Benchmark["loads"] = [];
  for (const ref of Object.values(models)) {
    const { url, load } = await devices.load(ref, { signal });
    loads.push({ model: url, ...load });
  }
  const run = (job: Job) => devices.run(job, () => {}, signal);
  const results = contenders.map((job) => ({
    decoder: job.decoder,
    rounds: [] as Metrics[],
    again: () => run(job),
  }));
  for (let round = 0; round <= numRounds; round++) {
    for (const [i, contender] of contenders.entries()) {
      const { metrics } = await run(contender);
      signal.throwIfAborted();
      if (round > 0) results[i].rounds.push(metrics);
    }
  }
  const [first] = contenders;
  const { name } = await devices.of(first.model);
  return { adapter: await devices.adapter(name), loads, results };
}

async function contendersOf(
  devices: Devices,
  models: BenchmarkRequest["models"],
  common: Pick<Job, "prompt" | "options">,
): Promise<Job[]> {
  const prefer = { model: ["target", "diffusion"], drafter: ["draft"] };
  const contenders: Job[] = [];
  for (const decoder of decoderNames) {
    const { roles } = await devices.plan({ decoder, models, prefer, given: {}, chosen: {}, isBrief: true });
    if (!roles?.model) continue;
    const draft = roles.drafter === undefined ? {} : { draft: models[roles.drafter] };
    contenders.push({ ...common, decoder, model: models[roles.model], ...draft, isAlone: true });
  }
  if (contenders.length > 0) return contenders;
  throw new InvalidOptionError("No decoder runs with these models alone: give --diffusion, or another --model.");
}
