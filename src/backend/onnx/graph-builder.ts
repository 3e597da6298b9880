import {
  ElementType,
  encodeModel,
  type OnnxAttribute,
  type OnnxNode,
  type OnnxTensor,
  type OnnxValue,
} from "./onnx-proto.js";
import type { Made, WeightFile } from "./weight-files.js";

/** Bytes of an element. */
const ELEMENT_BYTES: Readonly<Record<ElementType, number>> = {
  [ElementType.f32]: 4,
  [ElementType.u8]: 1,
  [ElementType.i32]: 4,
  [ElementType.i64]: 8,
};

/** ONNX's operators as of this version: the first with attention, rotation and RMS norms among them. */
const OPSET = 23;

/** The file format's version that goes with it. */
const IR_VERSION = 11;

/** Domain of the operators that ONNX Runtime adds. */
export const RUNTIME_OPERATORS = "com.microsoft";

/** Name of a value in a graph. */
export type Value = string;

/** Attributes of an operator: a number is whole unless it is wrapped as `{ float }`. */
export type Attributes = Record<string, number | string | readonly number[] | { float: number }>;

/** A model in memory: the bytes of its `.onnx` file, and those of its weights. */
export interface BuiltModel {
  model: Uint8Array;
  weights: WeightFile[];
}

/** Collects the operators and constants of a graph. What it is asked for it returns as the name of a value. */
export class GraphBuilder {
  private readonly nodes: OnnxNode[] = [];
  private readonly tensors = new Map<string, OnnxTensor>();
  private readonly weights: WeightFile[] = [];
  private readonly inputs: OnnxValue[] = [];
  private readonly outputs: OnnxValue[] = [];
  /** Names of values that are outputs. */
  private readonly names = new Map<Value, string>();
  private numValues = 0;

  /** An input of the graph. */
  input(name: string, type: ElementType, shape: OnnxValue["shape"]): Value {
    this.inputs.push({ name, type, shape });
    return name;
  }

  /** Gives an operator's output to the caller of the graph, under this name. */
  output(name: string, value: Value, shape: OnnxValue["shape"]): void {
    this.names.set(value, name);
    this.outputs.push({ name, type: ElementType.f32, shape });
  }

  /** An operator's first output. */
  op(op: string, inputs: readonly Value[], attributes: Attributes = {}, domain = ""): Value {
    return this.ops(op, inputs, 1, attributes, domain)[0];
  }

  /** All outputs of an operator. */
  ops(op: string, inputs: readonly Value[], numOutputs: number, attributes: Attributes = {}, domain = ""): Value[] {
    const outputs = Array.from({ length: numOutputs }, () => `v${this.numValues++}`);
    this.nodes.push({ op, domain, inputs, outputs, attributes: Object.entries(attributes).map(attributeOf) });
    return outputs;
  }

  /** A constant of the model's weights, whose bytes are made of a tensor once it is read, or here. The same name gives the same one. */
  weight(name: string, type: ElementType, shape: readonly number[], data: Made | (() => Uint8Array)): Value {
    if (!this.tensors.has(name)) {
      const numBytes = shape.reduce((product, size) => product * size, ELEMENT_BYTES[type]);
      this.weights.push({ path: name, data: typeof data === "function" ? data() : data });
      this.tensors.set(name, { name, type, shape, bytes: { file: name, numBytes } });
    }
    return name;
  }

  /** A small constant of whole numbers, as shapes and axes are. */
  integers(...values: number[]): Value {
    const data = BigInt64Array.from(values, BigInt);
    return this.inline(`i${values.join("_")}`, ElementType.i64, [values.length], new Uint8Array(data.buffer));
  }

  /** A 32-bit number. */
  number(value: number): Value {
    return this.inline(`f${value}`, ElementType.f32, [], new Uint8Array(Float32Array.of(value).buffer));
  }

  /** The finished model. */
  build(): BuiltModel {
    const opsets = [
      { domain: "", version: OPSET },
      { domain: RUNTIME_OPERATORS, version: 1 },
    ];
    const { inputs, outputs } = this;
    const named = (values: readonly Value[]) => values.map((value) => this.names.get(value) ?? value);
    const nodes = this.nodes.map((node) => ({ ...node, inputs: named(node.inputs), outputs: named(node.outputs) }));
    const tensors = [...this.tensors.values()];
    const model = encodeModel({ irVersion: IR_VERSION, opsets, nodes, tensors, inputs, outputs });
    return { model, weights: this.weights };
  }

  private inline(name: string, type: ElementType, shape: readonly number[], bytes: Uint8Array): Value {
    this.tensors.set(name, { name, type, shape, bytes });
    return name;
  }
}

function attributeOf([name, value]: [string, Attributes[string]]): OnnxAttribute {
  if (typeof value === "number") return { name, int: value };
  if (typeof value === "string") return { name, text: value };
  return "float" in value ? { name, float: value.float } : { name, ints: value };
}
