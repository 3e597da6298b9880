// Mask rows with an adapter's low-rank products, and the sampler head on their states, against float64; rows that aren't
// masks don't change by a bit.
import { MASK_TOKENS } from "../extension/mask-tokens/key.js";
import { earlyExit } from "../extension/early-exit/key.js";
import { verify } from "../seam/questions/verify.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fileSource } from "../format/file-source.js";
import { activate, layerNorm, matmul } from "../backend/webgpu/ops/reference.js";
import { type AdapterOptions, type RandomAdapter, randomAdapter } from "./random-adapter.js";
import { expectLogits } from "./expect-logits.js";
import type { Joined, JoinedBed } from "./joined-bed.js";
import { ReferenceModel } from "./reference-model.js";
import { GREEDY } from "../seam/sampler.js";
import type { Model } from "../seam/model.js";
import type { Session } from "../seam/session.js";

const FOLDER = fileSource("public/models/stories260k");
const KEPT = [1, 403, 407, 261, 378];
/** A round: the pending token, two drafts, and two masks behind each of the three. */
const TEXT = [281, 410, 300];
const MASKS = [0, 1, 0, 1, 0, 1];
const PARENTS = [-1, 0, 1, 0, 3, 1, 5, 2, 7];
const ROUND = { tokens: [...TEXT, ...MASKS.map((mask) => ({ mask }))], attend: { parents: PARENTS } } as const;

