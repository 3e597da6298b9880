// hidden_rows and features, and a head's forward as a whole, against the trunk and the head in float64.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadCheckpoint } from "../checkpoint/checkpoint.js";
import { widen } from "../checkpoint/widen.js";
import { fileSource } from "../cli/file-source.js";
import { type Gpu, openDevice } from "../gpu/device.js";
import { activate, attend, matmul, rmsNorm, rotate } from "../ops/reference.js";
import { loadHead } from "./load-head.js";
import { loadArchitecture, loadTransformer } from "./load.js";
import type { Architecture } from "./architecture.js";
import { type RandomHead, randomHead } from "./random-head.js";
import type { Rows, Session } from "./session.js";
import type { TransformerModel } from "./transformer.js";

const FOLDER = fileSource("public/models/stories260k");
const TOKENS = [1, 403, 407, 261, 378, 281, 410, 300, 12];

let gpu: Gpu;
let config: Record<string, unknown>;
let architecture: Architecture;
let weights: Map<string, Float32Array>;

beforeAll(async () => {
  gpu = await openDevice();
  config = (await FOLDER.json("config.json")) as Record<string, unknown>;
  architecture = await loadArchitecture(FOLDER);
  weights = new Map([...(await loadCheckpoint(FOLDER))].map(([name, tensor]) => [name, widen(tensor)]));
});
afterAll(() => {
  expect(gpu.uncaptured).toEqual([]);
  gpu.dispose();
});

const loadTrunk = () => loadTransformer(gpu, FOLDER, architecture);
const embed = (token: number) => {
  const table = weights.get("model.embed_tokens.weight") as Float32Array;
  return Float64Array.from(table.subarray(token * architecture.hiddenSize, (token + 1) * architecture.hiddenSize));
};

/** Causal decoder layers in float64 on rows at these positions; `at(name)`: a tensor of layer i. */
function layers(
  rows: Float64Array[],
  positions: readonly number[],
  numLayers: number,
  at: (layer: number, name: string) => ArrayLike<number> | undefined,
): Float64Array[] {
  const { headDim, numHeads, numKeyValueHeads, norm, rope, attentionScale, activation } = architecture;
  const product = (x: ArrayLike<number>, w: ArrayLike<number>) =>
    matmul(x, w, { m: 1, k: x.length, n: w.length / x.length }).values;
  const add = (a: Float64Array, b: Float64Array) => a.map((value, i) => value + b[i]);
  let x = rows;
  for (let layer = 0; layer < numLayers; layer++) {
    const w = (name: string) => at(layer, name) as ArrayLike<number>;
    const gain = at(layer, "input_layernorm.weight");
    const normed = x.map((row) => (gain ? rmsNorm(row, gain, norm.eps) : row));
    const heads = (name: string, rotates: boolean) =>
      normed.map((row, m) => {
        const all = product(row, w(`self_attn.${name}.weight`));
        return Array.from({ length: all.length / headDim }, (_, h) => {
          const head = all.subarray(h * headDim, (h + 1) * headDim);
          return rotates ? rotate(head, positions[m], rope.inverseFrequencies) : head;
        });
      });
    const [q, k, v] = [heads("q_proj", true), heads("k_proj", true), heads("v_proj", false)];
    x = x.map((row, m) => {
      const attended = Array.from({ length: numHeads }, (_, h) => {
        const g = Math.floor((h * numKeyValueHeads) / numHeads);
        const upTo = (all: Float64Array[][]) => all.slice(0, m + 1).map((one) => one[g]);
        return [...attend(q[m][h], upTo(k), upTo(v), attentionScale)];
      });
      const middle = add(row, product(attended.flat(), w("self_attn.o_proj.weight")));
      const inner = rmsNorm(middle, w("post_attention_layernorm.weight"), norm.eps);
      const up = product(inner, w("mlp.up_proj.weight"));
      const gated = product(inner, w("mlp.gate_proj.weight")).map((value, i) => activate(activation, value) * up[i]);
      return add(middle, product(gated, w("mlp.down_proj.weight")));
    });
  }
  return x;
}

/** The trunk's hidden states in float64. */
function trunkStates(tokens: readonly number[]): Float64Array[] {
  const at = (layer: number, name: string) => weights.get(`model.layers.${layer}.${name}`);
  const positions = tokens.map((_, i) => i);
  const gain = weights.get("model.norm.weight") as Float32Array;
  const rows = layers(tokens.map(embed), positions, architecture.numLayers, at);
  return rows.map((row) => rmsNorm(row, gain, architecture.norm.eps));
}

/** The head's hidden states in float64, for tokens and the states before them. */
function headStates({ tensors }: RandomHead, numLayers: number, tokens: readonly number[], states: Float64Array[]) {
  const of = (name: string) => tensors.get(name)?.values;
  const size = architecture.hiddenSize;
  const shape = { m: 1, n: size, k: 2 * size };
  const inputs = tokens.map((token, i) => {
    const both = [...embed(token), ...states[i]];
    return matmul(both, of("fc.weight") as Float32Array, shape, of("fc.bias")).values;
  });
  const at = (layer: number, name: string) => of(`layers.${layer}.${name}`);
  const positions = tokens.map((_, i) => i + 1);
  return layers(inputs, positions, numLayers, at);
}

