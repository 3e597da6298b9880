/** Holds an error's class name: on the error, not in its class, so that two bundles on a page know each other's errors. */
const KIND = Symbol.for("triptych-lm/error/1");

/** Base of every error Triptych throws on purpose. `code` is stable: match on it, never on the text. */
export class TriptychError extends Error {
  /** The class's name, written out: bundlers shorten the real one. */
  static readonly className: string = "TriptychError";

  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
    const { className } = new.target;
    this.name = className;
    Object.defineProperty(this, KIND, { value: className });
  }

  /** Also of another bundle's error of this class; of a class that is derived elsewhere, as usual. */
  static override readonly [Symbol.hasInstance] = isOfClass;
}

function isOfClass(this: typeof TriptychError, value: unknown): boolean {
  if (Function.prototype[Symbol.hasInstance].call(this, value)) return true;
  if (typeof value !== "object" || value === null || !Object.hasOwn(this, "className")) return false;
  const kind: unknown = Reflect.get(value, KIND);
  return this === TriptychError ? kind !== undefined : kind === this.className;
}

/** No WebGPU here: the message says what was tried and what to do. */
export class UnsupportedDeviceError extends TriptychError {
  static override readonly className: string = "UnsupportedDeviceError";

  constructor(message: string) {
    super("unsupported_device", message);
  }
}

/** A model folder is missing, damaged, of an unknown architecture, or doesn't fit its tokenizer. */
export class ModelLoadError extends TriptychError {
  static override readonly className: string = "ModelLoadError";

  constructor(message: string, code = "model_load") {
    super(code, message);
  }
}

/** An option, prompt or combination that can't be honoured; names it and what is allowed. */
export class InvalidOptionError extends TriptychError {
  static override readonly className: string = "InvalidOptionError";

  constructor(message: string, code = "invalid_option") {
    super(code, message);
  }
}

/** A model's logits are NaN or infinite, so that they say nothing: its weights are damaged, or too large for its arithmetic. */
export class NotFiniteError extends TriptychError {
  static override readonly className: string = "NotFiniteError";

  constructor(message: string) {
    super("not_finite", message);
  }
}

/** The GPU went away, and a run couldn't get over it: devices are lost too often, or no other is to be had. */
export class DeviceLostError extends TriptychError {
  static override readonly className: string = "DeviceLostError";

  constructor(message: string) {
    super("device_lost", message);
  }
}

/** The device refused an allocation: use a smaller model or context. */
export class OutOfMemoryError extends TriptychError {
  static override readonly className: string = "OutOfMemoryError";

  constructor(message: string) {
    super("out_of_memory", message);
  }
}

/** A broken rule inside Triptych itself: a bug to report, never a user's mistake. */
export class InvariantError extends TriptychError {
  static override readonly className: string = "InvariantError";

  constructor(message: string) {
    super("invariant", message);
  }
}

/** Throws `InvariantError` unless `condition` holds. */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new InvariantError(message);
}

/** An error as plain data, for the worker border and for `error` events. */
export interface WireError {
  name: string;
  code: string;
  message: string;
}

const CLASSES: Record<string, new (message: string) => TriptychError> = {
  UnsupportedDeviceError,
  ModelLoadError,
  InvalidOptionError,
  NotFiniteError,
  DeviceLostError,
  OutOfMemoryError,
  InvariantError,
};

/** Plain data for any thrown value; an `AbortError` keeps its name. */
export function toWire(error: unknown): WireError {
  if (error instanceof TriptychError) return { name: error.name, code: error.code, message: error.message };
  if (error instanceof Error) {
    return { name: error.name, code: error.name === "AbortError" ? "cancelled" : "internal", message: error.message };
  }
  return { name: "Error", code: "internal", message: String(error) };
}

/** The inverse of `toWire`: same class, same `code`. */
export function fromWire(wire: WireError): Error {
  if (wire.name === "AbortError") return new DOMException(wire.message, "AbortError");
  const Class = CLASSES[wire.name];
  const error = Class ? new Class(wire.message) : new TriptychError(wire.code, wire.message);
  Object.defineProperty(error, "code", { value: wire.code, enumerable: true });
  if (!Class) error.name = wire.name;
  return error;
}
