import { InvalidOptionError } from "../vocabulary/errors.js";
import type { Architecture } from "../architecture/architecture.js";
import type { Rounding } from "../seam/rounding.js";
import { measureLimits } from "../backend/webgpu/tuning/device-limits.js";
import { measureModelCosts } from "../backend/webgpu/tuning/model-costs.js";
import { Tuning } from "../backend/webgpu/tuning/tuning.js";
import { fileSource } from "../format/file-source.js";
import { loadFolder, openFolder } from "../runtime/folder.js";
import { openGpu, type ReadingFlags, readingOf } from "./models.js";
import { print, printJson } from "./output.js";

/** What `triptych device` is asked. */
export interface DeviceFlags extends ReadingFlags {
  model?: string;
  weights?: Rounding;
  tune?: boolean;
  json?: boolean;
  software?: boolean;
}

/** A command may take longer than a page that loads: enough for 64 rows on an emulated GPU. */
const BUDGET_MS = 4000;

/**
 * `triptych device`: the adapter, its measured limits and, with a model, what forwards of several rows cost and which
 * kernels are the fastest.
 */
export async function device(flags: DeviceFlags, signal: AbortSignal): Promise<void> {
  if (flags.tune && flags.model === undefined) {
    throw new InvalidOptionError("--tune goes with --model DIR: kernels are timed on the shapes of a model.");
  }
  const folder =
    flags.model === undefined ? null : await openFolder(fileSource(flags.model), { signal, ...readingOf(flags) });
  const gpu = await openGpu(flags);
  const { vendor, architecture, description, isSoftware } = gpu.facts;
  const limits = await measureLimits(gpu, { signal });
  const tuning = await Tuning.open(gpu);
  const family =
    folder && flags.tune
      ? await tuning.family(folder.architecture, { tune: true, rounding: flags.weights, signal })
      : null;
  const { weights } = flags;
  const chooseFamily = (shape: Architecture) => tuning.family(shape, { rounding: weights });
  const model = folder && (await loadFolder(gpu, folder, { signal, weights, chooseFamily }));
  const costs = model && (await measureModelCosts(gpu, model, { signal, budgetMs: BUDGET_MS }));
  const adapter = { vendor, architecture, description, isSoftware };
  if (flags.json) {
    printJson({
      adapter,
      limits,
      ...(model ? { model: model.name, costs } : {}),
      ...(family ? { tuning: tuning.record } : {}),
    });
    return;
  }
  print(`${description || architecture}${isSoftware ? " (software adapter: figures are of a CPU)" : ""}\n`);
  const line = (name: string, value: number, unit: string) =>
    print(`${name.padEnd(16)} ${value.toPrecision(3).padStart(8)} ${unit}\n`);
  line("copy", limits.copyBytesPerSecond / 1e9, "GB/s, read plus written");
  line("multiply-adds", limits.multiplyAddsPerSecond / 1e9, "billion/s in f32");
  line("dispatch", limits.dispatchMs * 1000, "µs");
  line("submit", limits.submitMs * 1000, "µs");
  line("readback", limits.readbackMs * 1000, "µs");
  if (!model || !costs) return;
  print(`\n${model.name}: a forward of one row takes ${costs.forwardMs.toPrecision(3)} ms\n`);
  costs.rows.forEach((numRows, i) => {
    const note = i < costs.numMeasured ? "" : " (guessed)";
    print(`${String(numRows).padStart(4)} rows ${costs.ratio[i].toFixed(2).padStart(8)} times that${note}\n`);
  });
  if (!family) return;
  const [choice] = tuning.record.choices;
  const times = Object.entries(choice?.ms ?? {}).map(([name, ms]) => `${name} ${ms.toPrecision(3)} ms`);
  print(`\nmatmul kernels: ${family} (${times.join(", ") || "the only ones that suit a software adapter"})\n`);
  if (choice && choice.refused.length > 0) print(`wrong on this device, not used: ${choice.refused.join(", ")}\n`);
}
