import type { RuntimeStats } from "../runtime/job.js";
import { call } from "./connection.js";
import { shared } from "./worker-place.js";

/** What is alive on this page. */
export interface Stats extends RuntimeStats {
  /** 0 or 1. */
  workers: number;
}

/** What is alive on this page: workers, devices, models, sessions, runs, bytes. */
export async function stats(): Promise<Stats> {
  const { workers, connection } = shared();
  const idle: RuntimeStats = { devices: 0, models: 0, sessions: 0, runs: 0, gpuBytes: 0 };
  return { workers, ...(connection ? await call((api) => api.stats()) : idle) };
}
