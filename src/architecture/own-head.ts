import { byteLengthOf, type Checkpoint, type Rows, type TensorPlan } from "../format/tensor.js";

/** Rows of a matrix that are looked at together. */
const COMPARED_BYTES = 1 << 22;

/** Whether two matrices of one dtype and shape differ. Each is read once, in parts, and neither is held. */
export async function areDifferent(
  checkpoint: Checkpoint,
  head: TensorPlan,
  embedding: TensorPlan,
  signal?: AbortSignal,
): Promise<boolean> {
  const names = [...checkpoint.tensors.keys()];
  const inOrder = names.indexOf(head.name) < names.indexOf(embedding.name) ? [head, embedding] : [embedding, head];
  const [numRows] = head.shape;
  const step = Math.max(1, Math.floor((COMPARED_BYTES / byteLengthOf(head)) * numRows));
  const digests: string[] = [];
  for (const [which, { name }] of inOrder.entries()) {
    for (let begin = 0, i = 0; begin < numRows; begin += step, i++) {
      const rows: Rows = { begin, end: Math.min(begin + step, numRows) };
      const digest = digestOf((await checkpoint.read(name, rows, signal)).bytes);
      if (which === 0) digests.push(digest);
      else if (digests[i] !== digest) return true;
    }
  }
  return false;
}

/** What two lots of bytes share only where they are the same, but for a chance of 2^-64. */
function digestOf({ buffer, byteOffset, byteLength }: Uint8Array<ArrayBuffer>): string {
  const words = new Uint32Array(buffer, byteOffset, Math.floor(byteLength / 4));
  const rest = new Uint8Array(buffer, byteOffset + 4 * words.length, byteLength % 4);
  let [a, b] = [0x811c9dc5, 0x9e3779b9];
  const add = (word: number) => {
    a = Math.imul(a ^ word, 0x01000193);
    b = Math.imul(b ^ (word >>> 15) ^ (a >>> 7), 0x85ebca6b) + word;
  };
  for (const word of words) add(word);
  for (const byte of rest) add(byte);
  return `${a >>> 0} ${b >>> 0}`;
}
