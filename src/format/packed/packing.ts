import { ModelLoadError } from "../../vocabulary/errors.js";
import type { Shards } from "../shards.js";
import type { Int4Layout } from "./int4.js";

/** How a folder's config says that its weights are packed. */
export interface Packing {
  method: string;
  bits: number;
  groupSize: number;
  /** GPTQ: all zero points are 8. */
  isSymmetric: boolean;
  /** GPTQ's second format stores zero points as they are, its first one less. */
  isSecondFormat: boolean;
  /** AWQ's order of weights. */
  version: string;
  /** Rows and columns that share a factor. */
  blockSize: readonly [number, number];
  /** The error for a folder that is packed in a way that isn't read. */
  refused(what: string, supported: string): ModelLoadError;
}

/** What a parsed config.json says of the packing. */
export function packingOf(json: unknown, url: string): Packing {
  const own = fieldsOf(fieldsOf(json).quantization_config);
  const number = (names: readonly string[], fallback: number) => {
    const found = names.map((name) => own[name]).find((value) => value !== undefined);
    return typeof found === "number" ? found : fallback;
  };
  const [rows, columns] = Array.isArray(own.weight_block_size) ? own.weight_block_size : [128, 128];
  return {
    method: String(own.quant_method ?? "none"),
    bits: number(["bits", "w_bit"], 4),
    groupSize: number(["group_size", "q_group_size"], 128),
    isSymmetric: own.sym !== false,
    isSecondFormat: own.checkpoint_format === "gptq_v2",
    version: String(own.version ?? "gemm").toLowerCase(),
    blockSize: [Number(rows), Number(columns)],
    refused: (what, supported) =>
      new ModelLoadError(`${what} in ${url}, which isn't supported; supported: ${supported}.`, "unsupported_config"),
  };
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

/** Where the four-bit weights of a matrix stand, by the shapes of its parts and the config; all are checked. Throws `ModelLoadError`. */
export function int4LayoutOf(
  prefix: string,
  [first, second]: readonly number[],
  shards: Shards,
  { method, bits, groupSize, isSymmetric, isSecondFormat, version, refused }: Packing,
): { layout: Int4Layout; n: number; k: number; isSymmetric: boolean } {
  if (method !== "gptq" && method !== "awq") {
    throw refused(`${prefix}.qweight is packed by quant_method ${JSON.stringify(method)}`, "gptq, awq");
  }
  if (bits !== 4) throw refused(`quantization_config has ${bits} bits`, "4 bits");
  if (method === "awq" && version !== "gemm")
    throw refused(`quantization_config has version ${version}`, "version gemm");
  const [n, k] = method === "gptq" ? [second, first * 8] : [second * 8, first];
  const own = groupSize === -1 ? k : groupSize;
  if (!(own > 0) || own % 32 !== 0 || k % own !== 0) {
    throw refused(
      `${prefix}.qweight has groups of ${groupSize} in rows of ${k}`,
      "groups of a multiple of 32 that divides a row",
    );
  }
  const expected: Record<string, readonly number[]> = { qzeros: [k / own, n / 8], scales: [k / own, n] };
  for (const [part, shape] of Object.entries(expected)) {
    const name = `${prefix}.${part}`;
    const found = shards.raw.get(name) ?? shards.tensors.get(name);
    const dtype = part === "scales" ? "F16" : "I32";
    if (!found || found.dtype !== dtype || found.shape.join() !== shape.join()) {
      const is = found ? `is ${found.dtype} of shape [${found.shape.join(", ")}]` : "is missing";
      throw refused(`${name} ${is}`, `${dtype} of shape [${shape.join(", ")}]`);
    }
  }
  const zeroBias = method === "gptq" && !isSecondFormat ? 1 : 0;
  return { layout: { way: method, zeroBias, groupSize: own }, n, k, isSymmetric: method === "gptq" && isSymmetric };
}
