import type { Gpu } from "../../src/backend/webgpu/gpu/device.js";
import type { Architecture } from "../../src/architecture/architecture.js";
import { Linear, type WeightMatrix } from "../../src/backend/webgpu/ops/linear.js";
import { packPanels } from "../../src/backend/webgpu/ops/panels.js";
import {
  cheapestTiles,
  MATMUL_FAMILIES,
  type MatmulFamily,
  type Tile,
  variantsFor,
} from "../../src/backend/webgpu/ops/variants.js";
import registerTile from "../probes/register_tile_8x8.wgsl?raw";
import streamRows from "../probes/stream_rows8.wgsl?raw";
import type { Subject } from "./timing.js";

/** Most rows that are measured. */
export const MAX_ROWS = 64;

/** A matrix of a model, f32. */
export interface Product {
  name: string;
  n: number;
  k: number;
  isGated: boolean;
  /** How often a forward has it. */
  count: number;
}

/** The matrices of a forward; `lm head` last, by the rows that need logits. */
export function productsOf(a: Architecture): Product[] {
  const attended = a.numHeads * a.headDim;
  const isGated = a.layers.every(({ mlp }) => mlp.kind === "gated");
  const layer = { isGated: false, count: a.layers.length };
  return [
    { ...layer, name: "qkv", n: attended + 2 * a.numKeyValueHeads * a.headDim, k: a.hiddenSize },
    { ...layer, name: "o", n: a.hiddenSize, k: attended },
    { ...layer, name: isGated ? "gate-up" : "up", n: a.intermediateSize * (isGated ? 2 : 1), k: a.hiddenSize, isGated },
    { ...layer, name: "down", n: a.hiddenSize, k: a.intermediateSize },
    { name: "lm head", n: a.vocabSize, k: a.hiddenSize, isGated: false, count: 1 },
  ];
}

/** Normally distributed, as trained weights nearly are; the same for the same seed. */
export function normals(seed: number, length: number, deviation: number): Float32Array<ArrayBuffer> {
  let state = (Math.imul(seed, 2654435761) + 1) >>> 0;
  const uniform = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return ((state >>> 8) + 0.5) / 2 ** 24;
  };
  return Float32Array.from({ length }, () => {
    // Box and Muller.
    return deviation * Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
  });
}

/** The kernels of one product on one device: the chosen one first, then the probes. */
export class ProductBench {
  private readonly arena;
  private readonly x: GPUBuffer;
  private readonly y: GPUBuffer;
  private readonly rowMajor: GPUBuffer;
  private readonly matrices = new Map<MatmulFamily["panel"], WeightMatrix>();
  private readonly weights: Float32Array<ArrayBuffer>;

  constructor(
    private readonly gpu: Gpu,
    private readonly product: Product,
  ) {
    const { n, k } = product;
    this.arena = gpu.arena.child();
    this.weights = normals(n + k, n * k, 1 / Math.sqrt(k));
    this.x = this.arena.upload("x", normals(1, MAX_ROWS * k, 1));
    this.y = this.arena.storage("y", MAX_ROWS * n * 4);
    this.rowMajor = this.arena.upload("w, row-major", this.weights);
  }

  /** What computes `numRows` rows. The first is what the product's plan would take on this adapter. */
  subjects(numRows: number): Subject[] {
    const { n } = this.product;
    const nameOf = (title: string, { rows }: Tile) => `${title} tile of ${rows}`;
    const { family: title, matmul } = variantsFor(this.gpu.facts);
    const tile = matmul.tiles[cheapestTiles(matmul.tiles)[numRows]];
    const chosen = this.linear(nameOf(title, tile), matmul, numRows);
    const others = Object.entries(MATMUL_FAMILIES).flatMap(([title, family]) => {
      const fitting = family.tiles.filter((_, i) => i === 0 || family.tiles[i - 1].rows < numRows);
      return fitting.map((tile) => this.linear(nameOf(title, tile), { ...family, tiles: [tile] }, numRows));
    });
    const probes =
      numRows === 1
        ? [this.probe("probe: streamed rows of 8", streamRows, numRows, [Math.ceil(n / 128), 1])]
        : [this.probe("probe: 8 x 8 registers", registerTile, numRows, [Math.ceil(n / 32), Math.ceil(numRows / 8)])];
    // A kernel timed twice under two names would differ from itself by the noise.
    return [chosen, ...others.filter(({ name }) => name !== chosen.name), ...probes];
  }

