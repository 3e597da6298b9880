// A head's forward as a whole, against the trunk and the head in float64.
import { EAGLE } from "../extension/eagle/key.js";
import { JOINT_SAMPLER } from "../extension/joint-sampler/key.js";
import { LENGTH_POLICY } from "../extension/length-policy/key.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fileSource } from "../format/file-source.js";
import { withConfig } from "./with-config.js";
import { memorySource } from "../format/source.js";
import { numbers } from "./test-bed.js";
import { type TensorValues, writeSafetensors } from "./write-safetensors.js";
import { matmul, rmsNorm } from "../backend/webgpu/ops/reference.js";
import type { Joined, JoinedBed } from "./joined-bed.js";
import { type RandomHead, randomHead } from "./random-head.js";
import { expectLogits } from "./expect-logits.js";
import { ReferenceModel } from "./reference-model.js";
import type { Rows } from "../seam/rows.js";
import type { Architecture } from "../architecture/architecture.js";
import type { Model } from "../seam/model.js";
import type { Session } from "../seam/session.js";

/** With an eps that shows. */
const FOLDER = withConfig(fileSource("public/models/stories260k"), { rms_norm_eps: 0.3 });
const TOKENS = [1, 403, 407, 261, 378, 281, 410, 300, 12];

/** What heads and policies say on one backend. */
export function headSuite(bed: JoinedBed): void {
  let config: Record<string, unknown>;
  let reference: ReferenceModel;

  beforeAll(async () => {
    config = (await FOLDER.json("config.json")) as Record<string, unknown>;
    reference = await ReferenceModel.read(FOLDER);
  });

  const load = (joined: Joined, architecture: Architecture = reference.architecture) =>
    bed.load(FOLDER, architecture, joined);
  const refuses = async (joined: Joined, message: RegExp, architecture?: Architecture) => {
    const before = bed.heldBytes();
    await expect(load(joined, architecture)).rejects.toThrow(message);
    expect(bed.heldBytes()).toBe(before);
  };

  /** The trunk's hidden states in float64. */
  const trunkStates = (tokens: readonly number[]): Float64Array[] =>
    reference.states({ rows: tokens.map((token) => reference.embed(token)), positions: [...tokens.keys()] });

  /** The head's hidden states in float64, for tokens and the states before them. */
  function headStates({ tensors }: RandomHead, numLayers: number, tokens: readonly number[], states: Float64Array[]) {
    const of = (name: string) => tensors.get(name)?.values;
    const size = reference.architecture.hiddenSize;
    const shape = { m: 1, n: size, k: 2 * size };
    const inputs = tokens.map((token, i) => {
      const both = [...reference.embed(token), ...states[i]];
      return matmul(both, of("fc.weight") as Float32Array, shape, of("fc.bias")).values;
    });
    const at = (layer: number, name: string) => of(`layers.${layer}.${name}`);
    return reference.layers({ rows: inputs, positions: tokens.map((_, i) => i + 1), numLayers, at });
  }

  /** Each token beside the state of the row named for it. */
  const beside = (tokens: readonly number[], of: "trunk" | "head", rows: readonly number[]) =>
    tokens.map((token, i) => ({ token, state: { of, row: rows[i] } }));

  /** The head reads the text behind the first token, in two pieces of the trunk. */
  function readText(trunk: Session, head: Session): Rows {
    const cut = 4;
    trunk.forward({ tokens: TOKENS.slice(0, cut), attend: "causal", rows: [], hidden: true, keep: cut });
    const places = (from: number, tokens: readonly number[]) => tokens.map((_, i) => from + 1 + i);
    const first = TOKENS.slice(1, cut + 1);
    const all = first.map((_, i) => i);
    const how = { attend: "causal", keep: cut } as const;
    head.forward({ ...how, tokens: beside(first, "trunk", all), positions: places(0, first), rows: [] });
    const rest = TOKENS.slice(cut, -1);
    trunk.forward({ tokens: rest, attend: "causal", rows: [], hidden: true, keep: rest.length });
    const second = TOKENS.slice(cut + 1);
    const tokens = beside(second, "trunk", [...second.keys()]);
    return head.forward({ tokens, positions: places(cut, second), attend: "causal", keep: second.length });
  }

  describe.each([
    [1, true],
    [2, false],
  ])("a head of %i layers (bias: %s)", (numLayers, hasBias) => {
    let model: Model;
    let trunk: Session;
    let random: RandomHead;
    beforeAll(async () => {
      const plain = await load({});
      expect(() => plain.session().beside(EAGLE)).toThrow(/without an EAGLE head/);
      plain.dispose();
      random = randomHead(config, 3, { numLayers, hasBias });
      model = await load({ head: random.source });
      expect(model.capabilities.head).toBe("eagle");
      trunk = model.session();
    });
    afterAll(() => model.dispose());

    it("says what it says in float64, of the trunk's states and then of its own", async () => {
      const head = trunk.beside(EAGLE);
      const rows = readText(trunk, head);
      const states = headStates(random, numLayers, TOKENS.slice(1), trunkStates(TOKENS));
      await expectLogits(reference, rows, states.slice(4));
      // The head goes on by itself: a draft behind its last row, and one behind that.
      const drafts = [77, 300];
      const known = [...trunkStates(TOKENS).slice(0, TOKENS.length - 1)];
      for (const [i, token] of drafts.entries()) {
        known.push(
          headStates(random, numLayers, [...TOKENS.slice(1), ...drafts.slice(0, i)], known).at(-1) as Float64Array,
        );
        const row = i === 0 ? TOKENS.length - 6 : 0;
        const at = { positions: [TOKENS.length + i], attend: "causal", keep: 1 } as const;
        const next = head.forward({ ...at, tokens: beside([token], "head", [row]) });
        const expected = headStates(random, numLayers, [...TOKENS.slice(1), ...drafts.slice(0, i + 1)], known);
        await expectLogits(reference, next, expected.slice(-1));
      }
    });

    it("leaves the trunk's logits as they are, and goes with its session", async () => {
      const session = model.session();
      const ask = { tokens: TOKENS, attend: "causal", keep: 0 } as const;
      const plain = await session.forward(ask).logits();
      const head = session.beside(EAGLE);
      expect(session.beside(EAGLE)).toBe(head);
      expect(await session.forward({ ...ask, hidden: true }).logits()).toEqual(plain);
      const row = { attend: "causal", keep: 0 } as const;
      expect(() => head.forward({ ...row, tokens: beside([5], "trunk", [TOKENS.length]) })).toThrow(/none of row 9/);
      expect(() => head.forward({ ...row, tokens: [5] })).toThrow(/a state each/);
      expect(() => session.forward({ ...row, tokens: beside([5], "trunk", [0]) })).toThrow(/a state each/);
      expect(() => head.fork()).toThrow(/states can't be forked/);
      session.dispose();
      expect(() => head.forward({ ...row, tokens: beside([5], "trunk", [0]) })).toThrow(/disposed/);
    });
  });

  /** A joint sampler's states in float64, of a canvas and the states that it reads there. */
  function jointStates({ tensors }: RandomHead, numLayers: number, tokens: readonly number[], states: Float64Array[]) {
    const of = (name: string) => tensors.get(name)?.values as Float32Array;
    const { hiddenSize: size, norm } = reference.architecture;
    const shape = { m: 1, n: size, k: 2 * size };
    const rows = tokens.map((token, i) => {
      const embedded = rmsNorm(reference.embed(token), of("norm_embed.0.weight"), norm.eps);
      const both = [...embedded, ...rmsNorm(states[i], of("norm_hidden.0.weight"), norm.eps)];
      return matmul(both, of("down_project.0.weight"), shape, of("down_project.0.bias")).values;
    });
    const at = (layer: number, name: string) => of(`layers.0.${layer}.${name}`);
    const left = reference.layers({
      rows,
      positions: [...tokens.keys()],
      numLayers,
      at,
      sees: () => [...tokens.keys()],
    });
    return left.map((row, i) =>
      rmsNorm(row, of("norm_postattn.0.weight"), norm.eps).map((value, j) => value + states[i][j]),
    );
  }

  describe.each([
    [1, true],
    [2, false],
  ])("a joint sampler of %i layers (bias: %s)", (numLayers, hasBias) => {
    it("says what it says in float64 of a canvas that changed, of the trunk's states and then of its own", async () => {
      const random = randomHead(config, 4, { kind: "joint", numLayers, hasBias });
      const model = await load({ head: random.source });
      expect(model.capabilities.head).toBe("joint");
      const trunk = model.session();
      const head = trunk.beside(JOINT_SAMPLER);
      const all = [...TOKENS.keys()];
      const whole = { attend: "full", keep: 0 } as const;
      trunk.forward({ ...whole, tokens: TOKENS, rows: [], hidden: true });
      // As the sampler of a model that predicts from the row before has them.
      const before = all.map((i) => Math.max(0, i - 1));
      const own = reference.states({
        rows: TOKENS.map((token) => reference.embed(token)),
        positions: all,
        sees: () => all,
      });
      const first = TOKENS.with(3, 99);
      let states = jointStates(
        random,
        numLayers,
        first,
        before.map((row) => own[row]),
      );
      const rows = head.forward({ ...whole, tokens: beside(first, "trunk", before) });
      await expectLogits(reference, rows, states);
      const second = first.with(6, 5);
      states = jointStates(random, numLayers, second, states);
      const asked = [6, 2];
      const next = head.forward({ ...whole, tokens: beside(second, "head", all), rows: asked });
      await expectLogits(
        reference,
        next,
        asked.map((row) => states[row]),
      );
      model.dispose();
    });
  });

  describe("a joint sampler's file", () => {
    it("may be of a checkpoint of the whole training", async () => {
      const { source } = randomHead(config, 4, { kind: "joint", prefix: "drafter." });
      const model = await load({ head: source });
      expect(model.capabilities.head).toBe("joint");
      model.dispose();
    });

    it.each([
      [{ without: "norm_hidden.0.weight" }, /Tensor norm_hidden\.0\.weight of shape \[64\] is missing/],
      [{ without: "layers.0.0.input_layernorm.weight" }, /Tensor layers\.0\.0\.input_layernorm\.weight/],
      [{ more: "down_project.1.weight" }, /weights of its own for each depth \(tensor down_project\.1/],
      [{ more: "features_linear_layer.weight" }, /states of several layers/],
      [{ more: "mlp.0.weight" }, /product in place of decoder layers/],
    ])("is refused by name: %o", async (options, message) => {
      await refuses({ head: randomHead(config, 4, { kind: "joint", ...options }).source }, message);
    });
  });

  describe("a policy", () => {
    const architectureOf = (blockLengths: readonly number[]) => ({
      ...reference.architecture,
      ...{ causal: false, inPlace: true, maskToken: 5, blockLengths: [...blockLengths] },
    });
    const source = (lengths: unknown, tensors: ReadonlyMap<string, TensorValues>) =>
      memorySource(
        new Map<string, unknown>([
          ["config.json", { model_type: "block_policy", block_lengths: lengths }],
          ["model.safetensors", writeSafetensors(tensors)],
        ]),
        "memory:policy",
      );
    const tensorsOf = (numLengths: number) =>
      new Map([
        ["policy.weight", { shape: [numLengths, 64], values: numbers(5, numLengths * 64) }],
        ["policy.bias", { shape: [numLengths], values: numbers(6, numLengths) }],
      ]);

    it("scores lengths as in float64, by any row's state", async () => {
      const plain = await load({}, architectureOf([4, 2, 8]));
      expect(() => plain.session().beside(LENGTH_POLICY)).toThrow(/without a policy/);
      plain.dispose();
      const model = await load({ head: source([8, 2, 4], tensorsOf(3)) }, architectureOf([4, 2, 8]));
      const session = model.session();
      expect(model.capabilities).toMatchObject({ policyLengths: [8, 2, 4], head: null });
      const policy = session.beside(LENGTH_POLICY);
      session.forward({ tokens: TOKENS, attend: { block: 4 }, rows: [], hidden: true, keep: 8 });
      const end = (row: number) => Math.min(TOKENS.length, 4 * Math.floor(row / 4) + 4);
      const states = reference.states({
        rows: TOKENS.map((token) => reference.embed(token)),
        positions: [...TOKENS.keys()],
        sees: (row) => Array.from({ length: end(row) }, (_, i) => i),
      });
      const [w, b] = [...tensorsOf(3).values()].map(({ values }) => values);
      for (const row of [7, 2]) {
        const { values } = matmul(states[row], w, { m: 1, n: 3, k: 64 }, b);
        const scores = await policy.score(row);
        for (const [i, value] of values.entries()) expect(Math.abs(scores[i] - value)).toBeLessThan(1e-4);
      }
      await expect(policy.score(TOKENS.length)).rejects.toThrow(/none of row 9/);
      model.dispose();
    });

    it.each<[unknown, number, number[], RegExp]>([
      [[4, 16], 2, [4, 2, 8], /block_lengths \[4,16\]; of this model's lengths it must be a list of some of 4, 2, 8/],
      [[4, 4], 2, [4, 2, 8], /\[4,4\]/],
      [undefined, 2, [4, 2, 8], /block_lengths undefined/],
      [[4], 1, [], /none, as it doesn't read by blocks/],
      [[4, 2], 3, [4, 2], /Tensor policy\.weight has shape \[3, 64\], expected \[2, 64\]/],
    ])("of lengths %o and %i rows is refused by a model trained on %o", async (lengths, numRows, trained, message) => {
      await refuses({ head: source(lengths, tensorsOf(numRows)) }, message, architectureOf(trained));
    });
  });

  describe("a head of another model", () => {
    it.each([
      [{ hidden_size: 32 }, {}, /hidden_size 32, the model's 64: a head belongs/],
      [{ vocab_size: 513 }, {}, /vocab_size 513, the model's 512/],
      [{}, { without: "fc.weight" }, /Tensor fc\.weight of shape \[64, 128\] is missing/],
      [{}, { without: "layers.0.mlp.up_proj.weight" }, /Tensor layers\.0\.mlp\.up_proj\.weight/],
    ])("is refused: %o %o", async (change, options, message) => {
      await refuses({ head: randomHead({ ...config, ...change }, 1, options).source }, message);
    });
  });
}
