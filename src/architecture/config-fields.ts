import { ModelLoadError } from "../vocabulary/errors.js";
import { numberOf } from "../vocabulary/number-text.js";

/** Characters of a value that a message shows. */
const MAX_SHOWN = 120;

/** A value as JSON has it; null for one that is nested too deep to be written. */
function jsonOf(value: unknown): string | null {
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return null;
  }
}

/** A value as a message shows it. */
export function shown(value: unknown): string {
  const text = jsonOf(value) ?? "what is nested too deep to be shown";
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
}

/** Layers of a model at most: no model has a quarter of it, and a damaged config mustn't fill the memory. */
const MAX_LAYERS = 2048;

/** Channels of a head at most, as above. */
const MAX_HEAD_DIM = 4096;

/** A number that some tools write as a string, as one; anything else as it is. */
function numeric(value: unknown): unknown {
  return typeof value === "string" ? (numberOf(value) ?? value) : value;
}

/** Reads a configuration's fields by name and kind; a wrong one is a `ModelLoadError` that names it, what it holds and what it should. */
export class ConfigFields {
  readonly #json: Record<string, unknown>;
  readonly #path: string;
  readonly #file: string;

  /** Messages name `file`, and put `path` before a field's name: `config.json: rope_scaling.factor …`. */
  constructor(json: unknown, path = "", file = "config.json") {
    if (typeof json !== "object" || json === null || Array.isArray(json)) {
      throw new ModelLoadError(`${file}${path && ` (${path.slice(0, -1)})`} isn't a JSON object.`, "bad_config");
    }
    this.#json = json as Record<string, unknown>;
    this.#path = path;
    this.#file = file;
  }

  /** A positive integer, at most `most`; without `fallback` it must be there. */
  count(name: string, fallback?: number, most = Number.MAX_SAFE_INTEGER): number {
    const value = numeric(this.#json[name] ?? fallback);
    if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 1 || value > most) {
      const bound = most === Number.MAX_SAFE_INTEGER ? "" : `, at most ${most}`;
      throw this.#wrong(name, `a positive integer${bound}`);
    }
    return value;
  }

  /** A number of channels of a head: a rotation has a frequency for every two. */
  checkHeadDim(name: string, headDim: number): void {
    if (headDim > MAX_HEAD_DIM) throw this.unsupported(name, `heads of at most ${MAX_HEAD_DIM} channels`);
  }

  /** A number of layers: each is an object here. */
  layers(name: string): number {
    return this.count(name, undefined, MAX_LAYERS);
  }

  /** A positive integer, or null for anything else: some configurations hold a list there, one for each layer. */
  whole(name: string): number | null {
    const value = numeric(this.#json[name]);
    return typeof value === "number" && Number.isSafeInteger(value) && value > 0 ? value : null;
  }

  /** A finite number of any sign, or undefined where it is missing. */
  numeral(name: string): number | undefined {
    const value = numeric(this.#json[name] ?? undefined);
    if (value === undefined) return undefined;
    if (typeof value !== "number" || !Number.isFinite(value)) throw this.#wrong(name, "a number");
    return value;
  }

  /** A finite positive number that must be there. */
  number(name: string): number {
    const value = this.optionalNumber(name);
    if (value === null) throw this.#wrong(name, "a positive number");
    return value;
  }

  /** A finite positive number, or null where it is missing. */
  optionalNumber(name: string): number | null {
    const value = numeric(this.#json[name] ?? null);
    if (value === null) return null;
    if (typeof value !== "number" || !Number.isFinite(value) || value <= 0)
      throw this.#wrong(name, "a positive number");
    return value;
  }

  /** True or false; `fallback` where it is missing. */
  flag(name: string, fallback: boolean): boolean {
    const given = this.#json[name] ?? fallback;
    const value = given === "true" || given === "false" ? given === "true" : given;
    if (typeof value !== "boolean") throw this.#wrong(name, "true or false");
    return value;
  }

  /** A string; `fallback` where it is missing. */
  text(name: string, fallback: string): string {
    const value = this.#json[name] ?? fallback;
    if (typeof value !== "string") throw this.#wrong(name, "a string");
    return value;
  }

  /** A string, or null where there is none: some configurations hold an object there, of what we have no use for. */
  name(name: string): string | null {
    const value = this.#json[name];
    return typeof value === "string" ? value : null;
  }

  /** Non-negative integers, given as one or as a list; empty where it is missing. */
  ids(name: string): number[] {
    const value = this.#json[name] ?? [];
    const list: unknown[] = (Array.isArray(value) ? value : [value]).map(numeric);
    if (!list.every((id): id is number => Number.isSafeInteger(id) && Number(id) >= 0)) {
      throw this.#wrong(name, "a non-negative integer or a list of them");
    }
    return list;
  }

  /** Lists of non-negative integers; empty where it is missing. */
  idLists(name: string): number[][] {
    const value = this.#json[name] ?? [];
    const isId = (id: unknown) => Number.isSafeInteger(id) && Number(id) >= 0;
    if (!Array.isArray(value) || !value.every((ids) => Array.isArray(ids) && ids.every(isId))) {
      throw this.#wrong(name, "a list of lists of non-negative integers");
    }
    return value;
  }

  /** A list of finite positive numbers that must be there. */
  numbers(name: string): number[] {
    const value = this.#json[name];
    const list: unknown[] = Array.isArray(value) ? value.map(numeric) : [];
    const isRight = list.every((item): item is number => typeof item === "number" && Number.isFinite(item) && item > 0);
    if (!Array.isArray(value) || !isRight) throw this.#wrong(name, "a list of positive numbers");
    return list;
  }

  /** A list of strings, or null where it is missing. */
  texts(name: string): string[] | null {
    const value = this.#json[name] ?? null;
    if (value === null) return null;
    if (!Array.isArray(value) || !value.every((item) => typeof item === "string"))
      throw this.#wrong(name, "a list of strings");
    return value;
  }

  /** Whether the field is there, null or not. */
  has(name: string): boolean {
    return Object.hasOwn(this.#json, name);
  }

  /** Whether the field is there and holds null. */
  isNull(name: string): boolean {
    return this.#json[name] === null;
  }

  /** Whether two fields hold the same. */
  isSame(name: string, other: string): boolean {
    const own = jsonOf(this.#json[name]);
    return own !== null && own === jsonOf(this.#json[other]);
  }

  /** Whether the object has no fields. */
  get isEmpty(): boolean {
    return Object.keys(this.#json).length === 0;
  }

  /** A nested object, or null where it is missing. */
  record(name: string): ConfigFields | null {
    const value = this.#json[name] ?? null;
    return value === null ? null : new ConfigFields(value, `${this.#path}${name}.`, this.#file);
  }

  /** The error for a value that is understood but can't be honoured; `since` says why, where that isn't plain. */
  unsupported(name: string, supported: string, value: unknown = this.#json[name], since = ""): ModelLoadError {
    return new ModelLoadError(
      `${this.#file}: ${this.#path}${name} ${shown(value)} isn't supported${since && `, since ${since}`}; supported: ${supported}.`,
      "unsupported_config",
    );
  }

  #wrong(name: string, expected: string): ModelLoadError {
    const found = name in this.#json ? `is ${shown(this.#json[name])}` : "is missing";
    return new ModelLoadError(`${this.#file}: ${this.#path}${name} ${found}, expected ${expected}.`, "bad_config");
  }
}
