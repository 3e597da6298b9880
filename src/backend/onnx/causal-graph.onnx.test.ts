// The graph that transformers.js is given computes what transformers does: the same goldens and tolerances as our own graph's.
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Architecture } from "../../architecture/architecture.js";
import { fileSource } from "../../format/file-source.js";
import { readModel } from "../../testing/onnx-bed.js";
import { buildCausalModel } from "./causal-graph.js";
import { loadWebAssemblyRuntime } from "./load-runtime.js";
import { windowsOf } from "./model-graph.js";

interface Expected {
  input_ids: number[];
  logits_causal: number[][];
  greedy: number[];
  tolerance: number;
}

type Tensors = Record<string, { data: unknown; dims: readonly number[] }>;

/** Runs the graph as transformers.js does: what comes out as `present` goes in as `past_key_values`. */
async function open(folder: string) {
  const { architecture, weights } = await readModel(fileSource(folder));
  const { model, weights: externalData } = await buildCausalModel(architecture, weights);
  const { InferenceSession, Tensor } = await loadWebAssemblyRuntime();
  const session = await InferenceSession.create(model, { externalData });
  const whole = (values: readonly number[], shape: number[]) =>
    new Tensor("int64", BigInt64Array.from(values, BigInt), shape);
  const { numKeyValueHeads, headDim, layers } = architecture;
  const names = [...layers.keys()].flatMap((layer) => [`${layer}.key`, `${layer}.value`]);
  const empty = () => new Tensor("float32", new Float32Array(0), [1, numKeyValueHeads, 0, headDim]);
  let past = Object.fromEntries(names.map((name) => [`past_key_values.${name}`, empty()]));
  let length = 0;
  return {
    async read(ids: readonly number[], numLogits: number): Promise<{ logits: Float32Array; dims: readonly number[] }> {
      const positions = ids.map((_, i) => length + i);
      length += ids.length;
      const out = await session.run({
        ...past,
        input_ids: whole(ids, [1, ids.length]),
        position_ids: whole(positions, [1, ids.length]),
        num_logits_to_keep: whole([numLogits], []),
      });
      past = Object.fromEntries(names.map((name) => [`past_key_values.${name}`, out[`present.${name}`] as never]));
      const { data, dims } = (out as Tensors).logits;
      return { logits: data as Float32Array, dims };
    },
    release: () => session.release(),
  };
}

const hasWindows = (architecture: Architecture) => windowsOf(architecture).some((window) => window !== null);

describe.each(readdirSync("tests/fixtures/models"))("%s as a graph for transformers.js", (name) => {
  const folder = `tests/fixtures/models/${name}`;
  const expected = JSON.parse(readFileSync(`${folder}/expected.json`, "utf8")) as Expected;

  it("has transformers' logits and greedy ids, or is refused for its windows", async () => {
    const { architecture, weights } = await readModel(fileSource(folder));
    if (hasWindows(architecture)) {
      await expect(buildCausalModel(architecture, weights)).rejects.toThrow(/window/);
      return;
    }
    const graph = await open(folder);
    const { logits, dims } = await graph.read(expected.input_ids, 4);
    expect(dims).toEqual([1, 4, architecture.vocabSize]);
    const flat = expected.logits_causal.flat();
    expect(Math.max(...flat.map((value, i) => Math.abs(value - logits[i])))).toBeLessThan(expected.tolerance);
    let last = logits.subarray(3 * architecture.vocabSize);
    const ids: number[] = [];
    while (ids.length < expected.greedy.length) {
      ids.push(last.indexOf(Math.max(...last)));
      last = (await graph.read(ids.slice(-1), 1)).logits;
    }
    expect(ids).toEqual(expected.greedy);
    await graph.release();
  });

  it("has the logits of every row where none are counted", async () => {
    const { architecture } = await readModel(fileSource(folder));
    if (hasWindows(architecture)) return;
    const graph = await open(folder);
    const { dims } = await graph.read(expected.input_ids, 0);
    expect(dims).toEqual([1, expected.input_ids.length, architecture.vocabSize]);
    await graph.release();
  });
});
