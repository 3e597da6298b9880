/** A metadata value with the number of its type in the format. */
export type Typed = readonly [type: number, value: number | string, list?: readonly (number | string)[]];

/** A tensor to write: its type's number in ggml, its shape with rows first. */
export interface WrittenTensor {
  name: string;
  type: number;
  shape: readonly number[];
  bytes: Uint8Array;
}

const TEXT = 8;
const LIST = 9;

/** A GGUF file of these keys and tensors. */
export function writtenGguf(
  metadata: Readonly<Record<string, Typed>>,
  tensors: readonly WrittenTensor[] = [],
  { version = 3, alignment = 32, isBig = false }: { version?: number; alignment?: number; isBig?: boolean } = {},
): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [];
  const number = (bytes: number, write: (view: DataView) => void) => {
    const view = new DataView(new ArrayBuffer(bytes));
    write(view);
    parts.push(new Uint8Array(view.buffer));
  };
  const u32 = (value: number) => number(4, (view) => view.setUint32(0, value, !isBig));
  const u64 = (value: number) => number(8, (view) => view.setBigUint64(0, BigInt(value), !isBig));
  const text = (value: string) => {
    const bytes = new TextEncoder().encode(value);
    u64(bytes.length);
    parts.push(bytes);
  };
  const scalar = (type: number, value: number | string) => {
    if (typeof value === "string") text(value);
    else if (type === 7 || type === 0) number(1, (view) => view.setUint8(0, value));
    else if (type === 6) number(4, (view) => view.setFloat32(0, value, !isBig));
    else if (type === 5) number(4, (view) => view.setInt32(0, value, !isBig));
    else if (type === 10) u64(value);
    else u32(value);
  };
  parts.push(new TextEncoder().encode("GGUF"));
  u32(version);
  u64(tensors.length);
  u64(Object.keys(metadata).length);
  for (const [key, [type, value, list]] of Object.entries(metadata)) {
    text(key);
    u32(type);
    if (type !== LIST) {
      scalar(type, value as number | string);
      continue;
    }
    const entries = list as readonly (number | string)[];
    u32(value as number);
    u64(entries.length);
    for (const entry of entries) scalar(value as number, entry);
  }
  let offset = 0;
  for (const { name, type, shape, bytes } of tensors) {
    text(name);
    u32(shape.length);
    for (const size of [...shape].reverse()) u64(size);
    u32(type);
    u64(offset);
    offset = Math.ceil((offset + bytes.length) / alignment) * alignment;
  }
  const pad = () => {
    const length = parts.reduce((sum, part) => sum + part.length, 0);
    parts.push(new Uint8Array((alignment - (length % alignment)) % alignment));
  };
  pad();
  for (const { bytes } of tensors) {
    parts.push(bytes);
    pad();
  }
  return new Uint8Array(Buffer.concat(parts));
}

/** A text. */
export const text = (value: string): Typed => [TEXT, value];

/** A whole number of 32 bits. */
export const count = (value: number): Typed => [4, value];

/** A list of texts. */
export const texts = (...values: string[]): Typed => [LIST, TEXT, values];
