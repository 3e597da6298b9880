import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { memoryCheckpoint } from "../format/memory-checkpoint.js";
import { loadCheckpoint } from "../format/checkpoint.js";
import { fileSource } from "../format/file-source.js";
import type { Tensor } from "../format/tensor.js";
import { ModelLoadError } from "../vocabulary/errors.js";
import { parseConfig, withReading } from "./config.js";
import { openWeights } from "./open-weights.js";

const folder = (name: string) => new URL(`../../tests/fixtures/masked/${name}/`, import.meta.url);
const configOf = (name: string): Record<string, unknown> =>
  JSON.parse(readFileSync(new URL("config.json", folder(name)), "utf8"));
const TENSORS = await loadCheckpoint(fileSource("tests/fixtures/masked/mdlm"));
const numbers = ({ bytes }: Tensor) => new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);

describe("configs of diffusion transformers", () => {
  it("say sizes by their own names; the mask is the last id, and no time is read", () => {
    expect(parseConfig(configOf("mdlm"))).toMatchObject({
      ...{ hiddenSize: 32, intermediateSize: 128, numHeads: 4, numKeyValueHeads: 4, headDim: 8, maxLength: 64 },
      ...{
        vocabSize: 83,
        maskToken: 82,
        inPlace: true,
        causal: false,
        blockLengths: [],
        tied: false,
        lmHeadBias: true,
      },
    });
    expect(parseConfig({ ...configOf("mdlm"), mask_token_id: 3 }).maskToken).toBe(3);
    expect(parseConfig(configOf("bd3lm")).blockLengths).toEqual([4]);
    // As bd3lm-owt-block_size1024-pretrain: a block as long as the text.
    expect(parseConfig({ ...configOf("bd3lm"), block_size: 64 }).blockLengths).toEqual([]);
    const { block_size: _, ...silent } = configOf("bd3lm");
    expect(() => withReading(silent)).toThrow(/block_size.*4 for a model that was trained on blocks of 4/);
    expect(parseConfig(withReading(silent, 16)).blockLengths).toEqual([16]);
  });

  it.each<[object, RegExp]>([
    [
      { time_conditioning: true },
      /time_conditioning true isn't supported; supported: false, by which each norm's scale/,
    ],
    [{ causal: true }, /causal true .*false/],
    [{ n_heads: 5 }, /n_heads 5 .*heads of an even size/],
    [{ hidden_dim: undefined }, /hidden_dim is/],
  ])("refuse %o by name", (change, message) => {
    expect(() => parseConfig({ ...configOf("mdlm"), ...change })).toThrow(message);
  });

  it.each<[string, object, RegExp]>([
    [
      "SEDD as its authors store it",
      { graph: { type: "absorb" }, model: { name: "small", type: "ddit" }, tokens: 50257 },
      /SEDD.*depend on the time of each step.*scores.*mdlm-owt/,
    ],
    ["SEDD on the other hub page", { model_type: "sedd", hidden_dim: 768 }, /SEDD/],
    ["Duo", { model_type: "duo" }, /Duo.*no mask/],
  ])("%s is refused with the reason and what runs instead", (_, json, message) => {
    expect(() => parseConfig(json)).toThrow(ModelLoadError);
    expect(() => parseConfig(json)).toThrow(message);
  });

  it("what is nobody's is still refused with the list of the known", () => {
    for (const json of [{ graph: 3 }, { model: {} }, { graph: {} }, { model_type: "sedd2" }]) {
      expect(() => parseConfig(json)).toThrow(/model_type .*isn't supported; supported: llama, .*mdlm, bd3lm/);
    }
  });
});

describe("conditioning that is folded into weights", () => {
  const architecture = parseConfig(configOf("mdlm"));
  const open = (tensors: ReadonlyMap<string, Tensor>) => openWeights(architecture, memoryCheckpoint(tensors));

  it("is in the norms and in what joins the stream, and rows of a matrix are those of the whole", async () => {
    const { weights } = await open(TENSORS);
    for (const name of ["model.layers.1.self_attn.o_proj.weight", "model.layers.0.mlp.down_proj.weight"]) {
      const whole = numbers(await weights.read(name));
      const [rows, width] = weights.tensors.get(name)?.shape ?? [];
      const part = await weights.read(name, { begin: 5, end: rows - 2 });
      expect(part.shape).toEqual([rows - 7, width]);
      expect(numbers(part)).toEqual(whole.subarray(5 * width, (rows - 2) * width));
    }
    for (const what of ["weight", "bias"]) {
      const whole = numbers(await weights.read(`model.layers.0.input_layernorm.${what}`));
      expect(numbers(await weights.read(`model.layers.0.input_layernorm.${what}`, { begin: 3, end: 9 }))).toEqual(
        whole.subarray(3, 9),
      );
    }
  });

  it("is one with the file's own numbers where the modulation is 0: gates of 0 leave nothing to join", async () => {
    const tensors = new Map(
      [...TENSORS].map(([name, tensor]) => [
        name,
        name.includes("adaLN") ? { ...tensor, bytes: new Uint8Array(tensor.bytes.length) } : tensor,
      ]),
    );
    const { weights } = await open(tensors);
    const own = (name: string) => numbers(tensors.get(`backbone.${name}`) as Tensor);
    expect(numbers(await weights.read("model.layers.0.input_layernorm.weight"))).toEqual(own("blocks.0.norm1.weight"));
    expect(new Set(numbers(await weights.read("model.norm.bias")))).toEqual(new Set([0]));
    expect([...numbers(await weights.read("model.layers.1.mlp.down_proj.bias"))].every((value) => value === 0)).toBe(
      true,
    );
    expect(numbers(await weights.read("model.layers.1.mlp.up_proj.weight"))).toEqual(own("blocks.1.mlp.0.weight"));
  });

  it("takes names without the wrapper's, and refuses a file without the modulation, or of another size, by the tensor's name", async () => {
    const bare = new Map([...TENSORS].map(([name, tensor]) => [name.replace("backbone.", ""), tensor]));
    expect((await open(bare)).weights.tensors.size).toBeGreaterThan(20);
    bare.delete("blocks.1.adaLN_modulation.weight");
    await expect(open(bare)).rejects.toThrow(/blocks\.1\.adaLN_modulation\.weight is missing/);
    const other = new Map(TENSORS);
    const time = other.get("backbone.sigma_map.mlp.2.weight") as Tensor;
    other.set(time.name, { ...time, shape: [12, 48] });
    await expect(open(other)).rejects.toThrow(/sigma_map\.mlp\.2\.weight has shape \[12, 48\], expected \[12, 24\]/);
  });

  it("is left alone in a file without it", async () => {
    const plain = parseConfig({ ...configOf("mdlm"), adaln: false });
    const { weights } = await openWeights(plain, memoryCheckpoint(TENSORS));
    expect(weights.tensors.has("model.norm.bias")).toBe(false);
  });
});
