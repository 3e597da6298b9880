import { InvalidOptionError } from "../../../vocabulary/errors.js";
import type { AdapterFacts } from "../gpu/device.js";
import { kernelsHash } from "../gpu/wgsl.js";
import type { Architecture } from "../../../architecture/architecture.js";
import { MATMUL_FAMILIES } from "../ops/variants.js";
import type { Rounding } from "../../../seam/rounding.js";
import type { Tuned } from "./tune-matmul.js";

/** What was measured for models of one shape. */
export interface TuningChoice extends Tuned {
  /** Sizes and storage of the matrices (`shapeKey`). */
  shape: string;
  /** ISO 8601. */
  date: string;
}

/** What was measured on one adapter with one set of kernels: plain JSON, to be kept, sent to another page, or shipped. */
export interface TuningRecord {
  version: 1;
  adapter: { vendor: string; architecture: string; description: string };
  /** SHA-256 of the kernels' sources. */
  kernels: string;
  choices: TuningChoice[];
}

/** A record without choices, for this adapter and these kernels. */
export async function emptyRecord({ vendor, architecture, description }: AdapterFacts): Promise<TuningRecord> {
  return { version: 1, adapter: { vendor, architecture, description }, kernels: await kernelsHash(), choices: [] };
}

/** What a choice is for: models that agree in it take the same time a layer. */
export function shapeKey(a: Architecture, rounding: Rounding | null): string {
  const heads = `${a.numHeads}/${a.numKeyValueHeads}x${a.headDim}`;
  return `${a.hiddenSize}-${a.intermediateSize} heads ${heads} vocab ${a.vocabSize} ${rounding ?? a.dtype ?? "F32"}`;
}

/** The choice for a shape, if there is one. */
export function choiceFor(record: TuningRecord, shape: string): TuningChoice | undefined {
  return record.choices.find((choice) => choice.shape === shape);
}

/** The record with a choice added; one for the same shape is replaced. */
export function withChoice(record: TuningRecord, choice: TuningChoice): TuningRecord {
  return { ...record, choices: [...record.choices.filter(({ shape }) => shape !== choice.shape), choice] };
}

/**
 * `value` as a record for this adapter and these kernels. Throws `InvalidOptionError` that says what differs: a choice
 * made elsewhere may be slow here, so it isn't taken silently.
 */
export async function parseRecord(value: unknown, facts: AdapterFacts): Promise<TuningRecord> {
  const here = await emptyRecord(facts);
  const record = value as Partial<TuningRecord> | null;
  if (typeof record !== "object" || record?.version !== 1 || !Array.isArray(record.choices)) {
    refuse("isn't one of version 1 (a JSON object with version, adapter, kernels and choices)");
  }
  const { adapter, kernels, choices } = record;
  for (const field of ["vendor", "architecture", "description"] as const) {
    if (adapter?.[field] === here.adapter[field]) continue;
    refuse(`is for an adapter of ${field} "${adapter?.[field]}", and this one's is "${here.adapter[field]}"`);
  }
  if (kernels !== here.kernels) refuse("was made with other kernels, of another version of triptych-lm");
  for (const choice of choices as Partial<TuningChoice>[]) {
    const isKnown = typeof choice?.family === "string" && Object.hasOwn(MATMUL_FAMILIES, choice.family);
    if (isKnown && typeof choice.shape === "string") continue;
    const families = Object.keys(MATMUL_FAMILIES).join(", ");
    refuse(`has a choice of "${choice?.family}" for "${choice?.shape}"; families are ${families}`);
  }
  return { ...here, choices };
}

function refuse(what: string): never {
  throw new InvalidOptionError(`This tuning record ${what}. Tune again on this device, or leave the record out.`);
}
