import type { Arena } from "../gpu/arena.js";
import type { Gpu } from "../gpu/device.js";
import type { Binding, Kernel } from "../gpu/kernel.js";
import type { WgslConstants } from "../gpu/wgsl.js";
import { floatBits } from "../gpu/queue.js";
import { ceil4, makeOp, type Op } from "./op.js";
import { BLOCK, type BlockShape, PLAIN_BLOCKS, type QuantFormat } from "../../../format/quantize.js";
import { invariant } from "../../../vocabulary/errors.js";
import { cheapestTiles, costOf, type MatmulFamily, type Panel, type Tile } from "./variants.js";

/** Sums of a tile in 8 bits: their text is long (a packed product is a dozen instructions on a CPU), and compiles in seconds beyond. */
const MAX_INT8_SUMS = 32;
/** `RoundedBlock` in WGSL. */
const ROUNDED_BLOCK_BYTES = 36;

/** How weights lie in their u32 storage. */
export type WeightFormat = "f32" | "bf16" | "f16" | QuantFormat;

/** What kernels are told of blocks of weights. */
export function blockConstants({ size, hasMins }: BlockShape) {
  return { MINS: hasMins, SCALE_GROUPS: size / 4 };
}

/** The activation of a feed-forward block, by its field name. */
export type Activation = "silu" | "gelu" | "gelu_tanh" | "relu";

/** A weight matrix `[N, K]` in the panels of the family that reads it. */
export interface WeightMatrix {
  buffer: GPUBuffer;
  format: WeightFormat;
  /** Scales of q8 and q4, in panels `[., K/32, LANES, COLUMNS]`, each with its block's least weight behind it where `blocks` says so. K is a multiple of a block then. */
  scales?: GPUBuffer;
  /** Of q8 and q4; default: blocks of 32 without a least weight. */
  blocks?: BlockShape;
  n: number;
  k: number;
}

/** What happens to a sum before it is stored: as it is, added to what is there, activated, bounded by ± cap, or activate(row n) · (row n + N/2). */
export type Epilogue =
  | { kind: "plain" }
  | { kind: "add" }
  | { kind: "activated"; activation: Activation }
  | { kind: "capped"; cap: number }
  | { kind: "gated"; activation: Activation };

/**
 * Sums of squares of residual rows, in parts: a product that feeds a norm leaves them, and the product behind that norm
 * divides by their root mean. `[M, parts]`, `parts` from `squareParts`.
 */
export interface Norm {
  squares: Binding;
  /** Numbers in a row. */
  size: number;
  eps: number;
}

/** Parts in which a row of `size` numbers leaves its squares: one for every lane of a panel, then zeros up to a multiple of four. */
export function squareParts(size: number, { COLUMNS, LANES }: Panel): number {
  return ceil4(Math.ceil(size / (COLUMNS * LANES)) * LANES) * 4;
}

/** Bytes that rows take when rounded to 8 bits, for rows of `byteLength` bytes in f32. */
export function roundedBytes(byteLength: number): number {
  return Math.ceil(byteLength / (BLOCK * 4)) * ROUNDED_BLOCK_BYTES;
}

/** What a device offers the kernels. It decides about time, never about bits. */
export interface Means {
  /** A workgroup of the family's `termLanes` is in one subgroup, which can merge their sums. */
  hasSubgroup: boolean;
  /** WGSL has dot products of four signed bytes. */
  hasPackedDots: boolean;
}

/** The means of `gpu` for sums that `termLanes` invocations share. */
function meansOf({ device }: Gpu, termLanes: number): Means {
  const features = globalThis.navigator?.gpu?.wgslLanguageFeatures;
  return {
    hasSubgroup: device.features.has("subgroups") && device.adapterInfo.subgroupMinSize >= termLanes,
    hasPackedDots: features?.has("packed_4x8_integer_dot_product") ?? false,
  };
}

/** What a product reads and writes. */
export interface LinearOptions {
  /** `[M, K]`, rows padded to a multiple of four by zeros. */
  x: Binding;
  w: WeightMatrix;
  /** `[M, yStride]`. */
  y: Binding;
  yStride: number;
  bias?: Binding;
  /** Added, as the bias is, to the rows from the step's `first_gated` on: `[M - first_gated, rows of w]`. */
  delta?: GPUBuffer;
  epilogue?: Epilogue;
  /** The norm of the rows of x, which hold residual · gain. */
  norm?: Norm;
  /** Rows of x are those listed in the inputs ring from the step's `rows_list` on. */
  isGathered?: boolean;
  /**
   * Room for x rounded to 8 bits in blocks of 32 (`roundedBytes` of x), by which q8 and q4 are multiplied then. Products
   * that follow each other may share it. Left out: x isn't rounded.
   */
  rounded?: GPUBuffer;
  /** Rows and weights are multiplied as 16-bit floats, four terms at a time, and summed in f32: the device has `shader-f16`. */
  isHalf?: boolean;
  /** Stores y · gain as well, and the squares of y. */
  feeds?: { gain: GPUBuffer; scaled: Binding; squares: Binding };
}

/** A tile's kernel; `invocations` and `cost` are for one tile of rows. */
interface Variant {
  rows: number;
  kernel: Kernel;
  invocations: number;
  cost: number;
}

/** `y = x wᵀ (+ bias)` with what comes before and after it: one dispatch, and one that rounds x if it is to be. */
export class Linear {
  private readonly variants: Variant[];
  /** Index of the variant by number of rows. */
  private readonly choice: Uint8Array;
  private readonly group: GPUBindGroup;
  private readonly rounding: Op | null;
  private readonly numBlocks: number;