  /**
   * Throws unless all subjects compute the same product: a kernel that does something else would be no measure. Gated
   * products are left out, since a probe gives their two halves.
   */
  async check(numRows: number, subjects: readonly Subject[]): Promise<void> {
    const { n, k, isGated, name } = this.product;
    if (isGated) return;
    const start = (numRows - 1) * n * 4;
    const lastRow = async ({ record }: Subject) => {
      this.arena.write(this.y, new Float32Array(numRows * n));
      record(1);
      return new Float32Array(await this.gpu.queue.read(this.y, start, n * 4));
    };
    const expected = await lastRow(subjects[0]);
    for (const subject of subjects.slice(1)) {
      const found = await lastRow(subject);
      // Sums of k terms near 1/k in other orders: far below, while a wrong term is far above.
      const at = found.findIndex((value, i) => !(Math.abs(value - expected[i]) < 1e-3));
      if (at >= 0)
        throw new Error(`${subject.name}, ${name}, ${numRows} rows of ${k}: ${found[at]}, not ${expected[at]}`);
    }
  }

  /** Frees the buffers. */
  dispose(): void {
    this.arena.dispose();
  }

  private linear(name: string, family: MatmulFamily, numRows: number): Subject {
    const { n, isGated } = this.product;
    const yStride = isGated ? n / 2 : n;
    const epilogue = isGated ? ({ kind: "gated", activation: "silu" } as const) : ({ kind: "plain" } as const);
    const options = { x: this.x, w: this.matrix(family), y: this.y, yStride, epilogue };
    const linear = new Linear(this.gpu, this.arena, family, options);
    return {
      name,
      record: (repetitions) => {
        const step = this.gpu.queue.step([numRows]);
        for (let i = 0; i < repetitions; i++) linear.record(step, numRows);
      },
    };
  }

  private matrix({ panel }: MatmulFamily): WeightMatrix {
    const { n, k, isGated } = this.product;
    let matrix = this.matrices.get(panel);
    if (!matrix) {
      const packed = packPanels(this.weights, { n, k }, panel, isGated);
      matrix = { buffer: this.arena.upload("w", packed), format: "f32", n, k };
      this.matrices.set(panel, matrix);
    }
    return matrix;
  }

  private probe(name: string, code: string, numRows: number, [columns, rows]: readonly [number, number]): Subject {
    const { device, queue } = this.gpu;
    const { n, k } = this.product;
    const module = device.createShaderModule({ label: name, code });
    const pipeline = device.createComputePipeline({ label: name, layout: "auto", compute: { module } });
    const dims = this.arena.uniform("probe dims", [n, k / 4, numRows, 0]);
    const group = device.createBindGroup({
      label: name,
      layout: pipeline.getBindGroupLayout(0),
      entries: [dims, this.x, this.rowMajor, this.y].map((buffer, binding) => ({ binding, resource: { buffer } })),
    });
    return {
      name,
      record(repetitions) {
        queue.flush();
        const encoder = device.createCommandEncoder({ label: name });
        const pass = encoder.beginComputePass();
        pass.setPipeline(pipeline);
        pass.setBindGroup(0, group);
        for (let i = 0; i < repetitions; i++) pass.dispatchWorkgroups(columns, rows);
        pass.end();
        device.queue.submit([encoder.finish()]);
      },
    };
  }
}
