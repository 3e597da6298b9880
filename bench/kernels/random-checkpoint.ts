import type { Architecture } from "../../src/architecture/architecture.js";
import { tensorNames } from "../../src/architecture/tensors.js";
import { randomWeights } from "../../src/backend/webgpu/tuning/random-weights.js";

/**
 * A safetensors file of f16 with the tensors that the architecture needs: gains of norms are 1, the rest is random, the
 * same every time.
 */
export async function randomCheckpoint(architecture: Architecture): Promise<Uint8Array<ArrayBuffer>> {
  const header: Record<string, { dtype: string; shape: number[]; data_offsets: [number, number] }> = {};
  let end = 0;
  for (const { name, shape } of tensorNames(architecture)) {
    const begin = end;
    end += shape.reduce((product, size) => product * size, 2);
    header[name] = { dtype: "F16", shape, data_offsets: [begin, end] };
  }
  const text = new TextEncoder().encode(JSON.stringify(header));
  // Padded by spaces, so that the data starts on a multiple of eight.
  const headerBytes = Math.ceil(text.length / 8) * 8;
  const file = new Uint8Array(8 + headerBytes + end);
  new DataView(file.buffer).setBigUint64(0, BigInt(headerBytes), true);
  file.fill(0x20, 8, 8 + headerBytes);
  file.set(text, 8);
  const weights = randomWeights({ ...architecture, dtype: "F16" });
  for (const [name, { data_offsets: offsets }] of Object.entries(header)) {
    file.set((await weights.read(name)).bytes, 8 + headerBytes + offsets[0]);
  }
  return file;
}