  constructor(
    private readonly gpu: Gpu,
    arena: Arena,
    family: MatmulFamily,
    {
      x,
      w,
      y,
      yStride,
      bias,
      delta,
      epilogue = { kind: "plain" },
      norm,
      isGathered = false,
      rounded,
      isHalf = false,
      feeds,
    }: LinearOptions,
    { hasSubgroup, hasPackedDots }: Means = meansOf(gpu, family.termLanes),
  ) {
    const { panel, tiles, termLanes } = family;
    const isGated = epilogue.kind === "gated";
    const n = isGated ? w.n / 2 : w.n;
    const shape = w.blocks ?? PLAIN_BLOCKS;
    const target = w.scales && rounded;
    invariant(!target || (shape.size === BLOCK && !shape.hasMins), "rounded rows are multiplied by plain blocks");
    const numParts = squareParts(norm?.size ?? n, panel);
    const bindings: Binding[] = [
      arena.uniform("matmul dims", [
        n,
        ceil4(w.k),
        yStride,
        isGated ? n : 0,
        numParts / 4,
        floatBits(norm?.size ?? 1),
        floatBits(norm?.eps ?? 0),
        floatBits(epilogue.kind === "capped" ? epilogue.cap : 0),
      ]),
      target ?? x,
      w.buffer,
      y,
    ];
    const at = (buffer: Binding | undefined) => (buffer ? bindings.push(buffer) : 0);
    const constants = {
      WEIGHT: w.format,
      GROUPS: w.format === "q4" ? 2 : 1,
      QUANTISED: w.scales !== undefined,
      ...blockConstants(shape),
      INT8: target !== undefined,
      PACKED: hasPackedDots,
      HALF: isHalf,
      STRIDE: panel.LANES,
      WORDS: w.format === "q4" ? 4 : 8,
      BIAS: bias !== undefined,
      DELTA: delta !== undefined,
      ADD: epilogue.kind === "add",
      GATED: isGated,
      CAPPED: epilogue.kind === "capped",
      ACTIVATION: "activation" in epilogue ? epilogue.activation : "none",
      NORMED: norm !== undefined,
      GATHER: isGathered,
      FEEDS: feeds !== undefined,
      BIAS_AT: at(bias),
      DELTA_AT: at(delta),
      SCALES_AT: at(w.scales),
      SQUARES_AT: at(norm?.squares ?? feeds?.squares),
      INPUTS_AT: at(isGathered ? gpu.queue.inputs.buffer : undefined),
      GAIN_AT: at(feeds?.gain),
      SCALED_AT: at(feeds?.scaled),
    };
    const COLUMNS = isGated ? panel.COLUMNS / 2 : panel.COLUMNS;
    const isSmall = ({ rows, isStaged }: Tile) => !isStaged && rows * panel.COLUMNS <= MAX_INT8_SUMS;
    const usable = constants.INT8 ? tiles.filter(isSmall) : tiles;
    this.choice = cheapestTiles(usable);
    const { LANES } = panel;
    this.variants = usable.map(({ rows, cost, isStaged = false }) => {
      const make = (name: string, how: WgslConstants & { WORKGROUP_SIZE: number }, columns: number) => ({
        rows,
        cost,
        kernel: gpu.kernels.get(name, { ...constants, COLUMNS, ROWS: rows, ...how }),
        invocations: Math.ceil(n / columns) * how.WORKGROUP_SIZE,
      });
      if (termLanes > 1) {
        const sums = rows * (panel.COLUMNS + (norm ? 1 : 0));
        const lanes = { LANES: termLanes, STEPS: Math.log2(termLanes), SUMS: sums, SUBGROUP: hasSubgroup };
        return make("matmul_split", { ...lanes, WORKGROUP_SIZE: termLanes }, COLUMNS);
      }
      if (isStaged) {
        const shares = { ROWS: rows / 4, LANES, WIDTH: LANES * panel.COLUMNS, UNITS: 4 / constants.GROUPS };
        return make("matmul_staged", { ...shares, WORKGROUP_SIZE: 64 }, COLUMNS * LANES);
      }
      return make("matmul", { WORKGROUP_SIZE: LANES }, COLUMNS * LANES);
    });
    this.numBlocks = w.k / BLOCK;
    const inputs = isGathered ? [gpu.queue.inputs.buffer] : [];
    const blocks = () => arena.uniform("blocks of a row", [this.numBlocks]);
    this.rounding = target ? makeOp(gpu, "round_rows", { GATHER: isGathered }, [blocks(), x, target, ...inputs]) : null;
    // The tiles' layouts have the same entries, so one bind group serves them all.
    this.group = gpu.kernels.bind(this.variants[0].kernel, bindings);
  }

  /** Records the product for the first `numRows` rows. */
  record(stepOffset: number, numRows: number): void {
    this.rounding?.record(stepOffset, numRows * this.numBlocks);
    let variant = this.variants[this.choice[Math.min(numRows, this.choice.length - 1)]];
    if (!variant.kernel.isReady) variant = this.standIn(variant, numRows);
    const { kernel, rows, invocations } = variant;
    this.gpu.queue.dispatch(kernel, this.group, stepOffset, Math.ceil(numRows / rows) * invocations);
  }

  /** The cheapest compiled tile, if it is good enough while the wanted one isn't compiled: all give the same bits. */
  private standIn(wanted: Variant, numRows: number): Variant {
    let best: Variant | null = null;
    for (const variant of this.variants) {
      if (variant.kernel.isReady && (!best || costOf(variant, numRows) < costOf(best, numRows))) best = variant;
    }
    if (!best) return wanted;
    const extra = costOf(best, numRows) - costOf(wanted, numRows);
    const { kernels, queue } = this.gpu;
    return kernels.shouldStandIn(wanted.kernel, extra, queue.isRehearsing) ? best : wanted;
  }
}
