import { ModelLoadError } from "../../vocabulary/errors.js";
import type { Value } from "./header.js";

/** Metadata of a GGUF file, read by key with its kind checked: a value of another kind is a `ModelLoadError` that names the key. */
export class Metadata {
  /** `prefix`: what stands in front of the architecture's own keys. */
  constructor(
    private readonly values: ReadonlyMap<string, Value>,
    readonly label: string,
    private readonly prefix = "",
  ) {}

  /** The same, whose keys begin with this. */
  of(prefix: string): Metadata {
    return new Metadata(this.values, this.label, prefix);
  }

  has(key: string): boolean {
    return this.values.has(this.prefix + key);
  }

  number(key: string): number | null {
    return this.read(key, "a number", (value) => typeof value === "number");
  }

  flag(key: string): boolean | null {
    return this.read(key, "true or false", (value) => typeof value === "boolean");
  }

  text(key: string): string | null {
    return this.read(key, "a text", (value) => typeof value === "string");
  }

  texts(key: string): readonly string[] | null {
    return this.read(key, "a list of texts", (value): value is readonly string[] => {
      return Array.isArray(value) && value.every((entry) => typeof entry === "string");
    });
  }

  /** A list of true or false; null where there is none, or a number stands there. */
  flags(key: string): readonly boolean[] | null {
    const value = this.values.get(this.prefix + key);
    return Array.isArray(value) && value.every((entry) => typeof entry === "boolean") ? value : null;
  }

  numbers(key: string): ArrayLike<number> | null {
    return this.read(key, "a list of numbers", (value) => ArrayBuffer.isView(value));
  }

  /** A whole number that must be there. Of a list that gives one to each layer, all must be the same. */
  count(key: string): number {
    const count = this.optionalCount(key);
    if (count === null) throw this.wrong(key, "is missing", "missing_metadata");
    return count;
  }

  /** See `count`; null where it isn't there. */
  optionalCount(key: string): number | null {
    const value = this.values.get(this.prefix + key);
    if (value === undefined) return null;
    if (ArrayBuffer.isView(value) && value.length > 0) {
      const list = Array.from(value);
      if (list.every((one) => one === list[0])) return list[0];
      throw this.wrong(
        key,
        `differs by layer (${list.slice(0, 8).join(", ")} …), which isn't supported`,
        "unsupported_config",
      );
    }
    if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
    throw this.wrong(key, `is ${shown(value)}, expected a whole number`);
  }

  private read<T extends Value>(key: string, kind: string, is: (value: Value) => value is T): T | null {
    const value = this.values.get(this.prefix + key);
    if (value === undefined) return null;
    if (is(value)) return value;
    throw this.wrong(key, `is ${shown(value)}, expected ${kind}`);
  }

  /** The error for a key. */
  wrong(key: string, what: string, code = "bad_metadata"): ModelLoadError {
    return new ModelLoadError(`${this.label}: ${this.prefix}${key} ${what}.`, code);
  }
}

function shown(value: Value): string {
  if (typeof value === "object") return `a list of ${value.length}`;
  return JSON.stringify(value).slice(0, 40);
}
