import type { Shards } from "../shards.js";
import { type CheckpointReading, type ModelSource, optionalJson } from "../source.js";
import { type Checkpoint, rowsOf, type Rows, type Tensor, type TensorPlan } from "../tensor.js";
import { BLOCK_FORMATS } from "../block-codes.js";
import { setBlockFormats } from "../block-formats.js";
import { type ByteDtype, halvesOf, isByteDtype, scaledRows } from "./byte-weights.js";
import { factorsOf } from "./factors.js";
import { int4Blocks, type Int4Layout } from "./int4.js";
import { int4LayoutOf, type Packing, packingOf } from "./packing.js";

/** Reads all of a weight, or rows of it. */
type Read = (rows: Rows | undefined, signal?: AbortSignal) => Promise<Tensor>;

/** A weight that is made of raw tensors. */
interface Made {
  plan: TensorPlan;
  read: Read;
}

/**
 * A checkpoint whose weights are packed: in FP8 or signed bytes with factors beside them, or in four bits as GPTQ and AWQ pack them. Its
 * tensors are the weights that these stand for, without a second rounding. Throws `ModelLoadError` for what is packed in another way.
 */
export async function openPacked(
  source: ModelSource,
  shards: Shards,
  { signal }: CheckpointReading,
): Promise<Checkpoint> {
  setBlockFormats(BLOCK_FORMATS);
  try {
    const packing = packingOf(await optionalJson(source, "config.json", signal), source.url);
    return new PackedCheckpoint(shards, packing);
  } catch (error) {
    await shards.close();
    throw error;
  }
}

class PackedCheckpoint implements Checkpoint {
  readonly tensors = new Map<string, TensorPlan>();
  private readonly made = new Map<string, Made>();
  /** What is read in rows is made whole, once. */
  private last: Tensor | null = null;

  constructor(
    private readonly shards: Shards,
    private readonly packing: Packing,
  ) {
    for (const name of shards.names) {
      const raw = shards.raw.get(name);
      const plain = shards.tensors.get(name);
      const made = raw && this.madeOf(name, raw);
      if (made) this.made.set(made.plan.name, made);
      const plan = made?.plan ?? (plain && !isPartOfPacked(name, shards) ? plain : null);
      if (plan) this.tensors.set(plan.name, plan);
    }
  }

  read(name: string, rows?: Rows, signal?: AbortSignal): Promise<Tensor> {
    return this.made.get(name)?.read(rows, signal) ?? this.shards.read(name, rows, signal);
  }

  close(): Promise<void> {
    return this.shards.close();
  }

  private madeOf(name: string, { dtype, shape }: { dtype: string; shape: number[] }): Made | null {
    if (name.endsWith(".weight_packed")) {
      throw this.packing.refused(
        `${name} is packed as compressed-tensors packs whole numbers`,
        "another export of the model",
      );
    }
    if (name.endsWith(".qweight")) return this.int4(name.slice(0, -".qweight".length), shape);
    return isByteDtype(dtype) && /(^|\.)(weight|bias)$/.test(name) ? this.bytes(name, dtype, shape) : null;
  }

  private bytes(name: string, dtype: ByteDtype, shape: number[]): Made {
    const { shards } = this;
    const factors = factorsOf(name, shape, shards, this.packing);
    const [numRows = 1] = shape;
    const k = shape.slice(1).reduce((product, size) => product * size, 1);
    const bytesOf = async (rows: Rows | undefined, signal?: AbortSignal) =>
      shards.readRaw(name, (rows?.begin ?? 0) * k, (rows?.end ?? numRows) * k, signal);
    const shapeOf = (rows?: Rows) => (rows ? [rows.end - rows.begin, ...shape.slice(1)] : shape);
    if (factors === null) {
      if (dtype === "I8")
        throw this.packing.refused(`${name} is stored as I8 without ${name}_scale`, "its scale beside it");
      const plan: TensorPlan = { name, dtype: "F16", shape };
      return {
        plan,
        async read(rows, signal) {
          const halves = halvesOf(dtype, await bytesOf(rows, signal));
          return { ...plan, shape: shapeOf(rows), bytes: new Uint8Array(halves.buffer) };
        },
      };
    }
    const plan: TensorPlan = { name, dtype: "F32", shape };
    return {
      plan,
      async read(rows, signal) {
        const bytes = await bytesOf(rows, signal);
        const values = scaledRows(dtype, bytes, { k, firstRow: rows?.begin ?? 0 }, await factors(signal));
        return { ...plan, shape: shapeOf(rows), bytes: new Uint8Array(values.buffer) };
      },
    };
  }

  private int4(prefix: string, shape: number[]): Made {
    const { shards, packing } = this;
    const { layout, n, k, isSymmetric } = int4LayoutOf(prefix, shape, shards, packing);
    const plan: TensorPlan = { name: `${prefix}.weight`, dtype: isSymmetric ? "Q4_0" : "Q5_0", shape: [n, k] };
    return {
      plan,
      read: async (rows, signal) => {
        if (this.last?.name !== plan.name) {
          this.last = null;
          this.last = { ...plan, bytes: await this.blocks(prefix, layout, { n, k, isSymmetric }, signal) };
        }
        const whole = this.last;
        return rows ? rowsOf(whole, rows) : whole;
      },
    };
  }

  private async blocks(
    prefix: string,
    layout: Int4Layout,
    matrix: { n: number; k: number; isSymmetric: boolean },
    signal?: AbortSignal,
  ): Promise<Uint8Array<ArrayBuffer>> {
    const { shards, packing } = this;
    const words = async (part: string) =>
      new Uint32Array((await shards.readRaw(`${prefix}.${part}`, 0, undefined, signal)).buffer);
    if (shards.raw.has(`${prefix}.g_idx`)) {
      const groups = await words("g_idx");
      const isTrivial = groups.every((group, i) => group === Math.floor(i / layout.groupSize));
      if (!isTrivial)
        throw packing.refused(`${prefix}.g_idx orders its columns (desc_act)`, "an export without desc_act");
    }
    const { bytes } = await shards.read(`${prefix}.scales`, undefined, signal);
    const scales = new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 2);
    const blocks = int4Blocks({ codes: await words("qweight"), zeros: await words("qzeros"), scales }, layout, matrix);
    if (blocks === null)
      throw packing.refused(`${prefix}.qzeros has zero points other than 8 though config.json says sym`, "sym: false");
    return blocks;
  }
}

/** Whether a tensor is no weight by itself, but what one that is packed needs. */
function isPartOfPacked(name: string, { raw }: Shards): boolean {
  const [, prefix, part] = /^(.*)\.([^.]+)$/.exec(name) ?? [];
  if (part === "scales") return raw.has(`${prefix}.qweight`);
  return /_scale(_inv)?$/.test(name);
}