const logitsOf = (states: readonly Float64Array[]) => {
  const table = weights.get("model.embed_tokens.weight") as Float32Array;
  const { hiddenSize, vocabSize } = architecture;
  return states.flatMap((row) => [...matmul(row, table, { m: 1, n: vocabSize, k: hiddenSize }).values]);
};

async function expectLogits(rows: Rows, states: readonly Float64Array[]) {
  const logits = await rows.logits();
  const expected = logitsOf(states);
  expect(logits).toHaveLength(expected.length);
  const scale = Math.max(...expected.map(Math.abs));
  expect(scale).toBeGreaterThan(1);
  const error = logits.reduce((most, logit, i) => Math.max(most, Math.abs(logit - expected[i])), 0);
  expect(error).toBeLessThan(2e-5 * scale);
}

const features = (of: "trunk" | "head", rows: readonly number[]) => rows.map((row) => ({ of, row }) as const);

/** The head reads the text behind the first token, in two pieces of the trunk. */
function readText(trunk: Session, head: Session): Rows {
  const cut = 4;
  trunk.forward({ tokens: TOKENS.slice(0, cut), attend: "causal", rows: [], hidden: true, keep: cut });
  const places = (from: number, tokens: readonly number[]) => tokens.map((_, i) => from + 1 + i);
  const first = TOKENS.slice(1, cut + 1);
  const all = first.map((_, i) => i);
  const how = { attend: "causal", keep: cut } as const;
  head.forward({ ...how, tokens: first, positions: places(0, first), rows: [], features: features("trunk", all) });
  const rest = TOKENS.slice(cut, -1);
  trunk.forward({ tokens: rest, attend: "causal", rows: [], hidden: true, keep: rest.length });
  const second = TOKENS.slice(cut + 1);
  const tail = { tokens: second, positions: places(cut, second), keep: second.length } as const;
  return head.forward({
    ...tail,
    attend: "causal",
    features: features(
      "trunk",
      second.map((_, i) => i),
    ),
  });
}

describe.each([
  [1, true],
  [2, false],
])("a head of %i layers (bias: %s)", (numLayers, hasBias) => {
  let model: TransformerModel;
  let trunk: Session;
  let random: RandomHead;
  beforeAll(async () => {
    model = await loadTrunk();
    random = randomHead(config, 3, { numLayers, hasBias });
    expect(() => model.session().head()).toThrow(/without a head/);
    await loadHead(model, random.source);
    expect(model.capabilities.hasHead).toBe(true);
    trunk = model.session();
  });
  afterAll(() => model.dispose());

  it("says what it says in float64, of the trunk's states and then of its own", async () => {
    const head = trunk.head();
    const rows = readText(trunk, head);
    const states = headStates(random, numLayers, TOKENS.slice(1), trunkStates(TOKENS));
    await expectLogits(rows, states.slice(4));
    // The head goes on by itself: a draft behind its last row, and one behind that.
    const drafts = [77, 300];
    const known = [...trunkStates(TOKENS).slice(0, TOKENS.length - 1)];
    for (const [i, token] of drafts.entries()) {
      known.push(
        headStates(random, numLayers, [...TOKENS.slice(1), ...drafts.slice(0, i)], known).at(-1) as Float64Array,
      );
      const row = i === 0 ? TOKENS.length - 6 : 0;
      const at = { tokens: [token], positions: [TOKENS.length + i], keep: 1 } as const;
      const next = head.forward({ ...at, attend: "causal", features: features("head", [row]) });
      const expected = headStates(random, numLayers, [...TOKENS.slice(1), ...drafts.slice(0, i + 1)], known);
      await expectLogits(next, expected.slice(-1));
    }
  });

  it("leaves the trunk's logits as they are, and goes with its session", async () => {
    const session = model.session();
    const ask = { tokens: TOKENS, attend: "causal", keep: 0 } as const;
    const plain = await session.forward(ask).logits();
    const head = session.head();
    expect(session.head()).toBe(head);
    expect(await session.forward({ ...ask, hidden: true }).logits()).toEqual(plain);
    const row = { tokens: [5], attend: "causal", keep: 0 } as const;
    expect(() => head.forward({ ...row, features: features("trunk", [TOKENS.length]) })).toThrow(/none of row 9/);
    expect(() => head.forward(row)).toThrow(/a feature each/);
    expect(() => session.forward({ ...row, features: features("trunk", [0]) })).toThrow(/a feature each/);
    session.dispose();
    expect(() => head.forward({ ...row, features: features("trunk", [0]) })).toThrow(/disposed/);
  });
});

describe("a head of another model", () => {
  it.each([
    [{ hidden_size: 32 }, {}, /hidden_size 32, the model's 64: a head belongs/],
    [{ vocab_size: 513 }, {}, /vocab_size 513, the model's 512/],
    [{}, { without: "fc.weight" }, /Tensor fc\.weight of shape \[64, 128\] is missing/],
    [{}, { without: "layers.0.mlp.up_proj.weight" }, /Tensor layers\.0\.mlp\.up_proj\.weight/],
  ])("is refused: %o %o", async (change, options, message) => {
    const model = await loadTrunk();
    await expect(loadHead(model, randomHead({ ...config, ...change }, 1, options).source)).rejects.toThrow(message);
    expect(model.capabilities.hasHead).toBe(false);
    model.dispose();
  });
});
