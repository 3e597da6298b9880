import type { PlanRequest, RunPlan } from "../runtime/job.js";
import { call } from "./connection.js";
import { asPlainData } from "./plain-data.js";

/**
 * Which models at hand a decoder would run with, which options and values it could have, and why not the others; reads the models'
 * configs unless they are loaded.
 */
export function planOf(request: PlanRequest): Promise<RunPlan> {
  return call((api) => api.plan(request)).catch((error: Error) => {
    throw asPlainData(error);
  });
}
