// Models with a LoRA adapter have the logits that PEFT gives for them (tests/fixtures/families/make_loras.py).
import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { fileSource } from "../../format/file-source.js";
import { loraSource } from "../../format/lora-source.js";
import { loadGraph } from "../../testing/onnx-bed.js";

it.each(readdirSync("tests/fixtures/loras"))("%s", async (name) => {
  const folder = `tests/fixtures/loras/${name}`;
  const { base, input_ids, logits_causal, tolerance } = JSON.parse(readFileSync(`${folder}/expected.json`, "utf8"));
  const graph = await loadGraph(loraSource(fileSource(`tests/fixtures/models/${base}`), fileSource(folder)));
  const tokens = Int32Array.from(input_ids as number[]);
  const positions = tokens.map((_, i) => i);
  const rows = positions.slice(-4);
  const { logits } = await graph.run({ tokens, positions, bias: null, rows, hidden: false, past: graph.cache() });
  graph.dispose();
  const wanted = (logits_causal as number[][]).flat();
  expect(Math.max(...wanted.map((value, i) => Math.abs(value - logits[i])))).toBeLessThan(tolerance);
});