/** What rows of masks say on one backend, and what they leave of the rows beside them. */
export function maskSuite(bed: JoinedBed): void {
  let config: Record<string, unknown>;
  let reference: ReferenceModel;

  beforeAll(async () => {
    config = (await FOLDER.json("config.json")) as Record<string, unknown>;
    reference = await ReferenceModel.read(FOLDER);
  });

  const load = (joined: Joined) => bed.load(FOLDER, reference.architecture, joined);

  /** A tensor of the adapter's file. */
  const valuesOf = ({ tensors }: RandomAdapter, name: string) => tensors.get(name)?.values as Float32Array;

  /** States of kept rows and round in float64. */
  function roundStates(adapter: RandomAdapter): Float64Array[] {
    const first = KEPT.length + TEXT.length;
    const { hiddenSize } = reference.architecture;
    const embeddings = valuesOf(adapter, "mask_embeddings.weight");
    const maskRows = MASKS.map((mask) =>
      Float64Array.from(embeddings.subarray(mask * hiddenSize, (mask + 1) * hiddenSize)),
    );
    const pathOf = (row: number): number[] => (row < 0 ? [] : [...pathOf(PARENTS[row]), row]);
    const kept = [...KEPT.keys()];
    return reference.states({
      rows: [...[...KEPT, ...TEXT].map((token) => reference.embed(token)), ...maskRows],
      positions: [...kept, ...PARENTS.map((_, row) => KEPT.length + pathOf(row).length - 1)],
      sees: (row) =>
        row < KEPT.length
          ? kept.slice(0, row + 1)
          : [...kept, ...pathOf(row - KEPT.length).map((other) => KEPT.length + other)],
      delta(layer, module, row, x) {
        const name = `base_model.model.model.layers.${layer}.${module}`;
        const [a, b] = ["A", "B"].map((factor) => adapter.tensors.get(`${name}.lora_${factor}.weight`));
        if (row < first || !a || !b) return null;
        const [rank] = a.shape;
        const inner = matmul(x, a.values, { m: 1, k: x.length, n: rank }).values;
        return matmul(inner, b.values, { m: 1, k: rank, n: b.shape[0] }).values.map((value) => value * adapter.scale);
      },
    });
  }

  /** What the sampler head makes of a state and the token before. */
  function sampled(adapter: RandomAdapter, state: Float64Array, token: number): Float64Array {
    const n = reference.architecture.hiddenSize;
    const of = (name: string) => adapter.tensors.get(`sampler.${name}`)?.values;
    let x: Float64Array | number[] = [...state, ...reference.embed(token)];
    for (const step of ["in", "out"]) {
      const { values } = matmul(x, of(`${step}.weight`) as Float32Array, { m: 1, k: x.length, n }, of(`${step}.bias`));
      const activated = values.map((value) => activate("silu", value));
      const [weight, bias] = ["weight", "bias"].map((what) => of(`${step}_norm.${what}`) as Float32Array);
      x = layerNorm(activated, weight, bias, 1e-5);
    }
    return Float64Array.from(x);
  }

  describe.each<[string, AdapterOptions]>([
    ["of all modules, rank 3", {}],
    [
      "of q, v and down, rank 5, without biases",
      { modules: ["self_attn.q_proj", "self_attn.v_proj", "mlp.down_proj"], rank: 5, hasBias: false },
    ],
    [
      "of k, o and up, by rank-stabilised scaling",
      { modules: ["self_attn.k_proj", "self_attn.o_proj", "mlp.up_proj"], config: { use_rslora: true } },
    ],
  ])("an adapter %s", (_, options) => {
    let model: Model;
    let session: Session;
    let adapter: RandomAdapter;
    beforeAll(async () => {
      const plain = await load({});
      expect(() => plain.session().beside(MASK_TOKENS)).toThrow(/without an adapter/);
      plain.dispose();
      adapter = randomAdapter(config, 4, options);
      if (options.config?.use_rslora) adapter.scale *= Math.sqrt(options.rank ?? 3);
      model = await load({ adapter: adapter.source });
      expect(model.capabilities.numMasks).toBe(3);
      session = model.session();
      session.forward({ tokens: KEPT, attend: "causal", rows: [], keep: KEPT.length });
    });
    afterAll(() => model.dispose());

    it("says of masks, and behind them by its sampler head, what it says in float64", async () => {
      const sampler = session.beside(MASK_TOKENS);
      const states = roundStates(adapter);
      const rows = session.forward({ ...ROUND, hidden: true, keep: 0 });
      await expectLogits(reference, rows, states.slice(KEPT.length));
      const asked = [
        { row: 8, token: 44 },
        { row: 3, token: 300 },
        { row: 6, token: 0 },
      ];
      for (const { row, token } of asked) {
        const tokens = [{ token, state: { of: "trunk", row } } as const];
        const next = sampler.forward({ tokens, positions: [9], attend: "causal", keep: 0 });
        await expectLogits(reference, next, [sampled(adapter, states[KEPT.length + row], token)]);
      }
    });
  });

  describe("rows beside masks", () => {
    it.each([undefined, "q8"] as const)(
      "have the logits and leave the cache that they have alone, bit for bit (%s)",
      async (weights) => {
        const model = await load({ weights, adapter: randomAdapter(config, 2).source });
        const plain = await load({ weights });
        const write = async (session: Session, masks: boolean) => {
          session.forward({ tokens: KEPT, attend: "causal", rows: [], keep: KEPT.length });
          const round = masks ? ROUND : { tokens: TEXT, attend: "causal" as const };
          const rows = session.forward({ ...round, rows: [0, 1, 2], keep: 1 });
          const verdict = rows.ask(verify({ ...GREEDY, logitBias: new Map([[TEXT[1], 1e4]]) }));
          const logits = await rows.logits();
          session.keep(verdict);
          await session.settle();
          // Of the round the pending token and the first draft are kept.
          expect(session.length).toBe(KEPT.length + 2);
          const next = await session.forward({ tokens: [7, 8], attend: "causal", keep: 2 }).logits();
          return [...logits, ...next];
        };
        const expected = await write(plain.session(), false);
        expect(await write(model.session(), false)).toEqual(expected);
        expect(await write(model.session(), true)).toEqual(expected);
        plain.dispose();
        model.dispose();
      },
    );

    it("see what is behind them in any group alike: a group of several is the group of one", async () => {
      const model = await load({ adapter: randomAdapter(config, 2).source });
      const session = model.session();
      session.forward({ tokens: KEPT, attend: "causal", rows: [], keep: KEPT.length });
      const all = await session.forward({ ...ROUND, keep: 0 }).logits();
      const V = model.capabilities.vocabSize;
      for (let anchor = 0; anchor < TEXT.length; anchor++) {
        const tokens = [...TEXT.slice(0, anchor + 1), { mask: 0 }, { mask: 1 }];
        const alone = await session
          .forward({ tokens, attend: "causal", rows: [anchor + 1, anchor + 2], keep: 0 })
          .logits();
        const row = TEXT.length + 2 * anchor;
        const own = all.slice(row * V, (row + 2) * V);
        // What a backend says of its trees: to the bit, or all but the last bits.
        if (model.capabilities.unlikeRows === undefined) expect(alone).toEqual(own);
        else
          expect(Math.max(...alone.map((logit, i) => Math.abs(logit - own[i])))).toBeLessThan(
            2e-5 * Math.max(...own.map(Math.abs)),
          );
      }
      model.dispose();
    });

    it("are asked for by rule", async () => {
      const ask = { tokens: [5, { mask: 0 }], attend: "causal", keep: 1 } as const;
      const plain = await load({});
      expect(() => plain.session().forward(ask)).toThrow(/without an adapter/);
      plain.dispose();
      const model = await load({ adapter: randomAdapter(config, 2).source });
      const session = model.session();
      expect(() => session.forward({ ...ask, keep: 2 })).toThrow(/1 mask rows behind 2 kept/);
      expect(() => session.forward({ ...ask, tokens: [5, { mask: 3 }] })).toThrow(/mask 3 of 3/);
      expect(() => session.forward({ ...ask, tokens: [5, { mask: 0.5 }] })).toThrow(/mask 0.5 of 3/);
      expect(() => session.forward({ ...ask, tokens: [{ mask: 0 }, 5] })).toThrow(/masks are the last rows/);
      expect(() => session.forward({ ...ask, attend: "full" })).toThrow(/chain or a tree/);
      expect(() => session.beside(earlyExit(2)).forward(ask)).toThrow(/without an adapter/);
      session.forward({ ...ask, hidden: false });
      const sampler = session.beside(MASK_TOKENS);
      expect(session.beside(MASK_TOKENS)).toBe(sampler);
      session.dispose();
      const row = { tokens: [{ token: 1, state: { of: "trunk", row: 0 } }], attend: "causal", keep: 0 } as const;
      expect(() => sampler.forward(row)).toThrow(/disposed/);
      model.dispose();
    });
  });

  describe("an adapter's folder is refused", () => {
    it.each<[string, AdapterOptions, Record<string, unknown>, RegExp]>([
      ["of another model", {}, { hidden_size: 32, num_attention_heads: 4 }, /Tensor .* has shape/],
      ["without masks", { without: "mask_embeddings.weight" }, {}, /only adapters with mask tokens/],
      [
        "with half a pair",
        { without: "base_model.model.model.layers.1.mlp.up_proj.lora_B.weight" },
        {},
        /layers\.1\.mlp\.up_proj\.lora_B/,
      ],
      ["without a part of the sampler head", { without: "sampler.out_norm.bias" }, {}, /sampler\.out_norm\.bias/],
      [
        "with what isn't used",
        { extra: "base_model.model.lm_head.lora_A.weight" },
        {},
        /lm_head\.lora_A\.weight, which nothing/,
      ],
      [
        "of another kind",
        { config: { peft_type: "IA3" } },
        {},
        /adapter_config\.json: peft_type "IA3" isn't supported; supported: LORA/,
      ],
      ["of DoRA", { config: { use_dora: true } }, {}, /use_dora true/],
      ["with trained biases", { config: { bias: "all" } }, {}, /bias "all"/],
      ["with ranks of its own", { config: { rank_pattern: { q_proj: 4 } } }, {}, /rank_pattern/],
      ["of another rank", { config: { r: 4 } }, {}, /lora_A\.weight has shape/],
      [
        "without its config",
        { withoutFile: "adapter_config.json" },
        {},
        /adapter_config\.json is missing.*adapter's folder needs/,
      ],
      ["without weights", { withoutFile: "adapter_model.safetensors" }, {}, /adapter_model\.safetensors is missing/],
    ])("%s", async (_, options, change, message) => {
      const before = bed.heldBytes();
      const { source } = randomAdapter({ ...config, ...change }, 1, options);
      await expect(load({ adapter: source })).rejects.toThrow(message);
      expect(bed.heldBytes()).toBe(before);
    });
  });
}
