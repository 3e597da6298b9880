import { PbfReader } from "pbf";
import type { Rounding } from "../../../seam/rounding.js";

// The messages of onnx.proto (ONNX, Apache-2.0) as far as a file must be understood before the runtime gets it, by field numbers.
// What isn't read is passed over: weights aren't copied.

/** What is read of an `.onnx` file before the runtime gets it. */
export interface GraphFile {
  /** Versions of operators by domain; `""` is ONNX's own. */
  opsets: Map<string, number>;
  /** Files beside it that hold weights, as it names them, and bytes that each has at least. */
  externalFiles: Map<string, number>;
  /** How its weights, and what is multiplied by them, are rounded; null: they aren't, or to 16 bits. */
  rounding: Rounding | null;
}

/** Operators that round what is multiplied to 8 bits as they run. */
const DYNAMIC = ["DynamicQuantizeLinear", "DynamicQuantizeMatMul", "MatMulInteger", "MatMulIntegerToFloat"];

/** `accuracy_level` of a product that rounds its rows to 8 bits. */
const INT8_ROWS = 4;

interface Node {
  op: string;
  attributes: Map<string, number>;
}

/** Why bytes are no model, in words for a person. */
class Fault extends Error {}

/** Reads the bytes of an `.onnx` file. Throws an error that says why they are none, or where they end too early. */
export function readGraphFile(bytes: Uint8Array): GraphFile {
  try {
    return readModel(bytes);
  } catch (error) {
    throw error instanceof Fault ? error : new Fault("its bytes aren't laid out as a model's are");
  }
}

function readModel(bytes: Uint8Array): GraphFile {
  const file: GraphFile = { opsets: new Map(), externalFiles: new Map(), rounding: null };
  const pbf = new PbfReader(bytes);
  let hasGraph = false;
  pbf.readFields((tag) => {
    if (tag !== 7 && tag !== 8) return;
    const end = pbf.readVarint() + pbf.pos;
    if (end > bytes.length) throw new Fault(`it ends after ${bytes.length} of at least ${end} bytes`);
    if (tag === 7) pbf.readFields(readGraph, file, end);
    else readOpset(pbf, file, end);
    hasGraph ||= tag === 7;
  }, file);
  if (pbf.pos > bytes.length || (hasGraph && file.opsets.size === 0)) throw new Fault("it ends too early");
  if (!hasGraph) throw new Fault("it holds no graph");
  return file;
}

function readOpset(pbf: PbfReader, { opsets }: GraphFile, end: number): void {
  const opset = { domain: "", version: 0 };
  const field = (tag: number) => {
    if (tag === 1) opset.domain = pbf.readString();
    else if (tag === 2) opset.version = pbf.readVarint();
  };
  pbf.readFields(field, opset, end);
  opsets.set(opset.domain, opset.version);
}

function readGraph(tag: number, file: GraphFile, pbf: PbfReader): void {
  if (tag === 1) readNode(file, pbf);
  else if (tag === 5) readTensor(file, pbf);
}

function readNode(file: GraphFile, pbf: PbfReader): void {
  const node: Node = { op: "", attributes: new Map() };
  pbf.readMessage((tag) => {
    if (tag === 4) node.op = pbf.readString();
    else if (tag === 5) readAttribute(node, file, pbf);
  }, node);
  file.rounding = roundingOf(node) ?? file.rounding;
}

function readAttribute({ attributes }: Node, file: GraphFile, pbf: PbfReader): void {
  let name = "";
  pbf.readMessage((tag) => {
    if (tag === 1) name = pbf.readString();
    else if (tag === 3) attributes.set(name, pbf.readVarint(true));
    else if (tag === 5) readTensor(file, pbf);
    // A branch of a merged decoder.
    else if (tag === 6) pbf.readMessage(readGraph, file);
  }, attributes);
}

function readTensor({ externalFiles }: GraphFile, pbf: PbfReader): void {
  const place: Record<string, string> = {};
  pbf.readMessage((tag) => {
    if (tag !== 13) return;
    const entry = { key: "", value: "" };
    pbf.readMessage((field) => {
      if (field === 1) entry.key = pbf.readString();
      else if (field === 2) entry.value = pbf.readString();
    }, entry);
    place[entry.key] = entry.value;
  }, place);
  const { location, offset = "0", length = "0" } = place;
  if (location === undefined) return;
  externalFiles.set(location, Math.max(externalFiles.get(location) ?? 0, Number(offset) + Number(length)));
}

function roundingOf({ op, attributes }: Node): Rounding | null {
  if (DYNAMIC.includes(op)) return "q8-int8";
  if (op === "MatMulBnb4") return "q4";
  if (op === "DequantizeLinear") return "q8";
  if (op !== "MatMulNBits") return null;
  const format = (attributes.get("bits") ?? 4) > 4 ? "q8" : "q4";
  return attributes.get("accuracy_level") === INT8_ROWS ? `${format}-int8` : format;
}
