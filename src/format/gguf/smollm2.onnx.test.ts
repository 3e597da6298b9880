import { mkdtempSync, rmSync } from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { loadOnnxFolder, onnxDevice } from "../../testing/onnx-device.js";
import { HAS_SMOLLM2, NO_SMOLLM2, smollm2, smollm2Suite } from "../../testing/smollm2.js";
import { IS_WHOLE } from "../../testing/test-depth.js";
import { openCheckpoint } from "../checkpoint.js";
import { fileSource } from "../file-source.js";
import type { ModelSource } from "../source.js";
import { widen } from "../widen.js";

smollm2Suite(async (source) => loadOnnxFolder(await onnxDevice(), source));

/** Writes a model's weights as one safetensors file of 32-bit numbers. */
async function writeSafetensors(source: ModelSource, file: string): Promise<void> {
  const checkpoint = await openCheckpoint(source);
  const handle = await open(file, "w");
  let end = 0;
  const entries = [...checkpoint.tensors.values()].map(({ name, shape }) => {
    const begin = end;
    end += shape.reduce((product, size) => product * size, 4);
    return [name, { dtype: "F32", shape, data_offsets: [begin, end] }];
  });
  const header = new TextEncoder().encode(JSON.stringify(Object.fromEntries(entries)));
  await handle.write(new Uint8Array(BigUint64Array.of(BigInt(header.length)).buffer));
  await handle.write(header);
  for (const name of checkpoint.tensors.keys())
    await handle.write(new Uint8Array(widen(await checkpoint.read(name)).buffer));
  await handle.close();
  await checkpoint.close();
}

test.skipIf(!HAS_SMOLLM2 || !IS_WHOLE)(
  `The same weights as safetensors give the same logits, to the bit${NO_SMOLLM2}`,
  async () => {
    const folder = mkdtempSync(path.join(tmpdir(), "triptych-smollm2-"));
    try {
      const gguf = smollm2();
      await writeSafetensors(gguf, path.join(folder, "model.safetensors"));
      const written = fileSource(folder);
      const { checkpoint: _, ...small } = gguf;
      const both = [gguf, { ...small, file: written.file, bytes: written.bytes }];
      const made: Float32Array[] = [];
      for (const source of both) {
        const { model, tokenizer } = await loadOnnxFolder(await onnxDevice(), source);
        const session = model.session();
        const tokens = tokenizer.promptIds("The little boat sailed across the lake and");
        made.push(await session.forward({ tokens, attend: "causal", rows: "last", keep: 0 }).logits());
        session.dispose();
        model.dispose();
      }
      expect(made[1]).toEqual(made[0]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
);
