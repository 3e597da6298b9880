import { PbfWriter } from "pbf";

// The messages of onnx.proto (ONNX, Apache-2.0) that a model here has, by their field numbers.

/** Types of a tensor's elements, as ONNX numbers them. */
export const ElementType = { f32: 1, u8: 2, i32: 6, i64: 7 } as const;

/** One of them. */
export type ElementType = (typeof ElementType)[keyof typeof ElementType];

/** An attribute of a node: whole numbers unless `float` is set. */
export type OnnxAttribute = { name: string } & (
  | { int: number }
  | { float: number }
  | { text: string }
  | { ints: readonly number[] }
);

/** An operator with the names of the values that it reads and gives; an empty name is an input that is left out. */
export interface OnnxNode {
  op: string;
  /** Empty: ONNX's own operators. */
  domain: string;
  inputs: readonly string[];
  outputs: readonly string[];
  attributes: readonly OnnxAttribute[];
}

/** A constant: its bytes are in the model, or in a file of this name that is given beside it. */
export interface OnnxTensor {
  name: string;
  type: ElementType;
  shape: readonly number[];
  bytes: Uint8Array | { file: string; numBytes: number };
}

/** An input or output; a dimension that has a name is known when the graph runs. */
export interface OnnxValue {
  name: string;
  type: ElementType;
  shape: readonly (number | string)[];
}

/** A model as ONNX has it. */
export interface OnnxModel {
  irVersion: number;
  opsets: readonly { domain: string; version: number }[];
  nodes: readonly OnnxNode[];
  tensors: readonly OnnxTensor[];
  inputs: readonly OnnxValue[];
  outputs: readonly OnnxValue[];
}

/** The model as the bytes of an `.onnx` file. */
export function encodeModel(model: OnnxModel): Uint8Array {
  const pbf = new PbfWriter();
  pbf.writeVarintField(1, model.irVersion);
  pbf.writeStringField(2, "triptych-lm");
  pbf.writeMessage(7, writeGraph, model);
  for (const opset of model.opsets) pbf.writeMessage(8, writeOpset, opset);
  return pbf.finish();
}

function writeOpset({ domain, version }: { domain: string; version: number }, pbf: PbfWriter): void {
  pbf.writeStringField(1, domain);
  pbf.writeVarintField(2, version);
}

function writeGraph({ nodes, tensors, inputs, outputs }: OnnxModel, pbf: PbfWriter): void {
  for (const node of nodes) pbf.writeMessage(1, writeNode, node);
  pbf.writeStringField(2, "model");
  for (const tensor of tensors) pbf.writeMessage(5, writeTensor, tensor);
  for (const value of inputs) pbf.writeMessage(11, writeValue, value);
  for (const value of outputs) pbf.writeMessage(12, writeValue, value);
}

function writeNode({ op, domain, inputs, outputs, attributes }: OnnxNode, pbf: PbfWriter): void {
  for (const name of inputs) pbf.writeStringField(1, name);
  for (const name of outputs) pbf.writeStringField(2, name);
  pbf.writeStringField(3, outputs[0]);
  pbf.writeStringField(4, op);
  for (const attribute of attributes) pbf.writeMessage(5, writeAttribute, attribute);
  if (domain) pbf.writeStringField(7, domain);
}

function writeAttribute(attribute: OnnxAttribute, pbf: PbfWriter): void {
  pbf.writeStringField(1, attribute.name);
  if ("float" in attribute) {
    pbf.writeFloatField(2, attribute.float);
    pbf.writeVarintField(20, 1);
  } else if ("int" in attribute) {
    pbf.writeVarintField(3, attribute.int);
    pbf.writeVarintField(20, 2);
  } else if ("text" in attribute) {
    pbf.writeStringField(4, attribute.text);
    pbf.writeVarintField(20, 3);
  } else {
    for (const value of attribute.ints) pbf.writeVarintField(8, value);
    pbf.writeVarintField(20, 7);
  }
}

function writeTensor({ name, type, shape, bytes }: OnnxTensor, pbf: PbfWriter): void {
  for (const size of shape) pbf.writeVarintField(1, size);
  pbf.writeVarintField(2, type);
  pbf.writeStringField(8, name);
  if (bytes instanceof Uint8Array) return pbf.writeBytesField(9, bytes);
  const entries = { location: bytes.file, offset: "0", length: String(bytes.numBytes) };
  for (const entry of Object.entries(entries)) pbf.writeMessage(13, writeEntry, entry);
  pbf.writeVarintField(14, 1);
}

function writeEntry([key, value]: [string, string], pbf: PbfWriter): void {
  pbf.writeStringField(1, key);
  pbf.writeStringField(2, value);
}

function writeValue({ name, type, shape }: OnnxValue, pbf: PbfWriter): void {
  pbf.writeStringField(1, name);
  pbf.writeMessage(2, (_, typePbf) => typePbf.writeMessage(1, writeTensorType, { type, shape }), null);
}

function writeTensorType({ type, shape }: Omit<OnnxValue, "name">, pbf: PbfWriter): void {
  pbf.writeVarintField(1, type);
  pbf.writeMessage(
    2,
    (sizes, shapePbf) => {
      for (const size of sizes) shapePbf.writeMessage(1, writeDimension, size);
    },
    shape,
  );
}

function writeDimension(size: number | string, pbf: PbfWriter): void {
  if (typeof size === "number") pbf.writeVarintField(1, size);
  else pbf.writeStringField(2, size);
}
