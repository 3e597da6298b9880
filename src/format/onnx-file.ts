import { InvalidOptionError, ModelLoadError } from "../vocabulary/errors.js";
import type { ModelSource } from "./source.js";

/** What transformers.js calls the precisions of exported graphs, and what each adds to a file's name; the nearest to what was trained first. */
const SUFFIXES = {
  fp32: "",
  fp16: "_fp16",
  q8: "_quantized",
  int8: "_int8",
  uint8: "_uint8",
  q4: "_q4",
  q4f16: "_q4f16",
  bnb4: "_bnb4",
} as const;

/** The precision of an exported graph, in transformers.js's words. */
export type OnnxDtype = keyof typeof SUFFIXES;

/** All of them, the nearest to what was trained first: the order in which a folder's files are looked for. */
export const ONNX_DTYPES = Object.keys(SUFFIXES) as OnnxDtype[];

/** Graphs with past keys and values, by what files are called now and were before. */
const STEMS = ["onnx/model", "onnx/decoder_model_merged"];

const TENSORS = ["model.safetensors", "model.safetensors.index.json"];

/** An exported graph of a folder. */
export interface OnnxFile {
  /** Within the folder. */
  path: string;
  dtype: OnnxDtype;
}

/** Which graph is asked for. */
export interface OnnxChoice {
  /** This one, even where the folder has tensors. */
  dtype?: string;
  /** This one, where the folder has graphs alone: what else would be rounded at load. */
  rounded?: "q8" | "q4" | null;
}

/**
 * The exported graph that a folder's weights are to be read from; null: from its tensors. Reads no weights, so that a device can be chosen
 * by it. Without a wish it is null where there are tensors, or neither; else the file that is nearest to what was trained. Throws
 * `InvalidOptionError` for a precision that there isn't, and `ModelLoadError` for one that the folder lacks.
 */
export async function onnxFileOf(
  source: ModelSource,
  { dtype, rounded }: OnnxChoice = {},
  signal?: AbortSignal,
): Promise<OnnxFile | null> {
  if (dtype !== undefined) {
    checkDtype(dtype);
    return (await firstOf(source, [dtype], signal)) ?? fail(source, dtype);
  }
  for (const name of TENSORS) if (await source.has(name, signal)) return null;
  if (!rounded) return firstOf(source, ONNX_DTYPES, signal);
  const found = await firstOf(source, [rounded], signal);
  if (!found && (await firstOf(source, ONNX_DTYPES, signal))) fail(source, rounded);
  return found;
}

function checkDtype(dtype: string): asserts dtype is OnnxDtype {
  if (Object.hasOwn(SUFFIXES, dtype)) return;
  throw new InvalidOptionError(
    `dtype can't be ${JSON.stringify(dtype)}: it names one of a folder's ONNX files, ${ONNX_DTYPES.join(", ")}.`,
  );
}

async function firstOf(
  source: ModelSource,
  dtypes: readonly OnnxDtype[],
  signal: AbortSignal | undefined,
): Promise<OnnxFile | null> {
  for (const dtype of dtypes) {
    for (const path of pathsOf(dtype)) if (await source.has(path, signal)) return { path, dtype };
  }
  return null;
}

const pathsOf = (dtype: OnnxDtype) => STEMS.map((stem) => `${stem}${SUFFIXES[dtype]}.onnx`);

function fail({ url }: ModelSource, dtype: OnnxDtype): never {
  throw new ModelLoadError(
    `${url} has no ONNX file of dtype ${dtype} (${pathsOf(dtype).join(" or ")}): give the dtype of one that it has, or leave it out.`,
    "missing_file",
  );
}
