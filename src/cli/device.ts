import type { DeviceReport, ModelInfo, TuningRecord } from "../runtime/job.js";
import { terminalDevices } from "../runtime/terminal.js";
import { InvalidOptionError } from "../vocabulary/errors.js";
import { type LoadingFlags, refOf } from "./models.js";
import { adapterLine, announce, print, printJson } from "./output.js";

/** What `triptych device` is asked. */
export interface DeviceFlags extends LoadingFlags {
  model?: string;
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
  const devices = terminalDevices({ ...flags, tell: announce });
  const ref = flags.model === undefined ? null : refOf(flags.model, flags, flags.tune ? { tune: true } : {});
  if (ref) await devices.read(ref, signal);
  const how = { again: false, signal, onProgress: () => {}, budgetMs: BUDGET_MS };
  const model = ref && (await devices.load(ref, { signal }));
  // Limits are of WebGPU, unless a device is named, or a model has chosen one.
  const asked = flags.device === "auto" ? undefined : flags.device;
  const { adapter, limits } = await devices.limits(asked ?? model?.device.name ?? "webgpu", how);
  const measured = ref && (await devices.measure(ref, how));
  const tuning = flags.tune ? await devices.exportTuning() : null;
  if (flags.json) {
    printJson({
      adapter,
      limits,
      ...(model
        ? {
            model: model.name,
            device: model.device,
            weights: model.weights,
            memory: model.memory,
            costs: measured?.costs,
            kernels: measured?.kernels,
          }
        : {}),
      ...(tuning ? { tuning } : {}),
    });
    return;
  }
  print(adapterLine(adapter));
  if (limits) printLimits(limits);
  if (!model || !measured) return;
  printCosts(model.name, measured.costs);
  if (tuning) printTuning(model.kernels, tuning);
}

function printLimits(limits: NonNullable<DeviceReport["limits"]>): void {
  const line = (name: string, value: number, unit: string) =>
    print(`${name.padEnd(16)} ${value.toPrecision(3).padStart(8)} ${unit}\n`);
  line("copy", limits.copyBytesPerSecond / 1e9, "GB/s, read plus written");
  line("multiply-adds", limits.multiplyAddsPerSecond / 1e9, "billion/s in f32");
  line("dispatch", limits.dispatchMs * 1000, "µs");
  line("submit", limits.submitMs * 1000, "µs");
  line("readback", limits.readbackMs * 1000, "µs");
}

function printCosts(name: string, costs: DeviceReport["costs"]): void {
  print(`\n${name}: a forward of one row takes ${costs.forwardMs.toPrecision(3)} ms\n`);
  costs.rows.forEach((numRows, i) => {
    const note = i < costs.numMeasured ? "" : " (guessed)";
    print(`${String(numRows).padStart(4)} rows ${costs.ratio[i].toFixed(2).padStart(8)} times that${note}\n`);
  });
}

function printTuning(family: ModelInfo["kernels"], { choices: [choice] }: TuningRecord): void {
  const times = Object.entries(choice?.ms ?? {}).map(([name, ms]) => `${name} ${ms.toPrecision(3)} ms`);
  print(`\nmatmul kernels: ${family} (${times.join(", ") || "the only ones that suit a software adapter"})\n`);
  if (choice && choice.refused.length > 0) print(`wrong on this device, not used: ${choice.refused.join(", ")}\n`);
}
