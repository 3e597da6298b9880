// A text's label says whose weights these are: a model's own, or those with an adapter added.
import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { openOnnx } from "../backend/onnx/node/open-onnx.js";
import { pause } from "../decode/engine/scheduler.js";
import { fileSource } from "../format/file-source.js";
import type { GenerationEvent } from "../vocabulary/events.js";
import { OnnxBackend } from "./onnx.js";
import { FolderParts } from "./parts.js";
import { Runtime } from "./runtime.js";

it("the label of a text names the LoRA adapter that was added to its model's weights", async () => {
  const [name] = readdirSync("tests/fixtures/loras");
  const lora = `tests/fixtures/loras/${name}/`;
  const { base, input_ids } = JSON.parse(readFileSync(`${lora}expected.json`, "utf8"));
  const place = { openDevice: () => openOnnx("wasm", pause), source: fileSource, device: "wasm" as const };
  const runtime = new Runtime(new FolderParts(new OnnxBackend({ ...place, needsTokenizer: false })));
  for (const more of [{ lora }, {}]) {
    const model = { url: `tests/fixtures/models/${base}/`, ...more };
    await runtime.load(model);
    const events: GenerationEvent[] = [];
    const job = { model, decoder: "autoregressive", prompt: input_ids, options: { max_new_tokens: 1, temperature: 0 } };
    await runtime.run(job, (event) => events.push(event), new AbortController().signal);
    runtime.release(model);
    const [start] = events;
    const added = `the LoRA adapter ${name} added to its weights`;
    const says = "lora" in more ? `, with ${added}.` : ".";
    expect(start).toMatchObject({
      law: { rounded: "lora" in more ? [added] : [], sentence: `Exactly the greedy text of ${base}${says}` },
    });
  }
});
