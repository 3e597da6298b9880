import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { fileSource } from "../format/file-source.js";
import type { ModelSource } from "../format/source.js";

interface Golden {
  prompt: number[];
  ids: number[];
}
const FOLDER = "tests/fixtures/packed";
const goldens: Record<string, Golden> = JSON.parse(readFileSync(`${FOLDER}/expected.json`, "utf8"));

/** The logits behind the last of some tokens. */
export type LastLogits = (tokens: readonly number[]) => Promise<Float32Array>;

/** For each way of packing: the greedy text is that of a forward in float64 over the numbers which the packed weights stand for. */
export function packedSuite(load: (source: ModelSource) => Promise<{ logits: LastLogits; dispose(): unknown }>): void {
  it.each(Object.entries(goldens))("a model that %s packed writes the text of its definition", async (way, golden) => {
    const model = await load(fileSource(`${FOLDER}/${way}`));
    const ids = [...golden.prompt];
    for (let i = 0; i < golden.ids.length; i++) {
      const logits = await model.logits(ids);
      ids.push(logits.indexOf(Math.max(...logits)));
    }
    expect(ids.slice(golden.prompt.length)).toEqual(golden.ids);
    await model.dispose();
  });
}
