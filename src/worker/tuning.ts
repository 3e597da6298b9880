import type { TuningRecord } from "../runtime/job.js";
import { call } from "./connection.js";

/**
 * Which matmul kernels were measured to be fastest on this device, by the shapes of models: plain JSON for
 * `importTuning` on another page or machine with such an adapter. Measured by `load(url, { tune: true })`.
 */
export function exportTuning(): Promise<TuningRecord> {
  return call((api) => api.exportTuning());
}

/**
 * Takes over a record of `exportTuning`; models loaded from now on use its choices. Throws `InvalidOptionError` for a
 * record of another adapter or other kernels.
 */
export async function importTuning(record: unknown): Promise<void> {
  await call((api) => api.importTuning(record));
}
