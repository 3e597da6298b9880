import type { DeviceName } from "../vocabulary/device.js";
import { MOST_ERROR } from "./self-check.js";

/** WebGPU's adapter, or why there is none. */
export type AdapterWords = { description: string; isSoftware: boolean } | { missing: string };

/** Of a forward of one row, by device. */
export type Milliseconds = Partial<Record<DeviceName, number>>;

/** What is known when a device is chosen for a model that leaves the choice; more is found out as it is asked for. */
export interface KnownDevices {
  adapter: AdapterWords;
  /** Devices beside WebGPU that the choice may fall on, the better first. */
  others: readonly DeviceName[];
  /** What is asked for that WebGPU alone has; null: nothing. */
  onlyWebGpu: string | null;
  /** The ONNX graph that has the model's weights, which the others alone run, by its file; null: they are tensors. */
  graph: string | null;
  /** Nothing is timed before the first text: where that would be, another device than WebGPU is taken for now. */
  isTimedLater: boolean;
  /** Bytes of the model's weights. */
  modelBytes: number;
  /** The largest error of a device's self-check. */
  errors: Partial<Record<DeviceName, number>>;
  /** Why a device can't be had, or can't have this model. */
  failures: Partial<Record<DeviceName, string>>;
  forwardMs: Milliseconds;
  /** The model that was timed. */
  timed: string;
}

/** The next thing to do: to take a device (`isUntimed`: until it is timed), to check its numbers, to time the model on it, or nothing, since there is none. */
export type NextStep =
  | { take: DeviceName; why: string; isUntimed?: true }
  | { check: DeviceName }
  | { time: DeviceName }
  | { none: string };

/** A larger model isn't loaded twice to be timed where WebGPU is the CPU's: it would take its seconds and its memory. */
export const MOST_TIMED_BYTES = 2 ** 27;

/**
 * Where a model runs that leaves the choice: on WebGPU where it is a real GPU whose numbers are right, else on the fastest device whose numbers
 * are. A pure function, which is asked again with what its step has found out.
 */
export function chooseDevice(known: KnownDevices): NextStep {
  const { adapter, onlyWebGpu, graph, others, errors, failures, forwardMs } = known;
  if (onlyWebGpu !== null) return { take: "webgpu", why: `Only webgpu has ${onlyWebGpu}.` };
  const isWrong = (name: DeviceName) => !((errors[name] ?? 0) <= MOST_ERROR);
  const isLeft = (name: DeviceName) => failures[name] === undefined && !isWrong(name);
  const isReal = "description" in adapter && !adapter.isSoftware;
  const isSoftware = "description" in adapter && adapter.isSoftware;
  const taken = (name: DeviceName, why: string, how: { isUntimed?: true } = {}): NextStep =>
    errors[name] === undefined ? { check: name } : { take: name, why, ...how };
  const other = others.find(isLeft);

  if (graph !== null) {
    const why = `The model's weights are an ONNX graph (${graph}), which WebGPU doesn't run: ${other} is the next best.`;
    return other ? taken(other, why) : { none: noneLeft(known) };
  }
  if (isReal && isLeft("webgpu")) {
    const error = errors.webgpu?.toPrecision(1);
    return taken("webgpu", `WebGPU has a GPU here (${adapter.description}), and its numbers are right to ${error}.`);
  }
  const reason = reasonAgainstWebGpu(known);
  if (!isSoftware || !isLeft("webgpu")) {
    return other ? taken(other, `${reason}: ${other} is the next best.`) : { none: noneLeft(known) };
  }
  if (!other) return taken("webgpu", `${reason}, and no other device can be had: ${failuresOf(known)}.`);
  if (known.modelBytes > MOST_TIMED_BYTES) {
    const size = `${Math.round(known.modelBytes / 2 ** 20)} MiB`;
    return taken(other, `${reason}: ${other} is taken without timing both, which a model of ${size} is too large for.`);
  }
  const untimed = [other, "webgpu" as const].find((name) => forwardMs[name] === undefined);
  if (untimed && known.isTimedLater) {
    const later = "both are timed behind the first text, for the next";
    return taken(other, `${reason}: ${other} is taken for this visit, and ${later}.`, { isUntimed: true });
  }
  if (untimed) return { time: untimed };
  const [fast, slow] = [other, "webgpu" as const].sort((a, b) => msOf(known, a) - msOf(known, b));
  const times = `${msOf(known, fast).toPrecision(2)} ms on ${fast} and ${msOf(known, slow).toPrecision(2)} ms on ${slow}`;
  return taken(fast, `${reason}, and a forward of ${known.timed} takes ${times}.`);
}

function msOf({ forwardMs }: KnownDevices, name: DeviceName): number {
  return forwardMs[name] ?? Number.POSITIVE_INFINITY;
}

function reasonAgainstWebGpu({ adapter, errors, failures }: KnownDevices): string {
  const wrong = errors.webgpu;
  const name = "description" in adapter ? adapter.description : "";
  if (failures.webgpu !== undefined) return `WebGPU can't be had here (${failures.webgpu})`;
  if (wrong !== undefined && !(wrong <= MOST_ERROR)) {
    return `WebGPU's numbers are wrong here (${name}: the self-check is off by ${wrong.toPrecision(2)})`;
  }
  return "missing" in adapter ? `WebGPU can't be had here (${adapter.missing})` : `WebGPU is the CPU's here (${name})`;
}

function failuresOf({ errors, failures }: KnownDevices): string {
  const wrong = Object.entries(errors).filter(([, error]) => !(error <= MOST_ERROR));
  return [
    ...Object.entries(failures).map(([name, why]) => `${name} (${why})`),
    ...wrong.map(([name, error]) => `${name} (its self-check is off by ${error.toPrecision(2)})`),
  ].join(", ");
}

function noneLeft(known: KnownDevices): string {
  if (known.graph !== null) return `No device runs ONNX graphs (${known.graph}) here: ${failuresOf(known)}.`;
  const missing = "missing" in known.adapter ? `webgpu (${known.adapter.missing}), ` : "";
  return `No device runs models here: ${missing}${failuresOf(known)}.`;
}
