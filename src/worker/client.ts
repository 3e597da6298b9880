// The page's side of the protocol: every call that a page may make, and the types that it meets.
export type {
  AdapterReport,
  DecoderInfo,
  DeviceLimits,
  DeviceReport,
  Job,
  LoadProgress,
  LoadTimes,
  MeasureProgress,
  ModelInfo,
  Offers,
  OrdersApart,
  PlanRequest,
  Preferences,
  RunPlan,
  RuntimeStats,
  TuningRecord,
} from "../runtime/job.js";
export { keyOf, type ModelRef } from "../runtime/model-ref.js";
export { type CostCurve, costOfRows, curveOf, draftingCost } from "../seam/cost-curve.js";
export { listDecoders } from "./decoders.js";
export { modelRef, modelUrl } from "./model-url.js";
export { adapter, measureModel, releaseModel, takeModel } from "./models.js";
export { planOf } from "./plan.js";
export { type RunHandle, startRun } from "./run.js";
export { ordersApart } from "./texts.js";
export { type Stats, stats } from "./stats.js";
export { exportTuning, importTuning } from "./tuning.js";
export { checkPlace, setWorkerFactory, type WorkerLike } from "./worker-place.js";
