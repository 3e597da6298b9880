import type { NormSpec } from "../../architecture/architecture.js";
import type { LayerRole, OuterRole } from "../../architecture/family.js";
import { llamaTensor } from "../../architecture/llama.js";
import { BLOCK, dequantize, type QuantFormat, quantize, type Quantized } from "../../format/quantize.js";
import type { Tensor, TensorPlan } from "../../format/tensor.js";
import { widen } from "../../format/widen.js";
import { type GraphBuilder, RUNTIME_OPERATORS, type Value } from "./graph-builder.js";
import { ElementType } from "./onnx-proto.js";

const BITS: Record<QuantFormat, number> = { q8: 8, q4: 4 };

/** A part of a model that has weights: what it does, and its layer, null around the layers; or its tensors' name, of one that stays as stored. */
export type Part = { role: LayerRole | OuterRole; layer: number | null } | string;

/** How matrices are rounded: those of layers, and those at a model's two ends. */
export interface Formats {
  layers: QuantFormat | null;
  ends: QuantFormat | null;
}

/** A model's weights as constants of a graph, and the operators that read them. */
export class GraphWeights {
  /**
   * `tensors`: by our own names (`loadWeights`). Numbers of 16 bits are stored in 32: WebAssembly would widen them in each forward, which takes
   * 2.7 times as long, and the runtime's WebGPU has no bf16. Where rounded matrices aren't `packed` the numbers that they stand for are stored
   * as well: on WebAssembly a token takes six to ten times as long with packed ones (8 layers of 512 numbers, ONNX Runtime 1.30).
   */
  constructor(
    private readonly graph: GraphBuilder,
    private readonly tensors: ReadonlyMap<string, TensorPlan>,
    private readonly formats: Formats,
    private readonly isPacked: boolean,
  ) {}

  /** Whether the file has this part. */
  has(part: Part): boolean {
    return this.tensors.has(`${nameOf(part)}.weight`);
  }

  /** x times a part's matrix `[out, in]`, and its bias where the file has one. */
  product(x: Value, part: Part): Value {
    const name = nameOf(part);
    const bias = this.tensors.has(`${name}.bias`) ? this.vector(`${name}.bias`) : "";
    const [numOut, numIn] = this.tensor(`${name}.weight`).shape;
    const format = this.formatOf(part);
    if (format === null || !this.isPacked) {
      const matrix = format === null ? this.matrix(`${name}.weight`) : this.roundedMatrix(`${name}.weight`, format);
      return this.graph.op("Gemm", bias ? [x, matrix, bias] : [x, matrix], { transB: 1 });
    }
    const { codes, scales } = this.quantized(`${name}.weight`, format);
    const how = { K: numIn, N: numOut, bits: BITS[format], block_size: BLOCK };
    return this.graph.op("MatMulNBits", [x, codes, scales, "", "", bias], how, RUNTIME_OPERATORS);
  }

  /** Rows of a part's table, as 32-bit numbers. */
  rows(ids: Value, part: Part): Value {
    const name = `${nameOf(part)}.weight`;
    const format = this.formatOf(part);
    const { graph } = this;
    if (format !== null && !this.isPacked) return graph.op("Gather", [this.roundedMatrix(name, format), ids]);
    if (format === null) return graph.op("Gather", [this.matrix(name), ids]);
    const { codes, scales } = this.quantized(name, format);
    const whole = graph.op("Cast", [graph.op("Gather", [codes, ids])], { to: ElementType.f32 });
    const centred = graph.op("Sub", [whole, graph.number(128)]);
    const scale = graph.op("Unsqueeze", [graph.op("Gather", [scales, ids]), graph.integers(-1)]);
    return graph.op("Reshape", [graph.op("Mul", [centred, scale]), graph.integers(-1, this.tensor(name).shape[1])]);
  }

  /** The rows of x, normed. */
  norm(x: Value, spec: NormSpec, part: Part): Value {
    const name = nameOf(part);
    const { eps, gainOffset } = spec;
    const gain = this.vector(`${name}.weight`, gainOffset);
    const how = { axis: -1, epsilon: { float: eps } };
    if (spec.way === "folded" || spec.kind === "rms") return this.graph.op("RMSNormalization", [x, gain], how);
    const bias = spec.hasBias ? [this.vector(`${name}.bias`)] : [];
    return this.graph.op("LayerNormalization", [x, gain, ...bias], how);
  }

  /** A vector as 32-bit numbers, `offset` added to each. */
  vector(name: string, offset = 0): Value {
    return this.graph.weight(name, ElementType.f32, this.tensor(name).shape, {
      tensor: name,
      make(tensor) {
        const values = widen(tensor);
        return bytesOf(offset === 0 ? values : values.map((value) => value + offset));
      },
    });
  }

  private matrix(name: string): Value {
    const make = (tensor: Tensor) => bytesOf(widen(tensor));
    return this.graph.weight(name, ElementType.f32, this.tensor(name).shape, { tensor: name, make });
  }

  private roundedMatrix(name: string, format: QuantFormat): Value {
    const make = (tensor: Tensor) => bytesOf(dequantize(quantize(widen(tensor), format), format));
    return this.graph.weight(`${name} rounded`, ElementType.f32, this.tensor(name).shape, { tensor: name, make });
  }

  private formatOf(part: Part): QuantFormat | null {
    const [, width] = this.tensor(`${nameOf(part)}.weight`).shape;
    if (typeof part === "string" || part.role === "positions" || width % BLOCK !== 0) return null;
    return part.layer === null ? this.formats.ends : this.formats.layers;
  }

  /** Codes as the runtime has them: `[out, in / 32, bytes of a block]`, nibbles in order, each above its value by 8 or 128. */
  private quantized(name: string, format: QuantFormat): { codes: Value; scales: Value } {
    const [numRows, width] = this.tensor(name).shape;
    const blocks = width / BLOCK;
    const numBytes = (BLOCK * BITS[format]) / 8;
    // Codes and scales are made one after the other.
    let made: Quantized | null = null;
    const codes = this.graph.weight(`${name} codes`, ElementType.u8, [numRows, blocks, numBytes], {
      tensor: name,
      make(tensor) {
        made = quantize(widen(tensor), format);
        return format === "q8" ? made.codes : inOrder(made.codes);
      },
    });
    const scales = this.graph.weight(`${name} scales`, ElementType.f32, [numRows, blocks], {
      tensor: name,
      make(tensor) {
        const { scales: values } = made ?? quantize(widen(tensor), format);
        made = null;
        return bytesOf(values);
      },
    });
    return { codes, scales };
  }

  private tensor(name: string): TensorPlan {
    const found = this.tensors.get(name);
    if (!found) throw new Error(`tensor ${name} was not checked`);
    return found;
  }
}

/** The name of a part's tensors, without `.weight` and `.bias`. */
function nameOf(part: Part): string {
  return typeof part === "string" ? part : llamaTensor(part.role, part.layer).names[0];
}

/** Nibbles by eights (four low ones, then their high ones) as pairs in order. */
function inOrder(codes: Uint8Array): Uint8Array {
  const out = new Uint8Array(codes.length);
  const nibble = (i: number) => {
    const byte = codes[Math.floor(i / 8) * 4 + (i % 4)];
    return i % 8 >= 4 ? byte >> 4 : byte & 15;
  };
  for (let pair = 0; pair < codes.length; pair++) out[pair] = nibble(2 * pair) | (nibble(2 * pair + 1) << 4);
  return out;
}

function bytesOf(values: Float32Array<ArrayBuffer>): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
