import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parseConfig } from "../../architecture/config.js";
import { CONVERTED_MODELS, convertedGguf, modelFolder } from "../../testing/converted-gguf.js";
import { loadCheckpoint, openCheckpoint } from "../checkpoint.js";
import { fileSource } from "../file-source.js";
import { ggufSource } from "../gguf-source.js";
import { memorySource } from "../source.js";
import type { Tensor } from "../tensor.js";
import { widen } from "../widen.js";

const open = async (model: string) =>
  ggufSource(memorySource(new Map([["m.gguf", await convertedGguf(model)]])), "m.gguf");
const parsed = (path: string): unknown => JSON.parse(readFileSync(path, "utf8"));

test.each(CONVERTED_MODELS)(
  "%s: every tensor of llama.cpp's file is the model's own again, by its name and whole",
  async (model) => {
    const stored = await loadCheckpoint(fileSource(modelFolder(model)));
    const prefix = model === "gpt2" ? "transformer." : "";
    const original = new Map([...stored].map(([name, tensor]) => [prefix + name, tensor]));
    const made = await loadCheckpoint(await open(model));
    expect([...made.keys()].sort()).toEqual([...original.keys()].sort());
    for (const [name, tensor] of original) {
      expect(made.get(name)?.shape, name).toEqual(tensor.shape);
      const values = widen(made.get(name) as Tensor);
      const expected = widen(tensor);
      // What is stored as 1 more was rounded there.
      const isShifted = model.startsWith("gemma") && name.includes("norm");
      const wrong = expected.findIndex((value, i) =>
        isShifted ? Math.abs(values[i] - value) > 2 ** -21 : !Object.is(values[i], value),
      );
      expect(wrong, name).toBe(-1);
    }
  },
);

test.each(CONVERTED_MODELS)("%s: any rows of a tensor are those of the whole", async (model) => {
  const checkpoint = await openCheckpoint(await open(model));
  for (const [name, { shape, dtype }] of checkpoint.tensors) {
    if (shape.length < 2) continue;
    const whole = await checkpoint.read(name);
    expect([whole.dtype, whole.shape], name).toEqual([dtype, shape]);
    const [begin, end] = [Math.floor(shape[0] / 3) + 1, shape[0] - 1];
    const rowBytes = whole.bytes.length / shape[0];
    const some = await checkpoint.read(name, { begin, end });
    expect(some.shape, name).toEqual([end - begin, ...shape.slice(1)]);
    expect(Buffer.from(some.bytes).equals(whole.bytes.subarray(begin * rowBytes, end * rowBytes)), name).toBe(true);
  }
});

/** What a GGUF file can't say of a model, or says otherwise: the config as llama.cpp would have it. */
const SAID: Record<string, Record<string, unknown>> = {
  // Of these, llama.cpp knows the scale, the intervals and the whole attention without asking.
  gemma2: { query_pre_attn_scalar: 20 },
  gemma3_text: { query_pre_attn_scalar: 20, sliding_window_pattern: 6 },
  smollm3: { no_rope_layers: null, no_rope_layer_interval: 4 },
  mistral: { model_type: "llama", sliding_window: null },
  "phi3-longrope": { torch_dtype: "float32" },
};

test.each(CONVERTED_MODELS)("%s: the config from metadata describes the same architecture", async (model) => {
  const config = parsed(`${modelFolder(model)}/config.json`) as Record<string, unknown>;
  // The converter was given no tokenizer.
  const expected = { ...config, ...SAID[model], bos_token_id: null, eos_token_id: null };
  const made = parseConfig(await (await open(model)).json("config.json"));
  expect(
    inDigits({ ...made, trainedLength: made.trainedLength === made.maxLength ? undefined : made.trainedLength }),
  ).toEqual(inDigits(parseConfig(expected)));
});

/** Numbers to six digits, since a file has 32 bits of each; frequencies that stay the same beyond a length have none beyond. */
function inDigits(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (key, item: unknown) => {
      if (item instanceof Float64Array) return Array.from(item);
      if (typeof item === "number") return Number(item.toPrecision(6));
      const { beyond, inverseFrequencies } = (item ?? {}) as {
        beyond?: { inverseFrequencies?: Float64Array };
        inverseFrequencies?: Float64Array;
      };
      const isSame = key === "rope" && beyond?.inverseFrequencies?.every((one, i) => one === inverseFrequencies?.[i]);
      return isSame ? { ...(item as object), beyond: null } : item;
    }),
  );
}
